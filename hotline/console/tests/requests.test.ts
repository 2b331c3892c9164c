/** Every request that the console makes, written down in `requests.json`; a test of the service holds it against its OpenAPI. */
import { afterEach, expect, it, vi } from 'vitest'
import type { NoticeFields, Plan } from '@/announcements/types'
import * as api from '@/api'
import type { AuditQuery, CallQuery, RatingQuery, TicketFields, TicketQuery } from '@/api/types'
import type { AdviserFields, ExpertFields, PersonFields, UnitFields, WeekHours } from '@/directory/types'
import type { Plan as EmergencyPlan } from '@/incidents/types'
import type { OpenContent } from '@/openness/types'
import type { SavedView } from '@/finding/types'
import type { Content } from '@/knowledge/types'
import type { Wish } from '@/handovers/types'
import type { LawyerFields, PatternWish, ShiftWish } from '@/rosters/types'

type Group = typeof api
type Samples = { [G in keyof Group]: { [F in keyof Group[G]]: Group[G][F] extends (...given: infer A) => unknown ? Required<A> : never } }

const FIELDS: Required<TicketFields> = {
  caller_name: 'x', contact: 'x', counterparty_name: 'x', counterparty_contact: 'x', id_refused: true, secrecy: true, region: 'x', gender: 'female', special_group: 'minor', minor_involved: true, matter: 'mediation',
  category: 'x', urgency: 'urgent', facts: 'x', claim: 'x', opinion: 'x', legal_basis: 'x', legal_aid_told: true, 'p:pv_prison': 'x',
}
const { 'p:pv_prison': _later, ...ENTERED } = FIELDS
const NOTICE: NoticeFields = { kind: 'holiday', title: 'x', text: 'x', prompt: 'holiday', on: true, start: '2026-11-01T00:00:00+08:00', until: '2026-11-02T00:00:00+08:00', then: 'go_on' }
const PLAN: Plan = {
  greeting: 'x', recording_notice: 'x', language: { prompt: 'x', keys: [{ key: '1', language: 'yue', label: 'x', queue: 'x' }], seconds: 5 },
  menu: { prompt: 'x', keys: [{ key: '1', act: 'queue', label: 'x', queue: 'x', menu: null }], seconds: 8, tries: 2 }, reach_person_key: '0',
  waiting: { position: true, expected: true, comfort: 'x', every_seconds: 60, callback_key: '1', callback_prompt: 'x' },
  opening: { periods: [{ days: 'working', start: '09:00', end: '17:30' }], prompt: 'x', then: 'end' }, parting: { no_seat: 'x' }, rating: true,
  voicemail: { on: true, prompt: 'x', thanks: 'x', max_seconds: 120, after: ['no_seat'] },
}
const WISH: Wish = { bridge: 'x', mode: 'ticket_flow', legal_basis: 'statutory_duty', legal_note: 'x', consent: true, reason: 'x', confirmed: true, name_too: true }
const PAGE = { from: '2026-11-01', to: '2026-11-02', limit: 1, cursor: 'x' }
const CALLS: Required<CallQuery> = { ...PAGE, outcome: 'answered', queue: 'x', adapter: 'x', seat: 'x', number: 'x', their_id: 'x' }
const TICKETS: Required<TicketQuery> = { ...PAGE, state: 'open', category: 'x', operator: 'x', number: 'x', q: 'x' }
const RATINGS: Required<RatingQuery> = { ...PAGE, way: 'key', operator: 'x', queue: 'x', satisfied: true, to_follow_up: true }
const AUDIT: Required<AuditQuery> = { ...PAGE, act: 'login' }

