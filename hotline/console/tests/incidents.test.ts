import { describe, expect, it } from 'vitest'
import { dueOf, linesOf, stepsOf } from '@/incidents/plan'
import { lastMonth, periodOf } from '@/reportforms/period'

describe('a checklist as lines', () => {
  it('comes back as it was', () => {
    const steps = [{ title: '报警', text: '问明位置', call: '110' }, { title: '回访', text: '', call: '' }, { title: '急救', text: '', call: '120' }]
    expect(linesOf(steps).split('\n')).toEqual(['报警 | 问明位置 | 110', '回访', '急救 |  | 120'])
    expect(stepsOf(linesOf(steps))).toEqual(steps)
  })
  it('takes the wide bar, and leaves out empty lines', () => {
    expect(stepsOf('\n 报警｜问明位置｜110｜119 \n\n')).toEqual([{ title: '报警', text: '问明位置', call: '110 / 119' }])
  })
})

describe('a deadline of reporting', () => {
  const due = '2026-11-21T11:00:00+08:00'
  const at = Date.parse('2026-11-21T10:30:00+08:00')
  it('is open, late, met or missed', () => {
    expect(dueOf(null, null, at)).toBe('none')
    expect(dueOf(due, null, at)).toBe('open')
    expect(dueOf(due, null, at + 3_600_000)).toBe('late')
    expect(dueOf(due, '2026-11-21T10:59:00+08:00', at)).toBe('done')
    expect(dueOf(due, '2026-11-21T11:01:00+08:00', at)).toBe('late')
  })
})

describe('months of forms', () => {
  it('the one before, and its days', () => {
    expect(lastMonth(new Date(2026, 0, 31))).toBe('2025-12')
    expect(periodOf('2028-02')).toEqual({ from: '2028-02-01', to: '2028-02-29' })
  })
})
