/** Messages to citizens (短信), word for word as the service says them. */
export type MessageKind = 'accepted' | 'result' | 'missed_call' | 'rating_link' | 'appointment' | 'legal_aid_address'
export type MessageState = 'wanted' | 'ready' | 'held' | 'not_sent' | 'sent' | 'delivered' | 'undelivered' | 'refused' | 'in_doubt' | 'expired' | 'cancelled'
export type MessageView = 'attention' | 'waiting' | 'all'
/** What a person may send from a ticket. */
export type HandKind = 'accepted' | 'result' | 'appointment' | 'legal_aid_address'
export type MessageAct = 'release' | 'retry' | 'arrived' | 'not-arrived' | 'cancel'

export interface MessageRow {
  id: number
  kind: MessageKind
  state: MessageState
  ticket: string
  callback: number | null
  /** Masked. */
  number: string
  created_at: string
  created_by: string
  by_hand: boolean
  template: string
  template_version: number
  segments: number
  why: string
  over_cap: boolean
  next_at: string | null
  /** It is a quiet hour, and it waits for its end. */
  waits_until: string | null
  expires_at: string
  tries: number
  last_error: string
  sent_at: string | null
  settled_at: string | null
  receipt_code: string
}

/** Codes and links of the text are dots. */
export interface Message extends MessageRow { text: string; receipts: { at: string; fate: string; code: string }[] }

export interface MessageDay {
  day: string
  segments: number
  cap: number
  messages: number
  states: Partial<Record<MessageState, number>>
  /** Empty: the hall has none. */
  gateway: string
  signature: string
  quiet_from: string
  quiet_to: string
  failures: number
  resting_until: string | null
  last_error: string
}

export interface MessageTemplate { kind: string; version: number; text: string; registered: string; places: Record<string, string>; changed_at: string | null; changed_by: string }
export interface NewMessage { kind: HandKind; unit: string | null; when: string | null; note: string }
export interface MessagePreview { possible: boolean; why: string; text: string; segments: number; number: string }
export interface TicketMessages { possible: boolean; number: string; mobile: boolean; declined: boolean; items: MessageRow[] }