const SHIFT: ShiftWish = { day: '2026-12-01', begins: '20:00', ends: '08:00', lawyer: 'X', group: 'x', mode: 'forwarded_mobile', note: 'x' }
const PATTERN: PatternWish = {
  name: 'x', days: ['workday'], weekdays: [1], begins: '20:00', ends: '08:00', group: 'x', mode: 'live', places: 1, rotation: 'weekly', lawyers: ['X'], anchor: '2026-12-01', active: true,
}
const LAWYER: LawyerFields & { version: number | null } = {
  version: 1, firm: 1, employment: 'part_time', licence_number: '13301201810123456', licence_until: '2027-05-31', suspended_from: '2026-11-01', suspended_until: '2026-11-30',
  suspended_reason: 'x', mobile: 'x',
}

const HOURS: WeekHours = { week: Array.from({ length: 7 }, () => ({ periods: [['09:00', '12:00']], appointment: true })), holiday: { periods: [], appointment: false } }
const WRITTEN: Content = { title: 'x', body: 'x', citation: 'x', categories: ['x'], matters: ['notary'], tags: ['x'], source: 'x', effective_on: '2026-01-01', repealed_on: '2026-12-01' }
const VIEW: Omit<SavedView, 'id' | 'own' | 'by'> = { list: 'tickets', name: 'x', filter: { days: 7, state: 'open', category: 'x', operator: 'x', q: 'x', outcome: 'answered', queue: 'x', seat: '01', adapter: 'x' }, shared: true }
const WHY = { reason: 'why', format: 'xlsx' as const }
const { limit: _, cursor: __, ...DAYS } = PAGE
const OFFICE: UnitFields = { kind: 'other', name: 'x', parent: 'x', area: '3301', area_name: 'x', address: 'x', telephone: '1', hours: HOURS, services: ['notary'], services_note: 'x', public: true }
const DUTY: PersonFields = { name: 'x', post: 'x', telephone: '1', hours: HOURS, public: true, note: 'x' }
const ADVISER: AdviserFields = { name: 'x', firm: 'x', licence_number: '13301201810123456', telephone: '1', villages: ['x'], hours: HOURS, public: true, note: 'x' }
const EXPERT: ExpertFields = { name: 'x', title: 'x', fields: ['x'], level: 'city', unit: 'x', workplace: 'x', telephone: '1', public: true, note: 'x' }

const EMERGENCY: EmergencyPlan = { title: 'x', when: 'x', steps: [{ title: 'x', text: 'x', call: '110' }], report_to: 'x', report_minutes: 60, written_hours: 24, retired: false }
const PUBLISHED: OpenContent = {
  intro: 'x', hours: 'x', complaint_phone: '12348', complaint_note: 'x',
  services: [{ title: 'x', matter: 'notary', channels: 'x', unit: 'x', procedure: ['x'], materials: ['x'], standard: 'x', fee: 'x' }],
}

