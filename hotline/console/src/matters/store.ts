/** What is asked about each matter, and what the law asks of a ticket: read once, shared by form, strip and panels. */
import { ref, shallowReactive } from 'vue'
import { defineStore } from 'pinia'
import { matters as api } from '@/api'
import type { Duties, Field, Forms } from './types'

export const useMatters = defineStore('matters', () => {
  const now = ref<Forms | null>(null)
  const earlier = shallowReactive(new Map<string, Forms>())
  const duties = shallowReactive(new Map<string, Duties>())
  let asked: Promise<void> | null = null

  function load(): Promise<void> {
    asked ??= api.forms().then(
      (forms) => void (now.value = forms),
      (error) => {
        asked = null
        throw error
      },
    )
    return asked
  }

  /** The forms that an old ticket was written with; those that count now where there are none. */
  async function loadEdition(edition: string): Promise<void> {
    await load()
    if (!edition || edition === now.value?.edition || earlier.has(edition)) return
    earlier.set(edition, await api.forms(edition))
  }

  function formsOf(edition: string, isOver: boolean): Forms | null {
    return (isOver ? earlier.get(edition) : null) ?? now.value
  }

  function field(id: string): Field | null {
    const forms = now.value
    if (!forms) return null
    return [...forms.common, ...Object.values(forms.matters).flatMap((form) => form.fields)].find((one) => one.id === id) ?? null
  }

  async function loadDuties(ticket: string): Promise<void> {
    duties.set(ticket, await api.duties(ticket))
  }

  return { now, duties, load, loadEdition, formsOf, field, loadDuties }
})
