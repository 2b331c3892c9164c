/** What the service says about lines. */
export type LineState = 'up' | 'down' | 'never' | 'pushed'
export type AlarmKind = 'link_down' | 'never_up' | 'port_fault' | 'quiet' | 'clock_skew' | 'unreadable' | 'probe_failed'

/** Something that somebody should look at; `kind` may be one of a newer service, then `label` says it in Chinese. */
export interface Alarm { kind: AlarmKind | string; label?: string; port: number | null; since: string; detail: string }
export interface Port { port: number | null; broken: boolean; since: string; detail: string }
/** How often since the service was started, and the latest; for one reason, or for all. */
export interface Noted { count: number; at: string | null; reason: string }
export interface Probe { at: string; ok: boolean; detail: string }

export interface LineRow {
  name: string
  kind: string
  state: LineState
  since: string
  detail: string
  abilities: string[]
  last_event_at: string | null
  alarms: Alarm[]
  ports_known: number
  ports_broken: number
  frames: number
  unreadable: number
  /** How far the device's clock is behind; negative: ahead; null: it tells no times. */
  skew_seconds: number | null
  repaired: Noted
  aside: Noted
  probe: Probe | null
}

export interface Gap { kind: 'link' | 'port' | 'writer'; port: number | null; began_at: string; ended_at: string | null; detail: string }
export interface AlarmChange { at: string; raised: boolean; kind: string; label: string; port: number | null; detail: string }
export interface Fact { at: string; heard_at: string; type: string; text: string; port: number | null; call: string; backfilled: boolean; reason: string }
export interface LineDetail extends LineRow { ports: Port[]; repaired_for: Noted[]; aside_for: Noted[]; gaps: Gap[]; history: AlarmChange[]; facts: Fact[] }
export interface RawFrame { heard_at: string; size: number; text: string; hex: string; cut: boolean; state: 'applied' | 'pending' | 'set_aside'; reason: string; says: string[] }
