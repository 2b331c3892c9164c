/** Which lines does the board name? Pure. */
import type { AdapterView, LinkView } from '@/api/types'

/** The stream speaks of lines that came or went; the others are what the hall was when it was read. */
export function linksOf(told: ReadonlyMap<string, LinkView>, lines: readonly AdapterView[]): LinkView[] {
  const silent = lines.filter((one) => !told.has(one.name)).map((one): LinkView => ({ adapter: one.name, up: one.up, alarms: [] }))
  return [...told.values(), ...silent].sort((a, b) => a.adapter.localeCompare(b.adapter, 'zh', { numeric: true }))
}