/** Something for each argument of each function: a new one without samples does not compile. */
const SAMPLES: Samples = {
  session: { site: [], me: [], signIn: ['x', '1', 'x'], signOut: [], changePassword: ['x', 'x'] },
  hall: { read: [], seats: [] },
  lines: { list: [], read: ['x'], raw: ['x', 50] },
  seats: {
    signIn: ['01', 'desk'], phone: ['01'], signOff: ['01', 'x'], ready: ['01'], busy: ['01', 'x'], rest: ['01', 'x'], stay: ['01'], forgetNext: ['01'], answer: ['01', 'x'],
    reject: ['01', 'x'], took: ['01', 'x'], hangUp: ['01', 'x'], force: ['01', 'busy', 'x'],
    hold: ['01', 'x'], resume: ['01', 'x'], mute: ['01', 'x', true], keys: ['01', 'x', '1#'], consult: ['01', 'x', { kind: 'seat', seat: '02' }], cancelConsult: ['01', 'x'],
    join: ['01', 'x'], leave: ['01', 'x'], transfer: ['01', 'x', { kind: 'queue', queue: 'x' }], drop: ['01', 'x', 'x'], rate: ['01', 'x'], emergency: ['01', 'x'], restorePhone: ['01'],
    confirm: ['01', 'x', 'x'], dial: ['01', { contact: 'x' }], monitor: ['01', 'x', 'listen'], stopMonitor: ['01'], takeOver: ['01', 'x'], askBreak: ['01', 'x'], withdrawBreak: ['01'],
    decideBreak: ['01', true], define: ['01', 'x', ['x']],
  },
  calls: { list: [CALLS], read: ['X'], pop: ['X'], reveal: ['X', 'why'], forceRelease: ['X', 'why'], audio: ['X'] },
  handovers: {
    bridges: [], ofTicket: ['X'], check: ['X', WISH], make: ['X', WISH, 'k-1'], list: [{ view: 'attention', limit: 1, cursor: 'x' }], counts: [], read: [1], retry: [1, 'why'], arrived: [1, 'why', 'x'],
    notArrived: [1, 'why'], withdraw: [1, 'why'], told: [1, 'returned', 'x', 'x'], sheet: [1],
  },
  callers: {
    list: [{ shelf: 'due', kind: 'minor', number: 'x', limit: 1, cursor: 'x' }], waiting: [], ask: [{ call: 'X', kind: 'harassing', level: 'warned', reason: 'why' }],
    make: [{ call: 'X', number: '13800138000', kind: 'prefer', level: 'none', operator: 'X', review_on: '2026-12-01', reason: 'why' }], approve: ['X', { level: 'limited', review_on: '2026-12-01', reason: 'why' }],
    decline: ['X', 'why'], review: ['X', { level: 'limited', review_on: '2026-12-01', reason: 'why' }], end: ['X', 'why'], reveal: ['X', 'why'],
    conflicts: [{ over: true, limit: 1, cursor: 'x' }], endConflict: ['X', 'why'],
  },
  tickets: { list: [TICKETS], read: ['X'], save: ['X', '"1"', FIELDS], close: ['X', '"1"', 'x'], quickClose: ['X', 'prank'], reopen: ['X', 'why'], here: ['X', 'page-0001', true], leave: ['X', 'page-0001'] },
  matters: {
    forms: ['x'], duties: ['X'], fulfil: ['X', 'minor_report', { receiver: 'police', reported_at: '2026-11-01T00:00:00+08:00', reference: 'x', note: 'x' }], openDuties: [], reveal: ['X', 'why'], aid: ['X'],
    fileAid: ['X', { applicant: 'x', card: 'x', applied_by: 'self', ground: 'pay', means: 'exempt', exempt: 'migrant', materials: ['form'], urgent_reason: 'x' }],
    receiveAid: ['X', ['form']], askAid: ['X', ['form'], 'x'], decideAid: ['X', false, 'x', true], appointAid: ['X', 'x', 'x'], withdrawAid: ['X', 'why', true],
  },
  handling: {
    list: [{ view: 'overdue', unit: 'x', limit: 1, cursor: 'x' }], counts: [], loads: [], requests: [], decide: [1, true, 'x'], course: ['X'], create: ['x', { ...ENTERED, channel: 'visit', citizen: 'x' }],
    dispatch: ['X', '"1"', { unit: 'x', helpers: ['x'], note: 'x' }], recall: ['X', 'why'], designate: ['X', 'x', 'why'], review: ['X', '"1"', 'x'], sendBack: ['X', '"1"', 'why'],
    followUp: ['X', { way: 'phone', contentment: 'fair', solved: true, note: 'x' }], archive: ['X', '"1"'], reopen: ['X', '"1"', 'why'], merge: ['X', '"1"', 'x'], split: ['X'], notAccept: ['X', '"1"', 'why', 'x'],
    urge: ['X', 'x'], supervise: ['X', 'x'], resume: ['X'], askTermination: ['X', 'why'], unitTicket: ['X'], reveal: ['X', 'why'], sign: ['X'], begin: ['X'], note: ['X', 'x'], passOn: ['X', 'x', 'x'],
    reply: ['X', '"1"', 'x'], giveBack: ['X', 'why'], extension: ['X', 5, 'why'], pause: ['X', 'why'], unitTermination: ['X', 'why'],
  },
  categories: { read: [], add: ['x', [{ code: 'x', parent: null, label: 'x', external_code: '' }]] },
  callbacks: {
    list: [{ view: 'mine', limit: 50, cursor: 'x' }], counts: [], read: [1], take: [1], release: [1], assign: [1, 'x'], heard: [1], notThem: [1], done: [1, 'helped', 'x'], close: [1, 'no_need', 'x'],
  },
  ratings: {
    list: [RATINGS], read: [1], figures: [{ from: '2026-11-01', to: '2026-11-02' }], own: [{ month: '2026-10' }], followUp: [1, 'why'], link: ['X'],
    take: ['X', { scores: { attitude: 5, efficiency: 4, skill: 3, policy: 2 }, comment: 'x' }],
  },
  messages: {
    list: [{ view: 'all', kind: 'result', limit: 1, cursor: 'x' }], day: [], read: [1], settle: [1, 'release', 'why'], templates: [], changeTemplate: ['result', 0, 'x', 'x'], ofTicket: ['X'],
    preview: ['X', { kind: 'appointment', unit: 'x', when: '2026-11-24T09:30:00+08:00', note: 'x' }], send: ['X', { kind: 'appointment', unit: 'x', when: '2026-11-24T09:30:00+08:00', note: 'x' }, 'k'], consent: ['X', true],
    guidance: ['X', 'x'],
  },
  announcements: {
    prompts: [], prompt: ['x'], audio: ['x', 1], upload: ['x', new Blob(['x']), { label: 'x', text: 'x' }], rename: ['x', 'x', 'x'], restorePrompt: ['x', 1], removePrompt: ['x'],
    plan: [], savePlan: [PLAN, 'x', '"1"'], check: [PLAN], versions: [], version: [1], restorePlan: [1, '"1"'],
    notices: [], addNotice: [NOTICE], changeNotice: ['x', NOTICE, '"1"'], removeNotice: ['x'], turn: ['x', true],
  },
  reports: { days: [30], day: ['2026-11-01'], xlsx: ['2026-11-01'] },
  rosters: {
    shifts: [{ from: '2026-12-01', to: '2026-12-07', lawyer: 'X', mine: true, cancelled: true }], create: [SHIFT], change: [1, { ...SHIFT, version: 1, reason: 'why' }], cancel: [1, 1, 'why'],
    changes: [1], colleagues: [], duty: [], gaps: [14], requirements: [], putRequirements: [[{ days: ['workday'], weekdays: [1], begins: '09:00', ends: '18:00', group: 'x', lawyers: 1 }]],
    calendar: [2027], putCalendar: [2027, [{ day: '2027-01-01', kind: 'holiday', label: 'x' }]], patterns: [], addPattern: [PATTERN], changePattern: [1, { ...PATTERN, version: 1 }],
    generate: [{ from: '2026-12-01', to: '2026-12-07', patterns: [1], dry_run: true }], template: [], load: ['AAAA', true], swaps: [],
    askSwap: [{ shift: 1, asked_of: 'X', other_shift: 2, reason: 'why' }], answerSwap: [1, 'agree'], decideSwap: [1, 'approve', 'why'], firms: [], addFirm: ['x'],
    changeFirm: [1, { name: 'x', closed: true }], lawyers: [], putLawyer: ['X', LAWYER], trainings: ['X'], addTraining: ['X', { day: '2026-11-01', topic: 'x', hours: 2 }],
    settlement: ['2026-11'], settlementXlsx: ['2026-11'],
  },
  directory: {
    tree: [true], units: [{ area: '3301', kind: 'other', service: 'notary', text: 'x', open_now: true, ended: true, limit: 1, cursor: 'x' }], unit: ['X'], addUnit: [{ ...OFFICE, code: 'x' }], changeUnit: ['X', { ...OFFICE, version: 1 }],
    endUnit: ['X', 1, 'why'], reviveUnit: ['X', 1, 'why'], serving: ['notary', '330106'], addPerson: ['X', DUTY], changePerson: [1, { ...DUTY, version: 1, unit: 'x', ended: true }],
    advisers: [{ behind: true, ended: true }], addAdviser: [ADVISER], changeAdviser: [1, { ...ADVISER, version: 1, ended: true }], ledger: [1],
    addService: [1, { day: '2026-11-01', kind: 'lecture', hours: 2, village: 'x', note: 'x' }], strike: [1, 'why'], experts: [true], addExpert: [EXPERT], changeExpert: [1, { ...EXPERT, version: 1, ended: true }],
    changes: [{ thing: 'unit', key: 'x', load: 1, limit: 1, cursor: 'x' }], template: [true], load: [{ file: 'AAAA', file_name: 'x', whole: true, dry_run: true }], loads: [],
  },
  incidents: {
    plans: [], savePlan: ['harm', 1, EMERGENCY], list: [{ open_only: true, limit: 1, cursor: 'x' }], begin: [{ plan: 'harm', ticket: 'X' }], read: [1], tick: [1, 0, { note: 'x', skipped: 'x' }],
    write: [1, 1, { title: 'x', happened: 'x', people: 'x', course: 'x', measures: 'x', needs: 'x' }], told: [1, 'oral'], end: [1], paper: [1],
  },
  openness: { read: [], versions: [], version: [1], publish: [1, PUBLISHED] },
  reportForms: { list: [], places: [], save: ['x', 'AAAA'], drop: ['x'], xlsx: ['x', { from: '2026-11-01', to: '2026-11-30' }] },
  knowledge: {
    list: [{ q: 'x', kind: 'case', category: 'x', state: 'draft', drafts: true, review_due: true, limit: 1, cursor: 'x' }], atHand: [{ category: 'x', matter: 'notary', q: 'x', kind: 'script' }], read: [1, { version: 1, drafts: true }], use: [1],
    tell: [1, { useful: false, words: 'x' }], create: [{ ...WRITTEN, kind: 'statute' }], save: [1, 1, WRITTEN], step: [1, 1, { step: 'publish', reason: 'x', review_on: '2027-01-01', confirmed: true }], history: [1], difference: [1, 1, 2],
    removal: ['X'], makeCase: ['X'], feedback: [{ waiting: true, item: 1, limit: 1, cursor: 'x' }], settle: [1, 'why'], file: [true], load: [{ file: 'eA==', file_name: 'x', dry_run: true }],
  },
  finding: {
    all: ['x'], views: ['calls'], keep: [VIEW], drop: [1],
    exportTickets: [{ ...DAYS, state: 'open', category: 'x', operator: 'x', number: 'x', q: 'x', ...WHY }], exportCalls: [{ ...DAYS, outcome: 'answered', queue: 'x', adapter: 'x', seat: 'x', number: 'x', their_id: 'x', ...WHY }],
  },
  people: {
    list: [], create: [{ work_number: '1', name: 'x', role: 'handler', groups: [], unit: 'x' }], change: ['X', { name: 'x', role: 'operator', disabled: true, groups: [], unit: '' }], resetPassword: ['X'],
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
    found.push({ name, method, path: url.pathname, query: [...url.searchParams.keys()].sort(), body: typeof body === 'string' ? (JSON.parse(body) as Record<string, unknown>) : null, headers: special.sort() })
  }
  vi.stubGlobal('fetch', (address: string, options: { method: string; headers: Record<string, string>; body?: string }) => {
    note(options.method, address, options.body, options.headers)
    return Promise.resolve(new Response('{}', { status: 200, headers: { 'Content-Type': 'application/json' } }))
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
