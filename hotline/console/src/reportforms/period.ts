/** Which days does a month have? */

export interface Period { from: string; to: string }

/** `2026-10` for any day of November. */
export function lastMonth(today: Date): string {
  const first = new Date(Date.UTC(today.getFullYear(), today.getMonth() - 1, 1))
  return first.toISOString().slice(0, 7)
}

export function periodOf(month: string): Period {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return { from: `${month}-01`, to: new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10) }
}
