/** Call-back tasks (回拨) of the mock hall: made up, what is overdue first. */
import { hall, iso, mask } from './hall.mjs'

const ago = (minutes) => iso(Date.now() - minutes * 60e3)
const base = { version: 1, any_hour: false, first_tried_at: null, reached_at: null, ended_at: null, ended_by_name: '', result: '', note: '', assigned_by_name: '', owner: null, owner_name: '', unheard: 0, attempts: 0, calls: 1 }
const rows = () => made ??= [
  { kind: 'missed', state: 'waiting', priority: 1, last: 92, due: -32, calls: 3 },
  { kind: 'missed', state: 'waiting', priority: 9, last: 4, due: 56, any_hour: true },
  { kind: 'message', state: 'waiting', priority: 2, last: 260, due: 1180, unheard: 1 },
  { kind: 'wished', state: 'taken', priority: 2, last: 31, due: 89, owner: 'acc-1001', owner_name: '周敏', attempts: 1, first_tried_at: ago(12), any_hour: true },
  { kind: 'missed', state: 'reached', priority: 1, last: 50, due: 10, owner: 'acc-1001', owner_name: '周敏', attempts: 2, first_tried_at: ago(25), reached_at: ago(6) },
  { kind: 'missed', state: 'taken', priority: 1, last: 49, due: 11, owner: 'acc-1002', owner_name: '陈志远', assigned_by_name: '何班长' },
  { kind: 'missed', state: 'waiting', priority: 0, last: 8, due: 52 },
  { kind: 'missed', state: 'got_through', priority: 1, last: 130, due: -70, ended_at: ago(118), ended_by_name: '系统', reached_at: ago(118) },
  { kind: 'missed', state: 'unreachable', priority: 1, last: 420, due: -360, owner: 'acc-1002', owner_name: '陈志远', attempts: 3, ended_at: ago(150), ended_by_name: '系统', result: 'attempts:3' },
  { kind: 'message', state: 'closed', priority: 2, last: 900, due: 540, owner: 'acc-1001', owner_name: '周敏', ended_at: ago(600), ended_by_name: '周敏', result: 'no_need', note: '来电人致谢，无需回拨。' },
].map(({ last, due, ...one }, n) => {
  const number = `138${String(13571113 * (n + 3)).slice(0, 8)}`
  return { ...base, id: n + 1, caller: mask(number), region: ['河南省郑州市 中国移动', '', '吉林省长春市 中国联通'][n % 3], created_at: ago(last + 5), last_at: ago(last), due_at: ago(-due), overdue: due < 0, ...one }
})
let made

const over = (one) => Boolean(one.ended_at)
const late = (one) => !over(one) && one.overdue && one.state !== 'reached'
const views = { open: (one) => !over(one), mine: (one, who) => !over(one) && one.owner === who, overdue: late, over }
const change = (one, part) => Object.assign(one, { version: one.version + 1, ...part })
const whole = (one) => ({
  ...one,
  listed: Array.from({ length: one.calls }, (_, n) => ({
    call: `ZZ-00000${4100 + one.id}${n}`, at: iso(Date.parse(one.last_at) - n * 7 * 60e3), kind: n === 0 ? one.kind : 'missed', outcome: one.kind === 'message' && n === 0 ? 'voicemail' : 'abandoned_queue', served: false,
    ticket: hall.log[one.id]?.ticket ?? 'T', recording: one.kind === 'message' && n === 0 ? '71' : null, seconds: one.kind === 'message' && n === 0 ? 34 : null, missing: '', heard_at: one.kind === 'message' && !one.unheard ? ago(3) : null, heard_by_name: one.kind === 'message' && !one.unheard ? '周敏' : '',
  })),
  tried: Array.from({ length: one.attempts }, (_, n) => ({
    call: `ZZ-00000${4300 + one.id}${n}`, began_at: ago(25 - n * 19), ended_at: ago(24 - n * 18), seat: '17', operator_name: one.owner_name, result: one.reached_at && n === one.attempts - 1 ? 'reached' : 'not_reached', cause: '', ticket: 'T',
  })),
  changes: [
    { at: one.created_at, actor_name: '系统', step: 'begin', state: 'waiting', call: null, owner_name: '', result: '' },
    ...(one.owner ? [{ at: ago(26), actor_name: one.assigned_by_name || one.owner_name, step: one.assigned_by_name ? 'assign' : 'take', state: 'taken', call: null, owner_name: one.owner_name, result: '' }] : []),
    ...(one.reached_at ? [{ at: one.reached_at, actor_name: '系统', step: one.state === 'got_through' ? 'get_through' : 'reach', state: one.state, call: null, owner_name: '', result: '' }] : []),
  ],
})
const act = (verb, work) => ['POST', new RegExp(`^/callbacks/(\\d+)/${verb}$`), (m, body, query, account) => whole(change(rows()[m[1] - 1], work(body, account)))]

export const callbackRoutes = (paged) => [
  ['GET', /^\/callbacks$/, (m, b, query, account) => paged(rows().filter((one) => views[query.view ?? 'open'](one, `acc-${account.work_number}`)).sort((a, b2) => late(b2) - late(a) || b2.priority - a.priority), query)],
  ['GET', /^\/callbacks\/counts$/, (m, b, query, account) => ({
    open: rows().filter(views.open).length, waiting: rows().filter((one) => one.state === 'waiting').length, mine: rows().filter((one) => views.mine(one, `acc-${account.work_number}`)).length, overdue: rows().filter(late).length, unheard: rows().filter((one) => !over(one) && one.unheard).length,
  })],
  ['GET', /^\/callbacks\/(\d+)$/, (m) => whole(rows()[m[1] - 1])],
  act('take', (body, account) => ({ state: 'taken', owner: `acc-${account.work_number}`, owner_name: account.name })),
  act('release', () => ({ state: 'waiting', owner: null, owner_name: '', assigned_by_name: '' })),
  act('assign', (body, account) => ({ state: 'taken', owner: body.account, owner_name: '陈志远', assigned_by_name: account.name })),
  act('heard', () => ({ unheard: 0 })),
  act('not-them', () => ({ state: 'taken', reached_at: null })),
  act('done', (body, account) => ({ state: 'done', result: body.result, note: body.note, ended_at: iso(), ended_by_name: account.name })),
  act('close', (body, account) => ({ state: 'closed', result: body.reason, note: body.note, ended_at: iso(), ended_by_name: account.name })),
]
