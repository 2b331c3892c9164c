import { describe, expect, it } from 'vitest'
import { isOpen, left, whyNotDial } from '@/callbacks/dial'
import type { CallbackRow } from '@/api/types'

const AT = Date.parse('2026-11-21T10:00:00+08:00')

function task(state: CallbackRow['state'], owner: string | null = null): Pick<CallbackRow, 'state' | 'owner'> {
  return { state, owner }
}

describe('dialling a call-back', () => {
  it('needs a seat that is free', () => {
    expect(whyNotDial(task('waiting'), { state: 'ready' }, 'me')).toBe('')
    expect(whyNotDial(task('waiting'), { state: 'wrap_up' }, 'me')).toBe('')
    expect(whyNotDial(task('waiting'), null, 'me')).toBe('callbacks.why.noSeat')
    expect(whyNotDial(task('waiting'), { state: 'signed_off' }, 'me')).toBe('callbacks.why.noSeat')
    expect(whyNotDial(task('waiting'), { state: 'talking' }, 'me')).toBe('callbacks.why.seatBusy')
    expect(whyNotDial(task('waiting'), { state: 'ringing' }, 'me')).toBe('callbacks.why.seatBusy')
  })
  it('needs a task that is open and not somebody else’s', () => {
    expect(whyNotDial(task('taken', 'me'), { state: 'ready' }, 'me')).toBe('')
    expect(whyNotDial(task('reached', 'me'), { state: 'ready' }, 'me')).toBe('')
    expect(whyNotDial(task('taken', 'other'), { state: 'ready' }, 'me')).toBe('callbacks.why.notYours')
    for (const state of ['done', 'got_through', 'unreachable', 'closed'] as const) expect(whyNotDial(task(state, 'me'), { state: 'ready' }, 'me')).toBe('callbacks.why.over')
  })
  it('knows what is open', () => {
    expect(['waiting', 'taken', 'reached', 'done', 'closed'].map((state) => isOpen(state as CallbackRow['state']))).toEqual([true, true, true, false, false])
  })
})

describe('the time that is left', () => {
  it('counts down to the due time, and up past it', () => {
    expect(left('2026-11-21T11:00:00+08:00', AT)).toEqual({ minutes: 60, isOver: false, isSoon: false })
    expect(left('2026-11-21T10:14:59+08:00', AT)).toEqual({ minutes: 14, isOver: false, isSoon: true })
    expect(left('2026-11-21T10:00:00+08:00', AT)).toEqual({ minutes: 0, isOver: false, isSoon: true })
    expect(left('2026-11-21T08:30:00+08:00', AT)).toEqual({ minutes: 90, isOver: true, isSoon: false })
  })
})
