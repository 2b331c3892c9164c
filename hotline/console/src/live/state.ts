/** What is true in the hall now, as far as this console may know? Pure: a message in, the next state out. */
import type { CallView, LinkView, QueueView, SeatView, Today } from '@/api/types'
import type { LiveData, LiveEvent } from './protocol'

export interface LiveState {
  /** Number of the last change applied; null before the first snapshot. */
  readonly seq: number | null
  readonly seats: ReadonlyMap<string, SeatView>
  readonly calls: ReadonlyMap<string, CallView>
  readonly queues: ReadonlyMap<string, QueueView>
  readonly links: ReadonlyMap<string, LinkView>
  readonly today: Today | null
}

export const NOTHING: LiveState = {
  seq: null, seats: new Map(), calls: new Map(), queues: new Map(), links: new Map(), today: null,
}

export function fromSnapshot(seq: number, data: LiveData): LiveState {
  return {
    seq,
    seats: new Map((data.seats ?? []).map((seat) => [seat.number, seat])),
    calls: new Map((data.calls ?? []).filter((call) => call.state !== 'ended').map((call) => [call.id, call])),
    queues: new Map((data.queues ?? []).map((queue) => [queue.name, queue])),
    links: new Map((data.links ?? []).map((link) => [link.adapter, link])),
    today: data.today ?? null,
  }
}

/** The state after the event. One commit of the hall may bring several events with one number, so equal is new. */
export function apply(state: LiveState, message: LiveEvent): LiveState {
  if (state.seq === null || message.seq < state.seq) return state
  const seq = message.seq
  switch (message.event) {
    case 'seat':
      return { ...state, seq, seats: put(state.seats, message.data.number, message.data) }
    case 'call':
      return message.data.state === 'ended'
        ? { ...state, seq, calls: without(state.calls, message.data.id) }
        : { ...state, seq, calls: put(state.calls, message.data.id, message.data) }
    case 'queue':
      return { ...state, seq, queues: put(state.queues, message.data.name, message.data) }
    case 'link':
      return { ...state, seq, links: put(state.links, message.data.adapter, message.data) }
    case 'today':
      return { ...state, seq, today: message.data }
    case 'notice':
      return { ...state, seq }
    default:
      // A newer service may say more than this console understands.
      return state
  }
}

/** A seat as the answer to a command told it: shown at once, the stream repeats it. */
export function withSeat(state: LiveState, seat: SeatView): LiveState {
  const known = state.seats.get(seat.number)
  if (known && Date.parse(known.since) > Date.parse(seat.since)) return state
  return { ...state, seats: put(state.seats, seat.number, seat) }
}

function put<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
  return new Map(map).set(key, value)
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  const rest = new Map(map)
  rest.delete(key)
  return rest
}
