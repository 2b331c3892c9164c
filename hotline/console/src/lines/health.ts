/** How is a line shown? Pure: what was read, and what the live stream has said since. */
import type { LinkView } from '@/api/types'
import type { Alarm, Fact, LineRow, RawFrame } from './types'

/** bad: callers are lost or may be; warn: somebody should look; plain: it only pushes and says nothing bad. */
export type Grade = 'bad' | 'warn' | 'plain' | 'good'

const GRAVE = new Set(['link_down', 'never_up', 'probe_failed', 'port_fault'])
const ORDER: readonly Grade[] = ['bad', 'warn', 'good', 'plain']
export const WARN_SKEW = 120
const HEX_WIDTH = 16

/** The line as it is now: the stream knows of its link and its alarms before the list is read again. */
export function withLive(line: LineRow, link: LinkView | undefined, now: string): LineRow {
  if (!link) return line
  const alarms = link.alarms ?? line.alarms
  if (link.up === null || line.state === 'pushed' || link.up === (line.state === 'up')) return { ...line, alarms }
  // A line that was never up has not gone down.
  if (!link.up && line.state === 'never') return { ...line, alarms }
  return { ...line, alarms, state: link.up ? 'up' : 'down', since: now, detail: '' }
}

export function grade(line: Pick<LineRow, 'state' | 'alarms'>): Grade {
  if (line.alarms.some((one) => GRAVE.has(one.kind)) || line.state === 'down' || line.state === 'never') return 'bad'
  if (line.alarms.length) return 'warn'
  return line.state === 'pushed' ? 'plain' : 'good'
}

/** What needs looking at first; lines of the same grade keep the order of the settings. */
export function sorted(lines: readonly LineRow[]): LineRow[] {
  return lines.map((line, at) => ({ line, at })).sort((a, b) => ORDER.indexOf(grade(a.line)) - ORDER.indexOf(grade(b.line)) || a.at - b.at).map(({ line }) => line)
}

export function isGrave(alarm: Pick<Alarm, 'kind'>): boolean {
  return GRAVE.has(alarm.kind)
}

/** Who handles the calls of a line that is only observed: which sentence tells it. */
export function observedBy(kind: string): 'gateway' | 'box' | 'system' | 'other' {
  switch (kind) {
    case 'gateway-push':
    case 'gateway_push':
      return 'gateway'
    case 'cti-serial':
      return 'box'
    case 'freeswitch':
      return 'system'
    default:
      return 'other'
  }
}

/** Of the last frames, which share could not be read; null: there was none. */
export function unreadableShare(line: Pick<LineRow, 'frames' | 'unreadable'>): number | null {
  return line.frames ? line.unreadable / line.frames : null
}

/** `00 01 … | text` in rows, each with the place where it begins. */
export function hexRows(hex: string): { at: string; bytes: string }[] {
  const bytes = hex ? hex.split(' ') : []
  return Array.from({ length: Math.ceil(bytes.length / HEX_WIDTH) }, (_, row) => ({
    at: (row * HEX_WIDTH).toString(16).padStart(4, '0'), bytes: bytes.slice(row * HEX_WIDTH, (row + 1) * HEX_WIDTH).join(' '),
  }))
}

/** The trace as a text that can be sent to a vendor: numbers are masked already. */
export function asReport(name: string, frames: readonly RawFrame[], isHex: boolean): string {
  return [`# ${name}`, ...frames.map((one) => `${one.heard_at}\t${one.size} B\t${one.state}\t${one.reason || one.says.join('+')}\n${isHex ? hexRows(one.hex).map((row) => `${row.at}  ${row.bytes}`).join('\n') : one.text}`)].join('\n')
}

/** How long after it happened it was heard of, where that is worth a word. */
export function lateBy(fact: Pick<Fact, 'at' | 'heard_at' | 'backfilled'>): number | null {
  const seconds = Math.round((Date.parse(fact.heard_at) - Date.parse(fact.at)) / 1000)
  return fact.backfilled || Math.abs(seconds) < 5 ? null : seconds
}
