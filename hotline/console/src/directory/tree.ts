/** How does a flat list of offices become a tree, and what of it is shown? */
import type { TreeNode } from './types'

export interface Branch extends TreeNode { children: Branch[] }

/** The offices at the top with all below them; one whose superior is not in the list stands at the top. */
export function grown(nodes: readonly TreeNode[]): Branch[] {
  const branches = new Map(nodes.map((one) => [one.code, { ...one, children: [] as Branch[] }]))
  const tops: Branch[] = []
  for (const one of branches.values()) {
    const above = one.parent === null ? undefined : branches.get(one.parent)
    ;(above ? above.children : tops).push(one)
  }
  return tops
}

/** Does the office match what was typed, by name, code or area? */
export function matches(node: Pick<TreeNode, 'name' | 'code' | 'area_name' | 'area'>, typed: string): boolean {
  const text = typed.trim().toLowerCase()
  return !text || [node.name, node.code, node.area_name].some((one) => one.toLowerCase().includes(text)) || (/^\d+$/.test(text) && node.area.startsWith(text))
}

const MOST_CHOICES = 50

/** What a list that drops down offers of a large directory: what matches, and what is chosen already. */
export function choices<T extends TreeNode>(nodes: readonly T[], typed: string, chosen: readonly string[] = []): T[] {
  const kept = nodes.filter((one) => chosen.includes(one.code))
  return [...kept, ...nodes.filter((one) => !chosen.includes(one.code) && matches(one, typed)).slice(0, MOST_CHOICES)]
}

/** The office and all above it: to be opened so that it can be seen. */
export function upwards(nodes: readonly TreeNode[], code: string): string[] {
  const known = new Map(nodes.map((one) => [one.code, one]))
  const found: string[] = []
  for (let at = known.get(code); at && !found.includes(at.code); at = at.parent === null ? undefined : known.get(at.parent)) found.push(at.code)
  return found
}

/** Whom the office can stand under: anybody living but itself and what is below it. */
export function possibleParents(nodes: readonly TreeNode[], code: string | null): TreeNode[] {
  return nodes.filter((one) => !one.ended && (code === null || !upwards(nodes, one.code).includes(code)))
}
