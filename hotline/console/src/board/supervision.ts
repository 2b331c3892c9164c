/** What a supervisor does to a call from the board. Confirms only where a caller or a lawyer is cut off. */
import { useI18n } from 'vue-i18n'
import { ElMessageBox } from 'element-plus'
import { calls } from '@/api'
import { Problem } from '@/api/http'
import type { SeatView, WatchMode } from '@/api/types'
import { ownParty } from '@/desk/abilities'
import { sayDone, sayProblem } from '@/say'
import { useHall } from '@/stores/hall'
import { useSeat } from '@/stores/seat'
import { until } from '@/until'

/** How long the own phone may take to be picked up before a take-over is tried all the same, and refused. */
const PICK_UP_MS = 15_000

export type OnCall = WatchMode | 'take-over' | 'release'

export function useSupervision() {
  const { t } = useI18n()
  const own = useSeat()
  const hall = useHall()

  async function act(seat: SeatView, deed: OnCall): Promise<void> {
    const call = seat.call
    if (!call) return
    const who = t('control.seatName', { n: seat.number, name: seat.operator_name })
    try {
      switch (deed) {
        case 'listen':
        case 'whisper':
        case 'barge':
          return await atSeat(() => own.monitor(call, deed))
        case 'take-over':
          await ElMessageBox.confirm(t('supervise.takeOverSure', { who }), t('supervise.takeOver'), { confirmButtonText: t('supervise.takeOverGo'), cancelButtonText: t('act.cancel'), type: 'warning' })
          return await atSeat(() => takeOver(call))
        case 'release':
          return await release(call, who)
      }
    } catch (error) {
      if (error instanceof Problem) sayProblem(error)
    }
  }

  /** With a phone of one's own; who sits down only for this takes no callers. */
  async function atSeat(work: () => Promise<void>): Promise<void> {
    const sat = own.seat !== null
    await own.seated(async () => {
      if (!sat) await own.busy(hall.hall?.busy_reasons[0]?.code ?? 'self')
      await work()
    }, { text: t('supervise.needSeat'), go: t('supervise.sitGo') })
  }

  /** Only who is on the call already can take it over: listen first, then at once. */
  async function takeOver(call: string): Promise<void> {
    const isThere = () => own.isWatching && own.seat?.call === call && ownParty(own.call, own.seat)?.state === 'up'
    if (!isThere()) {
      await own.monitor(call, 'listen')
      await until(isThere, PICK_UP_MS)
    }
    await own.takeOver(call)
  }

  async function release(call: string, who: string): Promise<void> {
    const { value } = await ElMessageBox.prompt(t('supervise.releaseText'), t('supervise.releaseTitle', { who }), {
      confirmButtonText: t('supervise.forceRelease'), cancelButtonText: t('act.cancel'), inputPlaceholder: t('supervise.releaseReason'), inputPattern: /\S{2,}/, inputErrorMessage: t('live.forceNeeded'),
      confirmButtonClass: 'el-button--danger', type: 'warning',
    })
    await calls.forceRelease(call, value.trim())
    sayDone(t('supervise.released'))
  }

  return { act }
}
