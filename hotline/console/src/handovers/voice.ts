/** May the other side be rung now, before the file goes there? Pure. */
import type { Abilities } from '@/desk/abilities'
import type { Contact } from '@/api/types'
import type { Bridge } from './types'

/** `emergency`: by the red key; `now`: the caller is on the line; `later`: could be during a call; `none`: nobody to ring. */
export type Voice = 'none' | 'emergency' | 'now' | 'later' | 'unlisted' | 'cannot'

/** 110 is rung by the red key, also where its bridge names no number of its own. */
export function voiceOf(bridge: Pick<Bridge, 'kind' | 'dials' | 'contact'>, kind: Contact['kind'] | undefined, isOnCall: boolean, can: Pick<Abilities, 'targets' | 'mayConsult' | 'mayTransfer'>): Voice {
  if (bridge.kind === 'line110' || kind === 'emergency') return 'emergency'
  if (!bridge.dials) return 'none'
  if (!bridge.contact) return 'unlisted'
  if (!isOnCall) return 'later'
  return can.targets.outside && (can.mayConsult || can.mayTransfer) ? 'now' : 'cannot'
}

/** Only calls are passed on there. */
export function isVoiceOnly(bridge: Pick<Bridge, 'abilities'>): boolean {
  return !bridge.abilities.includes('carries_file')
}
