/** What the service says and takes, word for word. Times are ISO-8601 with offset; numbers are masked unless said. */

export type SeatState =
  | 'signed_off' | 'ready' | 'ringing' | 'talking' | 'wrap_up' | 'busy' | 'on_break' | 'missing'
export type CallState =
  | 'offered' | 'in_menu' | 'waiting' | 'ringing' | 'talking' | 'held' | 'handing_over' | 'ended'
export type Role = 'operator' | 'supervisor' | 'administrator' | 'auditor'
export type PhoneKind = 'browser' | 'desk' | 'simulated'

export interface Page<T> { items: T[]; next_cursor: string | null }

/** Types, not interfaces: a query is an open record. Days are YYYY-MM-DD, both included. */
export type PageQuery = { limit?: number; cursor?: string | null }
export type CallQuery = PageQuery & { from?: string; to?: string; outcome?: string; queue?: string; seat?: string; number?: string }
export type TicketQuery = PageQuery & { from?: string; to?: string; state?: string; category?: string; operator?: string; number?: string; q?: string }
export type AuditQuery = PageQuery & { from?: string; to?: string; act?: string }

export interface Choice { code: string; label: string }

export interface Site {
  label: string
  halls: { id: string; label: string }[]
  demo: boolean
  demo_accounts?: { work_number: string; name: string; role: Role; password: string }[]
}

export interface Me {
  account: string
  work_number: string
  name: string
  role: Role
  hall: string
  hall_label: string
  must_change_password: boolean
  permissions: string[]
  seat: SeatView | null
}

export interface SeatView {
  number: string
  extension: string
  groups: string[]
  state: SeatState
  since: string
  reason: string
  actor: string
  operator: string | null
  work_number: string
  operator_name: string
  phone_kind: string
  call: string | null
  offer: string | null
  next_state: { state: SeatState; reason: string; actor: string } | null
  here: boolean
  wrap_until: string | null
  taken: number
}

export interface CallView {
  id: string
  state: CallState
  queue: string | null
  queue_label: string
  topic: string | null
  /** The full number for the seat that has taken the call, else masked. */
  caller: string
  caller_masked: string
  region: string
  handling: 'hall' | 'device'
  offered_at: string
  queued_at: string | null
  rung_at: string | null
  ring_until: string | null
  answered_at: string | null
  seat: string | null
  offer: string | null
  ticket: string
  priority: number
  recording: boolean
  position: number
}

export interface QueueView {
  name: string
  label: string
  waiting: number
  longest_since: string | null
  seats_ready: number
  seats_signed_in: number
  expected_wait_seconds: number | null
}

export interface LinkView { adapter: string; up: boolean }

export interface Today {
  offered: number
  answered: number
  abandoned: number
  answer_rate: number | null
  sl15_rate: number | null
}

export interface AdapterView {
  name: string
  kind: string
  /** Null for a gateway that only pushes: nobody can say whether it is there. */
  up: boolean | null
  abilities: string[]
  last_event_at: string | null
}

export interface Hall {
  hall: string
  label: string
  queues: { name: string; label: string }[]
  busy_reasons: Choice[]
  break_reasons: Choice[]
  phrases: { title: string; text: string }[]
  quick_closes: Choice[]
  wrap_seconds: number
  adapters: AdapterView[]
}

/** Credentials of the browser's own phone: shown once, never stored. */
export interface Softphone { ws_url: string; uri: string; user: string; password: string; realm: string | null }

export interface CallRow {
  id: string
  state: CallState
  outcome: string | null
  handling: 'hall' | 'device'
  queue: string
  queue_label: string
  caller: string
  region: string
  offered_at: string
  queued_at: string | null
  rung_at: string | null
  answered_at: string | null
  ended_at: string | null
  seat: string | null
  operator_name: string | null
  work_number: string | null
  wait_seconds: number | null
  talk_seconds: number | null
  ticket: string | null
  recordings: number
  ended_by: string | null
  backfilled: boolean
}

export interface JournalLine { at: string; type: string; text: string; actor: string; data: unknown }

export interface Recording {
  id: string
  name: string
  seconds: number | null
  missing: string
  started_at: string | null
}

export interface CallDetail extends Omit<CallRow, 'recordings'> {
  journal: JournalLine[]
  recordings: Recording[]
}

export interface Pop { times_before: number; calls: CallRow[]; tickets: TicketRow[] }

export interface TicketRow {
  number: string
  state: string
  created_at: string
  call: string | null
  caller: string
  category: string
  category_label: string
  matter: string
  urgency: string
  operator_name: string | null
  seat: string | null
  outcome: string | null
  quick_close: string
  opinion_excerpt: string
  secrecy: boolean
}

/** The fields that the desk writes. */
export interface TicketFields {
  caller_name: string
  contact: string
  id_refused: boolean
  secrecy: boolean
  region: string
  gender: string
  special_group: string
  minor_involved: boolean
  matter: string
  category: string
  urgency: string
  facts: string
  claim: string
  opinion: string
  legal_basis: string
  legal_aid_told: boolean
}

export interface Ticket extends Omit<TicketRow, 'secrecy'>, TicketFields {
  version: number
  category_version: number | null
  saved_at: string | null
  saved_by: string | null
  closed_at: string | null
  closed_by: string | null
  no_category_reason: string
}

export interface Category { code: string; parent: string | null; label: string; external_code: string }
export interface CategoryTree { version: number; label: string; items: Category[] }

export interface Rate { value: number | null; numerator: number; denominator: number; formula: string }

export interface ReportDay {
  day: string
  state: string
  offered: number
  answered: number
  answer_rate: Rate
  sl15: Rate | null
  worst_24h: Rate | null
  mean_wait_seconds: number | null
}

/** One measure of a day; `value` is null where the denominator is 0. `formula` is the key of its definition. */
export interface Measure {
  id: string
  label: string
  formula: string
  numerator: number | null
  denominator: number | null
  excluded: Record<string, number> | null
  value: number | null
}

/** A day's figures of one queue or one hour. */
export interface Part {
  key: string
  label: string
  offered: number
  answered: number
  abandoned: number
  answer_rate: number | null
  sl_15: number | null
  mean_wait_seconds: number | null
  mean_talk_seconds: number | null
}

export interface Taker {
  key: string
  name: string
  work_number: string
  answered: number
  mean_wait_seconds: number | null
  talk_seconds: number | null
  mean_talk_seconds: number | null
}

export interface DayReport {
  day: string
  hall: string
  state: string
  made_at: string
  data_until: string | null
  measures: Measure[]
  definitions: Record<string, { label: string; wording: string; source: string }>
  queues: Part[]
  hours: Part[]
  operators: Taker[]
  outcomes: { outcome: string; label: string; count: number; share: number | null }[]
}

export interface Account {
  account: string
  work_number: string
  name: string
  role: Role
  groups: string[]
  disabled: boolean
  must_change_password: boolean
  created_at: string
}

export interface AuditLine {
  seq: number
  at: string
  account: string
  work_number: string
  act: string
  object: string
  reason: string
  result: string
  name: string
  act_label: string
  address: string
  data: Record<string, unknown>
}
