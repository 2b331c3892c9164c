/** How much of a time limit is left, and how urgent is that? */
import { secondsUntil } from '@/live/clock'

export interface Countdown {
  seconds: number
  /** 0…1, what is left of the whole. */
  share: number
  isOver: boolean
  isPressing: boolean
}

/** Below this the bar turns to the warning colour (and the word changes). */
const PRESSING_SECONDS = 5

export function countdown(from: string | null, until: string | null, now: number): Countdown | null {
  if (!until) return null
  const seconds = secondsUntil(until, now)
  const end = Date.parse(until)
  const start = from ? Date.parse(from) : end
  const whole = Math.max(1, end - start)
  const share = Math.min(1, Math.max(0, (end - now) / whole))
  return { seconds, share, isOver: seconds === 0, isPressing: seconds <= PRESSING_SECONDS }
}
