import { describe, expect, it } from 'vitest'
import type { LinkView } from '@/api/types'
import { apply, fromSnapshot } from '@/live/state'
import { asReport, grade, hexRows, lateBy, observedBy, sorted, unreadableShare, withLive } from '@/lines/health'
import type { Alarm, LineRow, RawFrame } from '@/lines/types'

const AT = '2026-11-22T10:00:00+08:00'
const NOW = '2026-11-22T10:05:00+08:00'

function line(part: Partial<LineRow> = {}): LineRow {
  return {
    name: 'box-1', kind: 'cti-serial', state: 'up', since: AT, detail: 'ttyUSB0', abilities: [], last_event_at: AT, alarms: [], ports_known: 0, ports_broken: 0, frames: 0, unreadable: 0,
    skew_seconds: null, repaired: { count: 0, at: null, reason: '' }, aside: { count: 0, at: null, reason: '' }, probe: null, ...part,
  }
}
const alarm = (kind: string, port: number | null = null): Alarm => ({ kind, port, since: AT, detail: '' })
const link = (part: Partial<LinkView>): LinkView => ({ adapter: 'box-1', up: true, alarms: [], ...part })

describe('a line and the stream', () => {
  it('goes down at once, and is up again at once', () => {
    const down = withLive(line(), link({ up: false }), NOW)
    expect([down.state, down.since, down.detail]).toEqual(['down', NOW, ''])
    expect(withLive(down, link({ up: true }), AT).state).toBe('up')
  })
  it('keeps what was read while nothing changed', () => {
    expect(withLive(line(), link({ up: true }), NOW)).toMatchObject({ state: 'up', since: AT, detail: 'ttyUSB0' })
    expect(withLive(line(), undefined, NOW)).toEqual(line())
  })
  it('was never up until it is', () => {
    expect(withLive(line({ state: 'never' }), link({ up: false }), NOW).state).toBe('never')
    expect(withLive(line({ state: 'never' }), link({ up: true }), NOW).state).toBe('up')
  })
  it('only pushes, whatever the stream says', () => {
    expect(withLive(line({ state: 'pushed' }), link({ up: null }), NOW).state).toBe('pushed')
  })
  it('has the alarms of the stream, also when they are over', () => {
    const alarmed = line({ alarms: [alarm('port_fault', 3)] })
    expect(withLive(alarmed, link({ alarms: [] }), NOW).alarms).toEqual([])
    expect(withLive(line(), link({ alarms: [alarm('link_down')] }), NOW).alarms).toHaveLength(1)
    expect(withLive(alarmed, { adapter: 'box-1', up: true }, NOW).alarms).toHaveLength(1)
  })
  it('is told of a line that only pushes', () => {
    const state = fromSnapshot(1, { now: AT, seats: [], calls: [], queues: [], links: [link({ adapter: 'gw-1', up: null, alarms: [alarm('quiet')] })], today: null })
    expect(state.links.get('gw-1')?.alarms).toHaveLength(1)
    const after = apply(state, { type: 'event', seq: 2, topic: 'hall', event: 'link', data: link({ adapter: 'gw-1', up: null }) })
    expect(after.links.get('gw-1')?.alarms).toEqual([])
  })
})

describe('a line that is only observed', () => {
  it.each([['gateway-push', 'gateway'], ['cti-serial', 'box'], ['freeswitch', 'system'], ['something-newer', 'other']])('%s', (kind, who) => expect(observedBy(kind)).toBe(who))
})

describe('what needs looking at', () => {
  it.each([
    ['good', line()], ['plain', line({ state: 'pushed' })], ['bad', line({ state: 'down' })], ['bad', line({ state: 'never' })], ['bad', line({ state: 'pushed', alarms: [alarm('port_fault', 1)] })],
    ['bad', line({ alarms: [alarm('clock_skew'), alarm('probe_failed')] })], ['warn', line({ alarms: [alarm('clock_skew')] })], ['warn', line({ alarms: [alarm('something_newer')] })],
  ] as const)('is %s', (wanted, one) => expect(grade(one)).toBe(wanted))
  it('comes first', () => {
    const all = [line({ name: 'a', state: 'pushed' }), line({ name: 'b' }), line({ name: 'c', alarms: [alarm('quiet')] }), line({ name: 'd', state: 'down' }), line({ name: 'e' })]
    expect(sorted(all).map((one) => one.name)).toEqual(['d', 'c', 'b', 'e', 'a'])
  })
  it('has a share of frames only where there were some', () => {
    expect(unreadableShare({ frames: 0, unreadable: 0 })).toBeNull()
    expect(unreadableShare({ frames: 50, unreadable: 5 })).toBe(0.1)
  })
})

describe('raw bytes', () => {
  const frame: RawFrame = { heard_at: AT, size: 18, text: 'RING 138******00', hex: Array.from({ length: 18 }, (_, at) => at.toString(16).padStart(2, '0')).join(' '), cut: false, state: 'applied', reason: '', says: ['CallOffered'] }
  it('are in rows of sixteen', () => {
    expect(hexRows(frame.hex)).toEqual([{ at: '0000', bytes: '00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f' }, { at: '0010', bytes: '10 11' }])
    expect(hexRows('')).toEqual([])
  })
  it('are copied as they are shown', () => {
    expect(asReport('box-1', [frame], false)).toBe(`# box-1\n${AT}\t18 B\tapplied\tCallOffered\nRING 138******00`)
    expect(asReport('box-1', [{ ...frame, state: 'set_aside', reason: 'checksum' }], true)).toContain('checksum\n0000  00 01')
  })
})

describe('a fact that came late', () => {
  it('says so from five seconds on, unless it was back-filled', () => {
    const fact = (heard_at: string, backfilled = false) => lateBy({ at: AT, heard_at, backfilled })
    expect(fact('2026-11-22T10:00:04+08:00')).toBeNull()
    expect(fact('2026-11-22T10:01:00+08:00')).toBe(60)
    expect(fact('2026-11-22T10:01:00+08:00', true)).toBeNull()
    expect(fact('2026-11-22T09:59:00+08:00')).toBe(-60)
  })
})
