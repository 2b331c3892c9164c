import { describe, expect, it } from 'vitest'
import { errorAt, freeKey, instant, isSame, NAME, newKey, newLanguages, newMenu, picked, section } from '@/announcements/plan'
import type { Fault } from '@/announcements/types'

describe('the call plan under the editor’s hands', () => {
  it('gives a new key the first that is free, never the one that leads to a person', () => {
    expect(freeKey([], '1')).toBe('2')
    expect(freeKey([{ key: '1' }, { key: '2' }], '0')).toBe('3')
    expect(freeKey('123456789*#'.split('').map((key) => ({ key })), '0')).toBe('')
    expect(newKey([{ ...newKey([], '0', 'main'), key: '1' }], '0', 'main')).toEqual({ key: '2', act: 'queue', label: '', queue: 'main', menu: null })
  })
  it('makes pieces that can be checked as they are', () => {
    expect(newMenu('0', 'main')).toMatchObject({ prompt: 'menu', keys: [{ key: '1', queue: 'main' }] })
    expect(newLanguages().keys.map((one) => one.language)).toEqual(['', 'yue'])
  })
  it('tells a fault where it belongs', () => {
    const faults: Fault[] = [
      { place: 'menu', message: 'advice', grade: 'warning' },
      { place: 'menu.keys.0.queue', message: 'no queue', grade: 'error' },
    ]
    expect([errorAt(faults, 'menu'), errorAt(faults, 'menu.keys.0.queue'), errorAt(faults, 'menu.keys.0')]).toEqual(['', 'no queue', ''])
    expect(['menu.keys.0.queue', 'recording_notice', 'reach_person_key', 'opening.periods.1.end'].map(section)).toEqual(['menu', 'greeting', 'menu', 'opening'])
  })
  it('compares what would be sent', () => {
    expect([isSame(null, null), isSame({ rating: true } as never, { rating: true } as never), isSame({ rating: true } as never, { rating: false } as never)]).toEqual([true, true, false])
  })
})

describe('times of a notice', () => {
  it('are the hotline’s own, whatever the computer says', () => {
    expect(instant('2026-10-01T00:00:00')).toBe('2026-10-01T00:00:00+08:00')
    expect(picked('2026-09-30T16:00:00Z')).toBe('2026-10-01T00:00:00')
    expect(picked(instant('2026-12-31T23:59:00'))).toBe('2026-12-31T23:59:00')
    expect([instant(null), instant(''), picked(null)]).toEqual([null, null, null])
  })
})

describe('names of announcements', () => {
  it.each([['greeting', true], ['greeting.yue', true], ['notice-1.zh-min', true], ['Greeting', false], ['a b', false], ['-a', false], ['a.', false], ['../x', false], ['', false]] as const)('%s: %s', (name, fits) => {
    expect(NAME.test(name)).toBe(fits)
  })
})
