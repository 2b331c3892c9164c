/** What the service says and takes, word for word. Times are ISO-8601 with offset; numbers are masked unless said. */

import type { Level, RuleKind } from '@/callers/kinds'
import type { Alarm } from '@/lines/types'

export type SeatState =
  | 'signed_off' | 'ready' | 'ringing' | 'talking' | 'wrap_up' | 'busy' | 'on_break' | 'missing'
export type CallState =
  | 'offered' | 'in_menu' | 'waiting' | 'ringing' | 'talking' | 'held' | 'handing_over' | 'dialling' | 'ended'
export type Role = 'operator' | 'supervisor' | 'administrator' | 'auditor' | 'handler'
export type PhoneKind = 'browser' | 'desk' | 'mobile' | 'simulated'
/** What a seat does on a call. */
export type SeatPart = '' | 'main' | PartyPart
export type PartyPart = 'consulted' | 'joined' | 'listening' | 'whispering' | 'barging'
export type WatchMode = 'listen' | 'whisper' | 'barge'
export type Target = { kind: 'seat'; seat: string } | { kind: 'queue'; queue: string } | { kind: 'outside'; contact: string }

export interface Page<T> { items: T[]; next_cursor: string | null }

/** Types, not interfaces: a query is an open record. Days are YYYY-MM-DD, both included. */
export type PageQuery = { limit?: number; cursor?: string | null }
export type CallQuery = PageQuery & { from?: string; to?: string; outcome?: string; queue?: string; seat?: string; adapter?: string; number?: string; their_id?: string }
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
  /** The account's own mobile (手机), masked; empty: none is on file. */
  mobile: string
  /** The unit (机构) of a handler (承办人); empty: the hall. */
  unit: string
  unit_name: string
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
  part: SeatPart
  /** Reason of a break (小休) that a supervisor has not decided yet. */
  break_asked: string | null
}

/** Somebody else on a call, beside the caller and the seat that has him. */
export interface PartyView {
  offer: string
  part: PartyPart
  state: 'ringing' | 'up'
  seat: string | null
  /** Id of the contact outside; empty for a seat. */
  contact: string
  label: string
  since: string
  ring_until: string | null
  /** The seat that asked for it. */
  by: string
  /** A contact that the seat may leave the caller with only after it has taken the matter over (110, 119, 120, 12345). */
  emergency: boolean
  /** It has: the seat said so. */
  confirmed: boolean
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
  /** The line. */
  adapter: string
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
  direction: 'in' | 'out'
  /** What the call's line can do; empty where the device decides by itself. */
  abilities: string[]
  /** Told to the seat that has the call: which phones its line can ring; null: every one. */
  reach?: Reach | null
  parties: PartyView[]
  muted: boolean
  /** When the present stretch of talk or hold began. */
  talk_since: string | null
  emergency: boolean
  /** Whom an outbound call is for. */
  contact?: string
  their_id: string
  /** The only seat that is asked now: a transfer, or a caller who returns. */
  wanted: string | null
  /** The seat that passed him on. */
  take_back: string | null
}

/** Phones that a line can ring: of these kinds, with these extensions (left out: every one), but none that hangs on another line. */
export interface Reach { kinds: string[]; extensions?: string[]; elsewhere?: string[] }

export interface QueueView {
  name: string
  label: string
  waiting: number
  longest_since: string | null
  seats_ready: number
  seats_signed_in: number
  expected_wait_seconds: number | null
}

/** `up` null: it only pushes. */
export interface LinkView { adapter: string; up: boolean | null; alarms?: Alarm[] }

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

/** A number outside (外部号码) that seats may be connected with. */
export interface Contact { id: string; label: string; kind: 'emergency' | 'hotline' | 'office' }

export interface Hall {
  hall: string
  label: string
  queues: { name: string; label: string }[]
  busy_reasons: Choice[]
  break_reasons: Choice[]
  phrases: { title: string; text: string }[]
  quick_closes: Choice[]
  wrap_seconds: number
  /** What somebody may sign in with, so that at least one line rings it. */
  phones: PhoneKind[]
  adapters: AdapterView[]
  contacts: Contact[]
  /** A break has to be approved by a supervisor. */
  break_approval: boolean
  /** Seats are told when a supervisor listens. */
  monitor_announced: boolean
  /** Callers are asked to rate by key after the call. */
  rating: boolean
}

