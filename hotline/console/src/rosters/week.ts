/** How does a roster become a week of seven columns? Days are China's, whatever the computer's zone. */
import { clock, day } from '@/format'
import type { Gap, Shift } from './types'

const DAY_MS = 86_400_000

/** A line of the week: shifts with the same times, group and mode. */
export interface Line { key: string; begins: string; ends: string; group: string; mode: Shift['mode']; cells: Shift[][] }

/** What of a gap falls on a day. */
export interface DayGap { begins: string; ends: string; group: string; missing: number; required: number; planned: number }

/** The seven days from Monday on that hold this one. */
export function weekOf(within: string): string[] {
  const noon = at(within) + DAY_MS / 2
  const weekday = (new Date(within + 'T00:00:00Z').getUTCDay() + 6) % 7
  return [0, 1, 2, 3, 4, 5, 6].map((ahead) => day(noon + (ahead - weekday) * DAY_MS))
}

export function later(from: string, days: number): string {
  return day(at(from) + DAY_MS / 2 + days * DAY_MS)
}

/** Shifts by the day on which they begin; a night of Sunday is Sunday's. */
export function lines(shifts: readonly Shift[], days: readonly string[]): Line[] {
  const found = new Map<string, Line>()
  for (const one of shifts) {
    const column = days.indexOf(day(one.begins_at))
    if (column < 0) continue
    const begins = hours(one.begins_at)
    const ends = hours(one.ends_at)
    const key = [begins, ends, one.group, one.mode].join('|')
    const line = found.get(key) ?? { key, begins, ends, group: one.group, mode: one.mode, cells: days.map(() => []) }
    line.cells[column]?.push(one)
    found.set(key, line)
  }
  return [...found.values()].sort((a, b) => a.key.localeCompare(b.key))
}

/** The parts of gaps that fall on the day, by time. */
export function gapsOn(gaps: readonly Gap[], on: string): DayGap[] {
  const from = at(on)
  const to = from + DAY_MS
  return gaps
    .map((gap) => ({ gap, begins: Math.max(Date.parse(gap.begins_at), from), ends: Math.min(Date.parse(gap.ends_at), to) }))
    .filter(({ begins, ends }) => begins < ends)
    .sort((a, b) => a.begins - b.begins)
    .map(({ gap, begins, ends }) => ({
      begins: hours(new Date(begins).toISOString()), ends: ends === to ? '24:00' : hours(new Date(ends).toISOString()),
      group: gap.group, missing: gap.missing, required: gap.required, planned: gap.planned,
    }))
}

/** 08:30 */
export function hours(instant: string): string {
  return clock(instant).slice(0, 5)
}

/** 12-01 20:00–08:00 */
export function brief(shift: { begins_at: string; ends_at: string }): string {
  return `${day(shift.begins_at).slice(5)} ${hours(shift.begins_at)}–${hours(shift.ends_at)}`
}

export function hasBegun(shift: { begins_at: string }, now = Date.now()): boolean {
  return Date.parse(shift.begins_at) <= now
}

/** `8:30`, `0830`, `8` as `08:30`; null when it is no time of the clock. */
export function clockOf(text: string): string | null {
  const match = /^(\d{1,2})(?::?(\d{2}))?$/.exec(text)
  if (!match) return null
  const [hour, minute] = [Number(match[1]), Number(match[2] ?? 0)]
  return hour < 24 && minute < 60 ? `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}` : null
}

/** 12.5 */
export function inHours(seconds: number): string {
  return (seconds / 3600).toFixed(1)
}

function at(on: string): number {
  return Date.parse(`${on}T00:00:00+08:00`)
}
