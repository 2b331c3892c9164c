/** Who is signed in, and what may they see? */
import { computed, ref } from 'vue'
import { defineStore } from 'pinia'
import { seats, session as api } from '@/api'
import { Problem, whenSignedOut } from '@/api/http'
import type { Me, Site } from '@/api/types'
import { mirror } from '@/desk/mirror'
import { useLive } from '@/live/store'
import type { Topic } from '@/live/protocol'
import { usePhone } from '@/softphone/store'

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  const site = ref<Site | null>(null)
  /** The session ended while the page was in use: sign in on top of it, nothing typed is lost. */
  const hasExpired = ref(false)
  const isKnown = ref(false)

  const may = computed(() => new Set(me.value?.permissions ?? []))
  /** What this account finds in the console: pages and hands. */
  const sees = computed(() => ({
    desk: may.value.has('seat.use'),
    calls: may.value.has('call.read'),
    tickets: may.value.has('ticket.read'),
    live: may.value.has('hall.live'),
    reports: may.value.has('report.read'),
    ratings: may.value.has('rating.read') || may.value.has('rating.own'),
    readsRatings: may.value.has('rating.read'),
    takesRatings: may.value.has('rating.take'),
    callbacks: may.value.has('callback.work'),
    assignsCallbacks: may.value.has('callback.assign'),
    accounts: may.value.has('account.change'),
    callers: may.value.has('caller_rule.read'),
    changesCallers: may.value.has('caller_rule.change'),
    asksMarks: may.value.has('caller_rule.ask'),
    messages: may.value.has('message.read') || may.value.has('message.template'),
    readsMessages: may.value.has('message.read'),
    sendsMessages: may.value.has('message.send'),
    changesTemplates: may.value.has('message.template'),
    categories: may.value.has('category.import'),
    audit: may.value.has('audit.read'),
    lines: may.value.has('line.read'),
    tracesLines: may.value.has('line.trace'),
    stream: may.value.has('desk.live') || may.value.has('hall.live'),
    writes: may.value.has('ticket.write'),
    openDuties: may.value.has('duty.read'),
    recordsDuties: may.value.has('duty.record'),
    aid: may.value.has('aid.read'),
    filesAid: may.value.has('aid.file'),
    decidesAid: may.value.has('aid.decide'),
    forces: may.value.has('seat.force'),
    monitors: may.value.has('call.monitor'),
    releases: may.value.has('call.force_release'),
    reopens: may.value.has('ticket.reopen'),
    reveals: may.value.has('call.reveal'),
    plays: may.value.has('recording.play'),
    people: may.value.has('account.list'),
    definesSeats: may.value.has('seat.define'),
    rosters: may.value.has('roster.read'),
    changesRosters: may.value.has('roster.change'),
    swapsShifts: may.value.has('roster.swap'),
    settles: may.value.has('settlement.read'),
    knowledge: may.value.has('knowledge.read'),
    usesKnowledge: may.value.has('knowledge.use'),
    editsKnowledge: may.value.has('knowledge.edit'),
    makesCases: may.value.has('knowledge.case'),
    searches: may.value.has('search.all'),
    keepsViews: may.value.has('saved_view.own'),
    exports: may.value.has('list.export'),
    directory: may.value.has('directory.read'),
    changesDirectory: may.value.has('directory.change'),
    incidents: may.value.has('incident.read'),
    handlesIncidents: may.value.has('incident.handle'),
    changesPlans: may.value.has('incident.plan'),
    openness: may.value.has('openness.read'),
    publishesServices: may.value.has('openness.change'),
    changesForms: may.value.has('report.form'),
    handovers: may.value.has('handover.read'),
    handsOver: may.value.has('handover.make'),
    settlesHandovers: may.value.has('handover.settle'),
    announcements: may.value.has('announcement.read'),
    announces: may.value.has('announcement.change'),
    handling: may.value.has('handling.read'),
    handles: may.value.has('ticket.handle'),
    dispatches: may.value.has('ticket.dispatch'),
    reviews: may.value.has('ticket.review'),
    case: may.value.has('ticket.read') || may.value.has('ticket.handle'),
    switchesNotices: may.value.has('notice.switch'),
  }))

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
    const topics: Topic[] = []
    if (may.value.has('desk.live')) topics.push('desk')
    if (may.value.has('hall.live')) topics.push('hall')
    if (!topics.length) return
    const live = useLive()
    live.start(fresh, topics)
    usePhone().open(`hotline-${fresh.account}`, async () => {
      const seat = live.ownSeat ?? fresh.seat
      if (seat?.phone_kind !== 'browser') return null
      try {
        return (await seats.phone(seat.number)).phone
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
