/** Which places does the directory know, and which of them does a ticket speak of? */
import { upwards } from '@/directory/tree'
import type { TreeNode } from '@/directory/types'

export interface Area { code: string; name: string }

/** Every place once, by its code. */
export function areasOf(nodes: readonly TreeNode[]): Area[] {
  const found = new Map(nodes.filter((one) => !one.ended && one.area && one.area_name).map((one) => [one.area, one.area_name]))
  return [...found].map(([code, name]) => ({ code, name })).sort((a, b) => a.code.localeCompare(b.code))
}

/** The smallest known place that is named in the text; empty: none. */
export function areaIn(text: string, areas: readonly Area[]): string {
  const named = areas.filter((one) => text.includes(one.name))
  return named.sort((a, b) => b.code.length - a.code.length)[0]?.code ?? ''
}

/** The unit and all below it. */
export function reachOf(nodes: readonly TreeNode[], unit: string): Set<string> {
  return new Set([unit, ...nodes.filter((one) => upwards(nodes, one.code).includes(unit)).map((one) => one.code)])
}
