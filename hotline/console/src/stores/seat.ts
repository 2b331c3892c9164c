/** The own seat: what the operator may do now, and the clicks that do it. */
import { computed, ref, watch } from 'vue'
import { defineStore } from 'pinia'
import { seats } from '@/api'
import type { PhoneKind, SeatView, Target, WatchMode } from '@/api/types'
import { abilitiesOf, emergencyOf, partOf, ringOf, WATCHING } from '@/desk/abilities'
import { isSaid } from '@/desk/pickup'
import { useLive } from '@/live/store'
import { sayProblem } from '@/say'
import { usePhone } from '@/softphone/store'
import { until } from '@/until'
import { useHall } from './hall'

/** The call that this tab talked on last: after a reload it rings again, and is no new one. */
const KEPT = 'hotline-call'
/** The call that this tab gave away last: it may come back. */
const PASSED = 'hotline-passed'
/** How long a phone that is just being registered is waited for before the hall is asked to ring it all the same. */
const REGISTERED_MS = 8_000

export const useSeat = defineStore('seat', () => {
  const live = useLive()
  const phone = usePhone()
  const hall = useHall()
  const isAsking = ref(false)
  /** Somebody wants to sit down (the dialog is open); what is to be done once they do. */
  const isSitting = ref(false)
  /** Why the dialog came by itself, and its button then. */
  const sitFor = ref<{ text: string; go: string } | null>(null)
  let whenSeated: (() => Promise<void>) | null = null
  const seat = computed(() => live.ownSeat)
  const call = computed(() => live.ownCall)
  /** A change of mind waits until the call is over. */
  const isOccupied = computed(() => seat.value?.state === 'ringing' || seat.value?.state === 'talking')
  /** Rings on the telephone of this seat, whatever the seat does: the line's device cannot tell who picks up. */
  const byHand = computed(() => [...live.state.calls.values()].find((one) => one.state === 'ringing' && one.seat === seat.value?.number && isSaid(one)) ?? null)
  /** The talk's end has to be said as well. */
  const isByHand = computed(() => call.value !== null && isSaid(call.value))
  const isRinging = computed(() => seat.value?.state === 'ringing' && call.value !== null)
  const isTalking = computed(() => seat.value?.state === 'talking')
  const part = computed(() => (seat.value ? partOf(seat.value) : ''))
  /** A supervisor on somebody else's call. */
  const isWatching = computed(() => seat.value?.call !== null && WATCHING.includes(part.value))
  const isMuted = computed(() => phone.status.muted || (part.value === 'main' && Boolean(call.value?.muted)))
  const abilities = computed(() => abilitiesOf(call.value && { ...call.value, muted: isMuted.value }, seat.value, hall.hall))
  const emergency = computed(() => emergencyOf(call.value, hall.hall))
  const ring = computed(() => (isRinging.value && call.value && seat.value ? ringOf(call.value, seat.value, sessionStorage.getItem(KEPT), sessionStorage.getItem(PASSED)) : null))
  /** The call on which the browser's phone was seen in this page. */
  const heard = ref<string | null>(null)
  /** The service has us on a call, and the phone of this page has not come back to it yet. */
  const isRestoring = computed(() => ring.value?.kind === 'restoring'
    || (isTalking.value && seat.value?.phone_kind === 'browser' && call.value?.handling === 'hall' && phone.status.leg === 'none' && heard.value !== call.value.id))

  watch(() => (isTalking.value && part.value === 'main' ? seat.value?.call : null), (id) => {
    if (!id) return
    sessionStorage.setItem(KEPT, id)
    sessionStorage.removeItem(PASSED)
  }, { immediate: true })
  // A page that was loaded in mid-call has no leg: the hall rings it again, and the phone picks up by itself.
  let restored: string | null = null
  watch(() => isRestoring.value && isTalking.value && phone.leads && phone.status.phone === 'registered', (isDue) => {
    const id = seat.value?.call ?? null
    if (!isDue || !id || restored === id) return
    restored = id
    void ask(seats.restorePhone).catch(() => (restored = null))
  })
  // Callers are offered once the phone can ring: after signing in, and whenever it was away. Once for each registration.
  let isBack = false
  watch(() => phone.leads && phone.status.phone === 'registered', (now) => (isBack = now), { flush: 'sync' })
  watch(() => phone.leads && phone.status.phone === 'registered' && seat.value?.phone_kind === 'browser' && seat.value.state === 'busy' && seat.value.reason === 'phone_unreachable', (isDue) => {
    if (!isDue || !isBack) return
    isBack = false
    void ask(seats.ready).catch(sayProblem)
  })
  watch(() => phone.status.leg, (leg) => leg !== 'none' && (heard.value = seat.value?.call ?? null), { immediate: true })
  watch(() => seat.value?.call, (id) => phone.status.leg !== 'none' && id && (heard.value = id))
  watch(isSitting, (now) => {
    if (now) return
    whenSeated = null
    sitFor.value = null
  })
  // The line kept it while the page was away; the microphone of the new leg has to be cut again.
  watch(() => phone.status.leg === 'connected' && part.value === 'main' && call.value?.muted, (cut) => cut && !phone.status.muted && phone.order({ order: 'mute', on: true }))

  async function ask(work: (number: string) => Promise<{ seat: SeatView }>): Promise<void> {
    const number = seat.value?.number
    if (!number) return
    isAsking.value = true
    try {
      live.putSeat((await work(number)).seat)
    } finally {
      isAsking.value = false
    }
  }

  /** The same for what is done to the call at this seat. */
  async function onCall(work: (number: string, call: string) => Promise<{ seat: SeatView }>): Promise<void> {
    const id = seat.value?.call
    if (id) await ask((number) => work(number, id))
  }

  /** The caller goes to somebody else, and comes back should nobody pick up there. */
  async function give(work: (number: string, call: string) => Promise<{ seat: SeatView }>): Promise<void> {
    const id = seat.value?.call
    // Noted before it is asked for: who is refused at once may be back sooner than the answer.
    if (id) sessionStorage.setItem(PASSED, id)
    try {
      await onCall(work)
    } catch (error) {
      sessionStorage.removeItem(PASSED)
      throw error
    }
  }

  /** What the service wants said at the sign-in: off the roster, a licence that ends soon. */
  async function signIn(number: string, kind: PhoneKind): Promise<string[]> {
    const answer = await seats.signIn(number, kind)
    live.putSeat(answer.seat)
    phone.claim()
    if (answer.phone) await phone.use(answer.phone)
    const next = whenSeated
    whenSeated = null
    await next?.()
    return answer.warnings ?? []
  }

  /** At once where somebody sits already, else after the dialog. */
  async function seated(work: () => Promise<void>, why: { text: string; go: string }): Promise<void> {
    if (seat.value) return work()
    whenSeated = work
    sitFor.value = why
    isSitting.value = true
  }

  /** Of the browser's phone the microphone itself is cut, at once; the line too where it can, so that others see it. */
  async function mute(on: boolean): Promise<void> {
    if (seat.value?.phone_kind === 'browser') phone.order({ order: 'mute', on })
    if (part.value === 'main' && call.value?.abilities.includes('holds')) await onCall((number, id) => seats.mute(number, id, on))
  }

  /** The red key: with the caller on the line, or from the desk alone. */
  async function callHelp(contact: string): Promise<void> {
    await ask((number) => seats.emergency(number, contact))
  }

  /** The own phone rings for it, so it has to be there. */
  async function monitor(watched: string, mode: WatchMode): Promise<void> {
    if (seat.value?.phone_kind === 'browser') await until(() => phone.status.phone === 'registered', REGISTERED_MS)
    await ask((number) => seats.monitor(number, watched, mode))
  }

  async function signOff(): Promise<void> {
    const waits = isOccupied.value
    await ask((number) => seats.signOff(number))
    if (!waits) phone.drop()
  }

  /** The browser's phone is picked up here; a simulated seat is told to be; a desk phone is picked up by hand. */
  async function answer(): Promise<void> {
    const current = seat.value
    if (!current?.offer || current.state !== 'ringing') return
    if (current.phone_kind === 'browser') phone.order({ order: 'answer' })
    else if (current.phone_kind === 'simulated') await ask((number) => seats.answer(number, current.offer ?? ''))
  }

  async function reject(): Promise<void> {
    const offer = seat.value?.offer
    if (offer) await ask((number) => seats.reject(number, offer))
  }

  async function hangUp(): Promise<void> {
    const id = seat.value?.call
    if (!id) return
    await ask((number) => seats.hangUp(number, id))
  }

  /** The line stopped ringing here, and nobody has said that it was picked up. */
  const stopped = ref<{ id: string; caller: string; ticket: string } | null>(null)
  watch(byHand, (now, before) => {
    const after = before && live.state.calls.get(before.id)
    if (now) stopped.value = null
    else if (before && !after?.answered_at) stopped.value = { id: before.id, caller: before.caller_masked, ticket: before.ticket }
  })

  async function took(): Promise<void> {
    const id = byHand.value?.id
    if (id) await ask((number) => seats.took(number, id))
  }

  async function tookIt(): Promise<void> {
    const id = stopped.value?.id
    if (!id) return
    await ask((number) => seats.took(number, id))
    stopped.value = null
  }

  return {
    seat, call, byHand, isByHand, stopped, took, tookIt, isAsking, isSitting, sitFor, isOccupied, isRinging, isTalking, isWatching, isMuted, isRestoring, part, abilities, emergency, ring,
    signIn, seated, signOff, answer, reject, hangUp, mute, callHelp,
    hold: () => onCall(seats.hold),
    resume: () => onCall(seats.resume),
    keys: (digits: string) => onCall((number, id) => seats.keys(number, id, digits)),
    consult: (target: Target) => onCall((number, id) => seats.consult(number, id, target)),
    cancelConsult: () => onCall(seats.cancelConsult),
    join: () => onCall(seats.join),
    leave: () => give(seats.leave),
    transfer: (target: Target) => give((number, id) => seats.transfer(number, id, target)),
    drop: (offer: string) => onCall((number, id) => seats.drop(number, id, offer)),
    rate: () => onCall(seats.rate),
    confirm: (offer: string) => onCall((number, id) => seats.confirm(number, id, offer)),
    monitor,
    stopMonitor: () => ask((number) => seats.stopMonitor(number)),
    takeOver: (watched: string) => ask((number) => seats.takeOver(number, watched)),
    withdrawBreak: () => ask(seats.withdrawBreak),
    askBreak: (reason: string) => ask((number) => seats.askBreak(number, reason)),
    ready: () => ask((number) => seats.ready(number)),
    busy: (reason: string) => ask((number) => seats.busy(number, reason)),
    rest: (reason: string) => ask((number) => seats.rest(number, reason)),
    stay: () => ask((number) => seats.stay(number)),
    forgetNext: () => ask((number) => seats.forgetNext(number)),
  }
})
