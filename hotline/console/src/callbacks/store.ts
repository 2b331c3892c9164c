/** How many call-back tasks wait: for the badge beside the page's name. Asked for now and then; nothing rings for it. */
import { computed, ref } from 'vue'
import { defineStore } from 'pinia'
import { callbacks } from '@/api'
import type { CallbackCounts } from '@/api/types'
import { useSession } from '@/stores/session'

const EVERY_MS = 30_000

export const useCallbacks = defineStore('callbacks', () => {
  const session = useSession()
  const counts = ref<CallbackCounts | null>(null)
  /** What somebody should look at: nobody's tasks and one's own. */
  const badge = computed(() => (counts.value ? counts.value.waiting + counts.value.mine : 0))
  const isLate = computed(() => Boolean(counts.value?.overdue))
  let timer: ReturnType<typeof setInterval> | null = null

  async function refresh(): Promise<void> {
    if (!session.sees.callbacks || session.hasExpired) return
    try {
      counts.value = await callbacks.counts()
    } catch {
      // The old figures stay; the page itself says what is wrong.
    }
  }

  function watch(): void {
    void refresh()
    timer ??= setInterval(() => document.visibilityState === 'visible' && void refresh(), EVERY_MS)
  }

  function stop(): void {
    if (timer) clearInterval(timer)
    timer = null
    counts.value = null
  }

  return { counts, badge, isLate, refresh, watch, stop }
})
