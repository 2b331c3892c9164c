/** With whom may a caller be connected, and in which order are they shown? Pure. */
import type { Contact, Hall, QueueView, Reach, SeatState, SeatView, Target } from '@/api/types'
import type { Abilities } from './abilities'

export type Tab = 'seats' | 'queues' | 'outside'

export interface Row {
  key: string
  target: Target
  title: string
  /** Names of skill groups, or the kind of contact. */
  groups: string[]
  state: SeatState | null
  queue: QueueView | null
  contact: Contact | null
  isFree: boolean
  /** The caller's line cannot ring the phone there, whatever the seat does. */
  isElsewhere: boolean
}

/** Wrap-up and 示忙 keep callers away, not colleagues. */
const ASKABLE: readonly SeatState[] = ['ready', 'wrap_up', 'busy']
const ORDER: readonly SeatState[] = ['ready', 'wrap_up', 'busy', 'talking', 'ringing', 'on_break', 'missing']

/** `reach`: of the call's line. The service asks the same before it rings anybody (`adapters/telephony.py`, `Reach`). */
export function seatRows(seats: readonly SeatView[], own: string | undefined, can: Abilities['targets'], reach: Reach | null = null): Row[] {
  return seats
    .filter((one) => one.number !== own && one.operator !== null && one.state !== 'signed_off')
    .sort((a, b) => Number(!rings(reach, a)) - Number(!rings(reach, b)) || ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.number.localeCompare(b.number, 'zh', { numeric: true }))
    .map((one) => ({
      key: `seat-${one.number}`, target: { kind: 'seat', seat: one.number }, title: `${one.number} ${one.operator_name}`, groups: one.groups, state: one.state, queue: null, contact: null,
      isFree: can.seats && ASKABLE.includes(one.state) && rings(reach, one), isElsewhere: !rings(reach, one),
    }))
}

export function queueRows(queues: Iterable<QueueView>, hall: Hall | null, can: Abilities['targets']): Row[] {
  const known = new Map([...queues].map((one) => [one.name, one]))
  return (hall?.queues ?? [])
    .map((one): Row => ({
      key: `queue-${one.name}`, target: { kind: 'queue', queue: one.name }, title: one.label, groups: [], state: null, queue: known.get(one.name) ?? null, contact: null, isFree: can.queues, isElsewhere: false,
    }))
    .sort((a, b) => (b.queue?.seats_ready ?? 0) - (a.queue?.seats_ready ?? 0) || (a.queue?.waiting ?? 0) - (b.queue?.waiting ?? 0))
}

export function outsideRows(hall: Hall | null, can: Abilities['targets']): Row[] {
  return (hall?.contacts ?? []).map((one) => ({
    key: `outside-${one.id}`, target: { kind: 'outside', contact: one.id }, title: one.label, groups: [], state: null, queue: null, contact: one, isFree: can.outside, isElsewhere: false,
  }))
}

/** Full-width digits and letters of an input method find plain ones. */
export function matching(rows: readonly Row[], wanted: string, label: (group: string) => string): Row[] {
  const text = wanted.normalize('NFKC').trim().toLowerCase()
  if (!text) return [...rows]
  return rows.filter((one) => [one.title, one.key.split('-')[1] ?? '', ...one.groups.map(label)].some((part) => part.toLowerCase().includes(text)))
}

/** Who signed in with a mobile is asked by its number, which is told to no console: there the kind decides. */
function rings(reach: Reach | null, seat: SeatView): boolean {
  if (!reach) return true
  const kind = seat.phone_kind || 'desk'
  if (!reach.kinds.includes(kind)) return false
  if (kind === 'mobile') return true
  return (reach.extensions?.includes(seat.extension) ?? true) && !(kind === 'desk' && reach.elsewhere?.includes(seat.extension))
}
