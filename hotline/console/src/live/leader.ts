/** Which of several tabs rings and holds the phone? One, by a lock of the browser; the others are views. */

export interface LockPort {
  request(name: string, options: { signal?: AbortSignal }, work: () => Promise<void>): Promise<unknown>
}

export interface ChannelPort {
  onmessage: ((event: { data: unknown }) => void) | null
  postMessage(message: unknown): void
  close(): void
}

export interface LeaderOptions {
  name: string
  locks: LockPort | undefined
  channel: ChannelPort | undefined
  onChange: (leads: boolean) => void
  /** True while this tab holds a call: it never gives the phone away then. */
  isOccupied: () => boolean
}

/**
 * The tab in which the operator clicked last may play sound; browsers keep the others silent. So a tab claims the lead
 * after a click, and the leader yields unless it holds a call.
 */
export class Leader {
  leads = false
  private release: (() => void) | null = null
  private waiting: AbortController | null = null
  private stopped = false

  constructor(private readonly options: LeaderOptions) {}

  start(): void {
    const { locks, channel } = this.options
    if (channel) {
      channel.onmessage = (event) => {
        if (event.data === 'claim' && !this.options.isOccupied()) this.stepAside()
      }
    }
    if (!locks) {
      this.become(true)
      return
    }
    this.queue()
  }

  /** Ask the leading tab to step aside for this one. */
  claim(): void {
    if (!this.leads) this.options.channel?.postMessage('claim')
  }

  stop(): void {
    this.stopped = true
    this.stepAside()
    this.options.channel?.close()
  }

  private queue(): void {
    const waiting = new AbortController()
    this.waiting = waiting
    this.options.locks
      ?.request(this.options.name, { signal: waiting.signal }, () => {
        if (this.stopped) return Promise.resolve()
        return new Promise<void>((resolve) => {
          this.release = resolve
          this.become(true)
        })
      })
      .catch(() => undefined)
  }

  /** Give up the lead, or the place in the line, and stand behind whoever claimed: locks are granted in order. */
  private stepAside(): void {
    const release = this.release
    this.release = null
    if (this.leads) this.become(false)
    if (release) release()
    else this.waiting?.abort()
    if (!this.stopped && this.options.locks) this.queue()
  }

  private become(leads: boolean): void {
    this.leads = leads
    this.options.onChange(leads)
  }
}
