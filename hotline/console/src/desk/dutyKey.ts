/** How parts of the desk reach the duty that the shell runs. */
import { inject, type InjectionKey } from 'vue'
import type { useDuty } from './duty'

type Duty = ReturnType<typeof useDuty>
export const DUTY: InjectionKey<Duty> = Symbol('duty')

export function theDuty(): Duty {
  const duty = inject(DUTY)
  if (!duty) throw new Error('the desk lives inside the shell')
  return duty
}
