import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DEFAULTS, devicesOf, parseChosen, plugged, usable, type Device } from '@/softphone/devices'
import { Gauge, type Seen } from '@/softphone/gauge'
import { between, Lasting, readingOf, type Reading } from '@/softphone/quality'

const reading = (part: Partial<Reading> = {}): Reading => ({ received: 0, lost: 0, jitterMs: 5, rttMs: 40, energy: 1, ...part })

describe('quality', () => {
  it('reads what the browser says', () => {
    expect(readingOf([
      { type: 'inbound-rtp', kind: 'audio', packetsReceived: 100, packetsLost: 2, jitter: 0.012 },
      { type: 'inbound-rtp', kind: 'video', packetsReceived: 7 },
      { type: 'remote-inbound-rtp', roundTripTime: 0.08 },
      { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.5 },
      { type: 'media-source', kind: 'audio', totalAudioEnergy: 0.25 },
    ])).toEqual({ received: 100, lost: 2, jitterMs: 12, rttMs: 80, energy: 0.25 })
    expect(readingOf([{ type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.5 }]).rttMs).toBe(500)
  })
  it('grades the stretch, not the whole call', () => {
    const before = reading({ received: 1000, lost: 500 })
    expect(between(before, reading({ received: 1100, lost: 500 }))).toMatchObject({ grade: 'good', lossPercent: 0 })
    expect(between(before, reading({ received: 1098, lost: 502 }))?.grade).toBe('fair')
    expect(between(before, reading({ received: 1096, lost: 504 }))?.grade).toBe('poor')
    expect(between(before, reading({ received: 1100, lost: 499 }))?.lossPercent).toBe(0)
  })
  it.each([[30, 40, 'good'], [31, 40, 'fair'], [51, 40, 'poor'], [5, 301, 'fair'], [5, 801, 'poor'], [5, null, 'good']] as const)('jitter %s ms, round trip %s ms: %s', (jitterMs, rttMs, grade) => {
    expect(between(reading(), reading({ received: 100, jitterMs, rttMs }))?.grade).toBe(grade)
  })
  it('says nothing where nothing came', () => {
    expect(between(reading(), reading())).toBeNull()
  })
  it('counts how long it lasts', () => {
    const lasting = new Lasting()
    expect([lasting.feed(true, 0), lasting.feed(true, 2000), lasting.feed(false, 4000), lasting.feed(true, 6000), lasting.feed(true, 16_000)]).toEqual([0, 2000, 0, 0, 10_000])
  })
})

describe('a connection that is watched', () => {
  const track = { kind: 'audio', readyState: 'live', muted: false }
  let seen: Seen[]
  let stats: Record<string, unknown>[]
  let gauge: Gauge
  let isMuted: boolean
  beforeEach(() => {
    vi.useFakeTimers()
    seen = []
    isMuted = false
    Object.assign(track, { readyState: 'live', muted: false })
    const connection = { getStats: async () => stats, getSenders: () => [{ track }] } as unknown as RTCPeerConnection
    gauge = new Gauge(connection, () => isMuted, (one) => seen.push(one), () => Date.now())
  })
  afterEach(() => {
    gauge.stop()
    vi.useRealTimers()
  })

  async function pass(seconds: number, lostEach: number, energyEach = 0.1) {
    for (let n = 0; n < seconds / 2; n += 1) {
      const [last] = stats ?? [{}]
      const energy = Number(stats?.[1]?.totalAudioEnergy ?? 0) + energyEach
      stats = [
        { type: 'inbound-rtp', kind: 'audio', packetsReceived: Number(last?.packetsReceived ?? 0) + 100, packetsLost: Number(last?.packetsLost ?? 0) + lostEach, jitter: 0.01 },
        { type: 'media-source', kind: 'audio', totalAudioEnergy: energy },
      ]
      await vi.advanceTimersByTimeAsync(2000)
    }
  }

  it('warns after ten bad seconds, and no longer when it is well', async () => {
    stats = []
    await pass(10, 10)
    expect(seen.at(-1)).toMatchObject({ quality: { grade: 'poor' }, isPoor: false })
    await pass(6, 10)
    expect(seen.at(-1)?.isPoor).toBe(true)
    await pass(2, 0)
    expect(seen.at(-1)).toMatchObject({ quality: { grade: 'good' }, isPoor: false })
  })
  it('finds a microphone that gives nothing, unless it was muted here', async () => {
    stats = []
    await pass(30, 0, 0)
    expect(seen.at(-1)?.microphone).toBe('silent')
    isMuted = true
    await pass(2, 0, 0)
    expect(seen.at(-1)?.microphone).toBe('fine')
    track.muted = true
    await pass(2, 0)
    expect(seen.at(-1)?.microphone).toBe('muted')
    track.readyState = 'ended'
    await pass(2, 0)
    expect(seen.at(-1)?.microphone).toBe('gone')
  })
})

describe('devices', () => {
  const MIC: Device = { id: 'm1', label: '耳麦', isInput: true }
  const EAR: Device = { id: 's1', label: '耳麦', isInput: false }
  const BOX: Device = { id: 's2', label: '音箱', isInput: false }
  const chosen = { microphone: 'm1', speaker: 's1', ringer: 's2' }
  it('fall back to the default while they are away, and come back', () => {
    expect(usable(chosen, [MIC, EAR, BOX])).toEqual(chosen)
    expect(usable(chosen, [{ ...MIC, id: 'm2' }, BOX])).toEqual({ microphone: '', speaker: '', ringer: 's2' })
    expect(usable(chosen, [])).toEqual(chosen)
    expect(usable(chosen, [{ ...MIC, id: '' }])).toEqual(chosen)
  })
  it('tell what a plug changed', () => {
    expect(plugged(chosen, [MIC, EAR, BOX], [BOX, { ...MIC, id: 'm2' }])).toEqual({ gone: ['microphone', 'speaker'], fresh: [{ ...MIC, id: 'm2' }] })
    expect(plugged(chosen, [{ ...MIC, id: '' }], [MIC, EAR])).toEqual({ gone: ['ringer'], fresh: [] })
  })
  it('are listed without aliases and cameras, remembered, and nonsense is forgotten', () => {
    expect(devicesOf([{ deviceId: 'default', label: 'x', kind: 'audioinput' }, { deviceId: 'c', label: 'x', kind: 'videoinput' }, { deviceId: 'm1', label: '耳麦', kind: 'audioinput' }])).toEqual([MIC])
    expect([parseChosen('{"speaker":"s1","ringer":3}'), parseChosen('nonsense'), parseChosen(null)]).toEqual([{ ...DEFAULTS, speaker: 's1' }, DEFAULTS, DEFAULTS])
  })
})
