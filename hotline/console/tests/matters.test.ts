/** Particulars of a matter in a draft: each a field of its own, over the wire and between two people. */
import { expect, it, vi } from 'vitest'
import { Problem, type Answer } from '@/api/http'
import type { Ticket, TicketFields } from '@/api/types'
import { Draft, type DraftView } from '@/desk/draft'
import type { Mirror } from '@/desk/mirror'
import { fieldOf, flat, flattened, nested } from '@/matters/flat'

const ticket = (version: number, particulars: Record<string, string | boolean | number>) => flat({ number: 'X', version, matter: 'prison_visit', facts: '', particulars } as unknown as Ticket)
const answer = (data: Ticket): Answer<Ticket> => ({ data, etag: `"${data.version}"` })
const noMirror: Mirror = { read: () => Promise.resolve(null), list: () => Promise.resolve([]), write: () => Promise.resolve(), remove: () => Promise.resolve(), clear: () => Promise.resolve() }

it('goes flat into the draft and nested over the wire', () => {
  expect(ticket(1, { pv_prison: '城东监狱', mark_violence: false })).toEqual({ number: 'X', version: 1, matter: 'prison_visit', facts: '', 'p:pv_prison': '城东监狱', 'p:mark_violence': false })
  expect(nested({ facts: 'a', 'p:pv_prison': '', 'p:mark_violence': true })).toEqual({ facts: 'a', particulars: { pv_prison: '', mark_violence: true } })
  expect(nested({ facts: 'a' })).toEqual({ facts: 'a' })
  expect([fieldOf('particulars.pv_on'), fieldOf('facts')]).toEqual(['p:pv_on', 'facts'])
})

it('a refused save brings the ticket as it is now, flat', async () => {
  const current = { number: 'X', version: 2, particulars: { pv_prison: 'b' } }
  const refused = flattened(Promise.reject(new Problem('ticket_changed', '', 412, '', [], { current })))
  await expect(refused).rejects.toMatchObject({ body: { current: { 'p:pv_prison': 'b' } } })
})

async function draftOf(save: (fields: Partial<TicketFields>) => Promise<Answer<Ticket>>): Promise<{ draft: Draft; view: () => DraftView }> {
  const seen: DraftView[] = []
  const port = { read: () => Promise.resolve(answer(ticket(1, { pv_prison: 'a' }))), save: (_: string, __: string | null, fields: Partial<TicketFields>) => save(fields) }
  const draft = new Draft('X', 'me', port, noMirror, (view) => seen.push(view))
  await draft.load()
  return { draft, view: () => seen.at(-1)! }
}

it('is saved by itself with the rest of the draft', async () => {
  const save = vi.fn((fields: Partial<TicketFields>) => Promise.resolve(answer({ ...ticket(2, { pv_prison: 'a' }), ...fields } as Ticket)))
  const { draft, view } = await draftOf(save)
  draft.set('p:pv_on', '2026-12-01')
  draft.set('p:mark_violence', true)
  draft.set('facts', 'x')
  expect(await draft.save()).toBe(true)
  expect(save.mock.calls).toEqual([[{ 'p:pv_on': '2026-12-01', 'p:mark_violence': true, facts: 'x' }]])
  expect(view().status).toBe('saved')
})

it('two people who write different particulars do not meet; the same one is asked about', async () => {
  const theirs = ticket(2, { pv_prison: 'theirs' })
  const changed = () => Promise.reject(new Problem('ticket_changed', '', 412, '', [], { current: theirs }))
  const apart = await draftOf(changed)
  apart.draft.set('p:pv_on', '2026-12-01')
  await apart.draft.save()
  expect([apart.view().conflict, apart.view().ticket?.['p:pv_prison'], apart.view().ticket?.['p:pv_on']]).toEqual([null, 'theirs', '2026-12-01'])
  apart.draft.dispose()
  const same = await draftOf(changed)
  same.draft.set('p:pv_prison', 'mine')
  await same.draft.save()
  expect(same.view().conflict?.fields).toEqual(['p:pv_prison'])
  same.draft.dispose()
})
