/** Which microphone, which speaker, and where does it ring? Remembered by this browser; the system's default while a device is away. */

export type DeviceKind = 'microphone' | 'speaker' | 'ringer'
/** Ids of the browser; empty: the system's default. */
export type Chosen = Record<DeviceKind, string>
export interface Device { id: string; label: string; isInput: boolean }

export const DEVICE_KINDS: readonly DeviceKind[] = ['microphone', 'speaker', 'ringer']
export const DEFAULTS: Chosen = { microphone: '', speaker: '', ringer: '' }
/** Chrome lists these beside the real ones. */
const ALIASES = ['default', 'communications']

/** What can be used now of what was chosen. Before the microphone is allowed the browser names no device: then as chosen. */
export function usable(chosen: Chosen, here: readonly Device[]): Chosen {
  const fits = (kind: DeviceKind) => {
    const known = here.filter((one) => one.isInput === (kind === 'microphone') && one.id)
    return !known.length || known.some((one) => one.id === chosen[kind]) ? chosen[kind] : ''
  }
  return { microphone: fits('microphone'), speaker: fits('speaker'), ringer: fits('ringer') }
}

export interface Plugged { gone: DeviceKind[]; fresh: Device[] }

/** What a plug changed: chosen devices that are away now, and devices that were not there before. */
export function plugged(chosen: Chosen, before: readonly Device[], now: readonly Device[]): Plugged {
  const was = usable(chosen, before)
  const is = usable(chosen, now)
  const known = new Set(before.map((one) => one.id))
  return {
    gone: DEVICE_KINDS.filter((kind) => was[kind] && !is[kind]),
    fresh: before.some((one) => one.id) ? now.filter((one) => one.id && !known.has(one.id)) : [],
  }
}

export function devicesOf(listed: readonly { deviceId: string; label: string; kind: string }[]): Device[] {
  return listed
    .filter((one) => one.kind !== 'videoinput' && !ALIASES.includes(one.deviceId))
    .map((one) => ({ id: one.deviceId, label: one.label, isInput: one.kind === 'audioinput' }))
}

export function parseChosen(text: string | null): Chosen {
  try {
    const kept = JSON.parse(text ?? '{}') as Partial<Record<DeviceKind, unknown>>
    const read = (kind: DeviceKind) => (typeof kept[kind] === 'string' ? (kept[kind] as string) : '')
    return { microphone: read('microphone'), speaker: read('speaker'), ringer: read('ringer') }
  } catch {
    return DEFAULTS
  }
}
