/** May this task's number be dialled from here now? Empty: yes. Else the key of the reason, for the button's tooltip. */
import type { CallbackRow, SeatView } from '@/api/types'

const FREE: SeatView['state'][] = ['ready', 'busy', 'wrap_up', 'on_break']

export function whyNotDial(task: Pick<CallbackRow, 'state' | 'owner'>, seat: Pick<SeatView, 'state'> | null, account: string): string {
  if (!isOpen(task.state)) return 'callbacks.why.over'
  if (task.owner !== null && task.owner !== account) return 'callbacks.why.notYours'
  if (!seat || seat.state === 'signed_off' || seat.state === 'missing') return 'callbacks.why.noSeat'
  if (!FREE.includes(seat.state)) return 'callbacks.why.seatBusy'
  return ''
}

export function isOpen(state: CallbackRow['state']): boolean {
  return state === 'waiting' || state === 'taken' || state === 'reached'
}

export interface Left { minutes: number; isOver: boolean; isSoon: boolean }

const SOON_MINUTES = 15

/** How long until it is due, in whole minutes; past that, how long it has been overdue. */
export function left(due: string, now: number): Left {
  const millis = Date.parse(due) - now
  const minutes = Math.floor(Math.abs(millis) / 60_000)
  return { minutes, isOver: millis < 0, isSoon: millis >= 0 && minutes < SOON_MINUTES }
}
