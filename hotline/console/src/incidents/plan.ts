/** How is a plan's checklist edited? A line of text for each step: `what | how | whom to call`. */
import type { PlanStep } from './types'

/** A bar, also the wide one of Chinese keyboards. */
const BETWEEN = / *[|\uff5c] */

export function linesOf(steps: readonly PlanStep[]): string {
  return steps.map((one) => [one.title, one.text, one.call].join(' | ').replace(/( \| )+$/, '')).join('\n')
}

export function stepsOf(lines: string): PlanStep[] {
  return lines.split('\n').map((line) => line.trim()).filter(Boolean).map((line) => {
    const [title = '', text = '', ...call] = line.split(BETWEEN)
    return { title, text, call: call.join(' / ') }
  })
}

export type Due = 'none' | 'done' | 'open' | 'late'

/** How does a report's deadline stand? */
export function dueOf(due: string | null, done: string | null, now: number): Due {
  if (due === null) return 'none'
  if (done !== null) return Date.parse(done) <= Date.parse(due) ? 'done' : 'late'
  return Date.parse(due) < now ? 'late' : 'open'
}
