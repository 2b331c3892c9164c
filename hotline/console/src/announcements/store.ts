/** The hall's announcements, read once for the page and again after each change. */
import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { announcements as api } from '@/api'
import { words } from '@/say'
import type { Prompt, PromptList } from './types'

export const useAnnouncements = defineStore('announcements', () => {
  const list = shallowRef<PromptList>({ items: [], devices: [] })
  const failure = ref('')
  const isAsking = ref(false)
  /** What can be played now. */
  const usable = computed(() => list.value.items.filter((one) => !one.removed))
  const byName = computed(() => new Map(list.value.items.map((one) => [one.name, one])))

  async function load(): Promise<void> {
    isAsking.value = true
    failure.value = ''
    try {
      list.value = await api.prompts()
    } catch (error) {
      failure.value = words(error)
    }
    isAsking.value = false
  }

  function take(fresh: Prompt): void {
    const others = list.value.items
    const items = others.some((one) => one.name === fresh.name) ? others.map((one) => (one.name === fresh.name ? fresh : one)) : [...others, fresh]
    list.value = { ...list.value, items }
  }

  return { list, failure, isAsking, usable, byName, load, take }
})
