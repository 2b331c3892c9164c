/** The ring tone: two notes synthesised here, so that nothing has to be fetched when a caller waits. */

/** `setSinkId` is newer than the oldest browsers we serve. */
type Output = HTMLAudioElement & { setSinkId?: (device: string) => Promise<void> }

export class Ringer {
  private context: AudioContext | null = null
  private timer: ReturnType<typeof setInterval> | null = null
  private device = ''
  private output: { device: string; node: MediaStreamAudioDestinationNode; audio: Output } | null = null

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

  /** Where it rings; empty: the system's default. */
  use(device: string): void {
    this.device = device
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

  /** One burst, for the self-test; on another device for the test of that one. */
  sample(device = this.device): void {
    this.burst(device)
  }

  private burst(device = this.device): void {
    // A reloaded page or a second tab never saw the sign-in dialog, and must ring all the same.
    void this.unlock()
    const context = this.context
    if (!context) return
    const start = context.currentTime + 0.02
    const target = this.target(context, device)
    for (let beat = 0; beat < 4; beat += 1) this.note(context, target, start + beat * 0.22, beat % 2 ? 660 : 880)
  }

  /** The chosen device by way of an audio element; a context of its own kind for it is newer than our browsers. */
  private target(context: AudioContext, device: string): AudioNode {
    if (!device) return context.destination
    if (this.output?.device !== device) {
      const audio = new Audio() as Output
      if (!audio.setSinkId) return context.destination
      this.output?.audio.pause()
      const node = context.createMediaStreamDestination()
      audio.srcObject = node.stream
      this.output = { device, node, audio }
      // Gone in the meantime: the default device rings.
      void audio.setSinkId(device).catch(() => undefined).then(() => audio.play()).catch(() => undefined)
    }
    return this.output.node
  }

  private note(context: AudioContext, target: AudioNode, at: number, hertz: number): void {
    const tone = context.createOscillator()
    const volume = context.createGain()
    tone.type = 'triangle'
    tone.frequency.value = hertz
    volume.gain.setValueAtTime(0, at)
    volume.gain.linearRampToValueAtTime(0.25, at + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.2)
    tone.connect(volume).connect(target)
    tone.start(at)
    tone.stop(at + 0.22)
  }
}

export const ringer = new Ringer()
