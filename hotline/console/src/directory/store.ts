/** The offices of the hall, read once for all tabs. */
import { computed, ref } from 'vue'
import { defineStore } from 'pinia'
import { directory } from '@/api'
import type { TreeNode } from './types'

export const useDirectory = defineStore('directory', () => {
  const nodes = ref<TreeNode[]>([])
  const withEnded = ref(false)
  const byCode = computed(() => new Map(nodes.value.map((one) => [one.code, one])))
  const living = computed(() => nodes.value.filter((one) => !one.ended))
  const villages = computed(() => living.value.filter((one) => one.kind === 'village_studio'))

  async function load(): Promise<void> {
    nodes.value = (await directory.tree(withEnded.value)).items
  }

  function nameOf(code: string | null): string {
    return code ? (byCode.value.get(code)?.name ?? code) : ''
  }

  return { nodes, withEnded, living, villages, load, nameOf }
})
