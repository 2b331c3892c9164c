/** The browser's own phone: one SIP registration and at most one call, over JsSIP. */
import type { Softphone } from '@/api/types'
import type { RTCSession } from 'jssip/lib/RTCSession'
import type { RTCSessionEvent, UA } from 'jssip/lib/UA'
import { Gauge, type MicrophoneState } from './gauge'
import type { Quality } from './quality'

export type PhoneState = 'off' | 'connecting' | 'registered' | 'unregistered' | 'failed'
export type LegState = 'none' | 'ringing' | 'answering' | 'connected'

export interface PhoneStatus {
  phone: PhoneState
  leg: LegState
  muted: boolean
  /** Why the phone failed, in the words of the SIP stack. */
  cause: string
  /** Of the last two seconds; null: not known. */
  quality: Quality | null
  /** It has been poor for so long that the operator is told. */
  isPoor: boolean
  microphone: MicrophoneState
}

export const PHONE_OFF: PhoneStatus = { phone: 'off', leg: 'none', muted: false, cause: '', quality: null, isPoor: false, microphone: 'fine' }

/** An answer clicked before the INVITE arrives is carried out when it does, within this time. */
const ANSWER_AHEAD_MS = 4_000
/** The hall says that whoever sits here asked for this ring a moment ago: pick up without a click. */
const EXPECTED = 'X-Hotline-Expected'

/** `setSinkId` is newer than the oldest browsers we serve. */
type Speaker = HTMLAudioElement & { setSinkId?: (device: string) => Promise<void> }

export class BrowserPhone {
  private ua: UA | null = null
  private session: RTCSession | null = null
  private status: PhoneStatus = PHONE_OFF
  private answerUntil = 0
  private microphone = ''
  private gauge: Gauge | null = null
  private readonly audio: Speaker = new Audio()

  constructor(private readonly onStatus: (status: PhoneStatus) => void) {
    this.audio.autoplay = true
  }

  get isOccupied(): boolean {
    return this.session !== null
  }

  /** Register with the credentials that the seat's sign-in returned. */
  async register(account: Softphone): Promise<void> {
    this.unregister()
    this.change({ ...PHONE_OFF, phone: 'connecting' })
    const JsSIP = (await import('jssip')).default
    const ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(account.ws_url)],
      uri: account.uri,
      authorization_user: account.user,
      password: account.password,
      realm: account.realm || undefined,
      register: true,
      register_expires: 120,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 10,
      user_agent: 'hotline-console',
    })
    this.ua = ua
    ua.on('registered', () => this.change({ phone: 'registered', cause: '' }))
    ua.on('unregistered', () => this.change({ phone: 'unregistered' }))
    ua.on('registrationFailed', (event: { cause?: string }) => this.change({ phone: 'failed', cause: event.cause ?? '' }))
    ua.on('disconnected', () => this.change({ phone: 'connecting' }))
    ua.on('newRTCSession', (event: RTCSessionEvent) => this.meet(event))
    ua.start()
  }

  /** Lets go of a call too. Not called when the page goes away: the hall rings again as soon as it is back. */
  unregister(): void {
    this.ua?.stop()
    this.ua = null
    this.session = null
    this.stopGauge()
    this.change(PHONE_OFF)
  }

  /** Take the ringing call, or the one that is about to ring. */
  answer(): void {
    if (this.session && this.status.leg === 'ringing') {
      this.answerUntil = 0
      this.change({ leg: 'answering', microphone: 'fine' })
      this.session.answer({ mediaConstraints: { audio: this.constraints(), video: false }, pcConfig: { iceServers: [] } })
    } else if (!this.session) {
      this.answerUntil = Date.now() + ANSWER_AHEAD_MS
    }
  }

  mute(on: boolean): void {
    if (!this.session) return
    if (on) this.session.mute({ audio: true })
    else this.session.unmute({ audio: true })
    this.change({ muted: on })
  }

  /** Another microphone, in mid-call too. Empty: the system's default. */
  async useMicrophone(device: string): Promise<void> {
    if (device === this.microphone) return
    this.microphone = device
    const session = this.session
    const sender = session?.connection?.getSenders().find((one) => one.track?.kind === 'audio')
    if (!session || !sender) return
    try {
      const fresh = (await navigator.mediaDevices.getUserMedia({ audio: this.constraints() })).getAudioTracks()[0]
      if (!fresh) return
      if (this.session !== session) {
        fresh.stop()
        return
      }
      fresh.enabled = !this.status.muted
      const old = sender.track
      await sender.replaceTrack(fresh)
      old?.stop()
      this.measure(session)
    } catch {
      this.change({ microphone: 'gone' })
    }
  }

  /** Another ear; empty: the system's default. */
  useSpeaker(device: string): void {
    void this.audio.setSinkId?.(device).catch(() => undefined)
  }

  private constraints(): MediaTrackConstraints {
    return {
      echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(this.microphone ? { deviceId: { ideal: this.microphone } } : {}),
    }
  }

  private meet(event: RTCSessionEvent): void {
    const session = event.session
    if (session.direction !== 'incoming') return
    const isExpected = event.request.getHeader(EXPECTED) === '1'
    const old = this.session
    if (old && !isExpected) {
      session.terminate({ status_code: 486 })
      return
    }
    this.session = session
    // The hall rings again because the old leg is dead, whatever this end believes.
    if (old) old.terminate()
    this.stopGauge()
    this.change({ leg: 'ringing', muted: false, microphone: 'fine' })
    session.on('peerconnection', ({ peerconnection }: { peerconnection: RTCPeerConnection }) => {
      peerconnection.addEventListener('track', (track) => this.play(track))
    })
    session.on('confirmed', () => {
      if (this.session !== session) return
      this.change({ leg: 'connected' })
      this.measure(session)
    })
    session.on('getusermediafailed', () => this.session === session && this.change({ microphone: 'refused' }))
    session.on('ended', () => this.part(session, ''))
    session.on('failed', (failure: { cause?: string }) => this.part(session, failure.cause ?? ''))
    if (isExpected || Date.now() < this.answerUntil) this.answer()
  }

  private measure(session: RTCSession): void {
    this.stopGauge()
    const connection = session.connection
    if (connection) this.gauge = new Gauge(connection, () => this.status.muted, (seen) => this.session === session && this.change(seen))
  }

  private stopGauge(): void {
    this.gauge?.stop()
    this.gauge = null
  }

  private play(event: RTCTrackEvent): void {
    this.audio.srcObject = event.streams[0] ?? new MediaStream([event.track])
    void this.audio.play().catch(() => undefined)
  }

  private part(session: RTCSession, cause: string): void {
    if (this.session !== session) return
    this.session = null
    this.stopGauge()
    this.audio.srcObject = null
    this.change({ leg: 'none', muted: false, cause, quality: null, isPoor: false, microphone: this.status.microphone === 'refused' ? 'refused' : 'fine' })
  }

  private change(part: Partial<PhoneStatus>): void {
    this.status = { ...this.status, ...part }
    this.onStatus(this.status)
  }
}
