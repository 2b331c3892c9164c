import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { hall } from '@/api'
import type { SeatView } from '@/api/types'
import { forced } from '@/live/forced'
import type { ServerMessage } from '@/live/protocol'
import { useLive } from '@/live/store'
import { seat } from './samples'

const LATER = '2026-11-21T10:05:00+08:00'
const byBoss = (part: Partial<SeatView> = {}) => seat({ state: 'busy', reason: '开会', actor: '9001', since: LATER, ...part })
const off = (part: Partial<SeatView> = {}) => byBoss({ state: 'signed_off', operator: null, work_number: '', ...part })

describe('forced', () => {
  it('is the act of somebody else', () => {
    expect(forced(byBoss(), '1001')).toEqual({ key: `01 ${LATER}`, seat: '01', state: 'busy', by: '9001', reason: '开会', at: LATER })
  })
  it.each([[byBoss({ actor: '1001' })], [byBoss({ actor: 'system', reason: 'no_answer' })], [byBoss({ actor: '' })], [byBoss({ state: 'talking' })]])(
    'is neither the own choice nor the work of the system', (one) => expect(forced(one, '1001')).toBeNull())
})

describe('what the console tells of it', () => {
  let seq = 0
  const snapshot = (...seats: SeatView[]): ServerMessage =>
    ({ type: 'snapshot', seq, data: { now: LATER, seats, calls: [], queues: [], links: [], today: null } })
  const event = (data: SeatView): ServerMessage => ({ type: 'event', seq: (seq += 1), topic: 'desk', event: 'seat', data })
  let live: ReturnType<typeof useLive>

  beforeEach(() => {
    sessionStorage.clear()
    vi.stubGlobal('WebSocket', class { readyState = 0; send() {} close() {} })
    setActivePinia(createPinia())
    live = useLive()
    live.start({ account: 'a1', work_number: '1001' }, ['desk'])
    live.hear(snapshot(seat()))
  })

  it('stays until it is acknowledged, and after a reload', () => {
    live.hear(event(byBoss()))
    expect(live.forcedOn?.by).toBe('9001')
    live.acknowledge()
    expect(live.forcedOn).toBeNull()
    setActivePinia(createPinia())
    const reloaded = useLive()
    reloaded.start({ account: 'a1', work_number: '1001' }, ['desk'])
    reloaded.hear(snapshot(byBoss()))
    expect(reloaded.forcedOn).toBeNull()
    reloaded.hear(event(byBoss({ state: 'ready', since: '2026-11-21T10:06:00+08:00' })))
    expect(reloaded.forcedOn?.state).toBe('ready')
  })

  it('is over with the next change of the seat', () => {
    live.hear(event(byBoss()))
    live.hear(event(seat({ actor: '1001', since: '2026-11-21T10:06:00+08:00' })))
    expect(live.forcedOn).toBeNull()
  })

  it('tells of a seat that is no longer ours', () => {
    live.hear(event(off()))
    expect(live.ownSeat).toBeNull()
    expect(live.forcedOn).toMatchObject({ state: 'signed_off', seat: '01', by: '9001', reason: '开会' })
    live.hear(event(seat({ number: '02', actor: '1001' })))
    expect(live.forcedOn).toBeNull()
  })

  it('says nothing when they left themselves', () => {
    live.hear(event(off({ actor: '1001' })))
    expect(live.forcedOn).toBeNull()
  })

  it('finds out when the seat was taken away while the connection was lost', async () => {
    vi.spyOn(hall, 'seats').mockResolvedValue({ items: [off()] })
    live.hear(snapshot())
    await vi.waitFor(() => expect(live.forcedOn?.state).toBe('signed_off'))
  })
})
