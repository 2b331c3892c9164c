/** The ring tone: two notes synthesised here, so that nothing has to be fetched when a caller waits. */

export class Ringer {
  private context: AudioContext | null = null
  private timer: ReturnType<typeof setInterval> | null = null

  /** Must be called from a click once: browsers keep pages silent before that. */
  async unlock(): Promise<boolean> {
    try {
      this.context ??= new AudioContext()
      if (this.context.state !== 'running') await this.context.resume()
    } catch {
      return false
    }
    return this.isUnlocked
  }

  get isUnlocked(): boolean {
    return this.context?.state === 'running'
  }

  ring(): void {
    if (this.timer) return
    this.burst()
    this.timer = setInterval(() => this.burst(), 2_400)
  }

  quiet(): void {
    if (this.timer) clearInterval(this.timer)
    this.timer = null
  }

  /** One burst, for the self-test. */
  sample(): void {
    this.burst()
  }

  private burst(): void {
    // A reloaded page or a second tab never saw the sign-in dialog, and must ring all the same.
    void this.unlock()
    const context = this.context
    if (!context) return
    const start = context.currentTime + 0.02
    for (let beat = 0; beat < 4; beat += 1) this.note(context, start + beat * 0.22, beat % 2 ? 660 : 880)
  }

  private note(context: AudioContext, at: number, hertz: number): void {
    const tone = context.createOscillator()
    const volume = context.createGain()
    tone.type = 'triangle'
    tone.frequency.value = hertz
    volume.gain.setValueAtTime(0, at)
    volume.gain.linearRampToValueAtTime(0.25, at + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.2)
    tone.connect(volume).connect(context.destination)
    tone.start(at)
    tone.stop(at + 0.22)
  }
}

export const ringer = new Ringer()
