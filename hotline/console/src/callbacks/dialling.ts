/** Dialling a task's number from the own seat: the phone on the desk rings first, then the caller's. */
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { seats } from '@/api'
import type { CallbackRow } from '@/api/types'
import { useLive } from '@/live/store'
import { sayDone, sayProblem } from '@/say'
import { useSeat } from '@/stores/seat'
import { useSession } from '@/stores/session'
import { whyNotDial } from './dial'

export function useDialling() {
  const { t } = useI18n()
  const seat = useSeat()
  const session = useSession()
  const live = useLive()
  /** The task that is asked for now. */
  const dialling = ref<number | null>(null)

  function whyNot(task: CallbackRow): string {
    return whyNotDial(task, seat.seat, session.me?.account ?? '')
  }

  /** True when the hall took the order. */
  async function dial(task: CallbackRow): Promise<boolean> {
    const number = seat.seat?.number
    if (!number || dialling.value !== null) return false
    dialling.value = task.id
    try {
      live.putSeat((await seats.dial(number, { callback: task.id })).seat)
      sayDone(t('callbacks.dialling'))
      return true
    } catch (error) {
      sayProblem(error)
      return false
    } finally {
      dialling.value = null
    }
  }

  return { dialling, whyNot, dial }
}
