/** What can ring at a seat of this hall? Follows from what its lines can do. */
import type { Hall, PhoneKind } from '@/api/types'

export function phoneKinds(hall: Hall | null): PhoneKind[] {
  const lines = hall?.adapters ?? []
  const real = lines.filter((one) => one.kind !== 'simulated')
  const isSimulated = lines.length > real.length
  const kinds: PhoneKind[] = []
  // A hall whose lines are not known yet has phones all the same.
  if (real.some((one) => one.abilities.includes('rings_seats')) || !isSimulated) kinds.push('browser', 'desk')
  if (lines.some((one) => one.abilities.includes('rings_outside'))) kinds.push('mobile')
  if (isSimulated) kinds.push('simulated')
  return kinds
}
