/** The hall's own words: queues, reasons, phrases, categories. Read once, shared by all pages. */
import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { categories as trees, hall as api } from '@/api'
import type { Category, CategoryTree, Hall } from '@/api/types'

/** A type, not an interface: the cascader wants an open record. */
export type CategoryNode = { value: string; label: string; children?: CategoryNode[] }

export const useHall = defineStore('hall', () => {
  const hall = ref<Hall | null>(null)
  const tree = shallowRef<CategoryTree | null>(null)
  let asked: Promise<void> | null = null
  let askedTree: Promise<void> | null = null

  const categories = computed(() => nested(tree.value?.items ?? []))
  const labels = computed(() => new Map((tree.value?.items ?? []).map((one) => [one.code, one.label])))

  function load(): Promise<void> {
    asked ??= api.read().then(
      (fresh) => void (hall.value = fresh),
      (error) => {
        asked = null
        throw error
      },
    )
    return asked
  }

  function loadCategories(): Promise<void> {
    askedTree ??= trees.read().then(
      (fresh) => void (tree.value = fresh),
      (error) => {
        askedTree = null
        throw error
      },
    )
    return askedTree
  }

  /** Another version was imported. */
  function useTree(fresh: CategoryTree): void {
    askedTree = Promise.resolve()
    tree.value = fresh
  }

  async function refresh(): Promise<void> {
    hall.value = await api.read()
  }

  function forget(): void {
    asked = askedTree = null
    hall.value = tree.value = null
  }

  function queueLabel(name: string): string {
    return hall.value?.queues.find((queue) => queue.name === name)?.label ?? name
  }

  return { hall, tree, categories, labels, load, loadCategories, useTree, refresh, forget, queueLabel }
})

/** The flat list as a tree, in the order given. */
export function nested(items: readonly Category[]): CategoryNode[] {
  const nodes = new Map(items.map((one) => [one.code, { value: one.code, label: one.label } as CategoryNode]))
  const roots: CategoryNode[] = []
  for (const one of items) {
    const node = nodes.get(one.code)
    if (!node) continue
    const parent = one.parent ? nodes.get(one.parent) : undefined
    if (parent) (parent.children ??= []).push(node)
    else roots.push(node)
  }
  return roots
}
