/** A list that is read page by page with a cursor: what came, whether there is more, what went wrong. */
import { computed, ref, shallowRef } from 'vue'
import type { Page, PageQuery } from '@/api/types'
import { words } from '@/say'

export function usePages<T, Q extends PageQuery>(read: (query: Q) => Promise<Page<T>>, limit = 50) {
  const items = shallowRef<T[]>([])
  const cursor = ref<string | null>(null)
  const isAsking = ref(false)
  const failure = ref('')
  const hasAsked = ref(false)
  const hasMore = computed(() => cursor.value !== null)
  let query = {} as Q
  let turn = 0

  async function ask(fresh: boolean): Promise<void> {
    const mine = (turn += 1)
    isAsking.value = true
    failure.value = ''
    try {
      const page = await read({ ...query, limit, cursor: fresh ? undefined : cursor.value })
      if (mine !== turn) return
      items.value = fresh ? page.items : [...items.value, ...page.items]
      cursor.value = page.next_cursor
      hasAsked.value = true
    } catch (error) {
      if (mine !== turn) return
      failure.value = words(error)
      if (fresh) {
        items.value = []
        cursor.value = null
      }
    } finally {
      if (mine === turn) isAsking.value = false
    }
  }

  function search(wanted: Q): Promise<void> {
    query = wanted
    return ask(true)
  }

  return { items, isAsking, failure, hasMore, hasAsked, search, more: () => ask(false), again: () => ask(true) }
}
