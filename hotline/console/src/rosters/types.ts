/** Rosters as the service says and takes them. Times are ISO-8601, clocks `HH:MM` and days `YYYY-MM-DD` in China. */

export type DutyMode = 'live' | 'forwarded_mobile' | 'voicemail'
export type DayKind = 'workday' | 'weekend' | 'holiday'
export const MODES: DutyMode[] = ['live', 'forwarded_mobile', 'voicemail']
export const KINDS: DayKind[] = ['workday', 'weekend', 'holiday']

export interface Shift {
  id: number
  begins_at: string
  ends_at: string
  lawyer: string | null
  lawyer_name: string
  work_number: string
  firm: number | null
  firm_name: string
  group: string
  mode: DutyMode
  note: string
  pattern: number | null
  pattern_name: string
  cancelled: boolean
  version: number
}

export interface ShiftWish { day: string; begins: string; ends: string; lawyer: string | null; group: string; mode: DutyMode; note: string }
export interface ShiftEdit extends ShiftWish { version: number; reason: string }

export interface ShiftChange {
  at: string
  actor: string
  what: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  reason: string
}

export interface Colleague { account: string; work_number: string; name: string; firm_name: string }
export interface Duty { mode: DutyMode; lawyers: string[]; until: string | null }
export interface Gap { begins_at: string; ends_at: string; group: string; required: number; planned: number; missing: number }
export interface Gaps { items: Gap[]; has_requirements: boolean }

export type SwapState = 'asked' | 'agreed' | 'approved' | 'declined' | 'refused' | 'withdrawn'
export interface SwapShift { id: number; begins_at: string; ends_at: string; group: string }
export interface Swap {
  id: number
  state: SwapState
  shift: SwapShift
  other_shift: SwapShift | null
  asked_by: string
  asked_by_name: string
  asked_of: string
  asked_of_name: string
  reason: string
  asked_at: string
  answered_at: string | null
  decided_at: string | null
  decided_by: string
  decision: string
}
export interface SwapAsk { shift: number; asked_of: string; other_shift: number | null; reason: string }

export interface Firm { id: number; name: string; closed: boolean; lawyers: number }
export interface LawyerFields {
  firm: number | null
  employment: 'full_time' | 'part_time'
  licence_number: string
  licence_until: string | null
  suspended_from: string | null
  suspended_until: string | null
  suspended_reason: string
  mobile: string | null
}
export interface Lawyer extends LawyerFields {
  account: string
  work_number: string
  name: string
  disabled: boolean
  firm_name: string
  training_hours: number
  version: number
}
export interface Training { id: number; day: string; topic: string; hours: number; noted_by: string; noted_at: string }

export type Rotation = 'fixed' | 'daily' | 'weekly'
export interface PatternWish {
  name: string
  days: DayKind[]
  weekdays: number[]
  begins: string
  ends: string
  group: string
  mode: DutyMode
  places: number
  rotation: Rotation
  lawyers: string[]
  anchor: string
  active: boolean
}
export interface Pattern extends PatternWish { id: number; version: number }

export interface Draft {
  pattern: number
  pattern_name: string
  place: number
  begins_at: string
  ends_at: string
  lawyer: string | null
  group: string
  mode: DutyMode
  fate: 'made' | 'open' | 'kept' | 'past'
  why: string
}
export interface Generated { dry_run: boolean; items: Draft[]; counts: Record<Draft['fate'], number> }

export interface Requirement { days: DayKind[]; weekdays: number[]; begins: string; ends: string; group: string; lawyers: number }

export interface SpecialDay { day: string; kind: DayKind; label: string }
export interface CalendarDay extends SpecialDay { source: 'site' | 'published' | 'weekday' }
export interface CalendarYear { year: number; known: boolean; special: CalendarDay[]; own: CalendarDay[] }

export interface ImportRow {
  row: number
  begins_at: string | null
  ends_at: string | null
  work_number: string
  name: string
  group: string
  mode: DutyMode
  note: string
  fate: 'made' | 'kept' | 'wrong'
  whys: string[]
}
export interface Imported { dry_run: boolean; items: ImportRow[]; counts: Record<ImportRow['fate'], number> }

export interface Figures {
  shifts: number
  missed: number
  shift_seconds: number
  duty_seconds: number
  live_seconds: number
  mobile_seconds: number
  adherence: number | null
  answered: number
  off_duty_answered: number
  called_back: number
  talk_seconds: number
}
export interface SettlementLawyer extends Figures { lawyer: string; name: string; work_number: string; employment: string }
export interface Settlement {
  hall: string
  month: string
  state: 'final' | 'provisional'
  until: string
  firms: { firm: number | null; name: string; lawyers: SettlementLawyer[]; sum: Figures }[]
  sum: Figures
  formulas: Record<string, string>
}