/** Credentials of the browser's own phone: shown once, never stored. */
export interface Softphone { ws_url: string; uri: string; user: string; password: string; realm: string | null }

export interface CallRow {
  id: string
  state: CallState
  outcome: string | null
  handling: 'hall' | 'device'
  /** The line, and where on it. */
  adapter: string
  port: number | null
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
  hold_seconds: number | null
  ticket: string | null
  /** Of the provincial platform; empty where it gave none. */
  their_id: string
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
  marks: Mark[]
}

/** A place in a recording, in seconds from its beginning. */
export interface Mark { seconds: number; text: string; emergency: boolean }

/** What the caller experienced for a while; end to end they are the call. */
export interface Segment { kind: string; text: string; since: string; seconds: number | null; seat: string | null; who: string; others: string[]; queue_label: string }

export interface CallDetail extends Omit<CallRow, 'recordings'> {
  segments: Segment[]
  journal: JournalLine[]
  recordings: Recording[]
}

/** A mark of the caller: `level` is the one in force today. */
export interface CallerMark { id: string; kind: RuleKind; level: Level; state: 'requested' | 'active'; operator_name: string; reason: string }

/** Somebody advised the other side. `ticket` tells it, where the reader may see it. */
export interface ConflictWarning { ticket: string | null; by: 'number' | 'name'; mine: boolean; firm: boolean; operators: string[]; since: string }

/** `times_before` is null while the number is not known. */
export interface Pop { times_before: number | null; calls: CallRow[]; tickets: TicketRow[]; marks: CallerMark[]; conflicts: ConflictWarning[] }

/** How a caller is treated (来电人规则). `level_now` is weaker than `level` once the review is overdue. */
export interface CallerRule {
  id: string
  caller: string
  kind: RuleKind
  level: Level
  level_now: Level
  operator: string
  operator_name: string
  state: 'requested' | 'active' | 'declined' | 'ended'
  reason: string
  call: string | null
  created_at: string
  created_by: string
  decided_at: string | null
  decided_by: string
  review_on: string | null
  is_due: boolean
  reviewed_at: string | null
  reviewed_by: string
  review_reason: string
  ended_at: string | null
  ended_by: string
  end_reason: string
}

export type RuleQuery = PageQuery & { shelf?: string; kind?: string; number?: string }
export interface RuleDecision { level: Level | null; review_on: string | null; reason: string }
export interface NewRule { call?: string; number?: string; kind: RuleKind; level: Level; operator: string | null; review_on: string | null; reason: string }
export interface AskedMark { call: string; kind: RuleKind; level: Level; reason: string }

export interface ConflictLine {
  ticket: string
  caller: string
  other: string
  operators: string[]
  other_operators: string[]
  since: string
  ended_at: string | null
  ended_by: string
  end_reason: string
}

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

/** A value that is asked about a matter: a text, a choice, a date; yes or no; a number. */
export type Particular = string | boolean | number

/** The fields that the desk writes; `p:` stands before what the ticket's matter asks for. */
export interface TicketFields {
  [particular: `p:${string}`]: Particular | undefined
  caller_name: string
  contact: string
  counterparty_name: string
  counterparty_contact: string
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

/** Another page that shows the same ticket. */
export interface OtherHere { name: string; work_number: string; writing: boolean; since: string; own: boolean }
export interface Together { version: number; saved_at: string | null; saved_by: string; others: OtherHere[] }

export interface Ticket extends Omit<TicketRow, 'secrecy'>, TicketFields {
  version: number
  /** Of the provincial platform's call; empty where it gave none. */
  their_id: string
  category_version: number | null
  saved_at: string | null
  saved_by: string | null
  closed_at: string | null
  closed_by: string | null
  no_category_reason: string
  /** Of the forms that the particulars were written with. */
  particulars_edition?: string
}

export interface Category { code: string; parent: string | null; label: string; external_code: string; codes?: Record<string, string> }
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
  rating_rate: Rate
  satisfaction: Rate
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
  rated: number
  rating_rate: number | null
  satisfied: number
  satisfaction: number | null
}

/** By how the hall was staffed when the call came in (坐席值守、转接手机、留言). */
export interface DutyPart extends Part {
  forwarded: number
  voicemail: number
}

