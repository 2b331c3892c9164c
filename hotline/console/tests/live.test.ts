import { describe, expect, it } from 'vitest'
import type { LiveData, LiveEvent } from '@/live/protocol'
import { apply, fromSnapshot, NOTHING, withSeat } from '@/live/state'
import { call, seat } from './samples'

const data = (part: Partial<LiveData> = {}): LiveData => ({
  now: '2026-11-21T10:00:00+08:00', seats: [seat()], calls: [call()], queues: [], links: [{ adapter: 'pbx', up: true }], today: null, ...part,
})
const event = (seq: number, what: LiveEvent['event'], value: unknown): LiveEvent =>
  ({ type: 'event', seq, topic: 'hall', event: what, data: value }) as LiveEvent

describe('live state', () => {
  it('is what the snapshot says', () => {
    const state = fromSnapshot(7, data())
    expect(state.seq).toBe(7)
    expect(state.seats.get('01')?.state).toBe('ready')
    expect(state.links.get('pbx')?.up).toBe(true)
  })

  it('replaces a thing whole and keeps the others', () => {
    const before = fromSnapshot(7, data({ seats: [seat(), seat({ number: '02' })] }))
    const after = apply(before, event(8, 'seat', seat({ state: 'talking', call: 'ZZ-1' })))
    expect(after.seats.get('01')?.state).toBe('talking')
    expect(after.seats.get('02')).toBe(before.seats.get('02'))
    expect(before.seats.get('01')?.state).toBe('ready')
  })

  it('removes a call that ended, and never shows an ended one from a snapshot', () => {
    const state = apply(fromSnapshot(7, data()), event(8, 'call', call({ state: 'ended' })))
    expect(state.calls.size).toBe(0)
    expect(fromSnapshot(9, data({ calls: [call({ state: 'ended' })] })).calls.size).toBe(0)
  })

  it('takes several changes of one commit, and drops what is older than the snapshot', () => {
    let state = fromSnapshot(7, data())
    state = apply(state, event(8, 'call', call({ state: 'ringing' })))
    state = apply(state, event(8, 'seat', seat({ state: 'ringing' })))
    expect(state.seats.get('01')?.state).toBe('ringing')
    expect(apply(state, event(6, 'seat', seat({ state: 'busy' })))).toBe(state)
  })

  it('ignores events before the first snapshot and words it does not know', () => {
    expect(apply(NOTHING, event(1, 'seat', seat()))).toBe(NOTHING)
    const state = fromSnapshot(7, data())
    expect(apply(state, event(8, 'weather' as never, {})).seats).toBe(state.seats)
  })

  it('shows the answer to a command at once, unless the stream was faster', () => {
    const state = fromSnapshot(7, data({ seats: [seat({ since: '2026-11-21T10:00:09+08:00', state: 'talking' })] }))
    expect(withSeat(state, seat({ since: '2026-11-21T10:00:08+08:00', state: 'ringing' }))).toBe(state)
    expect(withSeat(state, seat({ since: '2026-11-21T10:00:10+08:00', state: 'wrap_up' })).seats.get('01')?.state).toBe('wrap_up')
  })
})
