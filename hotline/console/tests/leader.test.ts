import { describe, expect, it } from 'vitest'
import { Leader, type ChannelPort, type LockPort } from '@/live/leader'

/** Web Locks as browsers grant them: one holder, the others in order. */
class Locks implements LockPort {
  private line: { work: () => Promise<void>; settle: () => void; fail: (error: Error) => void }[] = []
  private isHeld = false
  request(_name: string, options: { signal?: AbortSignal }, work: () => Promise<void>): Promise<unknown> {
    return new Promise<void>((settle, fail) => {
      const one = { work, settle, fail }
      options.signal?.addEventListener('abort', () => {
        if (!this.line.includes(one)) return
        this.line = this.line.filter((other) => other !== one)
        fail(new Error('aborted'))
      })
      this.line.push(one)
      this.grant()
    })
  }
  private grant(): void {
    if (this.isHeld) return
    const next = this.line.shift()
    if (!next) return
    this.isHeld = true
    void next.work().then(() => {
      this.isHeld = false
      next.settle()
      this.grant()
    })
  }
}

class Air {
  channels: Channel[] = []
  open(): Channel {
    const one = new Channel(this)
    this.channels.push(one)
    return one
  }
}
class Channel implements ChannelPort {
  onmessage: ((event: { data: unknown }) => void) | null = null
  constructor(private readonly air: Air) {}
  postMessage(data: unknown): void {
    for (const other of this.air.channels) if (other !== this) other.onmessage?.({ data })
  }
  close(): void { this.air.channels = this.air.channels.filter((other) => other !== this) }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('leading tab', () => {
  function tabs(count: number, occupied = new Set<number>()) {
    const locks = new Locks()
    const air = new Air()
    return Array.from({ length: count }, (_, n) => {
      const leader = new Leader({ name: 'x', locks, channel: air.open(), onChange: () => undefined, isOccupied: () => occupied.has(n) })
      leader.start()
      return leader
    })
  }
  const leading = (all: Leader[]) => all.map((one) => one.leads)

  it('is exactly one, the first', async () => {
    const all = tabs(3)
    await settle()
    expect(leading(all)).toEqual([true, false, false])
  })

  it('is followed by the next when it closes', async () => {
    const all = tabs(3)
    await settle()
    all[0]?.stop()
    await settle()
    expect(leading(all)).toEqual([false, true, false])
  })

  it('gives the lead to the tab that was clicked, past those waiting longer', async () => {
    const all = tabs(3)
    await settle()
    all[2]?.claim()
    await settle()
    expect(leading(all)).toEqual([false, false, true])
    all[2]?.stop()
    await settle()
    expect(leading(all).filter(Boolean)).toHaveLength(1)
  })

  it('keeps the lead while it holds a call', async () => {
    const all = tabs(2, new Set([0]))
    await settle()
    all[1]?.claim()
    await settle()
    expect(leading(all)).toEqual([true, false])
  })

  it('leads alone in a browser without locks', () => {
    const leader = new Leader({ name: 'x', locks: undefined, channel: undefined, onChange: () => undefined, isOccupied: () => false })
    leader.start()
    expect(leader.leads).toBe(true)
  })
})
