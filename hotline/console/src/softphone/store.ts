/** One phone for all tabs: the leading tab holds it, the others send it their clicks. */
import { computed, ref, shallowRef, watch } from 'vue'
import { defineStore } from 'pinia'
import type { Softphone } from '@/api/types'
import { Leader, type ChannelPort, type LockPort } from '@/live/leader'
import { useDevices } from './deviceStore'
import { BrowserPhone, PHONE_OFF, type PhoneStatus } from './phone'
import { ringer } from './ringer'

/** Rejecting and hanging up go through the hall: it stops the phone, and it must know. */
type Order = { order: 'answer' } | { order: 'mute'; on: boolean }
type Word = Order | { status: PhoneStatus } | { tell: true }

/** Kept in memory only: whoever becomes the leading tab asks the service again. */
export type AskAccount = () => Promise<Softphone | null>

export const usePhone = defineStore('phone', () => {
  const leads = ref(false)
  const status = shallowRef<PhoneStatus>(PHONE_OFF)
  const isRinging = ref(false)
  const connected = computed(() => status.value.leg === 'connected')

  const phone = new BrowserPhone((now) => {
    status.value = now
    words?.postMessage({ status: now } satisfies Word)
  })
  const devices = useDevices()
  watch(() => devices.inUse, (now) => {
    void phone.useMicrophone(now.microphone)
    phone.useSpeaker(now.speaker)
    ringer.use(now.ringer)
  }, { immediate: true })
  let leader: Leader | null = null
  let words: BroadcastChannel | null = null
  let account: Softphone | null = null
  let askAccount: AskAccount = async () => null

  function open(name: string, ask: AskAccount): void {
    close()
    askAccount = ask
    words = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`${name}-phone`)
    if (words) words.onmessage = (event) => listen(event.data as Word)
    leader = new Leader({
      name,
      locks: navigator.locks as unknown as LockPort | undefined,
      channel: typeof BroadcastChannel === 'undefined' ? undefined : (new BroadcastChannel(`${name}-lead`) as ChannelPort),
      onChange: (now) => void lead(now),
      isOccupied: () => phone.isOccupied,
    })
    leader.start()
    words?.postMessage({ tell: true } satisfies Word)
  }

  function close(): void {
    leader?.stop()
    leader = null
    words?.close()
    words = null
    account = null
    phone.unregister()
    ringer.quiet()
  }

  async function lead(now: boolean): Promise<void> {
    leads.value = now
    if (!now) {
      ringer.quiet()
      phone.unregister()
      return
    }
    ring(isRinging.value)
    account ??= await askAccount()
    if (account && leads.value) await phone.register(account)
  }

  /** The seat was signed in with the browser's phone: register here, in the tab that was clicked. */
  async function use(fresh: Softphone): Promise<void> {
    account = fresh
    if (leads.value) await phone.register(fresh)
    else leader?.claim()
  }

  function drop(): void {
    account = null
    phone.unregister()
  }

  function claim(): void {
    leader?.claim()
  }

  function listen(word: Word): void {
    if ('status' in word) {
      if (!leads.value) status.value = word.status
    } else if ('tell' in word) {
      if (leads.value) words?.postMessage({ status: status.value } satisfies Word)
    } else if (leads.value) {
      carryOut(word)
    }
  }

  function carryOut(word: Order): void {
    switch (word.order) {
      case 'answer':
        return phone.answer()
      case 'mute':
        return phone.mute(word.on)
    }
  }

  function order(word: Order): void {
    if (leads.value) carryOut(word)
    else words?.postMessage(word satisfies Word)
  }

  /** Ring or be quiet; only the leading tab is heard. */
  function ring(on: boolean): void {
    isRinging.value = on
    if (on && leads.value) ringer.ring()
    else ringer.quiet()
  }

  return { leads, status, connected, open, close, use, drop, claim, order, ring }
})
