/** Which tickets are open at the desk, and is each of them saved? A new call never replaces an unsaved form. */
import { computed, ref, shallowReactive } from 'vue'
import { defineStore } from 'pinia'
import { calls, tickets } from '@/api'
import type { CallView, Pop, TicketFields } from '@/api/types'
import { isTypedInto } from '@/desk/hotkeys'
import { Draft, type DraftView } from '@/desk/draft'
import { mirror } from '@/desk/mirror'
import { useSession } from './session'

export interface OpenTicket {
  number: string
  /** The call it was born with, when it was opened by a ring. */
  call: string | null
  draft: Draft
  view: DraftView
  /** A caller rang while something else was being typed: the tab waits to be looked at. */
  isNew: boolean
}

/** More tabs than this do not fit beside each other. */
const MOST_TABS = 6

const NO_VIEW: DraftView = {
  status: 'loading', ticket: null, savedAt: null, conflict: null, problem: null, wasRestored: false,
}

export const useDesk = defineStore('desk', () => {
  const session = useSession()
  const open = ref<string[]>([])
  const byNumber = shallowReactive(new Map<string, OpenTicket>())
  const active = ref<string | null>(null)
  const pops = shallowReactive(new Map<string, Pop>())
  const failedPops = shallowReactive(new Set<string>())

  const current = computed(() => (active.value ? byNumber.get(active.value) ?? null : null))
  const hasUnsaved = computed(() => [...byNumber.values()].some((one) => !isSafe(one)))

  function show(number: string, call: string | null = null): OpenTicket {
    const known = byNumber.get(number)
    if (known) return known
    const draft = new Draft(number, session.me?.account ?? '', tickets, mirror, (view) => {
      const one = byNumber.get(number)
      if (one) byNumber.set(number, { ...one, view })
    })
    const one: OpenTicket = { number, call, draft, view: NO_VIEW, isNew: false }
    byNumber.set(number, one)
    open.value = [...open.value, number]
    void draft.load()
    return one
  }

  function activate(number: string): void {
    active.value = number
    const one = byNumber.get(number)
    if (one?.isNew) byNumber.set(number, { ...one, isNew: false })
  }

  /** A caller rings: card and ticket appear, the cursor stays where it is. */
  function pop(call: CallView): void {
    if (!call.ticket) return
    const isKnown = byNumber.has(call.ticket)
    if (!isKnown) tidy()
    show(call.ticket, call.id)
    if (!isKnown) {
      const isDisturbing = current.value !== null && (!isSafe(current.value) || isTypedInto(document.activeElement))
      if (!isDisturbing) activate(call.ticket)
      else {
        const one = byNumber.get(call.ticket)
        if (one) byNumber.set(call.ticket, { ...one, isNew: true })
      }
    }
    void loadPop(call.id)
  }

  /** Finished tickets make room for the new call; so do the oldest when there are many. Unsaved ones stay. */
  function tidy(): void {
    for (const one of [...byNumber.values()]) {
      const isDone = one.view.ticket?.state === 'closed'
      const isTooMany = open.value.length >= MOST_TABS && one.number === open.value[0]
      if (isSafe(one) && (isDone || isTooMany)) dropTab(one.number)
    }
  }

  async function loadPop(call: string, again = false): Promise<void> {
    if (pops.has(call) && !again) return
    try {
      pops.set(call, await calls.pop(call))
      failedPops.delete(call)
    } catch {
      if (!pops.has(call)) failedPops.add(call)
    }
  }

  function set<F extends keyof TicketFields>(number: string, field: F, value: TicketFields[F]): void {
    byNumber.get(number)?.draft.set(field, value)
  }

  async function close(number: string): Promise<boolean> {
    const one = byNumber.get(number)
    if (!one) return true
    if (!isSafe(one) && !(await one.draft.save())) return false
    dropTab(number)
    return true
  }

  function dropTab(number: string): void {
    byNumber.get(number)?.draft.dispose()
    byNumber.delete(number)
    const at = open.value.indexOf(number)
    open.value = open.value.filter((other) => other !== number)
    if (active.value === number) active.value = open.value[Math.min(at, open.value.length - 1)] ?? null
  }

  /** Saves every open ticket; true when all are at the service. */
  async function saveAll(): Promise<boolean> {
    const done = await Promise.all([...byNumber.values()].map((one) => isSafe(one) || one.draft.save()))
    return done.every(Boolean)
  }

  /** Tickets with changes that never reached the service are opened again after a reload. */
  async function reopenKept(): Promise<void> {
    for (const kept of await mirror.list(session.me?.account ?? '')) show(kept.number)
    if (!active.value && open.value[0]) activate(open.value[0])
  }

  function wake(): void {
    for (const one of byNumber.values()) one.draft.wake()
  }

  function forget(): void {
    for (const one of byNumber.values()) one.draft.dispose()
    byNumber.clear()
    pops.clear()
    open.value = []
    active.value = null
  }

  return {
    open, byNumber, active, current, pops, failedPops, hasUnsaved,
    show, activate, pop, loadPop, set, close, dropTab, saveAll, reopenKept, wake, forget,
  }
})

function isSafe(one: OpenTicket): boolean {
  return one.draft.isClean || one.view.ticket === null
}
