/** Did somebody else put my seat where it is? Whoever sits there must be told by whom, to what, and why. */
import type { SeatView } from '@/api/types'

export type ForcedState = 'ready' | 'busy' | 'signed_off'

export interface Forced {
  /** Tells one act from the next, also after a reload. */
  key: string
  seat: string
  state: ForcedState
  /** Work number of who did it. */
  by: string
  reason: string
  at: string
}

/** How the service names itself as the cause of a change. */
const SYSTEM = 'system'
const FORCIBLE: readonly string[] = ['ready', 'busy', 'signed_off']

/** The seat's present state as an act of somebody else than `workNumber`; null when it is their own or the system's. */
export function forced(seat: SeatView, workNumber: string): Forced | null {
  const { actor, number, reason, since, state } = seat
  if (!actor || actor === SYSTEM || actor === workNumber || !FORCIBLE.includes(state)) return null
  return { key: `${number} ${since}`, seat: number, state: state as ForcedState, by: actor, reason, at: since }
}
