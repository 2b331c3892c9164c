/** A phone on the bedside table keeps its screen on while somebody is on duty. */
import { onScopeDispose, ref, watch, type Ref } from 'vue'

interface Sentinel { release: () => Promise<void>; addEventListener: (type: 'release', listener: () => void) => void }
type Wakeful = Navigator & { wakeLock?: { request: (kind: 'screen') => Promise<Sentinel> } }

/** Held while `wanted`; browsers drop it whenever the page is hidden, so it is asked for again when it is seen. */
export function useWakeLock(wanted: Ref<boolean>): Ref<boolean> {
  const held = ref(false)
  let lock: Sentinel | null = null

  async function follow(): Promise<void> {
    const { wakeLock } = navigator as Wakeful
    if (!wanted.value) {
      await lock?.release().catch(() => undefined)
      lock = null
    } else if (!lock && wakeLock && document.visibilityState === 'visible') {
      try {
        const got = await wakeLock.request('screen')
        lock = got
        held.value = true
        got.addEventListener('release', () => {
          if (lock === got) lock = null
          held.value = lock !== null
        })
      } catch {
        // Battery saving or an old browser: the page says that the screen may go dark.
        held.value = false
      }
    }
  }

  const seen = () => void follow()
  document.addEventListener('visibilitychange', seen)
  watch(wanted, seen, { immediate: true })
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', seen)
    void lock?.release().catch(() => undefined)
  })
  return held
}
