import { describe, expect, it } from 'vitest'
import { joined, readDays } from '@/rosters/days'
import type { Gap, Shift } from '@/rosters/types'
import { brief, clockOf, gapsOn, hasBegun, inHours, later, lines, weekOf } from '@/rosters/week'

const shift = (id: number, begins_at: string, ends_at: string, part: Partial<Shift> = {}): Shift => ({
  id, begins_at, ends_at, lawyer: 'a', lawyer_name: '李律师', work_number: '1001', firm: null, firm_name: '', group: '', mode: 'live', note: '', pattern: null, pattern_name: '',
  cancelled: false, version: 1, ...part,
})

describe('a week', () => {
  it('begins on Monday, over the turn of a year', () => {
    expect(weekOf('2026-12-31')).toEqual(['2026-12-28', '2026-12-29', '2026-12-30', '2026-12-31', '2027-01-01', '2027-01-02', '2027-01-03'])
    expect(weekOf('2026-11-29')[0]).toBe('2026-11-23')
    expect(weekOf('2026-11-23')[0]).toBe('2026-11-23')
    expect(later('2026-12-31', 1)).toBe('2027-01-01')
  })
  it('has a line for each time, group and mode, by the day a shift begins on in China', () => {
    const days = weekOf('2026-11-25')
    const found = lines([
      shift(1, '2026-11-23T01:00:00Z', '2026-11-23T09:00:00Z'),
      shift(2, '2026-11-24T01:00:00Z', '2026-11-24T09:00:00Z'),
      shift(3, '2026-11-23T01:00:00Z', '2026-11-23T09:00:00Z', { lawyer: null }),
      shift(4, '2026-11-29T12:00:00Z', '2026-11-30T00:00:00Z', { mode: 'forwarded_mobile' }),
      shift(5, '2026-11-22T15:59:00Z', '2026-11-22T23:00:00Z'),
      shift(6, '2026-11-22T16:00:00Z', '2026-11-22T23:00:00Z'),
    ], days)
    expect(found.map((line) => [line.begins, line.ends, line.mode, line.cells.map((cell) => cell.map((one) => one.id))])).toEqual([
      ['00:00', '07:00', 'live', [[6], [], [], [], [], [], []]],
      ['09:00', '17:00', 'live', [[1, 3], [2], [], [], [], [], []]],
      ['20:00', '08:00', 'forwarded_mobile', [[], [], [], [], [], [], [4]]],
    ])
  })
})

describe('gaps', () => {
  const gap = (begins_at: string, ends_at: string): Gap => ({ begins_at, ends_at, group: '', required: 2, planned: 1, missing: 1 })
  it('are cut at midnight in China', () => {
    const night = [gap('2026-11-23T20:00:00+08:00', '2026-11-24T08:00:00+08:00'), gap('2026-11-23T01:00:00Z', '2026-11-23T02:00:00Z')]
    expect(gapsOn(night, '2026-11-23').map((one) => [one.begins, one.ends])).toEqual([['09:00', '10:00'], ['20:00', '24:00']])
    expect(gapsOn(night, '2026-11-24').map((one) => [one.begins, one.ends])).toEqual([['00:00', '08:00']])
    expect(gapsOn(night, '2026-11-25')).toEqual([])
  })
})

it('says times shortly', () => {
  const night = shift(1, '2026-12-01T12:00:00Z', '2026-12-02T00:00:00Z')
  expect(brief(night)).toBe('12-01 20:00–08:00')
  expect(hasBegun(night, Date.parse('2026-12-01T12:00:00Z'))).toBe(true)
  expect(hasBegun(night, Date.parse('2026-12-01T11:59:59Z'))).toBe(false)
  expect(inHours(45_000)).toBe('12.5')
})

it('takes times as people type them', () => {
  expect(['8', '8:30', '0830', '08:30', '23:59'].map(clockOf)).toEqual(['08:00', '08:30', '08:30', '08:30', '23:59'])
  expect(['', '24:00', '8:60', '8:3', 'x', '12345'].map(clockOf)).toEqual([null, null, null, null, null, null])
})

describe('a pasted notice', () => {
  it('is read line by line, days and ranges', () => {
    const pasted = readDays('2027-01-01 节假日 元旦\n\n2027年2月6日至2027年2月8日：节假日 春节\n2027/2/20，工作日，春节调休上班\n2027-03-01 Weekend')
    expect(pasted.wrong).toEqual([])
    expect(pasted.days).toEqual([
      { day: '2027-01-01', kind: 'holiday', label: '元旦' },
      ...['06', '07', '08'].map((day) => ({ day: `2027-02-${day}`, kind: 'holiday', label: '春节' })),
      { day: '2027-02-20', kind: 'workday', label: '春节调休上班' },
      { day: '2027-03-01', kind: 'weekend', label: '' },
    ])
  })
  it('says which lines are wrong', () => {
    const lines = ['2027-02-30 节假日', '2027-01-01 假期', '2027-01-01', '2027-01-05~2027-01-01 节假日', '2027-01-01~2028-01-01 节假日', '元旦 2027-01-01']
    expect(readDays(lines.join('\n'))).toEqual({ days: [], wrong: [1, 2, 3, 4, 5, 6] })
  })
  it('goes before what was there', () => {
    const own = [{ day: '2027-01-02', kind: 'holiday' as const, label: 'a' }]
    const fresh = [{ day: '2027-01-02', kind: 'workday' as const, label: 'b' }, { day: '2027-01-01', kind: 'holiday' as const, label: 'c' }]
    expect(joined(own, fresh).map((one) => one.label)).toEqual(['c', 'b'])
  })
})
