/** 一键 110: one press, whatever the seat does. What went wrong is said so loudly that nobody waits for help that is not coming. */
import { computed, ref, watch } from 'vue'
import { defineStore } from 'pinia'
import { ElMessageBox } from 'element-plus'
import { i18n } from '@/i18n'
import { sayWarning, words } from '@/say'
import { useHall } from './hall'
import { useSeat } from './seat'

/** No answer from the service for so long: whoever pressed takes another phone, the order is not withdrawn. */
const LOUD_AFTER_MS = 4_000
/** Seat and call of one moment come in two messages. */
const SETTLED_MS = 400

export const useHelp = defineStore('help', () => {
  const seat = useSeat()
  const hall = useHall()
  const { t } = i18n.global
  /** The contact that is being ordered now. */
  const asking = ref<string | null>(null)
  /** The contact ordered last from this page, until the call itself says whom it is for. */
  const last = ref<string | null>(null)
  /** Legs and calls that somebody here sent away: their end is no failure. */
  const given = new Set<string>()

  /** A leg that rings for help, or the outbound call that does. */
  const ringing = computed(() => {
    const party = seat.call?.parties?.find((one) => one.state === 'ringing' && one.seat === null && (one.emergency || one.contact === seat.emergency.first))
    if (party) return { key: party.offer, label: party.label || label(party.contact), contact: party.contact }
    const call = seat.call
    if (call?.emergency && call.direction === 'out' && call.state === 'dialling') return helper(call.id, call.contact || last.value || seat.emergency.first)
    return null
  })
  const helper = (key: string, contact: string) => ({ key, label: label(contact), contact })
  const isThere = (key: string) => seat.call?.id === key || seat.call?.parties?.some((one) => one.offer === key)

  watch(ringing, (now, before) => {
    if (before && before.key !== now?.key && !isThere(before.key) && !given.has(before.key)) loud(before.contact, before.label, t('emergency.lost'))
  })

  /** Help that is on the line with the caller and has not said that it takes over. */
  const unconfirmed = computed(() => {
    const call = seat.call?.direction === 'in' && seat.isTalking && !seat.isWatching ? seat.call : null
    const party = call?.parties?.find((one) => one.emergency && one.state === 'up' && one.seat === null && !one.confirmed)
    return call && party ? { key: party.offer, call: call.id, label: party.label || label(party.contact), contact: party.contact } : null
  })
  // Whoever put down, nobody has taken over. With the caller's end theirs comes too, and the hall puts us through again.
  watch(unconfirmed, (now, before) => {
    if (!before || before.key === now?.key || isThere(before.key) || given.has(before.key)) return
    setTimeout(() => {
      if (seat.call?.id === before.call) sayWarning(t('emergency.leftOpen', { label: before.label }))
      else if (seat.call?.direction === 'out' && seat.call.emergency) sayWarning(t('emergency.goesOn', { label: before.label }))
    }, SETTLED_MS)
  })

  function label(contact: string): string {
    return hall.hall?.contacts?.find((one) => one.id === contact)?.label ?? contact
  }

  async function call(contact: string): Promise<void> {
    if (asking.value || !seat.seat) return
    asking.value = last.value = contact
    const late = setTimeout(() => loud(contact, label(contact), t('emergency.noAnswer')), LOUD_AFTER_MS)
    try {
      await seat.callHelp(contact)
    } catch (error) {
      loud(contact, label(contact), words(error))
    } finally {
      clearTimeout(late)
      asking.value = null
    }
  }

  function loud(contact: string, name: string, why: string): void {
    ElMessageBox.confirm(t('emergency.failed', { why, label: name }), t('emergency.failedTitle', { label: name }), {
      type: 'error', confirmButtonText: t('emergency.again'), cancelButtonText: t('emergency.close'), confirmButtonClass: 'el-button--danger', closeOnClickModal: false,
    }).then(() => call(contact), () => undefined)
  }

  function giveUp(key: string): void {
    given.add(key)
  }

  return { asking, ringing, label, call, giveUp }
})
