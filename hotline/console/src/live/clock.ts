/** What time is it at the service? Counters and countdowns never trust the clock of the desk's computer. */
import { onScopeDispose, ref, type Ref } from 'vue'

let skewMs = 0

/** The service says what time it is; how far this computer is off is kept. */
export function learn(serverTime: string, here = Date.now()): void {
  const there = Date.parse(serverTime)
  if (!Number.isNaN(there)) skewMs = there - here
}

export function serverNow(here = Date.now()): number {
  return here + skewMs
}

/** Whole seconds since the instant; 0 for instants that are still ahead. */
export function secondsSince(instant: string | null | undefined, now: number): number {
  if (!instant) return 0
  return Math.max(0, Math.floor((now - Date.parse(instant)) / 1000))
}

/** Whole seconds until the instant, rounded up so that the last second is seen; 0 when it is over. */
export function secondsUntil(instant: string | null | undefined, now: number): number {
  if (!instant) return 0
  return Math.max(0, Math.ceil((Date.parse(instant) - now) / 1000))
}

/** The service's time as a ref that ticks four times a second while the component lives. */
export function useNow(everyMs = 250): Ref<number> {
  const now = ref(serverNow())
  const timer = setInterval(() => (now.value = serverNow()), everyMs)
  onScopeDispose(() => clearInterval(timer))
  return now
}
