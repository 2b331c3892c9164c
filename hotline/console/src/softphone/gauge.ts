/** Watches one connection while it lasts: how good is the sound, and does the microphone give any? */
import { between, Lasting, READ_EVERY_MS, readingOf, SILENT_AFTER_MS, WARN_AFTER_MS, type Quality, type Reading } from './quality'

/** `muted`: by the system or at the headset. `silent`: open, and nothing comes. `refused`: the browser may not use it. */
export type MicrophoneState = 'fine' | 'silent' | 'muted' | 'gone' | 'refused'

export interface Seen { quality: Quality | null; isPoor: boolean; microphone: MicrophoneState }

export class Gauge {
  private readonly timer: ReturnType<typeof setInterval>
  private before: Reading | null = null
  private readonly poor = new Lasting()
  private readonly silent = new Lasting()

  constructor(
    private readonly connection: Pick<RTCPeerConnection, 'getStats' | 'getSenders'>,
    private readonly isMuted: () => boolean,
    private readonly onSeen: (seen: Seen) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.timer = setInterval(() => void this.read(), READ_EVERY_MS)
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private async read(): Promise<void> {
    let reading: Reading
    try {
      const report = await this.connection.getStats()
      const stats: Record<string, unknown>[] = []
      report.forEach((one) => stats.push(one as Record<string, unknown>))
      reading = readingOf(stats)
    } catch {
      return
    }
    const before = this.before
    this.before = reading
    if (!before) return
    const quality = between(before, reading)
    const isPoor = this.poor.feed(quality?.grade === 'poor', this.now()) >= WARN_AFTER_MS
    this.onSeen({ quality, isPoor, microphone: this.microphone(before, reading) })
  }

  private microphone(before: Reading, now: Reading): MicrophoneState {
    const track = this.connection.getSenders().find((one) => one.track?.kind === 'audio')?.track
    if (!track || track.readyState === 'ended') return 'gone'
    const isStill = !this.isMuted() && now.energy !== null && now.energy === before.energy
    const stillFor = this.silent.feed(isStill, this.now())
    if (track.muted) return 'muted'
    return stillFor >= SILENT_AFTER_MS ? 'silent' : 'fine'
  }
}
