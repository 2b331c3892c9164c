import { describe, expect, it } from 'vitest'
import { fieldsOf } from '@/directory/changes'
import { dayOf, linesOf, textOf, toneOf, weekOf } from '@/directory/hours'
import { grown, matches, possibleParents, upwards } from '@/directory/tree'
import type { TreeNode } from '@/directory/types'

const node = (code: string, parent: string | null = null, part: Partial<TreeNode> = {}): TreeNode => ({ code, name: `${code} office`, kind: 'other', parent, area: '330106', area_name: 'Xihu', services: [], ended: false, ...part })
const CITY = [node('town', 'county'), node('city'), node('county', 'city'), node('village', 'town'), node('lost', 'nowhere')]

describe('the tree', () => {
  it('grows from a flat list in any order; who has no superior there stands at the top', () => {
    const tops = grown(CITY)
    expect(tops.map((one) => one.code)).toEqual(['city', 'lost'])
    expect(tops[0]?.children[0]?.children[0]?.children.map((one) => one.code)).toEqual(['village'])
  })
  it('is opened along the way up, even where the data have a ring', () => {
    expect(upwards(CITY, 'village')).toEqual(['village', 'town', 'county', 'city'])
    expect(upwards([node('a', 'b'), node('b', 'a')], 'a')).toEqual(['a', 'b'])
    expect(upwards(CITY, 'none')).toEqual([])
  })
  it('offers as superiors neither the office itself, nor what is below, nor what has ended', () => {
    expect(possibleParents([...CITY, node('over', null, { ended: true })], 'county').map((one) => one.code)).toEqual(['city', 'lost'])
    expect(possibleParents(CITY, null)).toHaveLength(5)
  })
  it('is searched by name, code and area', () => {
    expect([' TOWN ', 'xihu', '3301', '', '3302', 'x y'].map((text) => matches(node('town'), text))).toEqual([true, true, true, true, false, false])
  })
})

describe('opening hours', () => {
  it('are a line of text for each day, and back', () => {
    const week = weekOf(Array.from({ length: 8 }, (_, at) => ({ text: at < 5 ? '9:00-12:00 14:00-17:30' : '', appointment: at === 5 })))
    expect(week?.week[0]).toEqual({ periods: [['09:00', '12:00'], ['14:00', '17:30']], appointment: false })
    expect(week?.week[5]).toEqual({ periods: [], appointment: true })
    expect(weekOf(linesOf(week))).toEqual(week)
    expect(linesOf(null)).toHaveLength(8)
  })
  it.each([
    ['\uff19\uff1a00\u81f312:00\u300114:00 - 24:00', [['09:00', '12:00'], ['14:00', '24:00']]],
    ['', []],
    ['12:00-9:00', null],
    ['9:00-12:00 11:00-13:00', null],
    ['9:00', null],
    ['25:00-26:00', null],
    ['24:00-24:30', null],
    ['1:00-2:00 3:00-4:00 5:00-6:00 7:00-8:00 9:00-10:00', null],
  ])('%s', (text, periods) => {
    const found = dayOf({ text, appointment: false })
    expect(found?.periods ?? null).toEqual(periods)
    if (found) expect(dayOf(textOf(found))).toEqual(found)
  })
  it('have a colour', () => {
    expect((['open', 'appointment', 'closed', 'unknown'] as const).map((state) => toneOf({ state, until: null }))).toEqual(['success', 'warning', 'info', 'info'])
  })
})

describe('a change', () => {
  it('is told field by field', () => {
    const day = { periods: [['09:00', '12:00']], appointment: true }
    const none = { periods: [], appointment: false }
    const days = ['A', 'B', 'H']
    const hours = { week: [day, none], holiday: day }
    expect(fieldsOf({ before: { name: 'a', parent: null, hours: null }, after: { name: 'b', parent: 'x', hours, villages: ['v', 'w'] } }, days)).toEqual([
      { field: 'name', before: 'a', after: 'b' },
      { field: 'parent', before: '—', after: 'x' },
      { field: 'hours', before: '—', after: 'A 09:00-12:00* / B — / H 09:00-12:00*' },
      { field: 'villages', before: '—', after: 'v w' },
    ])
    expect(fieldsOf({ before: { hours }, after: { hours: { week: [day, day], holiday: day } } }, days)).toEqual([{ field: 'hours', before: 'B —', after: 'B 09:00-12:00*' }])
    expect(fieldsOf({ before: null, after: null }, days)).toEqual([])
  })
})
