/** What would a new category tree change? Pure: the present items and the new ones in, the differences by code out. */
import type { Category } from '@/api/types'

export type ChangeKind = 'added' | 'removed' | 'renamed' | 'moved' | 'recoded'

export interface Change {
  kind: ChangeKind
  code: string
  /** Path of labels before and after; empty where there is none. */
  before: string
  after: string
}

export type FaultKind = 'empty' | 'noCode' | 'noLabel' | 'twice' | 'noParent' | 'loop'
/** Which row of the import, counted from 1, and what is wrong with it. */
export interface Fault { row: number; kind: FaultKind; code: string }

export const KINDS: readonly ChangeKind[] = ['added', 'removed', 'renamed', 'moved', 'recoded']

/** A category may be renamed and moved at once; it then counts as both. */
export function compare(before: readonly Category[], after: readonly Category[]): Change[] {
  const old = new Map(before.map((one) => [one.code, one]))
  const fresh = new Map(after.map((one) => [one.code, one]))
  const found: Change[] = []
  for (const one of after) {
    const was = old.get(one.code)
    const paths = { code: one.code, before: was ? pathOf(old, was) : '', after: pathOf(fresh, one) }
    if (!was) found.push({ kind: 'added', ...paths })
    else {
      if (was.label !== one.label) found.push({ kind: 'renamed', ...paths })
      if ((was.parent ?? '') !== (one.parent ?? '')) found.push({ kind: 'moved', ...paths })
      if (codesOf(was) !== codesOf(one)) found.push({ kind: 'recoded', code: one.code, before: codesOf(was), after: codesOf(one) })
    }
  }
  for (const was of before) {
    if (!fresh.has(was.code)) found.push({ kind: 'removed', code: was.code, before: pathOf(old, was), after: '' })
  }
  return found
}

export function counts(changes: readonly Change[]): Record<ChangeKind, number> {
  const sums: Record<ChangeKind, number> = { added: 0, removed: 0, renamed: 0, moved: 0, recoded: 0 }
  for (const one of changes) sums[one.kind] += 1
  return sums
}

/** What the service would refuse for certain. It checks more: lengths, depth, letters of the codes. */
export function faults(items: readonly Category[]): Fault[] {
  if (!items.length) return [{ row: 0, kind: 'empty', code: '' }]
  const byCode = new Map(items.map((one) => [one.code, one]))
  const seen = new Set<string>()
  const found: Fault[] = []
  for (const [at, one] of items.entries()) {
    const say = (kind: FaultKind) => found.push({ row: at + 1, kind, code: one.code })
    if (!one.code) say('noCode')
    else if (seen.has(one.code)) say('twice')
    seen.add(one.code)
    if (!one.label) say('noLabel')
    if (one.parent && !byCode.has(one.parent)) say('noParent')
    else if (ancestors(byCode, one) === null) say('loop')
  }
  return found
}

function pathOf(byCode: ReadonlyMap<string, Category>, item: Category): string {
  return [...(ancestors(byCode, item) ?? []), item].map((one) => one.label).join(' / ')
}

/** The code that all receivers share, then those of single ones. */
export function codesOf(item: Category): string {
  return [item.external_code, ...Object.entries(item.codes ?? {}).sort().map(([name, code]) => `${name}:${code}`)].filter(Boolean).join(' ')
}

/** From the top down, without the item; null when the way up never ends. */
function ancestors(byCode: ReadonlyMap<string, Category>, item: Category): Category[] | null {
  const above: Category[] = []
  let at = item.parent ? byCode.get(item.parent) : undefined
  while (at) {
    if (above.length > byCode.size) return null
    above.unshift(at)
    at = at.parent ? byCode.get(at.parent) : undefined
  }
  return above
}
