import { describe, expect, it } from 'vitest'
import { choices } from '@/directory/tree'
import type { TreeNode } from '@/directory/types'
import { actsOf, dispatchOf, type Looker } from '@/handling/acts'
import { areaIn, areasOf, reachOf } from '@/handling/areas'
import { grade, left, standing } from '@/handling/due'
import { newsSince, seen } from '@/handling/news'
import { asides, tone } from '@/handling/story'
import type { CaseTicket, Course, Dispatch, Due, StepLine } from '@/handling/types'
import { ticket as plain } from './service'

const AT = Date.parse('2026-11-21T10:00:00+08:00')
const CENTRE = 'c-01'
const STATION = 's-01'
const NOBODY: Looker = { dispatches: false, reviews: false, reopens: false, handles: false, reach: new Set() }
const OPERATOR: Looker = { ...NOBODY, dispatches: true }
const SUPERVISOR: Looker = { ...NOBODY, dispatches: true, reviews: true, reopens: true }
const HANDLER: Looker = { ...NOBODY, handles: true, reach: new Set([CENTRE, STATION]) }

function ticket(part: Partial<CaseTicket> = {}): CaseTicket {
  return {
    ...plain(), channel: 'phone', unit: '', result: '', due_at: null, times_returned: 0, times_reopened: 0, times_urged: 0, supervised: false, merged_into: null, ended_reason: '', case_file: '', ...part,
  }
}
function dispatch(part: Partial<Dispatch> = {}): Dispatch {
  return { unit: CENTRE, unit_name: 'x', lead: true, designated: false, passed_by: '', note: '', sent_at: '', sent_by: '', signed_at: null, handler: '', reply: '', ended_at: null, end: '', end_reason: '', ...part }
}
function course(part: Partial<Course> = {}): Course {
  return { steps: [], dispatches: [dispatch()], deadlines: [], requests: [], follow_ups: [], ...part }
}
function step(name: string, data: Record<string, unknown> = {}): StepLine {
  return { at: '', actor: 'x', unit: '', step: name, state: '', text: '', data }
}
function due(part: Partial<Due> = {}): Due {
  return { kind: 'reply', unit: '', unit_name: '', born_at: '', due_at: '2026-11-21T17:30:00+08:00', source: '', paused_at: null, pause_reason: '', overdue: false, done_at: null, met: null, ...part }
}

describe('what may be done', () => {
  it.each<[string, Looker, string[]]>([
    ['draft', SUPERVISOR, []],
    ['open', OPERATOR, ['dispatch', 'merge', 'notAccept', 'askTermination']],
    ['returned', OPERATOR, ['dispatch', 'merge', 'notAccept', 'askTermination']],
    ['returned', SUPERVISOR, ['dispatch', 'designate', 'merge', 'notAccept', 'askTermination']],
    ['dispatched', OPERATOR, ['urge', 'recall', 'askTermination']],
    ['designated', SUPERVISOR, ['urge', 'supervise', 'askTermination']],
    ['replied', OPERATOR, []],
    ['replied', SUPERVISOR, ['review', 'sendBack']],
    ['reviewed', SUPERVISOR, ['followUp', 'archive']],
    ['followed_up', SUPERVISOR, ['followUp', 'reopen', 'archive']],
    ['merged', OPERATOR, ['split']],
    ['not_accepted', SUPERVISOR, ['reopen']],
    ['closed', SUPERVISOR, []],
    ['dispatched', HANDLER, ['sign', 'note', 'giveBack']],
    ['designated', HANDLER, ['sign', 'note']],
    ['signed', HANDLER, ['begin', 'reply', 'passOn', 'note', 'giveBack', 'extension', 'pause', 'unitTermination']],
    ['in_progress', HANDLER, ['reply', 'passOn', 'note', 'extension', 'pause', 'unitTermination']],
  ])('%s', (state, who, acts) => {
    expect(actsOf(ticket({ state }), course(), who)).toEqual(acts)
  })
  it('a dissatisfied citizen’s ticket is not filed', () => {
    const unhappy = course({ follow_ups: [{ at: '', by: '', way: 'phone', contentment: 'dissatisfied', solved: false, note: 'x' }] })
    expect(actsOf(ticket({ state: 'followed_up' }), unhappy, SUPERVISOR)).toEqual(['followUp', 'reopen'])
  })
  it('what is returned twice, or has nobody below, stays; what is asked for is not asked again', () => {
    const asked = course({ requests: [{ id: 1, ticket: 'T1', kind: 'extend', amount: 5, reason: '', asked_at: '', asked_by: '', asked_unit: '', decided_at: null, decided_by: '', granted: null, answer: '' }] })
    expect(actsOf(ticket({ state: 'signed', times_returned: 2 }), asked, { ...HANDLER, reach: new Set([CENTRE]) })).toEqual(['begin', 'reply', 'note', 'pause', 'unitTermination'])
  })
  it('who helps signs, notes and replies; who has nothing of it does nothing', () => {
    const helping = course({ dispatches: [dispatch({ unit: 'c-02' }), dispatch({ lead: false, signed_at: 'x' })] })
    expect(actsOf(ticket({ state: 'in_progress' }), helping, HANDLER)).toEqual(['reply', 'note'])
    expect(dispatchOf(helping, HANDLER.reach)?.lead).toBe(false)
    expect(actsOf(ticket({ state: 'replied' }), course({ dispatches: [dispatch({ ended_at: 'x' })] }), HANDLER)).toEqual([])
  })
  it('what a unit handled is opened again beside the ticket, what the desk closed in its form', () => {
    expect(actsOf(ticket({ state: 'closed', result: 'x' }), course(), SUPERVISOR)).toEqual(['reopen'])
  })
  it('a pause can be ended', () => {
    expect(actsOf(ticket({ state: 'signed' }), course({ deadlines: [due({ paused_at: 'x' })] }), SUPERVISOR)).toContain('resume')
  })
})

