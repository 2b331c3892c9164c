import { describe, expect, it } from 'vitest'
import { filled, filterOf, viewOf } from '@/finding/filters'

const NOW = Date.parse('2026-11-23T10:00:00+08:00')
const EMPTY = { days: ['2026-11-17', '2026-11-23'] as [string, string], state: '', category: '', number: '', q: '' }

describe('a filter that is kept', () => {
  it('keeps how many days back and what is chosen, never a number', () => {
    expect(viewOf({ ...EMPTY, state: 'open', number: '13800138000' }, NOW)).toEqual({ days: 7, state: 'open' })
    expect(viewOf({ ...EMPTY, days: ['2026-11-23', '2026-11-23'] }, NOW)).toEqual({ days: 1 })
    expect(viewOf({ ...EMPTY, days: ['2020-01-01', '2026-11-23'] }, NOW).days).toBe(366)
    expect(viewOf({ ...EMPTY, days: ['2026-12-01', '2026-12-02'] }, NOW).days).toBe(1)
  })
  it('comes back with the days of today, and empties what it does not name', () => {
    const later = NOW + 10 * 86_400_000
    expect(filterOf({ days: 7, state: 'open' }, EMPTY, later)).toEqual({ ...EMPTY, days: ['2026-11-27', '2026-12-03'], state: 'open' })
    expect(filterOf({ days: 1, queue: 'main' }, EMPTY, NOW)).toEqual({ ...EMPTY, days: ['2026-11-23', '2026-11-23'] })
  })
})

it('an empty text is nothing', () => {
  expect(filled({ state: '', from: '2026-11-01', number: undefined, q: 'x', limit: 0 })).toEqual({ from: '2026-11-01', q: 'x', limit: 0 })
})
