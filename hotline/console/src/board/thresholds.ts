/** When is a figure normal, a warning, or critical? One table; the words go with the colours. */
export type Grade = 'normal' | 'warn' | 'critical'

/** People waiting. */
export const QUEUE_LENGTH = { warn: 3, critical: 6 } as const
/** Seconds that the longest waiting caller has waited; 15 s is what GB/T 33358 allows for an answer. */
export const LONGEST_WAIT = { warn: 15, critical: 60 } as const
/** GB/T 33358: 95 % answered over any 24 hours; below 90 % is far off. */
export const ANSWER_RATE = { warn: 0.95, critical: 0.9 } as const
/** Share answered within 15 s. */
export const WITHIN_15 = { warn: 0.85, critical: 0.7 } as const

export function gradeAbove(value: number, limits: { warn: number; critical: number }): Grade {
  return value >= limits.critical ? 'critical' : value >= limits.warn ? 'warn' : 'normal'
}

export function gradeBelow(value: number | null | undefined, limits: { warn: number; critical: number }): Grade | null {
  if (value === null || value === undefined) return null
  return value < limits.critical ? 'critical' : value < limits.warn ? 'warn' : 'normal'
}
