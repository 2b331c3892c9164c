/** How good is the sound of this call? Pure: two readings of the connection in, a grade out. Nothing of it is sent anywhere. */

export type Grade = 'good' | 'fair' | 'poor'

export interface Reading {
  received: number
  lost: number
  jitterMs: number
  rttMs: number | null
  /** Energy of the microphone so far; null: the browser does not say. */
  energy: number | null
}

export interface Quality { grade: Grade; lossPercent: number; jitterMs: number; rttMs: number | null }

export const READ_EVERY_MS = 2_000
/** Bad for so long: the operator is told. */
export const WARN_AFTER_MS = 10_000
/** No sound at all from an open microphone for so long: it is probably switched off at the headset. */
export const SILENT_AFTER_MS = 20_000

/** Loss: ITU-T G.1010, conversational voice below 3 %. Round trip: twice the one-way 150 ms and 400 ms of ITU-T G.114. Jitter: what a usual jitter buffer hides. */
const FAIR = { lossPercent: 1, jitterMs: 30, rttMs: 300 }
const POOR = { lossPercent: 3, jitterMs: 50, rttMs: 800 }

type Stat = Record<string, unknown> & { type?: string; kind?: string }

/** What matters of `RTCPeerConnection.getStats()`. */
export function readingOf(stats: Iterable<Stat>): Reading {
  const found: Reading = { received: 0, lost: 0, jitterMs: 0, rttMs: null, energy: null }
  let pathRtt: number | null = null
  for (const one of stats) {
    if (one.type === 'inbound-rtp' && one.kind === 'audio') {
      found.received += number(one.packetsReceived) ?? 0
      found.lost += number(one.packetsLost) ?? 0
      found.jitterMs = Math.max(found.jitterMs, (number(one.jitter) ?? 0) * 1000)
    } else if (one.type === 'remote-inbound-rtp') {
      found.rttMs = milliseconds(one.roundTripTime) ?? found.rttMs
    } else if (one.type === 'candidate-pair' && one.nominated === true) {
      pathRtt = milliseconds(one.currentRoundTripTime)
    } else if (one.type === 'media-source' && one.kind === 'audio') {
      found.energy = number(one.totalAudioEnergy)
    }
  }
  found.rttMs ??= pathRtt
  return found
}

/** The stretch between two readings; null when nothing arrived in it (on hold there may be no sound to judge). */
export function between(before: Reading, now: Reading): Quality | null {
  const received = Math.max(0, now.received - before.received)
  // A counter may fall: packets that came late were counted as lost before.
  const lost = Math.max(0, now.lost - before.lost)
  if (received + lost === 0) return null
  const quality = { lossPercent: (100 * lost) / (received + lost), jitterMs: now.jitterMs, rttMs: now.rttMs }
  return { ...quality, grade: grade(quality) }
}

function grade(quality: Omit<Quality, 'grade'>): Grade {
  const exceeds = (limit: typeof FAIR) =>
    quality.lossPercent > limit.lossPercent || quality.jitterMs > limit.jitterMs || (quality.rttMs ?? 0) > limit.rttMs
  return exceeds(POOR) ? 'poor' : exceeds(FAIR) ? 'fair' : 'good'
}

/** How long something has been so without a break; fed at every reading. */
export class Lasting {
  private since: number | null = null

  /** Milliseconds; 0 when it is not so. */
  feed(isSo: boolean, now: number): number {
    if (!isSo) this.since = null
    else this.since ??= now
    return this.since === null ? 0 : now - this.since
  }
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function milliseconds(value: unknown): number | null {
  const seconds = number(value)
  return seconds === null ? null : seconds * 1000
}