/** Calls of ours by what they were for; never counted among the calls that came in. */
/** When the service, a line or one port of it could not be used. */
export interface OutagePart { key: string; label: string; kind: 'writer' | 'link' | 'port'; adapter: string; port: number | null; times: number; seconds: number; longest_seconds: number }
export interface OutboundPart {
  key: string
  label: string
  begun: number
  dialled: number
  reached: number
  reach_rate: number | null
  talk_seconds: number
}

export interface Taker {
  key: string
  name: string
  work_number: string
  answered: number
  mean_wait_seconds: number | null
  talk_seconds: number | null
  mean_talk_seconds: number | null
  /** Calls on which this person spoke with the caller, also those passed on by somebody else. */
  served: number
  /** Calls on which this person was the last to speak with the caller: the ones that could be rated. */
  last_with: number
  rated: number
  rating_rate: number | null
  satisfied: number
  satisfaction: number | null
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
  duty: DutyPart[]
  outbound: OutboundPart[]
  /** Missing in reports of earlier versions. */
  outages?: OutagePart[]
  operators: Taker[]
  outcomes: { outcome: string; label: string; count: number; share: number | null }[]
}

export interface Account {
  account: string
  work_number: string
  name: string
  role: Role
  groups: string[]
  unit: string
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

/** Scores from 1 to 5; null: the caller did not answer. */
export interface Scores { attitude: number | null; efficiency: number | null; skill: number | null; policy: number | null }
export type RatingQuery = PageQuery & { from?: string; to?: string; way?: string; operator?: string; queue?: string; satisfied?: boolean | null; to_follow_up?: boolean | null }

export interface RatingRow {
  id: number
  /** Null: about a ticket that came over the network. */
  call: string | null
  ticket: string
  way: string
  caller: string
  offered_at: string
  queue: string | null
  queue_label: string
  operator: string | null
  operator_name: string
  work_number: string
  at: string
  scores: Scores
  mean: number | null
  satisfied: boolean
  has_comment: boolean
  followed_at: string | null
  followed_by: string
  to_follow_up: boolean
}

export interface Rating extends RatingRow { comment: string; note: string }
export interface RatingLink { address: string; expires_at: string }
export interface RatingFigure { id: string; label: string; formula: string; wording: string; numerator: number; denominator: number; value: number | null }
export interface RatingPart {
  key: string
  label: string
  answered: number
  invited: number
  rated: number
  rating_rate: number | null
  satisfied: number
  satisfaction: number | null
}
export interface RatingFigures { first: string; last: string; figures: RatingFigure[]; days: RatingPart[]; operators: RatingPart[]; queues: RatingPart[] }

export interface Mean { mean: number; scores: number }
/** One's own month: only means, only of months that are over, only where enough callers rated. */
export interface OwnMonth {
  month: string
  over: boolean
  enough: boolean
  fewest: number
  rated: number | null
  overall: Mean | null
  means: Partial<Record<keyof Scores, Mean>>
}

export type CallbackView = 'open' | 'mine' | 'overdue' | 'over'

/** A call-back task (回拨任务): somebody who rang in vain. */
export interface CallbackRow {
  id: number
  kind: 'missed' | 'wished' | 'message'
  state: 'waiting' | 'taken' | 'reached' | 'done' | 'got_through' | 'unreachable' | 'closed'
  version: number
  caller: string
  region: string
  priority: number
  /** May be rung in the quiet hours. */
  any_hour: boolean
  created_at: string
  last_at: string
  due_at: string
  overdue: boolean
  owner: string | null
  owner_name: string
  assigned_by_name: string
  calls: number
  /** Messages that nobody has listened to. */
  unheard: number
  attempts: number
  first_tried_at: string | null
  reached_at: string | null
  ended_at: string | null
  ended_by_name: string
  result: string
  note: string
}

export interface CallbackCall {
  call: string
  at: string
  kind: CallbackRow['kind']
  outcome: string
  served: boolean
  ticket: string
  recording: string | null
  seconds: number | null
  missing: string
  heard_at: string | null
  heard_by_name: string
}

export interface CallbackAttempt {
  call: string
  began_at: string
  ended_at: string | null
  seat: string | null
  operator_name: string
  result: string
  cause: string
  ticket: string
}

export interface CallbackChange { at: string; actor_name: string; step: string; state: string; call: string | null; owner_name: string; result: string }

export interface CallbackTask extends CallbackRow {
  listed: CallbackCall[]
  tried: CallbackAttempt[]
  changes: CallbackChange[]
}

export interface CallbackCounts { open: number; waiting: number; mine: number; overdue: number; unheard: number }
