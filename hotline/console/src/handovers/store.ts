/** The hall's bridges, and how many hand-overs need a person: for the badge, the page and the desk. Asked for now and then. */
import { computed, ref } from 'vue'
import { defineStore } from 'pinia'
import { handovers } from '@/api'
import { useSession } from '@/stores/session'
import { alarming } from './steps'
import type { Bridge, HandoverCounts } from './types'

/** What is in doubt has to be seen within a minute. */
const EVERY_MS = 20_000

export const useHandovers = defineStore('handovers', () => {
  const session = useSession()
  const bridges = ref<Bridge[]>([])
  const counts = ref<HandoverCounts | null>(null)
  const badge = computed(() => alarming(counts.value))
  let timer: ReturnType<typeof setInterval> | null = null

  async function refresh(): Promise<void> {
    if (!session.sees.handovers || session.hasExpired) return
    try {
      counts.value = await handovers.counts()
    } catch {
      // The old figures stay; the page itself says what is wrong.
    }
  }

  async function loadBridges(): Promise<void> {
    bridges.value = await handovers.bridges()
  }

  function look(): void {
    if (document.visibilityState === 'visible') void refresh()
  }

  function watch(): void {
    void refresh()
    if (session.sees.handovers) loadBridges().catch(() => undefined)
    timer ??= setInterval(look, EVERY_MS)
    document.addEventListener('visibilitychange', look)
  }

  function stop(): void {
    if (timer) clearInterval(timer)
    timer = null
    document.removeEventListener('visibilitychange', look)
    bridges.value = []
    counts.value = null
  }

  function labelOf(name: string): string {
    return bridges.value.find((one) => one.name === name)?.label ?? name
  }

  return { bridges, counts, badge, refresh, loadBridges, watch, stop, labelOf }
})
