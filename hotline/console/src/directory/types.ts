/** What the service says of the directory. */

export const KINDS = [
  'city_hall', 'county_centre', 'township_station', 'village_studio', 'legal_aid_centre', 'notary_office', 'mediation_committee', 'appraisal', 'arbitration', 'law_firm', 'other',
] as const
export type Kind = (typeof KINDS)[number]
export const LEVELS = ['national', 'province', 'city', 'county'] as const
export type Level = (typeof LEVELS)[number]
export const SERVICES = ['duty', 'mediation', 'lecture'] as const
export type Service = (typeof SERVICES)[number]
export const FATES = ['added', 'changed', 'ended', 'revived', 'kept', 'wrong'] as const
export type Fate = (typeof FATES)[number]
export type Thing = 'unit' | 'person' | 'adviser' | 'expert'

export interface DayHours { periods: string[][]; appointment: boolean }
export interface WeekHours { week: DayHours[]; holiday: DayHours }

export interface TreeNode { code: string; name: string; kind: Kind; parent: string | null; area: string; area_name: string; services: string[]; ended: boolean }

export interface UnitFields {
  kind: Kind; name: string; parent: string | null; area: string; area_name: string; address: string; telephone: string; hours: WeekHours | null; services: string[]; services_note: string
  public: boolean
}
export interface Standing { state: 'open' | 'appointment' | 'closed' | 'unknown'; until: string | null }
export interface Unit extends UnitFields { code: string; hours_told: string[]; standing: Standing; valid_from: string; valid_to: string | null; version: number }

export interface PersonFields { name: string; post: string; telephone: string; hours: WeekHours | null; public: boolean; note: string }
export interface Person extends PersonFields { id: number; unit: string; hours_told: string[]; ended: boolean; version: number }
export interface AdviserBrief { id: number; name: string; firm: string; telephone: string; hours_told: string[] }
export interface UnitDetail { unit: Unit; path: { code: string; name: string }[]; people: Person[]; advisers: AdviserBrief[] }

export interface AdviserFields { name: string; firm: string; licence_number: string; telephone: string; villages: string[]; hours: WeekHours | null; public: boolean; note: string }
export interface Account { first: string; last: string; done: number; wanted: number; state: 'met' | 'behind' | 'running' | 'not_counted' }
export interface Reading { month: Account; last_month: Account; quarter: Account; last_quarter: Account; behind: string[] }
export interface Adviser extends AdviserFields { id: number; hours_told: string[]; reading: Reading; valid_from: string; ended: boolean; version: number }
export interface LedgerNote { day: string; kind: Service; hours: number; village: string | null; note: string }
export interface LedgerLine extends Omit<LedgerNote, 'village'> { id: number; village: string; noted_at: string; noted_by: string; struck_at: string | null; struck_by: string | null; struck_reason: string }

export interface ExpertFields { name: string; title: string; fields: string[]; level: Level; unit: string | null; workplace: string; telephone: string; public: boolean; note: string }
export interface Expert extends ExpertFields { id: number; ended: boolean; version: number }

export interface Edited { version: number }
export type UnitQuery = { area?: string; kind?: string; service?: string; text?: string; open_now?: boolean; ended?: boolean; limit?: number; cursor?: string | null }
export interface Offer { unit: string; name: string; kind: Kind; level: string; reason: string }
export interface Change {
  id: number; thing: Thing; key: string; name: string; at: string; actor: string; what: 'created' | 'changed' | 'ended' | 'revived'; before: Record<string, unknown> | null
  after: Record<string, unknown> | null; reason: string; load: number | null
}
export type ChangeQuery = { thing?: Thing; key?: string; load?: number; limit?: number; cursor?: string | null }

export interface Load { file: string; file_name: string; whole: boolean; dry_run: boolean }
export interface LoadRow { thing: Thing; row: number; name: string; fate: Fate; fields: string[]; faults: { column: string; why: string }[] }
export interface Loaded { dry_run: boolean; load: number | null; counts: Record<Fate, number>; items: LoadRow[]; more: boolean }
export interface LoadDone { id: number; at: string; actor: string; file_name: string; digest: string; whole: boolean; counts: Record<Fate, number> }
