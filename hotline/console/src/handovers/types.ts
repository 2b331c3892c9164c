/** What the service says of hand-overs (移交) and bridges (对接桥). */

export const STATES = ['prepared', 'sent', 'acknowledged', 'accepted', 'returned', 'done', 'failed', 'in_doubt', 'withdrawn'] as const
export type HandoverState = (typeof STATES)[number]
export const VIEWS = ['attention', 'on_the_way', 'theirs', 'over'] as const
export type HandoverView = (typeof VIEWS)[number]
export const BASES = ['consent', 'statutory_duty', 'emergency'] as const
export type LegalBasis = (typeof BASES)[number]
export const MODES = ['ticket_flow', 'one_key_transfer', 'three_way', 'guidance'] as const
export type Mode = (typeof MODES)[number]
export const KINDS = ['acknowledged', 'accepted', 'returned', 'feedback', 'done'] as const
/** What the other side may have said. */
export type Told = (typeof KINDS)[number]

export interface Bridge {
  name: string
  kind: string
  label: string
  abilities: string[]
  dials: string
  /** The contact outside with that number; without one it cannot be rung from here. */
  contact: string | null
  waiting: number
  last_sent_at: string | null
  failures: number
  resting_until: string | null
  why: string
}

export interface Wish {
  bridge: string
  mode: Mode
  legal_basis: LegalBasis
  legal_note: string
  consent: boolean
  reason: string
  confirmed: boolean
  name_too: boolean
}

export interface Missing { field: string; why: string }
export interface Readiness { missing: Missing[]; along: { field: string; text: string }[] }

export interface HandoverRow {
  id: number
  ticket: string
  bridge: string
  key: string
  state: HandoverState
  mode: string
  legal_basis: string
  urgency: string
  reason: string
  created_at: string
  created_by: string
  tries: number
  next_at: string | null
  last_error: string
  their_no: string
  ledger_no: string
  sent_at: string | null
  accepted_at: string | null
  returned_at: string | null
  return_reason: string
  done_at: string | null
  result: string
}
export interface HandoverStep { at: string; actor: string; what: string; state: string; text: string }
export interface Handover extends HandoverRow { events: HandoverStep[] }
export interface HandoverCounts { in_doubt: number; failed: number; returned: number; undecided: number; on_the_way: number; theirs: number }
