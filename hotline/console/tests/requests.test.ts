/** Every request that the console makes, written down in `requests.json`; a test of the service holds it against its OpenAPI. */
import { afterEach, expect, it, vi } from 'vitest'
import * as api from '@/api'
import type { AuditQuery, CallQuery, TicketFields, TicketQuery } from '@/api/types'

type Group = typeof api
type Samples = { [G in keyof Group]: { [F in keyof Group[G]]: Group[G][F] extends (...given: infer A) => unknown ? Required<A> : never } }

const FIELDS: Required<TicketFields> = {
  caller_name: 'x', contact: 'x', id_refused: true, secrecy: true, region: 'x', gender: 'female', special_group: 'minor', minor_involved: true, matter: 'mediation',
  category: 'x', urgency: 'urgent', facts: 'x', claim: 'x', opinion: 'x', legal_basis: 'x', legal_aid_told: true,
}
const PAGE = { from: '2026-11-01', to: '2026-11-02', limit: 1, cursor: 'x' }
const CALLS: Required<CallQuery> = { ...PAGE, outcome: 'answered', queue: 'x', seat: 'x', number: 'x' }
const TICKETS: Required<TicketQuery> = { ...PAGE, state: 'open', category: 'x', operator: 'x', number: 'x', q: 'x' }
const AUDIT: Required<AuditQuery> = { ...PAGE, act: 'login' }

/** Something for each argument of each function: a new one without samples does not compile. */
const SAMPLES: Samples = {
  session: { site: [], me: [], signIn: ['x', '1', 'x'], signOut: [], changePassword: ['x', 'x'] },
  hall: { read: [], seats: [] },
  seats: {
    signIn: ['01', 'desk'], phone: ['01'], signOff: ['01', 'x'], ready: ['01'], busy: ['01', 'x'], rest: ['01', 'x'], stay: ['01'], forgetNext: ['01'], answer: ['01', 'x'],
    reject: ['01', 'x'], hangUp: ['01', 'x'], force: ['01', 'busy', 'x'], define: ['01', 'x', ['x']],
  },
  calls: { list: [CALLS], read: ['X'], pop: ['X'], reveal: ['X', 'why'], audio: ['X'] },
  tickets: { list: [TICKETS], read: ['X'], save: ['X', '"1"', FIELDS], close: ['X', '"1"', 'x'], quickClose: ['X', 'prank'], reopen: ['X', 'why'] },
  categories: { read: [], add: ['x', [{ code: 'x', parent: null, label: 'x', external_code: '' }]] },
  reports: { days: [30], day: ['2026-11-01'], xlsx: ['2026-11-01'] },
  people: {
    list: [], create: [{ work_number: '1', name: 'x', role: 'operator', groups: [] }], change: ['X', { name: 'x', role: 'operator', disabled: true, groups: [] }], resetPassword: ['X'],
    audit: [AUDIT],
  },
}

interface Request { name: string; method: string; path: string; query: string[]; body: Record<string, unknown> | null; headers: string[] }

afterEach(() => vi.unstubAllGlobals())

it('every request is written down', async () => {
  const found: Request[] = []
  let name = ''
  const note = (method: string, address: string, body: string | undefined, headers: Record<string, string>) => {
    const url = new URL(address, 'http://x')
    const special = Object.keys(headers).filter((one) => !['Accept', 'Content-Type'].includes(one))
    found.push({ name, method, path: url.pathname, query: [...url.searchParams.keys()].sort(), body: body ? (JSON.parse(body) as Record<string, unknown>) : null, headers: special.sort() })
  }
  vi.stubGlobal('fetch', (address: string, options: { method: string; headers: Record<string, string>; body?: string }) => {
    note(options.method, address, options.body, options.headers)
    return Promise.resolve(new Response(null, { status: 204 }))
  })
  for (const [group, functions] of Object.entries(api)) {
    for (const [one, call] of Object.entries(functions) as [string, (...given: unknown[]) => unknown][]) {
      name = `${group}.${one}`
      const given = (SAMPLES as unknown as Record<string, Record<string, unknown[]>>)[group]?.[one]
      const answer = await call(...(given ?? []))
      if (typeof answer === 'string') note('GET', answer, undefined, {})
    }
  }
  expect(found.length).toBeGreaterThan(40)
  expect(new Set(found.map((one) => one.name)).size).toBe(found.length)
  await expect(`${JSON.stringify(found, null, 1)}\n`).toMatchFileSnapshot('./requests.json')
})
