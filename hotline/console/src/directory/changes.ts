/** What of an entry changed, in a line for each field? */
import type { Change, DayHours, WeekHours } from './types'

export interface FieldChange { field: string; before: string; after: string }

/** The fields of a line of the history, in its own order; of hours only the days that differ. `days`: how the eight are called. */
export function fieldsOf(change: Pick<Change, 'before' | 'after'>, days: readonly string[]): FieldChange[] {
  const names = [...new Set([...Object.keys(change.before ?? {}), ...Object.keys(change.after ?? {})])]
  return names.map((field) => {
    const before = change.before?.[field]
    const after = change.after?.[field]
    const told = (value: unknown, other: unknown) => (isWeek(value) ? hours(value, isWeek(other) ? other : null, days) : shown(value))
    return { field, before: told(before, after), after: told(after, before) }
  })
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—'
  return (Array.isArray(value) ? value.map(String).join(' ') : String(value)) || '—'
}

function isWeek(value: unknown): value is WeekHours {
  return typeof value === 'object' && value !== null && 'week' in value && 'holiday' in value
}

/** The days that are not as in the other week; a star: by appointment. */
function hours(week: WeekHours, other: WeekHours | null, days: readonly string[]): string {
  const others = other ? daysOf(other) : []
  return daysOf(week).map((day, at) => (day === others[at] ? '' : `${days[at] ?? ''} ${day}`)).filter(Boolean).join(' / ') || '—'
}

function daysOf(week: WeekHours): string[] {
  return [...week.week, week.holiday].map((day: DayHours) => day.periods.map((one) => one.join('-')).join(' ') + (day.appointment ? '*' : '') || '—')
}
