import { describe, expect, it } from 'vitest'
import { KINDS, LEVELS, markOf, proposedReview, reviewFits, toneOf } from '@/callers/kinds'
import { languages } from '@/i18n'

/** 10:00 in Shanghai; and a moment that is tomorrow there, and still today in Europe. */
const MORNING = Date.parse('2026-11-21T02:00:00Z')
const NIGHT = Date.parse('2026-11-21T17:00:00Z')

describe('the date of review', () => {
  it('is proposed where one is needed', () => {
    expect(['none', 'warned', 'limited', 'blocked'].map((level) => proposedReview(level, MORNING))).toEqual(['', '', '2026-12-21', '2026-12-21'])
  })
  it('holds callers back for ninety days at most', () => {
    for (const level of ['limited', 'blocked']) {
      expect(['', '2026-11-21', '2026-11-22', '2027-02-19', '2027-02-20'].map((date) => reviewFits(level, date, MORNING))).toEqual([false, false, true, true, false])
    }
  })
  it('is free for the others, but lies ahead', () => {
    for (const level of ['none', 'warned']) {
      expect(['', '2026-11-21', '2026-11-22', '2030-01-01'].map((date) => reviewFits(level, date, MORNING))).toEqual([true, false, true, true])
    }
  })
  it('counts the days of Shanghai', () => {
    expect([reviewFits('blocked', '2026-11-22', NIGHT), reviewFits('blocked', '2027-02-20', NIGHT)]).toEqual([false, true])
  })
})

describe('marks', () => {
  it('show the level of a harassing caller, else the kind', () => {
    expect([markOf({ kind: 'harassing', level: 'limited' }), markOf({ kind: 'minor', level: 'none' })]).toEqual(['limited', 'minor'])
  })
  it('stand out by what they mean', () => {
    expect([toneOf({ kind: 'emergency', level: 'none' }), toneOf({ kind: 'harassing', level: 'blocked' }), toneOf({ kind: 'elderly', level: 'none' })]).toEqual(['danger', 'danger', 'primary'])
  })
  it('have words, and what they mean, in every language', () => {
    for (const { callers } of languages()) {
      for (const one of [...KINDS, ...LEVELS]) expect(callers.mark).toHaveProperty(one)
      for (const one of [...KINDS.filter((kind) => kind !== 'harassing'), ...LEVELS]) expect(callers.means).toHaveProperty(one)
    }
  })
})
