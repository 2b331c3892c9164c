/** Who is signed in, and what may they see? */
import { computed, ref } from 'vue'
import { defineStore } from 'pinia'
import { session as api } from '@/api'
import { Problem, whenSignedOut } from '@/api/http'
import type { Me, Site } from '@/api/types'
import { mirror } from '@/desk/mirror'
import { useLive } from '@/live/store'
import type { Topic } from '@/live/protocol'
import { usePhone } from '@/softphone/store'
import { seats } from '@/api'

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  const site = ref<Site | null>(null)
  /** The session ended while the page was in use: sign in on top of it, nothing typed is lost. */
  const hasExpired = ref(false)
  const isKnown = ref(false)

  const sees = computed(() => {
    const role = me.value?.role
    const leads = role === 'supervisor' || role === 'administrator'
    return {
      desk: role === 'operator' || role === 'supervisor',
      calls: role !== undefined,
      tickets: role !== undefined,
      live: leads,
      reports: leads || role === 'auditor',
      accounts: role === 'administrator',
      audit: role === 'auditor' || role === 'administrator',
      lines: leads,
      forces: role === 'supervisor',
      reopens: role === 'supervisor',
    }
  })

  whenSignedOut(() => {
    if (me.value) hasExpired.value = true
  })

  async function loadSite(): Promise<void> {
    site.value ??= await api.site()
  }

  /** Asks the service once who this browser is. */
  async function restore(): Promise<void> {
    if (isKnown.value) return
    try {
      begin(await api.me())
    } catch (error) {
      if (error instanceof Problem && error.isAway) throw error
    }
    isKnown.value = true
  }

  async function signIn(hall: string, workNumber: string, password: string): Promise<Me> {
    const fresh = await api.signIn(hall, workNumber, password)
    const sameAccount = me.value?.account === fresh.account
    hasExpired.value = false
    isKnown.value = true
    if (me.value && !sameAccount) await mirror.clear()
    begin(fresh)
    return fresh
  }

  function begin(fresh: Me): void {
    me.value = fresh
    if (fresh.must_change_password) return
    const topics: Topic[] = fresh.role === 'operator' ? ['desk'] : ['desk', 'hall']
    if (fresh.role === 'auditor') return
    const live = useLive()
    live.start(fresh, topics)
    usePhone().open(`hotline-${fresh.account}`, async () => {
      const seat = live.ownSeat ?? fresh.seat
      if (seat?.phone_kind !== 'browser') return null
      try {
        return await seats.phone(seat.number)
      } catch {
        return null
      }
    })
  }

  async function passwordChanged(): Promise<void> {
    begin(await api.me())
  }

  async function signOut(): Promise<void> {
    try {
      await api.signOut()
    } finally {
      forget()
      await mirror.clear()
    }
  }

  function forget(): void {
    useLive().stop()
    usePhone().close()
    me.value = null
    hasExpired.value = false
  }

  return { me, site, hasExpired, isKnown, sees, loadSite, restore, signIn, passwordChanged, signOut, forget }
})
