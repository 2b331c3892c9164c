import { describe, expect, it } from 'vitest'
import type { CallView, Hall, PartyView, SeatView } from '@/api/types'
import { abilitiesOf, emergencyOf, ringOf } from '@/desk/abilities'
import { call, seat } from './samples'

const ALL = ['answers', 'plays', 'hears_keys', 'rings_seats', 'joins', 'holds', 'confers', 'watches', 'rings_outside', 'sends_keys', 'records']
const HALL = {
  contacts: [
    { id: '12345', label: '12345', kind: 'hotline' }, { id: '119', label: '119 消防', kind: 'emergency' }, { id: '110', label: '110 报警', kind: 'emergency' },
    { id: 'notary', label: '公证处', kind: 'office' },
  ],
  monitor_announced: false, rating: true,
} as unknown as Hall

function party(part: Partial<PartyView> = {}): PartyView {
  return {
    offer: 'o2', part: 'consulted', state: 'ringing', seat: '02', contact: '', label: '王建国', since: '2026-11-21T10:00:00+08:00', ring_until: null, by: '01', emergency: false, confirmed: false, ...part,
  }
}
const talking = (part: Partial<CallView> = {}) => call({ id: 'C', state: 'talking', seat: '01', answered_at: '2026-11-21T10:00:00+08:00', abilities: ALL, ...part })
const here = (part: Partial<SeatView> = {}) => seat({ state: 'talking', call: 'C', part: 'main', ...part })
const acts = (one: CallView, at: SeatView = here(), hall: Hall = HALL) => abilitiesOf(one, at, hall).buttons.map(({ act, why }) => (why ? `${act}:${why}` : act))

describe('buttons of a call', () => {
  it('are all there for the seat that has the caller on a line that can do everything', () => {
    expect(acts(talking())).toEqual(['hold', 'mute', 'keypad', 'consult', 'transfer', 'rate', 'hang-up'])
  })
  it('know no rating where the hall has none', () => {
    expect(acts(talking(), here(), { ...HALL, rating: false })).not.toContain('rate')
  })
  it('are only those the line can do', () => {
    expect(acts(talking({ abilities: ALL.filter((one) => one !== 'holds') }))).toEqual(['keypad', 'transfer', 'rate', 'hang-up'])
    expect(acts(talking({ abilities: ['answers', 'rings_seats', 'joins'] }))).toEqual(['transfer', 'hang-up'])
    expect(acts(talking({ abilities: [] }), here({ phone_kind: 'browser' }))).toEqual(['mute', 'hang-up'])
    expect(acts(talking({ handling: 'device', abilities: ['reports_ports'] }))).toEqual([])
    // Nobody can ask this device which calls are live: that the talk is over is for the lawyer to say.
    expect(acts(talking({ handling: 'device', abilities: [] }))).toEqual(['hang-up'])
    expect(acts(talking({ handling: 'device', abilities: ['by_hand'] }))).toEqual(['hang-up'])
  })
  it('are none without a call of this seat', () => {
    expect([acts(talking(), here({ state: 'wrap_up' })), acts(talking(), here({ call: 'D' })), abilitiesOf(null, here(), HALL).buttons]).toEqual([[], [], []])
  })
  it('turn round on hold and mute', () => {
    expect(acts(talking({ state: 'held', muted: true }))).toEqual(['resume', 'unmute', 'keypad:on_hold', 'consult', 'transfer', 'rate', 'hang-up'])
  })
  it('of a consultation wait until the colleague has picked up', () => {
    const ringing = talking({ state: 'held', parties: [party()] })
    expect(acts(ringing)).toEqual(['resume', 'mute', 'keypad:on_hold', 'join:not_up', 'complete', 'cancel-consult', 'rate:three_way', 'hang-up'])
    const up = talking({ state: 'held', parties: [party({ state: 'up' })] })
    expect(acts(up)).toEqual(['resume', 'mute', 'keypad', 'join', 'complete', 'cancel-consult', 'rate:three_way', 'hang-up'])
    expect(abilitiesOf(up, here(), HALL)).toMatchObject({ drops: ['o2'], mayConsult: false, mayTransfer: false })
  })
  it('of three on the line let anyone go', () => {
    const three = talking({ parties: [party({ part: 'joined', state: 'up' })] })
    expect(acts(three)).toEqual(['hold', 'mute', 'keypad', 'consult', 'transfer:three_way', 'leave', 'rate:three_way', 'hang-up'])
  })
  it('keep the seat on the line until 110 has taken over', () => {
    const police = party({ offer: 'e1', part: 'joined', seat: null, contact: '110', emergency: true })
    expect(acts(talking({ parties: [police] }))).toContain('hang-up:unconfirmed')
    expect(abilitiesOf(talking({ parties: [police] }), here(), HALL).confirms).toEqual([])
    const up = talking({ parties: [{ ...police, state: 'up' }] })
    expect([acts(up).includes('leave:unconfirmed'), abilitiesOf(up, here(), HALL).confirms]).toEqual([true, ['e1']])
    const done = talking({ parties: [{ ...police, state: 'up', confirmed: true }] })
    expect([acts(done).includes('leave'), acts(done).includes('hang-up'), abilitiesOf(done, here(), HALL).confirms]).toEqual([true, true, []])
    const asked = talking({ parties: [party({ part: 'joined', state: 'up', seat: null, contact: '119' })] })
    expect(acts(asked)).toContain('leave')
  })
  it('of a colleague who was asked are to leave, and to be silent at the own microphone', () => {
    const asked = talking({ state: 'held', parties: [party({ state: 'up' })] })
    expect(acts(asked, here({ number: '02', part: 'consulted' }))).toEqual(['leave'])
    expect(acts(asked, here({ number: '02', part: 'joined', phone_kind: 'browser' }))).toEqual(['mute', 'leave'])
  })
  it('of an outbound call that rings are to give it up', () => {
    expect(acts(talking({ state: 'dialling', direction: 'out' }))).toEqual(['hang-up'])
  })
  it('are elsewhere for a supervisor who listens', () => {
    expect(acts(talking(), here({ part: 'listening' }))).toEqual([])
  })
})

