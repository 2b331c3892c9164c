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
  /** As far as the caller was known when the ticket was last read. */
  caller: string
  /** Rang here without being taken, and nothing was written: nobody misses the tab. */
  isLeft: boolean
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
    const one: OpenTicket = { number, call, draft, view: NO_VIEW, isNew: false, caller: '', isLeft: false }
    byNumber.set(number, one)
    open.value = [...open.value, number]
    void draft.load()
    return one
  }

  function activate(number: string): void {
    const { value: before } = current
    active.value = number
    if (before?.isLeft && before.number !== number && isSafe(before)) dropTab(before.number)
    const one = byNumber.get(number)
    if (one?.isNew) byNumber.set(number, { ...one, isNew: false })
  }

  /** A caller rings: card and ticket appear, the cursor stays where it is. Again when the number has come after the first ring. */
  function pop(call: CallView): void {
    if (!call.ticket) return
    const before = byNumber.get(call.ticket)
    const isKnown = before !== undefined
    if (!isKnown) tidy()
    const isNamed = isKnown && before.call === call.id && before.caller !== call.caller_masked
    byNumber.set(call.ticket, { ...show(call.ticket, call.id), caller: call.caller_masked, isLeft: false })
    if (!isKnown) {
      const isDisturbing = current.value !== null && (!isSafe(current.value) || isTypedInto(document.activeElement))
      if (!isDisturbing) activate(call.ticket)
      else {
        const one = byNumber.get(call.ticket)
        if (one) byNumber.set(call.ticket, { ...one, isNew: true })
      }
    }
    if (isNamed) {
      pops.delete(call.id)
      void before.draft.load()
    }
    void loadPop(call.id)
  }

  /** A call that was not taken here is over, or somebody else's. */
  async function rangOut(call: string): Promise<void> {
    const one = [...byNumber.values()].find((other) => other.call === call)
    if (!one) return
    await one.draft.load()
    const now = byNumber.get(one.number)
    if (!now || !isSafe(now) || !isUntouched(now.draft.view)) return
    if (active.value === one.number) byNumber.set(one.number, { ...now, isLeft: true })
    else dropTab(one.number)
  }

  /** The ticket is one's own after all. */
  async function resume(number: string, call: string): Promise<void> {
    const isKnown = byNumber.has(number)
    byNumber.set(number, { ...show(number, call), isLeft: false })
    activate(number)
    if (isKnown) await byNumber.get(number)?.draft.load()
  }

  /** How often the caller rang before: null while the number is not known, undefined while that is looked up. */
  function times(call: CallView | null): number | null | undefined {
    if (!call || !call.caller_masked || failedPops.has(call.id)) return null
    return pops.get(call.id)?.times_before ?? undefined
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
    show, activate, pop, rangOut, resume, times, loadPop, set, close, dropTab, saveAll, reopenKept, wake, forget,
  }
})

/** Nobody wrote on it, and it is closed by the hall or no longer ours to read. */
export function isUntouched(view: DraftView): boolean {
  const { ticket } = view
  if (!ticket || ticket.saved_at) return false
  return view.problem?.status === 404 || (ticket.state === 'closed' && !ticket.quick_close)
}

function isSafe(one: OpenTicket): boolean {
  return one.draft.isClean || one.view.ticket === null
}
