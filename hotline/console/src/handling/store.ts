/** How many tickets wait: for the badge beside the page's name and the lists. Asked for now and then; nothing rings for it. */
import { computed, ref } from 'vue'
import { defineStore } from 'pinia'
import { handling } from '@/api'
import { useSession } from '@/stores/session'
import type { Counts } from './types'

const EVERY_MS = 30_000

export const useHandling = defineStore('handling', () => {
  const session = useSession()
  const counts = ref<Counts | null>(null)
  /** What to look at: a unit, what it has to sign for; a supervisor, what is late or waits for a decision; an operator, what came back. */
  const badge = computed(() => {
    const { counts: by = {}, requests = 0 } = counts.value ?? {}
    if (session.sees.handles) return by.to_sign ?? 0
    return session.sees.reviews ? (by.overdue ?? 0) + requests : (by.returned ?? 0)
  })
  const isLate = computed(() => Boolean(counts.value?.counts.overdue))
  let timer: ReturnType<typeof setInterval> | null = null

  async function refresh(): Promise<void> {
    if (!session.sees.handling || session.hasExpired) return
    try {
      counts.value = await handling.counts()
    } catch {
      // The old figures stay; the page itself says what is wrong.
    }
  }

  function seen(): void {
    if (document.visibilityState === 'visible') void refresh()
  }

  function watch(): void {
    void refresh()
    timer ??= setInterval(seen, EVERY_MS)
    document.addEventListener('visibilitychange', seen)
  }

  function stop(): void {
    if (timer) clearInterval(timer)
    timer = null
    document.removeEventListener('visibilitychange', seen)
    counts.value = null
  }

  return { counts, badge, isLate, refresh, watch, stop }
})
