/** Whom and what a roster speaks of: lawyers, skill groups, the lawyers' names. Read once for all tabs. */
import { computed, ref } from 'vue'
import { defineStore } from 'pinia'
import { hall as hallApi, rosters } from '@/api'
import { Problem } from '@/api/http'
import { i18n } from '@/i18n'
import { words } from '@/say'
import { useHall } from '@/stores/hall'
import type { Colleague } from './types'

export const useRosters = defineStore('rosters', () => {
  const colleagues = ref<Colleague[]>([])
  const groups = ref<string[]>([])
  const names = computed(() => new Map(colleagues.value.map((one) => [one.account, one])))

  async function load(mayListSeats: boolean): Promise<void> {
    colleagues.value = (await rosters.colleagues()).items
    if (mayListSeats) groups.value = [...new Set((await hallApi.seats()).items.flatMap((seat) => seat.groups))].sort()
  }

  function nameOf(account: string | null): string {
    return account ? (names.value.get(account)?.name ?? account) : ''
  }

  return { colleagues, groups, load, nameOf }
})

export function groupLabel(group: string): string {
  return group ? useHall().queueLabel(group) : i18n.global.t('rosters.anyGroup')
}

/** The service says exactly who or what stands in the way, in Chinese; else the words for the code. */
export function told(error: unknown): string {
  const isChinese = i18n.global.locale.value === 'zh-CN'
  if (!(error instanceof Problem) || !isChinese) return words(error)
  return [error.detail || words(error), ...error.errors.slice(0, 5).map((one) => one.message ?? '')].filter(Boolean).join(' ')
}
