/** How are opening hours edited? A line of text for each weekday and one for holidays, as `09:00-12:00 14:00-17:30`. */
import type { DayHours, Standing, WeekHours } from './types'

/** A day under the editor's hands. */
export interface DayText { text: string; appointment: boolean }

const MOST = 4
const PERIOD = /^([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)$/

export function textOf(day: DayHours): DayText {
  return { text: day.periods.map(([begins, ends]) => `${begins}-${ends}`).join(' '), appointment: day.appointment }
}

/** The day, or null where the text is none: times out of order, overlapping, or nonsense. */
export function dayOf(typed: DayText): DayHours | null {
  const plain = typed.text.normalize('NFKC').replace(/[~\u2013\u2014\u81f3]/g, '-').replace(/\s*-\s*/g, '-').split(/[\s,;\u3001]+/).filter(Boolean)
  if (plain.length > MOST) return null
  const periods: string[][] = []
  let last = 0
  for (const one of plain) {
    const found = PERIOD.exec(one)
    if (!found) return null
    const begins = Number(found[1]) * 60 + Number(found[2])
    const ends = Number(found[3]) * 60 + Number(found[4])
    if (begins < last || ends <= begins || ends > 1440) return null
    last = ends
    periods.push([clock(begins), clock(ends)])
  }
  return { periods, appointment: typed.appointment }
}

/** Eight lines, Monday first, holidays last. */
export function linesOf(hours: WeekHours | null): DayText[] {
  if (!hours) return Array.from({ length: 8 }, () => ({ text: '', appointment: false }))
  return [...hours.week, hours.holiday].map(textOf)
}

/** The week; null where a line is wrong. */
export function weekOf(lines: readonly DayText[]): WeekHours | null {
  const days = lines.map(dayOf)
  if (days.length !== 8 || days.some((one) => one === null)) return null
  return { week: days.slice(0, 7) as DayHours[], holiday: days[7] as DayHours }
}

/** How it is told: what to call it, and the colour. */
export function toneOf(standing: Standing): 'success' | 'warning' | 'info' {
  return standing.state === 'open' ? 'success' : standing.state === 'appointment' ? 'warning' : 'info'
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
