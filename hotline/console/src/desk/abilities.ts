/** Which buttons has a call at this seat now, and why is one of them not to be pressed? Pure: one function. */
import type { CallView, Contact, Hall, PartyView, SeatPart, SeatView } from '@/api/types'

export type Act =
  | 'hold' | 'resume' | 'mute' | 'unmute' | 'keypad' | 'consult' | 'join' | 'complete' | 'cancel-consult' | 'transfer' | 'leave' | 'rate' | 'hang-up'

/** A key of the catalogue (`control.why`); empty: it may be pressed. */
export type Why = '' | 'not_up' | 'three_way' | 'on_hold' | 'unconfirmed'

export interface Button { act: Act; why: Why }

export interface Abilities {
  buttons: Button[]
  /** Whom the strip shows: supervisors who listen unannounced are left out for everybody but themselves. */
  parties: PartyView[]
  /** Legs that this seat may send away. */
  drops: string[]
  /** Legs whose «taken over» this seat may note. */
  confirms: string[]
  /** What can be chosen as the other end of a consultation or a transfer. */
  targets: { seats: boolean; queues: boolean; outside: boolean }
  mayConsult: boolean
  mayTransfer: boolean
}

/** What the red key calls, what stands beside it, and the leg of it that is there already. */
export interface Emergency { first: string; others: Contact[]; party: PartyView | null }

export const WATCHING: readonly SeatPart[] = ['listening', 'whispering', 'barging']
const LISTENING: readonly SeatPart[] = ['listening', 'whispering']
/** Rung first where a site names no other: the police (公安). */
const POLICE = '110'

const NOTHING: Abilities = {
  buttons: [], parties: [], drops: [], confirms: [], targets: { seats: false, queues: false, outside: false }, mayConsult: false, mayTransfer: false,
}

export function abilitiesOf(call: CallView | null, seat: SeatView | null, hall: Hall | null): Abilities {
  if (!call || !seat || seat.call !== call.id || seat.state !== 'talking') return NOTHING
  const parties = visible(call, seat, hall)
  const can = new Set(call.abilities)
  // The device decides by itself: what happens is shown, and what it cannot tell, or may forget to, can be said.
  if (call.handling === 'device') return { ...NOTHING, parties, buttons: can.has('by_hand') || !can.has('reports_ports') ? [{ act: 'hang-up', why: '' }] : [] }
  const own = partOf(seat)
  const isMuted = call.muted
  if (WATCHING.includes(own)) return { ...NOTHING, parties }
  if (own !== 'main') {
    const buttons: Button[] = [{ act: 'leave', why: '' }]
    if (seat.phone_kind === 'browser') buttons.unshift({ act: isMuted ? 'unmute' : 'mute', why: '' })
    return { ...NOTHING, parties, buttons }
  }
  if (call.state === 'dialling') return { ...NOTHING, parties, buttons: [{ act: 'hang-up', why: '' }] }
  if (call.state !== 'talking' && call.state !== 'held') return { ...NOTHING, parties }

  const isHeld = call.state === 'held'
  const consulted = call.parties.find((one) => one.part === 'consulted')
  const joined = call.parties.filter((one) => one.part === 'joined')
  const isOpen = joined.some((one) => one.emergency && !one.confirmed)
  const buttons: Button[] = []
  const add = (act: Act, why: Why = '') => buttons.push({ act, why })

  if (can.has('holds')) add(isHeld ? 'resume' : 'hold')
  if (can.has('holds') || seat.phone_kind === 'browser') add(isMuted ? 'unmute' : 'mute')
  if (can.has('sends_keys')) add('keypad', isHeld && consulted?.state !== 'up' ? 'on_hold' : '')
  const mayConsult = can.has('holds') && can.has('confers') && !consulted
  const mayTransfer = can.has('rings_seats') && !consulted && !joined.length
  if (consulted) {
    add('join', consulted.state === 'up' ? '' : 'not_up')
    // Not picked up yet: then it rings there for the caller himself.
    add('complete', isOpen ? 'unconfirmed' : '')
    add('cancel-consult')
  } else {
    if (mayConsult) add('consult')
    if (can.has('rings_seats')) add('transfer', joined.length ? 'three_way' : '')
    if (joined.length) add('leave', isOpen ? 'unconfirmed' : '')
  }
  if (hall?.rating && can.has('hears_keys') && can.has('plays')) add('rate', call.parties.some((one) => !WATCHING.includes(one.part)) ? 'three_way' : '')
  add('hang-up', isOpen ? 'unconfirmed' : '')
  return {
    buttons, parties,
    drops: [...(consulted ? [consulted] : []), ...joined].map((one) => one.offer),
    confirms: joined.filter((one) => one.state === 'up' && one.emergency && !one.confirmed).map((one) => one.offer),
    targets: { seats: can.has('rings_seats'), queues: can.has('rings_seats'), outside: can.has('holds') && can.has('rings_outside') },
    mayConsult, mayTransfer,
  }
}

/** The red key, in every state of the seat: it never asks and is never taken away. */
export function emergencyOf(call: CallView | null, hall: Hall | null): Emergency {
  const contacts = hall?.contacts ?? []
  const urgent = contacts.filter((one) => one.kind === 'emergency')
  const first = (urgent.find((one) => one.id === POLICE || one.label.includes(POLICE)) ?? urgent[0])?.id ?? POLICE
  const others = [...urgent, ...contacts.filter((one) => one.kind === 'hotline')].filter((one) => one.id !== first)
  return { first, others, party: call?.parties?.find((one) => one.contact === first) ?? null }
}

/** The seat's part on its call; a service that says nothing means the one that has the caller. */
export function partOf(seat: SeatView): SeatPart {
  return seat.part || 'main'
}

/** The leg of the seat itself, where it is not the one that has the caller. */
export function ownParty(call: CallView | null, seat: SeatView | null): PartyView | null {
  return call?.parties?.find((one) => one.seat !== null && one.seat === seat?.number) ?? null
}

/** Why does this seat ring? */
export type RingKind = 'incoming' | 'consult' | 'join' | 'transfer' | 'returned' | 'restoring' | 'dialling' | 'watching'

/** `kept`: the call that this tab talked on last, also before it was loaded again; `passed`: the one it gave away last. */
export function ringOf(call: CallView, seat: SeatView, kept: string | null = null, passed: string | null = null): { kind: RingKind; from: string | null } {
  const party = ownParty(call, seat)
  if (party && WATCHING.includes(party.part)) return { kind: 'watching', from: call.seat }
  // Nobody else asked for it: its own page was loaded anew.
  if (party && party.by === seat.number) return { kind: 'restoring', from: null }
  if (party) return { kind: party.part === 'consulted' ? 'consult' : 'join', from: party.by || call.seat }
  if (call.direction === 'out' && !call.answered_at) return { kind: 'dialling', from: null }
  if (!call.answered_at) return { kind: 'incoming', from: null }
  // Also back to whoever gave him away before.
  if (call.take_back && call.take_back !== seat.number) return { kind: 'transfer', from: call.take_back }
  if (passed === call.id) return { kind: 'returned', from: null }
  return { kind: kept === call.id ? 'restoring' : 'incoming', from: null }
}

function visible(call: CallView, seat: SeatView, hall: Hall | null): PartyView[] {
  return call.parties.filter((one) => one.seat !== seat.number && (!LISTENING.includes(one.part) || hall?.monitor_announced || WATCHING.includes(partOf(seat))))
}
