/** A year's notice as people paste it: one day or a range a line, what it counts as, and its name. */
import { languages } from '@/i18n'
import { KINDS, type DayKind, type SpecialDay } from './types'
import { later } from './week'

export interface Pasted { days: SpecialDay[]; wrong: number[] }

/** No holiday is longer: a slip of the pen in a year must not make a thousand days. */
const LONGEST = 31
/** Dates with dashes, slashes or Chinese units (\u5e74 \u6708 \u65e5); ranges with a tilde, a dash or \u81f3; full-width commas and colons. */
const LINE = /^(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?(?:\s*[~\uff5e\u81f3\u2013\u2014]\s*(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?)?[\s,\uff0c:\uff1a]+([^\s,\uff0c:\uff1a]+)(?:[\s,\uff0c:\uff1a]+(.*))?$/

/** Lines that cannot be read are named by their number; empty ones do not count as wrong. */
export function readDays(text: string): Pasted {
  const kinds = new Map<string, DayKind>(KINDS.flatMap((kind) => [[kind, kind] as const, ...languages().map((words) => [words.rosters.kinds[kind].toLowerCase(), kind] as const)]))
  const days = new Map<string, SpecialDay>()
  const wrong: number[] = []
  text.split(/\r?\n/).forEach((line, at) => {
    if (!line.trim()) return
    const match = LINE.exec(line.trim())
    const kind = kinds.get(match?.[7]?.toLowerCase() ?? '')
    const from = match && spelt(match.slice(1, 4))
    const to = match?.[4] ? spelt(match.slice(4, 7)) : from
    if (!kind || !from || !to || to < from || later(from, LONGEST) < to) {
      wrong.push(at + 1)
      return
    }
    for (let day = from; day <= to; day = later(day, 1)) days.set(day, { day, kind, label: (match?.[8] ?? '').trim().slice(0, 40) })
  })
  return { days: [...days.values()], wrong }
}

/** Days that were there and are pasted again are as pasted; by date. */
export function joined(own: readonly SpecialDay[], fresh: readonly SpecialDay[]): SpecialDay[] {
  const all = new Map([...own, ...fresh].map((one) => [one.day, one]))
  return [...all.values()].sort((a, b) => a.day.localeCompare(b.day))
}

/** 2027-01-01; null when there is no such day. */
function spelt(parts: readonly (string | undefined)[]): string | null {
  const [year, month, day] = parts.map((one) => String(one ?? '').padStart(2, '0'))
  const text = `${year}-${month}-${day}`
  const date = new Date(`${text}T00:00:00Z`)
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text ? null : text
}
