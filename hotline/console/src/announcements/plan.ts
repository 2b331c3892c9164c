/** A call plan under the editor's hands: new pieces, free keys, and where a fault belongs. Pure. */
import type { Fault, LanguageKey, Menu, MenuKey, Plan } from './types'

export const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '*', '#']
/** Outcomes with which it is the hall that ends the call. */
export const PARTINGS = ['no_seat', 'timed_out', 'queue_full', 'closed', 'overflowed', 'blocked', 'system_fault']

/** The first key that is not used yet; `kept` is the one that leads to a person. */
export function freeKey(used: readonly { key: string }[], kept: string): string {
  return KEYS.find((key) => key !== kept && used.every((one) => one.key !== key)) ?? ''
}

export function newKey(used: readonly MenuKey[], kept: string, queue: string): MenuKey {
  return { key: freeKey(used, kept), act: 'queue', label: '', queue, menu: null }
}

export function newMenu(kept: string, queue: string): Menu {
  return { prompt: 'menu', keys: [newKey([], kept, queue)], seconds: 8, tries: 2 }
}

export function newLanguages(): NonNullable<Plan['language']> {
  const key = (number: string, language: string): LanguageKey => ({ key: number, language, label: '', queue: '' })
  return { prompt: 'language', keys: [key('1', ''), key('2', 'yue')], seconds: 5 }
}

/** What is said about this very place; faults of its parts are told there. */
export function at(faults: readonly Fault[], place: string): Fault[] {
  return faults.filter((one) => one.place === place)
}

/** The first error at a place, for the line below its field. */
export function errorAt(faults: readonly Fault[], place: string): string {
  return at(faults, place).find((one) => one.grade === 'error')?.message ?? ''
}

/** Which part of the form a fault belongs to. */
export function section(place: string): string {
  const first = place.split('.')[0] ?? ''
  return first === 'recording_notice' ? 'greeting' : first === 'reach_person_key' ? 'menu' : first
}

export function isSame(one: Plan | null, other: Plan | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** What the picker shows (the hotline's own time, without a zone) as an instant, and back. */
export function instant(picked: string | null): string | null {
  return picked ? `${picked}+08:00` : null
}

export function picked(instant: string | null): string | null {
  if (!instant) return null
  const local = new Date(Date.parse(instant) + 8 * 3_600_000)
  return local.toISOString().slice(0, 19)
}

export const LONGEST_SECONDS = 60
export const MOST_BYTES = 2 * 1024 * 1024
/** A name that can also be the name of a file; a tag behind the dot names a language. */
export const NAME = /^[a-z0-9][a-z0-9-]{0,47}(\.[a-z]{2,8}(-[a-z0-9]{1,8})?)?$/
