import { describe, expect, it } from 'vitest'
import { ANSWER_RATE, gradeAbove, gradeBelow, LONGEST_WAIT } from '@/board/thresholds'
import { countdown } from '@/desk/countdown'
import { brief, origin, percent, phone, plainDigits, span, spanInWords } from '@/format'
import { i18n, wordFor, wordOr } from '@/i18n'
import { learn, secondsSince, secondsUntil, serverNow } from '@/live/clock'
import { nested } from '@/stores/hall'

const AT = Date.parse('2026-11-21T10:00:00+08:00')

describe('countdown', () => {
  const from = '2026-11-21T10:00:00+08:00'
  const until = '2026-11-21T10:00:20+08:00'
  it('counts whole seconds and shares', () => {
    expect(countdown(from, until, AT)).toEqual({ seconds: 20, share: 1, isOver: false, isPressing: false })
    expect(countdown(from, until, AT + 15_500)).toMatchObject({ seconds: 5, isPressing: true })
    expect(countdown(from, until, AT + 19_990)).toMatchObject({ seconds: 1, isOver: false })
  })
  it('is over, never negative', () => {
    expect(countdown(from, until, AT + 60_000)).toEqual({ seconds: 0, share: 0, isOver: true, isPressing: true })
    expect(countdown(from, null, AT)).toBeNull()
  })
})

describe('clock', () => {
  it("uses the service's time", () => {
    learn('2026-11-21T10:00:00+08:00', AT - 90_000)
    expect(serverNow(AT - 90_000)).toBe(AT)
    learn('nonsense', 0)
    expect(serverNow(AT - 90_000)).toBe(AT)
  })
  it('knows no negative spans', () => {
    expect(secondsSince('2026-11-21T10:00:05+08:00', AT)).toBe(0)
    expect(secondsUntil('2026-11-21T09:59:00+08:00', AT)).toBe(0)
    expect(secondsSince(null, AT)).toBe(0)
  })
})

describe('words and figures', () => {
  it('writes spans, rates and numbers', () => {
    expect([span(7), span(751), span(3723), span(null)]).toEqual(['0:07', '12:31', '1:02:03', '—'])
    expect(spanInWords(200)).toBe('3 分 20 秒')
    expect(percent(0.94339, 2)).toBe('94.34%')
    expect(percent(null)).toBe('—')
    expect(phone('+8613800138000')).toBe('138 0013 8000')
    expect(phone('138****8000')).toBe('138 **** 8000')
    expect(phone('037112345678')).toBe('037112345678')
  })
  it('shows the hotline’s own time zone', () => {
    expect(brief('2026-11-20T18:00:00Z', Date.parse('2026-11-21T04:00:00Z'))).toBe('02:00:00')
  })
  it('tells the place from the carrier', () => {
    expect(origin('湖北省武汉市 中国移动')).toEqual({ place: '湖北省武汉市', carrier: '中国移动' })
    expect([origin('上海市'), origin('')]).toEqual([{ place: '上海市', carrier: '' }, { place: '', carrier: '' }])
  })
  it('takes full-width digits', () => {
    expect(plainDigits(' １３８００１３８０００ ')).toBe('13800138000')
  })
  it('falls back to the code for words it does not have', () => {
    i18n.global.locale.value = 'zh-CN'
    expect(wordFor('outcome', 'answered')).toBe('已接通')
    expect(wordFor('outcome', 'from_the_future')).toBe('from_the_future')
    i18n.global.locale.value = 'en'
    expect(wordFor('outcome', 'answered')).toBe('Answered')
    expect(wordOr('接通', 'outcome', 'answered')).toBe('Answered')
    expect(wordOr('新词', 'outcome', 'from_the_future')).toBe('新词')
    i18n.global.locale.value = 'zh-CN'
    expect(wordOr('接通', 'outcome', 'answered')).toBe('接通')
  })
})

describe('thresholds', () => {
  it('grade with a word, the limit included', () => {
    expect([14, 15, 59, 60].map((seconds) => gradeAbove(seconds, LONGEST_WAIT))).toEqual(['normal', 'warn', 'warn', 'critical'])
    expect([0.95, 0.9499, 0.9, 0.8999].map((rate) => gradeBelow(rate, ANSWER_RATE))).toEqual(['normal', 'warn', 'warn', 'critical'])
    expect(gradeBelow(null, ANSWER_RATE)).toBeNull()
  })
})

describe('category tree', () => {
  it('nests the flat list and keeps its order', () => {
    const one = (code: string, parent: string | null) => ({ code, parent, label: code, external_code: '' })
    expect(nested([one('02', null), one('01', null), one('0101', '01')])).toEqual([
      { value: '02', label: '02' }, { value: '01', label: '01', children: [{ value: '0101', label: '0101' }] },
    ])
  })
})
