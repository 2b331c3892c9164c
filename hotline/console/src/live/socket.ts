/** How does the stream stay alive? Connect, subscribe, check the pulse, come back; say honestly how it stands. */
import { CLOSE, type ServerMessage, type Topic } from './protocol'

export type LinkState = 'connecting' | 'connected' | 'reconnecting' | 'disconnected' | 'signed_out' | 'taken_over' | 'forbidden'

export interface SocketLike {
  readonly readyState: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: string }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  send(text: string): void
  close(code?: number): void
}

export interface LiveSocketOptions {
  open: () => SocketLike
  topics: () => Topic[]
  lastSeq: () => number | null
  onMessage: (message: ServerMessage) => void
  onState: (state: LinkState) => void
  /** 0…1, for the jitter. */
  chance?: () => number
  now?: () => number
}

/** Longest pause before another try, in milliseconds: a seat is back well before it would count as missing (失联). */
export const LONGEST_PAUSE_MS = 5_000
/** This many failures in a row are called 已断开 instead of 重连中; the tries go on. */
const FAILURES_UNTIL_DISCONNECTED = 4
/** A pulse is missing after so many intervals without any word from the service. */
const MISSED_BEATS = 2.6
const FIRST_PAUSE_MS = 500

/** Full jitter: anywhere between nothing and the doubled pause, so that consoles do not come back all at once. */
export function pauseBeforeTry(failures: number, chance: number, longest = LONGEST_PAUSE_MS): number {
  return chance * Math.min(longest, FIRST_PAUSE_MS * 2 ** failures)
}

export class LiveSocket {
  private socket: SocketLike | null = null
  private failures = 0
  private retry: ReturnType<typeof setTimeout> | null = null
  private pulse: ReturnType<typeof setInterval> | null = null
  private heardAt = 0
  private beatMs = 5_000
  private wanted = false
  private readonly chance: () => number
  private readonly now: () => number

  constructor(private readonly options: LiveSocketOptions) {
    this.chance = options.chance ?? Math.random
    this.now = options.now ?? Date.now
  }

  start(): void {
    if (this.wanted) return
    this.wanted = true
    this.failures = 0
    this.options.onState('connecting')
    this.connect()
  }

  stop(): void {
    this.wanted = false
    this.drop(1000)
  }

  /** The page is seen again, or the network is back: do not trust a socket that has been silent. */
  wake(): void {
    if (!this.wanted) return
    if (this.socket && this.now() - this.heardAt < this.beatMs * 1.5) return
    this.failures = 0
    this.options.onState('reconnecting')
    this.drop()
    this.connect()
  }

  /** Ask for a fresh snapshot on the present connection. */
  resubscribe(fresh: boolean): void {
    this.say({ type: 'subscribe', topics: this.options.topics(), last_seq: fresh ? null : this.options.lastSeq() })
  }

  private connect(): void {
    this.clearRetry()
    let socket: SocketLike
    try {
      socket = this.options.open()
    } catch {
      this.lost(1006)
      return
    }
    this.socket = socket
    this.heardAt = this.now()
    socket.onmessage = (event) => this.socket === socket && this.hear(event.data)
    socket.onclose = (event) => this.socket === socket && this.lost(event.code)
    this.pulse = setInterval(() => this.feel(), this.beatMs)
  }

  private hear(text: string): void {
    this.heardAt = this.now()
    const message = JSON.parse(text) as ServerMessage
    switch (message.type) {
      case 'hello':
        this.beatMs = Math.max(1, message.heartbeat || 5) * 1000
        this.resubscribe(false)
        // Resuming: what was missed follows as events, perhaps none.
        if (this.options.lastSeq() !== null) this.alive()
        break
      case 'beat':
        // Answered, not timed: timers of a hidden tab are throttled to one a minute.
        this.say({ type: 'beat' })
        break
      case 'resync':
        this.resubscribe(true)
        return
      case 'snapshot':
        this.alive()
        break
    }
    this.options.onMessage(message)
  }

  private alive(): void {
    this.failures = 0
    this.options.onState('connected')
  }

  private feel(): void {
    if (this.now() - this.heardAt > this.beatMs * MISSED_BEATS) {
      this.drop()
      this.lost(1006)
    }
  }

  private lost(code: number): void {
    this.drop()
    if (!this.wanted) return
    switch (code) {
      case CLOSE.SIGN_IN_AGAIN:
        this.wanted = false
        this.options.onState('signed_out')
        return
      case CLOSE.FORBIDDEN:
        this.wanted = false
        this.options.onState('forbidden')
        return
      case CLOSE.TAKEN_OVER:
        this.wanted = false
        this.options.onState('taken_over')
        return
    }
    this.failures += 1
    this.options.onState(this.failures >= FAILURES_UNTIL_DISCONNECTED ? 'disconnected' : 'reconnecting')
    const least = code === CLOSE.SLOW_DOWN ? 5_000 : 0
    this.retry = setTimeout(() => this.connect(), least + pauseBeforeTry(this.failures, this.chance()))
  }

  private drop(code?: number): void {
    this.clearRetry()
    if (this.pulse) clearInterval(this.pulse)
    this.pulse = null
    const socket = this.socket
    this.socket = null
    if (!socket) return
    socket.onmessage = socket.onclose = null
    try {
      socket.close(code)
    } catch {
      // Already closed.
    }
  }

  private clearRetry(): void {
    if (this.retry) clearTimeout(this.retry)
    this.retry = null
  }

  private say(message: unknown): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message))
  }
}
