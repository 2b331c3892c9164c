/** One ticket with its course, as far as this account may see it: read, read again, and what may be done with it. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { handling } from '@/api'
import { useDirectory } from '@/directory/store'
import { words } from '@/say'
import { useDesk } from '@/stores/desk'
import { useSession } from '@/stores/session'
import { actsOf } from './acts'
import { reachOf } from './areas'
import { useHandling } from './store'
import type { CaseTicket, Course } from './types'

export function useCase(number: Ref<string>) {
  const session = useSession()
  const desk = useDesk()
  const offices = useDirectory()
  const counts = useHandling()
  const unitTicket = shallowRef<{ ticket: CaseTicket; etag: string } | null>(null)
  const course = shallowRef<Course | null>(null)
  const failure = ref('')

  /** The hall's ticket is the one that the desk writes on: what was typed is part of it. */
  const atHall = computed(() => (session.sees.handles ? null : desk.byNumber.get(number.value) ?? null))
  const ticket = computed(() => (session.sees.handles ? unitTicket.value?.ticket : (atHall.value?.view.ticket as CaseTicket | null)) ?? null)
  const etag = computed(() => (session.sees.handles ? unitTicket.value?.etag : atHall.value?.draft.version) ?? null)
  const reach = computed(() => (session.me?.unit ? reachOf(offices.nodes, session.me.unit) : new Set<string>()))
  const acts = computed(() => {
    if (!ticket.value || !course.value) return []
    const { dispatches, reviews, reopens, handles } = session.sees
    return actsOf(ticket.value, course.value, { dispatches, reviews, reopens, handles, reach: reach.value })
  })

  async function readTicket(): Promise<void> {
    if (!session.sees.handles) return atHall.value?.draft.load()
    const wanted = number.value
    const { data } = await handling.unitTicket(wanted)
    if (wanted === number.value && data.version >= (unitTicket.value?.ticket.version ?? 0)) unitTicket.value = { ticket: data, etag: `"${data.version}"` }
  }

  /** Ticket and course, shown together: no button belongs to the one without the other. Of two that are read at the same
   * time, the one that knows less may come last: it is not shown. */
  async function load(readsTicket = true): Promise<void> {
    const wanted = number.value
    failure.value = ''
    if (!session.sees.handling) return
    try {
      const [found] = await Promise.all([handling.course(wanted), readsTicket ? readTicket() : undefined])
      if (wanted === number.value && found.steps.length >= (course.value?.steps.length ?? 0)) course.value = found
    } catch (error) {
      if (wanted === number.value) failure.value = words(error)
    }
    void counts.refresh()
  }

  /** What is typed goes first: a step is decided upon the ticket as it is at the service. */
  async function isSaved(): Promise<boolean> {
    return !atHall.value || atHall.value.draft.isClean || atHall.value.draft.save()
  }

  watch(number, (wanted) => {
    unitTicket.value = course.value = null
    if (!wanted) return
    // What the desk opens for the first time, it reads by itself.
    const isKnown = session.sees.handles || desk.byNumber.has(wanted)
    if (!session.sees.handles) desk.show(wanted)
    void load(isKnown)
  }, { immediate: true })
  // The desk's own buttons move it, too.
  watch(() => atHall.value?.view.ticket?.state, (state, before) => {
    if (state && before && course.value) void load(false)
  })
  if (session.sees.handling && !offices.nodes.length) void offices.load().catch(() => undefined)

  return { ticket, course, etag, acts, reach, failure, load, isSaved }
}
