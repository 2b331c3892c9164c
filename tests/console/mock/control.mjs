/** Call control of the mock hall: hold, consult, transfer, three-way, the red key, supervisors. Colleagues pick up by themselves after a moment. */
import { hall, iso, mask, newCall, setCall, setSeat } from './hall.mjs'

const PICKUP_MS = 2500
const OUTSIDE_MS = 3000
const PARTS = { listen: 'listening', whisper: 'whispering', barge: 'barging' }
export const CONTACTS = [
  { id: '110', label: '110 报警', kind: 'emergency' }, { id: '119', label: '119 消防', kind: 'emergency' }, { id: '120', label: '120 急救', kind: 'emergency' }, { id: '122', label: '122 交通事故', kind: 'emergency' },
  { id: '12345', label: '12345 政务热线', kind: 'hotline' }, { id: 'legal-aid', label: '市法律援助中心', kind: 'office' }, { id: 'notary', label: '市公证处值班室', kind: 'office' },
]
/** Seats with a person at a console: nobody picks up for them. */
export const people = new Set()
export const settings = { pickup: PICKUP_MS, announced: false, approval: false }
let legs = 0

const callOf = (one) => hall.calls.get(one.call)
const contactOf = (id) => CONTACTS.find((one) => one.id === id)
const without = (call, offer) => call.parties.filter((one) => one.offer !== offer)

/** Rings a seat or a contact for this call, as a further party. */
export function ringParty(call, part, { seat = null, contact = null, by, emergency = false }) {
  legs += 1
  const outside = contact && contactOf(contact)
  const party = {
    offer: `p-${legs}`, part, state: 'ringing', seat, contact: contact ?? '', label: outside ? outside.label : hall.seats.get(seat).operator_name, since: iso(), ring_until: iso(Date.now() + 25e3), by,
    emergency, confirmed: false,
  }
  setCall(call.id, { parties: [...call.parties, party] })
  if (seat) setSeat(seat, { before: hall.seats.get(seat).state, state: 'ringing', call: call.id, offer: party.offer, part, reason: 'call' })
  if (!seat || !people.has(seat) || part !== 'consulted') setTimeout(() => pickUp(call.id, party.offer), outside ? OUTSIDE_MS : settings.pickup)
  return party
}

export function pickUp(id, offer) {
  const call = hall.calls.get(id)
  const party = call?.parties.find((one) => one.offer === offer)
  if (!party || party.state === 'up') return
  setCall(id, { parties: call.parties.map((one) => (one.offer === offer ? { ...one, state: 'up', since: iso() } : one)) })
  if (party.seat) setSeat(party.seat, { state: 'talking', offer: null })
}

/** A seat lets go of a call and is what it was before. */
function free(number, state) {
  const one = hall.seats.get(number)
  setSeat(number, { state: state ?? one.before ?? 'ready', call: null, offer: null, part: '', before: undefined })
}

export function dropParty(call, offer) {
  const party = call.parties.find((one) => one.offer === offer)
  if (!party) return
  const rest = without(call, offer)
  const state = party.part === 'consulted' && call.state === 'held' ? { state: 'talking', talk_since: iso() } : {}
  setCall(call.id, { parties: rest, ...state })
  if (party.seat) free(party.seat)
}

/** The call is over for everybody on it. */
export function release(call) {
  for (const party of call.parties) if (party.seat) free(party.seat)
  setCall(call.id, { state: 'ended', outcome: 'answered', parties: [] })
}

/** The seat leaves; whoever is there keeps the caller. */
function leave(number, call) {
  const own = call.parties.find((one) => one.seat === number)
  if (own) return dropParty(call, own.offer)
  const heir = call.parties.find((one) => one.state === 'up' && ['joined', 'consulted'].includes(one.part))
  if (!heir) return null
  setSeat(number, { state: 'wrap_up', call: null, part: '', wrap_until: iso(Date.now() + 30e3) })
  const rest = without(call, heir.offer)
  if (heir.seat) {
    setCall(call.id, { seat: heir.seat, state: 'talking', parties: rest, talk_since: iso() })
    setSeat(heir.seat, { part: 'main' })
  } else setCall(call.id, { seat: null, state: 'handing_over', parties: call.parties, talk_since: iso() })
  return null
}

function transfer(number, call, target) {
  setSeat(number, { state: 'wrap_up', call: null, part: '', wrap_until: iso(Date.now() + 30e3) })
  if (target.kind === 'seat') {
    setSeat(target.seat, { before: 'ready', state: 'ringing', call: call.id, offer: `t-${call.id}`, part: 'main' })
    setCall(call.id, { state: 'ringing', seat: target.seat, offer: `t-${call.id}`, wanted: target.seat, take_back: number, rung_at: iso(), ring_until: iso(Date.now() + 20e3), parties: [] })
    if (!people.has(target.seat)) {
      setTimeout(() => {
        setSeat(target.seat, { state: 'talking', offer: null })
        setCall(call.id, { state: 'talking', offer: null, wanted: null, take_back: null })
      }, settings.pickup)
    }
  } else if (target.kind === 'queue') setCall(call.id, { state: 'waiting', seat: null, queue: target.queue, parties: [] })
  else setCall(call.id, { state: 'handing_over', seat: null, parties: [] })
}

