/** Whatever happens to the connection, the words that were typed last are at the service in the end. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Ticket, TicketFields } from '@/api/types'
import { Draft, SAVE_AFTER_MS, type DraftView } from '@/desk/draft'
import { MemoryMirror, Service } from './service'

const RETRY_MS = 3_000
let service: Service
let mirror: MemoryMirror
let draft: Draft
let view: DraftView

async function open(): Promise<void> {
  draft = new Draft('T1', 'a1', service, mirror, (now) => (view = now))
  await draft.load()
}

/** What is at the service, or at least on this computer with what was typed last. */
function expectKept(fields: Partial<TicketFields>): void {
  expect(view.ticket).toMatchObject(fields)
  expect({ ...service.now, ...mirror.kept.get('T1')?.changes }).toMatchObject(fields)
}

beforeEach(async () => {
  vi.useFakeTimers()
  service = new Service()
  mirror = new MemoryMirror()
  await open()
})
afterEach(() => {
  draft.dispose()
  vi.useRealTimers()
})

describe('typing while the service is away', () => {
  it('keeps every word on this computer, through every try, and saves them all once it is back', async () => {
    service.away = true
    draft.set('facts', '拖')
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS)
    for (const text of ['拖欠', '拖欠工', '拖欠工资']) {
      draft.set('facts', text)
      draft.set('opinion', `可仲裁 ${text}`)
      expect(view.status).toBe('offline')
      await vi.advanceTimersByTimeAsync(RETRY_MS + 10)
      expectKept({ facts: text, opinion: `可仲裁 ${text}` })
    }
    expect(service.tries).toBeGreaterThan(3)
    service.away = false
    draft.wake()
    await vi.advanceTimersByTimeAsync(0)
    expect(service.now).toMatchObject({ facts: '拖欠工资', opinion: '可仲裁 拖欠工资' })
    expect([view.status, mirror.kept.size, draft.isClean]).toEqual(['saved', 0, true])
  })

  it('keeps what is typed between the sending and its failure', async () => {
    const hung = service.hang()
    draft.set('facts', '一')
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS)
    draft.set('facts', '一二')
    hung.fail()
    await vi.advanceTimersByTimeAsync(0)
    expectKept({ facts: '一二' })
    await vi.advanceTimersByTimeAsync(RETRY_MS + SAVE_AFTER_MS)
    expect(service.now.facts).toBe('一二')
  })

  it('survives a reload before the service is back', async () => {
    service.away = true
    draft.set('facts', '一')
    draft.set('facts', '一二')
    draft.dispose()
    await open()
    expect(view.ticket).toBeNull()
    service.away = false
    await vi.advanceTimersByTimeAsync(RETRY_MS + 10)
    expect(service.now.facts).toBe('一二')
    expect(view.wasRestored).toBe(true)
  })

  it('does not take its own words for those of somebody else when only the answer was lost', async () => {
    service.losesAnswers = true
    draft.set('facts', '一')
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS)
    expect(service.now.facts).toBe('一')
    draft.set('facts', '一二')
    service.losesAnswers = false
    await vi.advanceTimersByTimeAsync(RETRY_MS + 10)
    expect(view.conflict).toBeNull()
    expect(service.now.facts).toBe('一二')
  })
})

