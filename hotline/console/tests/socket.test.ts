import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LiveSocket, pauseBeforeTry, LONGEST_PAUSE_MS, type LinkState, type SocketLike } from '@/live/socket'

class FakeSocket implements SocketLike {
  readyState = 1
  onopen = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  said: unknown[] = []
  isClosed = false
  send(text: string): void { this.said.push(JSON.parse(text)) }
  close(): void { this.isClosed = true }
  hear(message: unknown): void { this.onmessage?.({ data: JSON.stringify(message) }) }
}

const HELLO = { type: 'hello', server_time: '2026-11-21T10:00:00+08:00', session: 's', heartbeat: 5 }
const SNAPSHOT = { type: 'snapshot', seq: 41, data: {} }

describe('live socket', () => {
  let sockets: FakeSocket[]
  let states: LinkState[]
  let seq: number | null
  let told: string[]
  let live: LiveSocket
  const last = () => sockets[sockets.length - 1] as FakeSocket

  beforeEach(() => {
    vi.useFakeTimers()
    sockets = []
    states = []
    seq = null
    told = []
    live = new LiveSocket({
      open: () => {
        sockets.push(new FakeSocket())
        return last()
      },
      topics: () => ['desk'], lastSeq: () => seq, chance: () => 0.5,
      onMessage: (message) => {
        told.push(message.type)
        if (message.type === 'snapshot') seq = message.seq
      },
      onState: (state) => states.push(state),
    })
    live.start()
  })
  afterEach(() => {
    live.stop()
    vi.useRealTimers()
  })

  it('subscribes after hello and is connected with the snapshot', () => {
    last().hear(HELLO)
    expect(last().said).toEqual([{ type: 'subscribe', topics: ['desk'], last_seq: null }])
    expect(states).toEqual(['connecting'])
    last().hear(SNAPSHOT)
    expect(states).toEqual(['connecting', 'connected'])
  })

  it('answers each beat and asks for a snapshot on resync', () => {
    last().hear(HELLO)
    last().hear(SNAPSHOT)
    last().hear({ type: 'beat' })
    last().hear({ type: 'resync' })
    expect(last().said.slice(1)).toEqual([{ type: 'beat' }, { type: 'subscribe', topics: ['desk'], last_seq: null }])
    // A hall in which nothing happens is fresh all the same.
    expect(told).toEqual(['hello', 'snapshot', 'beat'])
  })

  it('comes back after a restart with its last number', () => {
    last().hear(HELLO)
    last().hear(SNAPSHOT)
    last().onclose?.({ code: 1012 })
    expect(states.at(-1)).toBe('reconnecting')
    vi.advanceTimersByTime(500)
    expect(sockets).toHaveLength(2)
    last().hear(HELLO)
    expect(last().said).toEqual([{ type: 'subscribe', topics: ['desk'], last_seq: 41 }])
    expect(states.at(-1)).toBe('connected')
  })

  it('notices a socket that only looks alive', () => {
    last().hear(HELLO)
    last().hear(SNAPSHOT)
    const dead = last()
    vi.advanceTimersByTime(14_000)
    expect(states.at(-1)).not.toBe('reconnecting')
    vi.advanceTimersByTime(3_000)
    expect(dead.isClosed).toBe(true)
    expect(states).toContain('reconnecting')
  })

  it('says disconnected after several failures and still tries', () => {
    for (let n = 0; n < 4; n += 1) {
      last().onclose?.({ code: 1006 })
      vi.advanceTimersByTime(LONGEST_PAUSE_MS)
    }
    expect(states.at(-1)).toBe('disconnected')
    expect(sockets.length).toBe(5)
  })

  it.each([[4401, 'signed_out'], [4409, 'taken_over'], [4403, 'forbidden']])('stops on %i', (code, state) => {
    last().onclose?.({ code })
    vi.advanceTimersByTime(60_000)
    expect(states.at(-1)).toBe(state)
    expect(sockets).toHaveLength(1)
  })

  it('waits longer when told to slow down', () => {
    last().onclose?.({ code: 4429 })
    vi.advanceTimersByTime(4_900)
    expect(sockets).toHaveLength(1)
    vi.advanceTimersByTime(1_000)
    expect(sockets).toHaveLength(2)
  })

  it('reconnects at once when the page is seen again after sleep', () => {
    last().hear(HELLO)
    last().hear(SNAPSHOT)
    live.wake()
    expect(sockets).toHaveLength(1)
    vi.setSystemTime(Date.now() + 60_000)
    live.wake()
    expect(sockets).toHaveLength(2)
  })

  it('spreads the tries over the whole pause, never beyond the longest', () => {
    expect(pauseBeforeTry(3, 0)).toBe(0)
    expect(pauseBeforeTry(3, 1)).toBe(4_000)
    expect(pauseBeforeTry(30, 1)).toBe(LONGEST_PAUSE_MS)
  })
})
