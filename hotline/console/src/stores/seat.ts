/** The own seat: what the operator may do now, and the clicks that do it. */
import { computed, ref } from 'vue'
import { defineStore } from 'pinia'
import { seats } from '@/api'
import type { PhoneKind, SeatView } from '@/api/types'
import { useLive } from '@/live/store'
import { usePhone } from '@/softphone/store'

export const useSeat = defineStore('seat', () => {
  const live = useLive()
  const phone = usePhone()
  const isAsking = ref(false)
  const seat = computed(() => live.ownSeat)
  const call = computed(() => live.ownCall)
  /** A change of mind waits until the call is over. */
  const isOccupied = computed(() => seat.value?.state === 'ringing' || seat.value?.state === 'talking')
  const isRinging = computed(() => seat.value?.state === 'ringing' && call.value !== null)
  const isTalking = computed(() => seat.value?.state === 'talking')

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

  async function signIn(number: string, kind: PhoneKind): Promise<void> {
    const answer = await seats.signIn(number, kind)
    live.putSeat(answer.seat)
    phone.claim()
    if (answer.phone) await phone.use(answer.phone)
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

  return {
    seat, call, isAsking, isOccupied, isRinging, isTalking,
    signIn, signOff, answer, reject, hangUp,
    ready: () => ask((number) => seats.ready(number)),
    busy: (reason: string) => ask((number) => seats.busy(number, reason)),
    rest: (reason: string) => ask((number) => seats.rest(number, reason)),
    stay: () => ask((number) => seats.stay(number)),
    forgetNext: () => ask((number) => seats.forgetNext(number)),
  }
})
