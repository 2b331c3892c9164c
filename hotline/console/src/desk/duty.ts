/** What must happen when a caller rings, wherever in the console the operator is looking. */
import { computed, onScopeDispose, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import type { CallView } from '@/api/types'
import { dotted } from '@/format'
import { useLive } from '@/live/store'
import { sayDone, sayProblem, sayWarning } from '@/say'
import { usePhone } from '@/softphone/store'
import { useDesk } from '@/stores/desk'
import { useHall } from '@/stores/hall'
import { useHelp } from '@/stores/help'
import { useSeat } from '@/stores/seat'
import { useSession } from '@/stores/session'
import type { Act } from './abilities'
import { listenForKeys, type Deed } from './hotkeys'
import { pickup } from './pickup'

const FLASH_MS = 900

export function useDuty() {
  const { t } = useI18n()
  const router = useRouter()
  const live = useLive()
  const seat = useSeat()
  const desk = useDesk()
  const phone = usePhone()
  const hall = useHall()
  const session = useSession()
  /** How far the hang-up key is held, 0…1. */
  const held = ref(0)
  const showsKeys = ref(false)
  /** Which of the call's panels is open. */
  const opens = ref<'' | 'keypad' | 'consult' | 'transfer'>('')
  const help = useHelp()
  /** For screen readers: the ring and every change of the own state. */
  const spoken = ref('')
  const plainTitle = computed(() => session.site?.label || t('app.name'))

  let flashing: ReturnType<typeof setInterval> | null = null
  let notification: Notification | null = null

  function startRing(call: CallView): void {
    phone.ring(true)
    const region = call.region || t('ring.unknownRegion')
    const how = t(`ring.how.${pickup(call, seat.seat?.phone_kind ?? '')}`)
    spoken.value = [t('ring.incoming'), call.queue_label, region, how].filter(Boolean).join(t('text.comma'))
    if (flashing) clearInterval(flashing)
    let on = false
    flashing = setInterval(() => {
      on = !on
      document.title = on ? t('ring.title') + call.queue_label : plainTitle.value
    }, FLASH_MS)
    document.title = t('ring.title') + call.queue_label
    if (phone.leads) notify(call, region)
  }

  function notify(call: CallView, region: string): void {
    if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return
    if (document.visibilityState === 'visible' && document.hasFocus()) return
    // No number: the notification also shows on a locked screen.
    notification = new Notification(t('ring.incoming'), {
      body: dotted(call.queue_label, region), tag: call.id, requireInteraction: true,
    })
    notification.onclick = () => {
      window.focus()
      void router.push({ name: 'desk' })
    }
  }

  function stopRing(): void {
    phone.ring(false)
    if (flashing) clearInterval(flashing)
    flashing = null
    document.title = plainTitle.value
    notification?.close()
    notification = null
  }

  // What one asked for oneself, and what comes back after a reload, is no new caller.
  const isNewCaller = computed(() => seat.ring !== null && !['dialling', 'watching', 'restoring'].includes(seat.ring.kind))
  watch(() => (isNewCaller.value ? seat.call?.id : null), (id) => {
    if (id && seat.call) startRing(seat.call)
    else stopRing()
  }, { immediate: true })

  // The screen pops at the ring, when the number comes after it, and at a reload in mid-call; not for a supervisor who only listens.
  watch([() => seat.call?.id, () => seat.isWatching, () => seat.call?.caller_masked], () => {
    if (seat.call && !seat.isWatching && (seat.isRinging || seat.isTalking)) desk.pop(seat.call)
  }, { immediate: true })
  // Rang here, and was not taken here.
  let talked: string | null = null
  watch([() => seat.call?.id, () => seat.isTalking], ([id], [before]) => {
    if (before && before !== id && before !== talked) void desk.rangOut(before)
    if (id && seat.isTalking) talked = id
  })
  // Who was only asked, and now is on the line with the caller, may read the ticket.
  watch(() => seat.part, () => {
    const one = seat.call ? desk.byNumber.get(seat.call.ticket) : null
    if (one && !one.view.ticket) void one.draft.load()
  })

  watch(() => seat.seat?.state, (state, before) => {
    // Signed off, perhaps by somebody else: no call may reach the browser's phone any more.
    if (before && !state) phone.drop()
    if (!state || state === 'ringing') return
    spoken.value = t(`seatState.${state}`)
    // What was refused while somebody else's call rang may be readable now.
    if (state === 'talking' && seat.call) void desk.byNumber.get(seat.call.ticket)?.draft.load()
  })

  watch(() => seat.call?.id, () => (opens.value = ''))
  watch(() => phone.status.isPoor, (isPoor, before) => {
    const { quality } = phone.status
    if (isPoor && quality) sayWarning(t('quality.warning', { detail: detailOf(quality) }))
    else if (before && phone.connected) sayDone(t('quality.fixed'))
  })
  watch(() => phone.status.microphone, (now) => {
    if (now === 'refused') sayWarning(t('quality.micRefused'))
    else if (now === 'gone') sayWarning(t('quality.micGone'))
  })

  function detailOf(quality: { lossPercent: number; jitterMs: number; rttMs: number | null }): string {
    return t('quality.detail', { loss: quality.lossPercent.toFixed(1), jitter: Math.round(quality.jitterMs), rtt: quality.rttMs === null ? '—' : Math.round(quality.rttMs) })
  }

  watch(() => live.link, (link, before) => {
    if (link === 'connected' && before !== 'connected') desk.wake()
    if (link === 'signed_out') session.hasExpired = true
  })
  watch(plainTitle, (title) => (document.title = title), { immediate: true })

  /** 保存并示闲: nothing goes ready before the ticket is at the service. */
  async function saveAndReady(): Promise<void> {
    if (!seat.seat) return
    const current = desk.current
    if (current && !(await current.draft.save())) {
      sayProblem(current.view.problem)
      return
    }
    await seat.ready()
  }

  async function act(deed: Deed): Promise<void> {
    try {
      switch (deed) {
        case 'answer':
          await (seat.byHand && !seat.seat?.offer ? seat.took() : seat.answer())
          break
        case 'hang-up':
          if (has('hang-up')) await press('hang-up')
          else if (has('leave')) await press('leave')
          else if (seat.isWatching) await seat.stopMonitor()
          else if (seat.ring?.kind === 'dialling') await seat.reject()
          break
        case 'ready':
          if (seat.seat) await seat.ready()
          break
        case 'busy':
          if (seat.seat) await seat.busy(hall.hall?.busy_reasons[0]?.code ?? 'self')
          break
        case 'save-ready':
          await saveAndReady()
          break
        case 'hold':
          await press(has('resume') ? 'resume' : 'hold')
          break
        case 'mute':
          await press(has('unmute') ? 'unmute' : 'mute')
          break
        case 'keypad':
        case 'consult':
        case 'transfer':
        case 'join':
        case 'cancel-consult':
          await press(deed)
          break
        case 'emergency':
          await help.call(seat.emergency.first)
          break
        case 'list':
          showsKeys.value = !showsKeys.value
          break
      }
    } catch (error) {
      sayProblem(error)
    }
  }

  function has(act: Act): boolean {
    return seat.abilities.buttons.some((one) => one.act === act)
  }

  /** A button of the call, clicked or by its key. What cannot be done says why. */
  async function press(act: Act): Promise<void> {
    const button = seat.abilities.buttons.find((one) => one.act === act)
    if (!button) return
    if (button.why) {
      sayWarning(t(`control.why.${button.why}`))
      return
    }
    try {
      await carryOut(act)
    } catch (error) {
      sayProblem(error)
    }
  }

  async function carryOut(act: Act): Promise<void> {
    switch (act) {
      case 'keypad':
      case 'consult':
      case 'transfer':
        opens.value = opens.value === act ? '' : act
        return
      case 'mute':
      case 'unmute':
        return seat.mute(act === 'mute')
      case 'hold':
        return seat.hold()
      case 'resume':
        return seat.resume()
      case 'join':
        return seat.join()
      case 'complete':
        return seat.leave()
      case 'leave':
        // Whoever was only asked, or joined, puts down their own phone; the caller stays with the others.
        return seat.part === 'main' ? seat.leave() : seat.hangUp()
      case 'cancel-consult':
        return seat.cancelConsult()
      case 'rate':
        await seat.rate()
        sayDone(t('control.rated'))
        return
      case 'hang-up':
        if (seat.call) help.giveUp(seat.call.id)
        return seat.hangUp()
    }
  }

  const silence = listenForKeys((deed) => void act(deed), (share) => (held.value = seat.isTalking ? share : 0))

  function warn(event: BeforeUnloadEvent): void {
    // On the browser's phone the caller would hear nobody until the page is back.
    const isOnPhone = phone.leads && phone.status.leg !== 'none'
    if (desk.hasUnsaved || isOnPhone) event.preventDefault()
  }
  function saveHidden(): void {
    if (document.visibilityState === 'hidden') void desk.saveAll()
  }
  window.addEventListener('beforeunload', warn)
  document.addEventListener('visibilitychange', saveHidden)

  onScopeDispose(() => {
    silence()
    stopRing()
    window.removeEventListener('beforeunload', warn)
    document.removeEventListener('visibilitychange', saveHidden)
  })

  return { held, showsKeys, opens, spoken, act, press, detailOf, saveAndReady }
}