describe('time', () => {
  it('is left, or has passed', () => {
    expect(left('2026-11-23T13:05:00+08:00', AT)).toEqual({ days: 2, hours: 3, minutes: 5, isOver: false })
    expect(left('2026-11-21T09:59:30+08:00', AT)).toEqual({ days: 0, hours: 0, minutes: 0, isOver: true })
  })
  it('presses on its last day, and is over when the service says so', () => {
    expect(grade('2026-11-21T17:30:00+08:00', AT, false)).toBe('soon')
    expect(grade('2026-11-22T00:00:00+08:00', AT, false)).toBe('fine')
    expect(grade('2026-11-22T00:00:00+08:00', AT, true)).toBe('late')
    expect(grade(null, AT, false)).toBe('none')
  })
  it('of a deadline that is over is told by how it ended', () => {
    expect([due({ done_at: 'x', met: true }), due({ done_at: 'x', met: false }), due({ done_at: 'x' }), due({ paused_at: 'x' })].map((one) => standing(one, AT))).toEqual(['met', 'missed', 'dropped', 'paused'])
  })
})

describe('what others did meanwhile', () => {
  const before = seen(ticket({ version: 3 }), course({ steps: [step('dispatch')] }))
  it('is the steps since', () => {
    const news = newsSince(before, ticket({ version: 4 }), course({ steps: [step('dispatch'), step('recall')] }))
    expect([news.steps.map((one) => one.step), news.savedBy]).toEqual([['recall'], ''])
  })
  it('or that somebody wrote on it', () => {
    expect(newsSince(before, ticket({ version: 4, saved_by: '王雅琴' }), course({ steps: [step('dispatch')] }))).toEqual({ steps: [], savedBy: '王雅琴' })
  })
})

describe('the history', () => {
  it('says to whom, what and how', () => {
    expect(asides(step('dispatch', { unit: 'A', helpers: ['B'] }))).toEqual([{ text: 'A' }, { group: 'handling.helper', text: 'B' }])
    expect(asides(step('follow_up', { contentment: 'fair', solved: false, way: 'sms' })).map((one) => one.text)).toEqual(['fair', 'no', 'sms'])
    expect(asides(step('sign', { handler: 'acc-1' }))).toEqual([])
  })
  it('has a colour for what went well and what did not', () => {
    expect([step('reply'), step('return'), step('urge'), step('sign'), step('decided', { granted: false })].map(tone)).toEqual(['good', 'bad', 'warn', 'plain', 'bad'])
  })
})

describe('places and units', () => {
  const node = (code: string, parent: string | null, area: string, area_name: string): TreeNode => ({ code, parent, area, area_name, name: code, kind: 'other', services: [], ended: false })
  const nodes = [node('city', null, '3301', '杭州市'), node('c', 'city', '330106', '西湖区'), node('s', 'c', '330106008', '凯旋街道'), node('d', 'city', '330105', '拱墅区')]
  it('a ticket speaks of the smallest place it names', () => {
    expect(areaIn('杭州市西湖区凯旋街道 12 号', areasOf(nodes))).toBe('330106008')
    expect(areaIn('别处', areasOf(nodes))).toBe('')
  })
  it('a long list offers what matches, and keeps what is chosen', () => {
    expect(choices(nodes, '西湖', ['d']).map((one) => one.code)).toEqual(['d', 'c'])
    expect(choices(Array.from({ length: 80 }, (_, n) => node(`u${n}`, null, '', '')), '')).toHaveLength(50)
  })
  it('a unit reaches what is below it', () => {
    expect([...reachOf(nodes, 'c')].sort()).toEqual(['c', 's'])
  })
})
