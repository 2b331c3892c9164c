/** The words of the live socket. Changed things come whole: replace by number, id or name. */
import type { CallView, LinkView, QueueView, SeatView, Today } from '@/api/types'

export type Topic = 'desk' | 'hall'

export interface LiveData {
  now: string
  seats: SeatView[]
  calls: CallView[]
  queues: QueueView[]
  links: LinkView[]
  today: Today | null
}

export interface Notice { title?: string; text?: string; level?: 'info' | 'warning' | 'error' }

export type LiveEvent =
  | { type: 'event'; seq: number; topic: Topic; event: 'seat'; data: SeatView }
  | { type: 'event'; seq: number; topic: Topic; event: 'call'; data: CallView }
  | { type: 'event'; seq: number; topic: Topic; event: 'queue'; data: QueueView }
  | { type: 'event'; seq: number; topic: Topic; event: 'link'; data: LinkView }
  | { type: 'event'; seq: number; topic: Topic; event: 'today'; data: Today }
  | { type: 'event'; seq: number; topic: Topic; event: 'notice'; data: Notice }

export type ServerMessage =
  | { type: 'hello'; server_time: string; session: string; heartbeat: number }
  | { type: 'snapshot'; seq: number; data: LiveData }
  | LiveEvent
  | { type: 'beat' }
  | { type: 'resync' }
  | { type: 'result'; id: number; ok: boolean; data?: unknown; problem?: { code: string; title: string } }

export const CLOSE = {
  RESTART: 1012,
  SIGN_IN_AGAIN: 4401,
  FORBIDDEN: 4403,
  TAKEN_OVER: 4409,
  SLOW_DOWN: 4429,
} as const
