import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '@/api/http'
import { Draft, SAVE_AFTER_MS, type DraftView } from '@/desk/draft'
import { BrowserMirror } from '@/desk/mirror'
import { MemoryMirror, Service } from './service'

describe('draft', () => {
  let service: Service
  let mirror: MemoryMirror
  let draft: Draft
  let view: DraftView
  const open = async () => {
    draft = new Draft('T1', 'a1', service, mirror, (now) => (view = now))
    await draft.load()
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

  it('saves two seconds after the first change, however much is typed, and only what changed', async () => {
    draft.set('facts', '拖')
    await vi.advanceTimersByTimeAsync(1500)
    draft.set('facts', '拖欠工资')
    expect(view.status).toBe('dirty')
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS - 1500)
    expect(service.saves).toEqual([{ facts: '拖欠工资' }])
    expect(view.status).toBe('saved')
    expect(view.savedAt).toBe('2026-11-21T10:00:05+08:00')
    expect(draft.isClean).toBe(true)
  })

  it('keeps what is typed while a save is under way', async () => {
    draft.set('facts', '一')
    let answer: (() => void) | undefined
    const real = service.save.bind(service)
    service.save = (number, etag, fields) => new Promise((resolve) => { answer = () => resolve(real(number, etag, fields)) })
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS)
    draft.set('facts', '一二')
    service.save = real
    answer?.()
    await vi.advanceTimersByTimeAsync(0)
    expect(view.ticket?.facts).toBe('一二')
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS)
    expect(service.now.facts).toBe('一二')
  })

  it('mirrors what is unsaved, keeps trying while the service is away, and forgets the mirror once saved', async () => {
    service.away = true
    draft.set('opinion', '可申请仲裁')
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS)
    expect(view.status).toBe('offline')
    expect(mirror.kept.get('T1')?.changes).toEqual({ opinion: '可申请仲裁' })
    service.away = false
    draft.wake()
    await vi.advanceTimersByTimeAsync(0)
    expect(service.now.opinion).toBe('可申请仲裁')
    expect(view.status).toBe('saved')
    expect(mirror.kept.size).toBe(0)
  })

  it('brings back unsaved words after a reload', async () => {
    service.away = true
    draft.set('opinion', '可申请仲裁')
    await vi.advanceTimersByTimeAsync(0)
    draft.dispose()
    service.away = false
    await open()
    expect(view.wasRestored).toBe(true)
    expect(view.ticket?.opinion).toBe('可申请仲裁')
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS)
    expect(service.now.opinion).toBe('可申请仲裁')
  })

  it('reads the ticket by itself when the service is back', async () => {
    const read = vi.spyOn(service, 'read').mockRejectedValueOnce(new Problem('unreachable', '', 0))
    await open()
    expect(view.status).toBe('offline')
    await vi.advanceTimersByTimeAsync(3_000)
    expect(read).toHaveBeenCalledTimes(2)
    expect(view.status).toBe('saved')
  })

  it("does not show another person's unsaved words", async () => {
    await mirror.write({ number: 'T1', account: 'a2', version: 1, changes: { facts: '秘密' }, at: '' })
    await open()
    expect(view.ticket?.facts).toBe('')
  })

  it('goes on by itself when others changed other fields', async () => {
    draft.set('facts', '拖欠工资')
    service.touch({ seat: '01', operator_name: '周敏' })
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS + 10)
    expect(view.conflict).toBeNull()
    expect(service.now).toMatchObject({ facts: '拖欠工资', seat: '01' })
  })

  it('asks when both changed the same field, and overwrites nothing meanwhile', async () => {
    draft.set('opinion', '我的意见')
    draft.set('facts', '我的案情')
    service.touch({ opinion: '他的意见' })
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS)
    expect(view.status).toBe('conflict')
    expect(view.conflict?.fields).toEqual(['opinion'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await draft.save()).toBe(false)
    expect(service.now.opinion).toBe('他的意见')

    await draft.resolve({ opinion: 'theirs' })
    expect(service.now).toMatchObject({ opinion: '他的意见', facts: '我的案情' })
    expect(view.status).toBe('saved')
  })

  it('can keep my words in a conflict', async () => {
    draft.set('opinion', '我的意见')
    service.touch({ opinion: '他的意见' })
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS)
    await draft.resolve({ opinion: 'mine' })
    expect(service.now.opinion).toBe('我的意见')
  })

  it('says so when the service refuses, and does not try for ever', async () => {
    const save = vi.spyOn(service, 'save').mockRejectedValue(new Problem('forbidden', '没有权限', 403))
    draft.set('facts', '一')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(view.status).toBe('refused')
    expect(save).toHaveBeenCalledTimes(1)
  })

  it('a change taken back leaves nothing to save', async () => {
    draft.set('facts', '一')
    draft.set('facts', '')
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS)
    expect(service.saves).toEqual([])
    expect(view.status).toBe('saved')
  })
})

describe('mirror in the browser', () => {
  it('keeps, lists by account, and clears', async () => {
    const mirror = new BrowserMirror()
    await mirror.write({ number: 'T1', account: 'a1', version: 1, changes: { facts: '一' }, at: '' })
    await mirror.write({ number: 'T2', account: 'a2', version: 1, changes: {}, at: '' })
    expect((await mirror.list('a1')).map((one) => one.number)).toEqual(['T1'])
    expect(await mirror.read('T1', 'a2')).toBeNull()
    await mirror.clear()
    expect(await mirror.list('a1')).toEqual([])
  })

  it('a browser without the database still works', async () => {
    vi.spyOn(indexedDB, 'open').mockImplementation(() => { throw new Error('denied') })
    const mirror = new BrowserMirror()
    await mirror.write({ number: 'T1', account: 'a1', version: 1, changes: {}, at: '' })
    expect(await mirror.list('a1')).toEqual([])
  })
})
