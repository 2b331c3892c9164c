/** The one live picture that every page reads. */
import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { hall as api } from '@/api'
import type { CallView, SeatView } from '@/api/types'
import { learn, serverNow } from './clock'
import { forced, type Forced } from './forced'
import type { LiveEvent, Notice, ServerMessage, Topic } from './protocol'
import { LiveSocket, type LinkState, type SocketLike } from './socket'
import { apply, fromSnapshot, NOTHING, withSeat, type LiveState } from './state'

/** Screens are redrawn at most this often, however many things change. */
const REDRAW_MS = 80
/** What was acknowledged stays so after a reload. */
const SEEN = 'hotline-forced-seen'

export const useLive = defineStore('live', () => {
  const link = ref<LinkState>('connecting')
  const state = shallowRef<LiveState>(NOTHING)
  /** When the service was last heard, by its own clock. */
  const heardAt = ref(0)
  const notices = shallowRef<Notice[]>([])
  const account = ref('')
  const workNumber = ref('')
  /** The own seat as it was when somebody else signed it off: from then on the stream no longer calls it ours. */
  const lostSeat = shallowRef<SeatView | null>(null)
  const seen = ref(sessionStorage.getItem(SEEN) ?? '')

  let latest: LiveState = NOTHING
  let redraw: ReturnType<typeof setTimeout> | null = null
  let topics: Topic[] = ['desk']
  let socket: LiveSocket | null = null

  const ownSeat = computed<SeatView | null>(() => {
    for (const seat of state.value.seats.values()) {
      if (seat.operator && seat.operator === account.value) return seat
    }
    return null
  })
  const ownCall = computed<CallView | null>(() => {
    const call = ownSeat.value?.call
    return (call && state.value.calls.get(call)) || null
  })
  /** What somebody else did to the own seat, until it is acknowledged or the seat changes again. */
  const forcedOn = computed<Forced | null>(() => {
    const seat = ownSeat.value ?? lostSeat.value
    const found = seat && forced(seat, workNumber.value)
    return found && found.key !== seen.value ? found : null
  })
  const waiting = computed(() => {
    let sum = 0
    for (const queue of state.value.queues.values()) sum += queue.waiting
    return sum
  })

  function show(next: LiveState, atOnce: boolean): void {
    latest = next
    if (atOnce) {
      if (redraw) clearTimeout(redraw)
      redraw = null
      state.value = latest
    } else if (!redraw) {
      redraw = setTimeout(() => {
        redraw = null
        state.value = latest
      }, REDRAW_MS)
    }
  }

  function hear(message: ServerMessage): void {
    heardAt.value = serverNow()
    switch (message.type) {
      case 'hello':
        learn(message.server_time)
        break
      case 'snapshot':
        learn(message.data.now)
        begin(fromSnapshot(message.seq, message.data))
        break
      case 'event':
        if (message.event === 'seat') follow(message.data)
        if (message.event === 'notice') notices.value = [...notices.value.slice(-9), message.data]
        show(apply(latest, message), concernsMe(message))
        break
    }
  }

  function begin(next: LiveState): void {
    const before = ownSeat.value
    show(next, true)
    if (ownSeat.value) lostSeat.value = null
    else if (before) void findLost(before.number)
  }

  /** The seat was taken away while nothing was heard, and the snapshot speaks of own seats only. */
  async function findLost(number: string): Promise<void> {
    try {
      lostSeat.value = (await api.seats()).items.find((seat) => seat.number === number && seat.operator === null) ?? null
    } catch {
      // The header says that nobody sits there; only by whom stays unknown.
    }
  }

  function follow(seat: SeatView): void {
    if (seat.operator === account.value) lostSeat.value = null
    else if (seat.number === ownSeat.value?.number) lostSeat.value = seat
  }

  function acknowledge(): void {
    if (!forcedOn.value) return
    seen.value = forcedOn.value.key
    sessionStorage.setItem(SEEN, seen.value)
  }

  /** The own seat and call are shown without delay. */
  function concernsMe(message: LiveEvent): boolean {
    if (message.event === 'seat') return message.data.operator === account.value || message.data.number === ownSeat.value?.number
    return message.event === 'call' && message.data.seat !== null && message.data.seat === ownSeat.value?.number
  }

  function start(me: { account: string; work_number: string }, wanted: Topic[]): void {
    stop()
    account.value = me.account
    workNumber.value = me.work_number
    topics = wanted
    socket = new LiveSocket({
      open: openSocket,
      topics: () => topics,
      lastSeq: () => latest.seq,
      onMessage: hear,
      onState: (now) => (link.value = now),
    })
    socket.start()
  }

  function stop(): void {
    socket?.stop()
    socket = null
    latest = NOTHING
    state.value = NOTHING
    lostSeat.value = null
  }

  function takeBack(): void {
    socket?.start()
  }

  function wake(): void {
    if (document.visibilityState === 'visible') socket?.wake()
  }

  /** Does that call still go on, as far as this page knows? */
  function goesOn(call: string): boolean {
    return state.value.calls.has(call)
  }

  function putSeat(seat: SeatView): void {
    show(withSeat(latest, seat), true)
  }

  document.addEventListener('visibilitychange', wake)
  window.addEventListener('online', wake)

  return { link, state, heardAt, notices, account, ownSeat, ownCall, forcedOn, waiting, start, stop, takeBack, putSeat, goesOn, hear, acknowledge }
})

function openSocket(): SocketLike {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(`${scheme}//${location.host}/api/v1/live`) as unknown as SocketLike
}
