/** How does a list's filter become a view that can be kept, and a kept view a filter again? */
import { daysAgo } from '@/format'
import type { ViewFilter } from './types'

const KEPT = ['state', 'category', 'operator', 'q', 'outcome', 'queue', 'seat', 'adapter'] as const
const MOST_DAYS = 366
const DAY_MS = 86_400_000

export interface ListFilter { days: [string, string]; [field: string]: unknown }

/** A day that is named is over tomorrow, and a number is a person's: kept is how many days back, and what is chosen. */
export function viewOf(filter: ListFilter, now = Date.now()): ViewFilter {
  const back = Math.round((Date.parse(daysAgo(0, now)) - Date.parse(filter.days[0])) / DAY_MS) + 1
  const chosen = KEPT.filter((name) => typeof filter[name] === 'string' && filter[name])
  return { days: Math.min(Math.max(back, 1), MOST_DAYS), ...Object.fromEntries(chosen.map((name) => [name, filter[name]])) }
}

/** Everything that the list filters by, emptied where the view says nothing. */
export function filterOf<F extends ListFilter>(view: ViewFilter, empty: F, now = Date.now()): F {
  const { days, ...chosen } = view
  const known = Object.fromEntries(Object.entries(chosen).filter(([name]) => name in empty))
  return { ...empty, ...known, days: [daysAgo((days ?? 7) - 1, now), daysAgo(0, now)] }
}

/** Without what is empty: in a body an empty text is not the same as nothing. */
export function filled<Q extends object>(query: Q): Partial<Q> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== '' && value !== undefined && value !== null)) as Partial<Q>
}
