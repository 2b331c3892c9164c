/** What has somebody to do to be on the line with this caller? Pure. */
import type { CallView } from '@/api/types'

/** A key of the catalogue (`ring.how`). */
export type Pickup = 'key' | 'phone' | 'mobile' | 'device' | 'said'

/** `kind`: what rings at the own seat. */
export function pickup(call: CallView, kind: string): Pickup {
  if (call.handling === 'device') return isSaid(call) ? 'said' : 'device'
  return kind === 'desk' ? 'phone' : kind === 'mobile' ? 'mobile' : 'key'
}

/** The line's device cannot tell who picks up: whoever did says so. */
export function isSaid(call: CallView): boolean {
  return call.handling === 'device' && call.abilities.includes('by_hand')
}