describe('who is on the line', () => {
  const heard = [party({ part: 'listening', seat: '09', offer: 'l' }), party({ part: 'barging', seat: '08', offer: 'b' }), party({ part: 'joined', seat: '02' })]
  const shown = (hall: Hall, at = here()) => abilitiesOf(talking({ parties: heard }), at, hall).parties.map((one) => one.seat)
  it('hides who listens unannounced, never who is heard', () => {
    expect(shown(HALL)).toEqual(['08', '02'])
    expect(shown({ ...HALL, monitor_announced: true })).toEqual(['09', '08', '02'])
    expect(shown(HALL, here({ number: '07', part: 'whispering' }))).toEqual(['09', '08', '02'])
  })
})

describe('the red key', () => {
  it('calls 110, with the others beside it', () => {
    expect(emergencyOf(null, HALL)).toMatchObject({ first: '110', others: [{ id: '119' }, { id: '12345' }], party: null })
    expect(emergencyOf(talking({ parties: [party({ contact: '110' })] }), HALL).party?.contact).toBe('110')
  })
  it('is there even where nothing is set up', () => {
    expect(emergencyOf(null, null)).toEqual({ first: '110', others: [], party: null })
  })
})

describe('a ring', () => {
  const ringing = (part: Partial<CallView>, at: Partial<SeatView> = {}, kept: string | null = null, passed: string | null = null) =>
    ringOf(call({ id: 'C', state: 'ringing', seat: '01', ...part }), here({ state: 'ringing', ...at }), kept, passed)
  it('says why', () => {
    expect(ringing({})).toEqual({ kind: 'incoming', from: null })
    expect(ringing({ state: 'held', parties: [party()] }, { number: '02', part: 'consulted' })).toEqual({ kind: 'consult', from: '01' })
    expect(ringing({ parties: [party({ part: 'joined', by: '' })] }, { number: '02', part: 'joined' })).toEqual({ kind: 'join', from: '01' })
    expect(ringing({ parties: [party({ part: 'joined', by: '02' })] }, { number: '02', part: 'joined' })).toEqual({ kind: 'restoring', from: null })
    expect(ringing({ parties: [party({ part: 'listening' })] }, { number: '02', part: 'listening' })).toEqual({ kind: 'watching', from: '01' })
    expect(ringing({ direction: 'out' })).toEqual({ kind: 'dialling', from: null })
    expect(ringing({ wanted: '01', answered_at: 'x', take_back: '03' })).toEqual({ kind: 'transfer', from: '03' })
    expect(ringing({ wanted: '01', answered_at: 'x', take_back: '03' }, {}, 'C', 'C')).toEqual({ kind: 'transfer', from: '03' })
    expect(ringing({ wanted: '01', answered_at: 'x' }, {}, 'C', 'C')).toEqual({ kind: 'returned', from: null })
    expect(ringing({ wanted: '01', answered_at: 'x' }, {}, 'C')).toEqual({ kind: 'restoring', from: null })
    expect(ringing({ answered_at: 'x' }, {}, 'B')).toEqual({ kind: 'incoming', from: null })
  })
})
