import { createPinia, setActivePinia } from 'pinia'
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { calls, tickets } from '@/api'
import { Problem } from '@/api/http'
import type { AdapterView, Hall, LinkView, Pop } from '@/api/types'
import { linksOf } from '@/board/links'
import { phoneChoices, preselected } from '@/desk/phoneKinds'
import { pickup } from '@/desk/pickup'
import { dotted } from '@/format'
import { useDesk } from '@/stores/desk'
import { call } from './samples'
import { Service } from './service'

const line = (part: Partial<AdapterView>): AdapterView => ({ name: 'l', kind: 'asterisk', up: true, abilities: ['rings_seats'], last_event_at: null, ...part })
const hall = (adapters: AdapterView[], phones: Hall['phones']): Hall => ({ adapters, phones }) as Hall

describe('what one may sign in with', () => {
  const box = line({ kind: 'cti-serial', abilities: ['by_hand'] })

  it('is no browser where no line rings one, and says so', () => {
    const choices = phoneChoices(hall([box], ['desk']), null)
    expect(choices).toEqual([{ kind: 'browser', why: 'line' }, { kind: 'desk', why: '' }])
    expect(preselected(choices, null)).toBe('desk')
    expect(preselected(choices, 'browser')).toBe('desk')
  })

  it('is a mobile only with a number on file', () => {
    const everything = hall([line({})], ['browser', 'desk', 'mobile'])
    expect(phoneChoices(everything, '').at(-1)).toEqual({ kind: 'mobile', why: 'number' })
    expect(phoneChoices(everything, '13800138000').at(-1)).toEqual({ kind: 'mobile', why: '' })
    expect(preselected(phoneChoices(everything, ''), 'desk')).toBe('desk')
  })

  it('is a click in a hall of simulated lines, whatever gateways push there', () => {
    const demo = hall([line({ kind: 'simulated' }), line({ kind: 'gateway-push', abilities: [] })], ['browser', 'desk', 'simulated'])
    expect(phoneChoices(demo, '')).toEqual([{ kind: 'simulated', why: '' }])
  })

  it('is nothing where no line rings anything', () => {
    expect(preselected(phoneChoices(hall([line({})], []), ''), 'desk')).toBeNull()
  })
})

describe('how a call is taken', () => {
  it('depends on the phone, and on who distributes', () => {
    expect(['browser', 'simulated', 'desk', 'mobile'].map((kind) => pickup(call(), kind))).toEqual(['key', 'key', 'phone', 'mobile'])
    expect(pickup(call({ handling: 'device' }), 'desk')).toBe('device')
    expect(pickup(call({ handling: 'device', abilities: ['by_hand'] }), 'desk')).toBe('said')
  })
})

describe('the lines of the board', () => {
  it('are all of them: the stream knows best, the others are as they were read', () => {
    const told = new Map<string, LinkView>([['pbx-10', { adapter: 'pbx-10', up: false, alarms: [] }]])
    const lines = [line({ name: 'ws-1', up: null }), line({ name: 'pbx-10', up: true }), line({ name: 'pbx-9', up: false })]
    expect(linksOf(told, lines).map((one) => [one.adapter, one.up])).toEqual([['pbx-9', false], ['pbx-10', false], ['ws-1', null]])
  })
})

it('puts no dot beside nothing', () => {
  expect(dotted('138', '', null, '综合咨询')).toBe('138 · 综合咨询')
  expect(dotted('138', undefined)).toBe('138')
})

describe('tabs of calls', () => {
  const services = new Map<string, Service>()
  const pops = vi.fn<(id: string) => Promise<Pop>>()
  let desk: ReturnType<typeof useDesk>

  const ring = async (number: string, caller = '138****8000') => {
    if (!services.has(number)) services.set(number, new Service())
    desk.pop(call({ id: `C-${number}`, ticket: number, caller_masked: caller, handling: 'device' }))
    await vi.waitFor(() => expect(desk.byNumber.get(number)?.view.status).not.toBe('loading'))
  }

  beforeEach(() => {
    setActivePinia(createPinia())
    services.clear()
    vi.spyOn(tickets, 'read').mockImplementation((number) => services.get(number)!.read())
    vi.spyOn(tickets, 'save').mockImplementation((number, etag, fields) => services.get(number)!.save(number, etag, fields))
    pops.mockReset().mockImplementation(() => Promise.resolve({ times_before: null, calls: [], tickets: [], marks: [], conflicts: [] }))
    vi.spyOn(calls, 'pop').mockImplementation(pops)
    desk = useDesk()
  })
  afterEach(() => desk.forget())

  const gone = (number: string) => (services.get(number)!.read = () => Promise.reject(new Problem('not_found', '', 404)))

  it('read ticket and history again when the number comes after the first ring', async () => {
    await ring('T1', '')
    expect(desk.times(call({ id: 'C-T1', caller_masked: '' }))).toBeNull()
    services.get('T1')!.touch({ caller: '139****0000', region: '湖北省宜昌市' })
    pops.mockResolvedValue({ times_before: 3, calls: [], tickets: [], marks: [], conflicts: [] })
    await ring('T1', '139****0000')
    await vi.waitFor(() => expect(desk.current?.view.ticket).toMatchObject({ caller: '139****0000', region: '湖北省宜昌市' }))
    await vi.waitFor(() => expect(desk.times(call({ id: 'C-T1', caller_masked: '139****0000' }))).toBe(3))
    const before = pops.mock.calls.length
    await ring('T1', '139****0000')
    expect(pops.mock.calls.length).toBe(before)
  })

  it('stay while one looks at them, and go when the next is looked at', async () => {
    await ring('T1')
    gone('T1')
    await desk.rangOut('C-T1')
    expect(desk.open).toEqual(['T1'])
    await ring('T2')
    expect([desk.open, desk.active]).toEqual([['T2'], 'T2'])
  })

  it('go at once when nobody looks at them, also those that the hall closed', async () => {
    await ring('T1')
    desk.set('T1', 'facts', '拖欠工资')
    await ring('T2')
    expect([desk.open, desk.active]).toEqual([['T1', 'T2'], 'T1'])
    services.get('T2')!.touch({ state: 'closed', closed_by: 'system' })
    await desk.rangOut('C-T2')
    expect(desk.open).toEqual(['T1'])
  })

  it('stay when somebody wrote on them, saved or not', async () => {
    await ring('T1')
    desk.set('T1', 'facts', '拖欠工资')
    await ring('T2')
    gone('T1')
    desk.activate('T2')
    await desk.rangOut('C-T1')
    expect(desk.open).toEqual(['T1', 'T2'])
    services.get('T2')!.touch({ saved_at: '2026-11-21T10:00:05+08:00' })
    await desk.byNumber.get('T2')!.draft.load()
    gone('T2')
    desk.activate('T1')
    await desk.rangOut('C-T2')
    expect(desk.open).toEqual(['T1', 'T2'])
  })

  it('come back with who picked up after all', async () => {
    await ring('T1')
    services.get('T1')!.touch({ state: 'closed', closed_by: 'system' })
    await desk.rangOut('C-T1')
    services.get('T1')!.touch({ state: 'draft', closed_by: null })
    await desk.resume('T1', 'C-T1')
    expect(desk.current?.view.ticket?.state).toBe('draft')
    await ring('T2')
    expect(desk.open).toEqual(['T1', 'T2'])
  })
})