/** From the desk alone: the seat's own phone is up at once, the other side rings. */
export function dial(number, label, part = {}) {
  const call = newCall({ state: 'dialling', direction: 'out', queue: null, queue_label: '', seat: number, region: '', caller_masked: label, full: label, ...part })
  setSeat(number, { before: hall.seats.get(number).state, state: 'talking', call: call.id, part: 'main' })
  setTimeout(() => hall.calls.get(call.id)?.state === 'dialling' && setCall(call.id, { state: 'talking', answered_at: iso(), talk_since: iso(), recording: true }), OUTSIDE_MS)
  return call
}

function emergency(number, body) {
  const call = hall.calls.get(hall.seats.get(number).call)
  if (call) ringParty(call, 'joined', { contact: body.contact, by: number, emergency: true })
  else dial(number, contactOf(body.contact)?.label ?? body.contact, { emergency: true })
}

/** What the desk's verbs do; undefined: not one of them. `refuse(code, title)` throws. */
export const verbs = {
  hold: (number, call) => setCall(call.id, { state: 'held', talk_since: iso() }),
  resume: (number, call) => setCall(call.id, { state: 'talking', talk_since: iso() }),
  mute: (number, call, body) => setCall(call.id, { muted: body.on }),
  keys: () => null,
  consult(number, call, body, refuse) {
    if (call.parties.some((one) => one.part === 'consulted')) refuse('consult_under_way', '正在咨询，请先结束')
    if (body.target.kind === 'seat' && !['ready', 'busy'].includes(hall.seats.get(body.target.seat)?.state)) refuse('target_not_free', '对方当前不空闲')
    ringParty(setCall(call.id, { state: 'held', talk_since: iso() }), 'consulted', { seat: body.target.seat, contact: body.target.contact, by: number })
  },
  'cancel-consult': (number, call) => dropParty(call, call.parties.find((one) => one.part === 'consulted')?.offer),
  join: (number, call) => setCall(call.id, { state: 'talking', talk_since: iso(), parties: call.parties.map((one) => (one.part === 'consulted' ? { ...one, part: 'joined' } : one)) }),
  leave, transfer: (number, call, body) => transfer(number, call, body.target),
  drop: (number, call, body) => dropParty(call, body.offer),
  rate(number, call) {
    setSeat(number, { state: 'wrap_up', call: null, part: '', wrap_until: iso(Date.now() + 30e3) })
    setCall(call.id, { state: 'in_menu', seat: null })
  },
  confirm: (number, call, body) => setCall(call.id, { parties: call.parties.map((one) => (one.offer === body.offer ? { ...one, confirmed: true } : one)) }),
  emergency: (number, call, body) => emergency(number, body),
  dial: (number, call, body) => dial(number, body.contact ? contactOf(body.contact).label : mask('13700137000')),
  monitor(number, call, body, refuse) {
    const watched = hall.calls.get(body.call)
    if (!watched) refuse('call_gone', '通话已经结束')
    const own = watched.parties.find((one) => one.seat === number)
    if (!own) ringParty(watched, PARTS[body.mode], { seat: number, by: number })
    else setCall(watched.id, { parties: watched.parties.map((one) => (one === own ? { ...one, part: PARTS[body.mode] } : one)) })
    if (own) setSeat(number, { part: PARTS[body.mode] })
  },
  'stop-monitor'(number, call) {
    if (call) dropParty(call, call.parties.find((one) => one.seat === number)?.offer)
  },
  'take-over'(number, call, body) {
    const watched = hall.calls.get(body.call)
    const own = watched.parties.find((one) => one.seat === number)
    free(watched.seat, 'wrap_up')
    setCall(watched.id, { seat: number, parties: own ? without(watched, own.offer) : watched.parties })
    setSeat(number, { before: 'busy', state: 'talking', call: watched.id, part: 'main' })
  },
  'restore-phone'(number, call) {
    setSeat(number, { state: 'ringing', offer: `r-${call.id}` })
    setCall(call.id, { state: 'ringing', offer: `r-${call.id}`, wanted: number, ring_until: iso(Date.now() + 20e3), parties: [] })
  },
  'withdraw-break': (number) => setSeat(number, { break_asked: null }),
  'break-request': (number, call, body) => setSeat(number, { break_asked: body.reason }),
  'break-decision'(number, call, body) {
    const asked = hall.seats.get(number).break_asked
    setSeat(number, { break_asked: null, ...(body.approve ? { state: 'on_break', reason: asked } : {}) })
  },
}

export function useVerb(number, deed, body, refuse) {
  const call = callOf(hall.seats.get(number)) ?? null
  verbs[deed](number, call, body, refuse)
  return hall.seats.get(number)
}
