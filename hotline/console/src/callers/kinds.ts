/** Which rules about callers are there, and what does a date of review have to be? */
import { day } from '@/format'

export const KINDS = ['emergency', 'minor', 'elderly', 'disabled', 'harassing', 'prefer', 'avoid'] as const
export type RuleKind = (typeof KINDS)[number]
export const LEVELS = ['warned', 'limited', 'blocked'] as const
export type Level = 'none' | (typeof LEVELS)[number]
/** Kinds that are about a lawyer as well. */
export const ABOUT_A_LAWYER: readonly string[] = ['prefer', 'avoid']
/** Levels that hold a caller back: they need a date of review within `MOST_DAYS`. */
export const HOLDING_BACK: readonly string[] = ['limited', 'blocked']
export const MOST_DAYS = 90
const USUAL_DAYS = 30
const DAY_MS = 86_400_000

/** What a mark at the desk is called: the level of a harassing caller, else the kind. */
export function markOf(one: { kind: string; level: string }): string {
  return one.kind === 'harassing' ? one.level : one.kind
}

export function toneOf(one: { kind: string; level: string }): 'danger' | 'warning' | 'primary' | 'info' {
  switch (markOf(one)) {
    case 'emergency':
    case 'blocked':
      return 'danger'
    case 'minor':
    case 'warned':
    case 'limited':
    case 'avoid':
      return 'warning'
    case 'prefer':
      return 'info'
    default:
      return 'primary'
  }
}

/** The date that is proposed; none where none is needed. */
export function proposedReview(level: string, now: number): string {
  return HOLDING_BACK.includes(level) ? day(now + USUAL_DAYS * DAY_MS) : ''
}

/** Does the service take this date for this level? Tomorrow at the earliest. */
export function reviewFits(level: string, date: string, now: number): boolean {
  const holds = HOLDING_BACK.includes(level)
  if (!date) return !holds
  return date > day(now) && (!holds || date <= day(now + MOST_DAYS * DAY_MS))
}
