/** Waiting for a state. */
import { watch } from 'vue'

/** Until it is so, or long enough has passed; is it so? */
export function until(isSo: () => boolean, ms: number): Promise<boolean> {
  if (isSo()) return Promise.resolve(true)
  return new Promise((resolve) => {
    const end = () => {
      stop()
      clearTimeout(late)
      resolve(isSo())
    }
    const late = setTimeout(end, ms)
    const stop = watch(isSo, (now) => now && end())
  })
}
