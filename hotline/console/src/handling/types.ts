/** What the service says of tickets on their way (办理). */
import type { Ticket, TicketFields } from '@/api/types'

/** The lists of the service, in the order in which a ticket passes them. */
export const VIEWS = ['to_dispatch', 'returned', 'to_sign', 'in_hand', 'at_units', 'to_review', 'to_follow_up', 'overdue', 'due_today', 'ended'] as const
export type View = (typeof VIEWS)[number]

export interface Row {
  number: string; state: string; channel: string; created_at: string; unit: string; unit_name: string; category_label: string; matter: string; urgency: string; operator_name: string
  /** Empty for tickets whose caller asked for secrecy. */
  facts_excerpt: string
  secrecy: boolean; due_at: string | null; overdue: boolean; times_returned: number; times_reopened: number; times_urged: number; supervised: boolean
  /** The hall did not take the unit's reply. */
  sent_back: boolean
  case_file: string
}
export type RowQuery = { view: View; unit?: string; limit?: number; cursor?: string | null }
export interface Counts { counts: Partial<Record<View, number>>; requests: number }
export interface Load { unit: string; unit_name: string; at_unit: number; to_sign: number; due_today: number; overdue: number; supervised: number }

export interface StepLine { at: string; actor: string; unit: string; step: string; state: string; text: string; data: Record<string, unknown> }
export interface Dispatch {
  unit: string; unit_name: string; lead: boolean; designated: boolean; passed_by: string; note: string; sent_at: string; sent_by: string; signed_at: string | null; handler: string
  reply: string; ended_at: string | null; end: string; end_reason: string
}
export interface Due {
  kind: string; unit: string; unit_name: string; born_at: string; due_at: string
  /** The norm it comes from. */
  source: string
  paused_at: string | null; pause_reason: string; overdue: boolean; done_at: string | null
  /** Null: ended for another reason than being done. */
  met: boolean | null
}
export interface Asked {
  id: number; ticket: string; kind: 'extend' | 'pause' | 'terminate'; amount: number; reason: string; asked_at: string; asked_by: string; asked_unit: string; decided_at: string | null
  decided_by: string; granted: boolean | null; answer: string
}
export interface FollowedUp { at: string; by: string; way: string; contentment: string; solved: boolean | null; note: string }
export interface Course { steps: StepLine[]; dispatches: Dispatch[]; deadlines: Due[]; requests: Asked[]; follow_ups: FollowedUp[] }

/** A ticket with what was added after the desk. */
export interface CaseTicket extends Ticket {
  channel: string; unit: string; result: string; due_at: string | null; times_returned: number; times_reopened: number; times_urged: number; supervised: boolean; merged_into: string | null
  ended_reason: string; case_file: string
}

export const CHANNELS = ['visit', 'letter', 'network', 'hotline'] as const
export type Channel = (typeof CHANNELS)[number]
export type NewTicket = Partial<TicketFields> & { channel: Channel; citizen: string }

export const WAYS = ['phone', 'sms', 'visit'] as const
export const CONTENTMENTS = ['satisfied', 'fair', 'dissatisfied', 'not_reached', 'declined'] as const
export interface FollowUp { way: (typeof WAYS)[number]; contentment: (typeof CONTENTMENTS)[number]; solved: boolean | null; note: string }
