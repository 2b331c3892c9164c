/** Who has the ticket now, as far as its state says? The same sets as in `hotline/tickets/ticket.py`. */
const AT_UNIT = new Set(['dispatched', 'designated', 'signed', 'in_progress'])
const AT_DESK = new Set(['draft', 'open', 'reopened', 'returned'])

/** A unit handles it. */
export function isAtUnit(state: string): boolean {
  return AT_UNIT.has(state)
}

/** The desk may still write on it. */
export function isAtDesk(state: string): boolean {
  return AT_DESK.has(state)
}

/** Written, and the hall's to hand on. */
export function hallKeeps(state: string): boolean {
  return state === 'open' || state === 'reopened' || state === 'returned'
}
