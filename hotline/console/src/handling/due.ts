/** How much time is left until a deadline, and how pressing is that? */
import { day } from '@/format'
import type { Due } from './types'

export type Grade = 'late' | 'soon' | 'fine' | 'paused' | 'none'
export interface Left { days: number; hours: number; minutes: number; isOver: boolean }

/** Whole days, hours and minutes until then; past that, since then. */
export function left(due: string, now: number): Left {
  const millis = Date.parse(due) - now
  const whole = Math.floor(Math.abs(millis) / 60_000)
  return { days: Math.floor(whole / 1440), hours: Math.floor((whole % 1440) / 60), minutes: whole % 60, isOver: millis < 0 }
}

/** What is due today is pressing. `isOver`: what the service says, which knows the time better. */
export function grade(due: string | null, now: number, isOver: boolean): Grade {
  if (due === null) return 'none'
  if (isOver) return 'late'
  return day(due) === day(now) || Date.parse(due) <= now ? 'soon' : 'fine'
}

/** How a deadline of the list stands; one that is over: met, missed, or needed no longer. */
export function standing(due: Due, now: number): Grade | 'met' | 'missed' | 'dropped' {
  if (due.done_at !== null) return due.met === null ? 'dropped' : due.met ? 'met' : 'missed'
  return due.paused_at !== null ? 'paused' : grade(due.due_at, now, due.overdue)
}
