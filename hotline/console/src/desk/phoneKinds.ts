/** With what may one sign in at a seat of this hall, and what does none of its lines ring? Pure. */
import type { Hall, PhoneKind } from '@/api/types'

/** `why`: a key of the catalogue (`sit.not`); empty: it may be chosen. */
export interface PhoneChoice { kind: PhoneKind; why: '' | 'line' | 'number' }

/** `mobile`: the number on file for oneself, if there is one. */
export function phoneChoices(hall: Hall | null, mobile: string | null | undefined): PhoneChoice[] {
  const lines = hall?.adapters ?? []
  const real = lines.filter((one) => one.kind !== 'simulated')
  const isSimulated = lines.length > real.length
  const kinds: PhoneKind[] = []
  if (real.some((one) => one.abilities.includes('rings_seats')) || !isSimulated) kinds.push('browser', 'desk')
  if (hall?.phones.includes('mobile')) kinds.push('mobile')
  if (isSimulated) kinds.push('simulated')
  const why = (kind: PhoneKind) => (!hall?.phones.includes(kind) ? 'line' : kind === 'mobile' && !mobile ? 'number' : '')
  return kinds.map((kind) => ({ kind, why: why(kind) }))
}

/** `chosen`, where it may be; else the first that may. */
export function preselected(choices: readonly PhoneChoice[], chosen: PhoneKind | null): PhoneKind | null {
  const able = choices.filter((one) => !one.why).map((one) => one.kind)
  return chosen && able.includes(chosen) ? chosen : able[0] ?? null
}
