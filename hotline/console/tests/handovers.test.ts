import { describe, expect, it } from 'vitest'
import { isConfirmation, whereIs } from '@/handovers/fields'
import { actsOf, alarming, counted, isTaken, toldOf } from '@/handovers/steps'
import { STATES, type HandoverRow, type HandoverState } from '@/handovers/types'
import { voiceOf } from '@/handovers/voice'

const row = (bridge: string, state: HandoverState) => ({ bridge, state }) as HandoverRow

describe('what a person may do', () => {
  it('settles a doubt both ways, and sends again only what failed', () => {
    expect(actsOf('in_doubt')).toEqual(['arrived', 'not-arrived', 'told', 'withdraw'])
    expect(actsOf('failed')).toEqual(['retry', 'told', 'withdraw'])
    expect(actsOf('prepared')).toEqual(['told', 'withdraw'])
  })
  it('withdraws nothing that is with them', () => {
    expect(STATES.filter((state) => actsOf(state).includes('withdraw'))).toEqual(['prepared', 'failed', 'in_doubt'])
    expect(actsOf('returned')).toEqual([])
  })
  it('notes only answers that can follow', () => {
    expect(toldOf('accepted')).toEqual(['returned', 'feedback', 'done'])
    expect(toldOf('done')).toEqual(['feedback'])
    expect(toldOf('withdrawn')).toEqual([])
  })
})

describe('whether it may go there', () => {
  it('is theirs or undecided: not again', () => {
    for (const state of ['prepared', 'sent', 'acknowledged', 'accepted', 'in_doubt', 'failed'] as const) expect([state, isTaken([row('city', state)], 'city')]).toEqual([state, true])
    for (const state of ['returned', 'done', 'withdrawn'] as const) expect([state, isTaken([row('city', state)], 'city')]).toEqual([state, false])
    expect(isTaken([row('city', 'accepted')], 'province')).toBe(false)
  })
})

describe('the marks', () => {
  const counts = { in_doubt: 1, failed: 2, returned: 4, undecided: 8, on_the_way: 16, theirs: 32 }
  it('count what needs a person, and alarm only for what may be lost', () => {
    expect(counted('attention', counts)).toBe(15)
    expect([counted('on_the_way', counts), counted('theirs', counts), counted('over', counts), counted('attention', null)]).toEqual([16, 32, null, null])
    expect([alarming(counts), alarming(null)]).toEqual([3, 0])
  })
})

describe('where something missing is filled in', () => {
  it('leads to the form, the dialog or the administrator', () => {
    expect(whereIs('facts')).toEqual({ in: 'ticket', field: 'facts' })
    expect(whereIs('consent.asked_by')).toEqual({ in: 'dialog', field: 'consent' })
    expect(whereIs('sent_by_telephone')).toEqual({ in: 'settings' })
    expect([isConfirmation('confirmed_by'), isConfirmation('reason')]).toEqual([true, false])
  })
})

describe('the call before the file', () => {
  const can = { targets: { seats: true, queues: true, outside: true }, mayConsult: true, mayTransfer: true }
  const city = { kind: 'line12345', dials: '12345', contact: '12345' }
  it('is offered while the caller is on the line', () => {
    expect(voiceOf(city, 'hotline', true, can)).toBe('now')
    expect(voiceOf(city, 'hotline', false, can)).toBe('later')
    expect(voiceOf(city, 'hotline', true, { ...can, targets: { ...can.targets, outside: false } })).toBe('cannot')
  })
  it('needs a number that is known here', () => {
    expect(voiceOf({ ...city, contact: null }, undefined, true, can)).toBe('unlisted')
    expect(voiceOf({ ...city, dials: '', contact: null }, undefined, true, can)).toBe('none')
  })
  it('to 110 is always the red key', () => {
    expect(voiceOf({ kind: 'line110', dials: '', contact: null }, undefined, false, can)).toBe('emergency')
  })
})
