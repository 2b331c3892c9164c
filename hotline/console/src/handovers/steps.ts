/** What may a person do with a hand-over now, and what has it come to? Pure; the table is the service's (`hotline/handovers`). */
import type { HandoverCounts, HandoverRow, HandoverState, HandoverView, Told } from './types'

export type Act = 'arrived' | 'not-arrived' | 'retry' | 'withdraw' | 'told'

const NOT_THERE: readonly HandoverState[] = ['prepared', 'in_doubt', 'failed']
/** They have it, and have not said the last word. */
const WITH_THEM: readonly HandoverState[] = ['sent', 'acknowledged', 'accepted']

/** In the order of the buttons. */
export function actsOf(state: HandoverState): Act[] {
  const acts: Act[] = []
  if (state === 'in_doubt') acts.push('arrived', 'not-arrived')
  if (state === 'failed') acts.push('retry')
  if (toldOf(state).length) acts.push('told')
  if (NOT_THERE.includes(state)) acts.push('withdraw')
  return acts
}

/** What may be noted as their answer. Feedback comes as long as it is with them, also after the end. */
export function toldOf(state: HandoverState): Told[] {
  if (state === 'accepted') return ['returned', 'feedback', 'done']
  if (state === 'acknowledged') return ['accepted', 'returned', 'feedback', 'done']
  if (state === 'sent') return ['acknowledged', 'accepted', 'returned', 'feedback', 'done']
  if (state === 'done') return ['feedback']
  return state === 'returned' || state === 'withdrawn' ? [] : ['acknowledged', 'accepted', 'returned', 'done']
}

/** Something may still come of it without anybody here. */
export function isLiving(state: HandoverState): boolean {
  return state === 'prepared' || state === 'in_doubt' || WITH_THEM.includes(state)
}

/** May the ticket be handed over this way (again)? Theirs, or not decided yet: no. */
export function isTaken(rows: readonly HandoverRow[], bridge: string): boolean {
  return rows.some((one) => one.bridge === bridge && one.state !== 'returned' && one.state !== 'done' && one.state !== 'withdrawn')
}

export type Mark = 'success' | 'warning' | 'danger' | 'primary' | 'info'

export function markOf(state: HandoverState): Mark {
  switch (state) {
    case 'done':
    case 'accepted':
      return 'success'
    case 'in_doubt':
    case 'failed':
      return 'danger'
    case 'returned':
      return 'warning'
    case 'sent':
    case 'acknowledged':
      return 'primary'
    default:
      return 'info'
  }
}

/** How many a list holds; null where nobody counts. */
export function counted(view: HandoverView, counts: HandoverCounts | null): number | null {
  if (!counts || view === 'over') return null
  if (view === 'attention') return counts.in_doubt + counts.failed + counts.returned + counts.undecided
  return counts[view]
}

/** What cannot be left lying: nobody knows whether it arrived, or it never will. */
export function alarming(counts: HandoverCounts | null): number {
  return counts ? counts.in_doubt + counts.failed : 0
}
