/** The browser's own phone: one SIP registration and at most one call, over JsSIP. */
import type { Softphone } from '@/api/types'
import type { RTCSession } from 'jssip/lib/RTCSession'
import type { RTCSessionEvent, UA } from 'jssip/lib/UA'

export type PhoneState = 'off' | 'connecting' | 'registered' | 'unregistered' | 'failed'
export type LegState = 'none' | 'ringing' | 'answering' | 'connected'

export interface PhoneStatus {
  phone: PhoneState
  leg: LegState
  muted: boolean
  /** Why the phone failed, in the words of the SIP stack. */
  cause: string
}

export const PHONE_OFF: PhoneStatus = { phone: 'off', leg: 'none', muted: false, cause: '' }

/** An answer clicked before the INVITE arrives is carried out when it does, within this time. */
const ANSWER_AHEAD_MS = 4_000

export class BrowserPhone {
  private ua: UA | null = null
  private session: RTCSession | null = null
  private status: PhoneStatus = PHONE_OFF
  private answerUntil = 0
  private readonly audio = new Audio()

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

  unregister(): void {
    this.ua?.stop()
    this.ua = null
    this.session = null
    this.change(PHONE_OFF)
  }

  /** Take the ringing call, or the one that is about to ring. */
  answer(): void {
    if (this.session && this.status.leg === 'ringing') {
      this.answerUntil = 0
      this.change({ leg: 'answering' })
      this.session.answer({
        mediaConstraints: { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true }, video: false },
        pcConfig: { iceServers: [] },
      })
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

  private meet(event: RTCSessionEvent): void {
    const session = event.session
    if (session.direction !== 'incoming') return
    if (this.session) {
      session.terminate({ status_code: 486 })
      return
    }
    this.session = session
    this.change({ leg: 'ringing', muted: false })
    session.on('peerconnection', ({ peerconnection }: { peerconnection: RTCPeerConnection }) => {
      peerconnection.addEventListener('track', (track) => this.play(track))
    })
    session.on('confirmed', () => this.change({ leg: 'connected' }))
    session.on('ended', () => this.part(session, ''))
    session.on('failed', (failure: { cause?: string }) => this.part(session, failure.cause ?? ''))
    if (Date.now() < this.answerUntil) this.answer()
  }

  private play(event: RTCTrackEvent): void {
    this.audio.srcObject = event.streams[0] ?? new MediaStream([event.track])
    void this.audio.play().catch(() => undefined)
  }

  private part(session: RTCSession, cause: string): void {
    if (this.session !== session) return
    this.session = null
    this.audio.srcObject = null
    this.change({ leg: 'none', muted: false, cause })
  }

  private change(part: Partial<PhoneStatus>): void {
    this.status = { ...this.status, ...part }
    this.onStatus(this.status)
  }
}
