/** Who else sits in the hall, and in which state? The stream of a desk tells of its own seat only, so the others are asked for. */
import { computed, ref } from 'vue'
import { defineStore } from 'pinia'
import { hall as api } from '@/api'
import type { SeatView } from '@/api/types'
import { useLive } from '@/live/store'
import { useSession } from './session'

export const useColleagues = defineStore('colleagues', () => {
  const live = useLive()
  const session = useSession()
  const asked = ref<SeatView[]>([])
  const hasFailed = ref(false)
  /** A supervisor's stream brings everybody, newer than any answer. */
  const seats = computed(() => (session.sees.live ? [...live.state.seats.values()] : asked.value))
  const byNumber = computed(() => new Map(seats.value.map((one) => [one.number, one])))

  async function refresh(): Promise<void> {
    if (session.sees.live) return
    try {
      asked.value = (await api.seats()).items
      hasFailed.value = false
    } catch {
      hasFailed.value = true
    }
  }

  function name(number: string | null | undefined): string {
    return (number && byNumber.value.get(number)?.operator_name) || ''
  }

  return { seats, byNumber, hasFailed, refresh, name }
})