describe('the service has a newer version when it is back', () => {
  beforeEach(async () => {
    service.away = true
    draft.set('facts', '我的案情')
    draft.set('opinion', '我的意见')
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS)
  })
  const back = async () => {
    service.away = false
    draft.wake()
    await vi.advanceTimersByTimeAsync(10)
  }

  it('goes on when others wrote other fields', async () => {
    service.touch({ outcome: 'answered', region: '上海市' })
    await back()
    expect(service.now).toMatchObject({ facts: '我的案情', opinion: '我的意见', region: '上海市' })
    expect(view.status).toBe('saved')
  })

  it('asks when they wrote the same, loses neither, and still has both after a reload', async () => {
    service.touch({ opinion: '他的意见' })
    await back()
    for (const again of [async () => {}, open]) {
      await again()
      expect([view.status, view.conflict?.fields]).toEqual(['conflict', ['opinion']])
      expectKept({})
      expect(view.ticket).toMatchObject({ facts: '我的案情', opinion: '我的意见' })
      expect(service.now.opinion).toBe('他的意见')
    }
    await draft.resolve({ opinion: 'mine' })
    expect(service.now).toMatchObject({ facts: '我的案情', opinion: '我的意见' })
  })

  it('after a reload, too, asks only about what both changed', async () => {
    service.touch({ region: '上海市' })
    draft.dispose()
    service.away = false
    await open()
    await vi.advanceTimersByTimeAsync(10)
    expect([view.conflict, view.status]).toEqual([null, 'saved'])
    expect(service.now).toMatchObject({ facts: '我的案情', region: '上海市' })
  })

  it('is met without the safety net of the browser, and when the ticket is read again', async () => {
    mirror.kept.clear()
    service.touch({ opinion: '他的意见' })
    service.away = false
    await draft.load()
    expect(view.conflict?.fields).toEqual(['opinion'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(service.now.opinion).toBe('他的意见')
  })
})

describe('several saves at once', () => {
  it('go one after the other, and the last words win', async () => {
    const hung = service.hang()
    draft.set('facts', '一')
    const first = draft.save()
    draft.set('facts', '一二')
    const second = draft.save()
    draft.set('facts', '一二三')
    const third = draft.save()
    await vi.advanceTimersByTimeAsync(0)
    expect(service.tries).toBe(1)
    hung.pass()
    expect([await second, await third]).toEqual([true, true])
    await first
    expect(service.most).toBe(1)
    expect(service.now.facts).toBe('一二三')
    expect([view.status, draft.isClean, mirror.kept.size]).toEqual(['saved', true, 0])
  })

  it('the ticket is closed while more is typed: that is neither dropped nor called saved', async () => {
    draft.set('facts', '一')
    expect(await draft.save()).toBe(true)
    draft.set('facts', '一二')
    service.touch({ state: 'closed' })
    draft.replace({ data: service.now, etag: null })
    expect([view.status, view.ticket?.facts]).toEqual(['dirty', '一二'])
    expectKept({ facts: '一二' })
  })

  it('an answer that comes after sign-out keeps nothing here', async () => {
    const hung = service.hang()
    draft.set('facts', '一')
    void draft.save()
    draft.dispose()
    mirror.kept.clear()
    hung.fail()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([mirror.kept.size, service.tries]).toEqual([0, 1])
  })
})

describe('any order of events', () => {
  const FIELDS = ['facts', 'claim', 'opinion'] as const
  it.each(Array.from({ length: 150 }, (_, seed) => seed))('%i', async (seed) => {
    const dice = mulberry(seed)
    const typed: Partial<TicketFields> = {}
    for (let step = 0; step < 40; step += 1) {
      const which = Math.floor(dice() * 10)
      if (which < 4 && view.ticket) {
        const field = FIELDS[Math.floor(dice() * FIELDS.length)] ?? 'facts'
        typed[field] = `${dice() < 0.15 ? '' : view.ticket[field]}${step}`
        draft.set(field, typed[field])
      } else if (which === 4) service.away = !service.away
      else if (which === 5) service.losesAnswers = dice() < 0.5
      else if (which === 6) service.touch({ outcome: `o${step}` } as Partial<Ticket>)
      else if (which === 7) draft.wake()
      else if (which === 8) void draft.save()
      else if (dice() < 0.5) {
        draft.dispose()
        await open()
      } else void draft.load()
      await vi.advanceTimersByTimeAsync(dice() * 2_500)
      if (view.ticket) expectKept(typed)
    }
    service.away = service.losesAnswers = false
    await vi.advanceTimersByTimeAsync(4 * RETRY_MS)
    expect(service.now).toMatchObject(typed)
    expect([view.status, view.conflict]).toEqual(['saved', null])
    expect(service.most).toBeLessThanOrEqual(1)
  })
})

function mulberry(seed: number): () => number {
  let state = seed + 0x6d2b79f5
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
