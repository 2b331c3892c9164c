/** Rules about callers (来电人规则) of the mock hall: one of every kind, one overdue, two asked for, and what a desk is told. */
import { iso, mask } from './hall.mjs'

const DAY = 864e5
const day = (days) => iso(Date.now() + days * DAY).slice(0, 10)
let next = 1
function rule(number, kind, part = {}) {
  return {
    id: `cr-${String(next++).padStart(16, '0')}`, number, caller: mask(number), kind, level: 'none', level_now: 'none', operator: '', operator_name: '', state: 'active', reason: '来电自述', call: null,
    created_at: iso(Date.now() - next * 7e6), created_by: '何班长', decided_at: iso(Date.now() - next * 7e6), decided_by: '何班长', review_on: null, is_due: false,
    reviewed_at: null, reviewed_by: '', review_reason: '', ended_at: null, ended_by: '', end_reason: '', ...part,
  }
}
const asked = { state: 'requested', decided_at: null, decided_by: '', created_by: '周敏' }
const rules = [
  rule('13800138000', 'emergency', { reason: '反映受家庭暴力威胁，已协助报警' }),
  rule('13912345678', 'minor', { reason: '自述十五岁，监护人不在身边' }),
  rule('057188881234', 'elderly', { reason: '八十二岁，听力不好' }),
  rule('13700001111', 'harassing', { level: 'blocked', level_now: 'limited', reason: '一周内来电二十余次，辱骂律师，已两次警告', review_on: day(-3), is_due: true }),
  rule('13700002222', 'harassing', { level: 'limited', level_now: 'limited', reason: '反复询问同一问题并辱骂', review_on: day(20) }),
  rule('13600003333', 'prefer', { operator: 'acc-1001', operator_name: '周敏', reason: '工伤案件持续跟进' }),
  rule('13600004444', 'avoid', { operator: 'acc-1003', operator_name: '刘晓燕', reason: '来电人系该律师亲属' }),
  rule('13500005555', 'harassing', { ...asked, level: 'warned', level_now: 'warned', reason: '通话中辱骂，经两次提醒后挂断' }),
  rule('13500006666', 'disabled', { ...asked, reason: '自述听障，由家人转述' }),
  rule('13400007777', 'minor', { state: 'ended', ended_at: iso(), ended_by: '何班长', end_reason: '回访确认为成年人' }),
]
const conflicts = [
  { ticket: 'ZZ-20261120-000012', caller: '138****8000', other: '139****9000', operators: ['周敏'], other_operators: ['陈志远', '刘晓燕'], since: iso(Date.now() - 2 * DAY), ended_at: null, ended_by: '', end_reason: '' },
  { ticket: 'ZZ-20261119-000031', caller: '136****3333', other: '', operators: ['王建国'], other_operators: [], since: iso(Date.now() - 3 * DAY), ended_at: null, ended_by: '', end_reason: '' },
]
/** What the desk is told about whoever rings: set by `marks` below. */
const told = { marks: [], conflicts: [] }
export const popOf = () => told

/** A caller about whom there is something to know; or nobody special. */
export function mark(on) {
  told.marks = on ? [{ id: 'm1', kind: 'minor', level: 'none', state: 'active', operator_name: '', reason: '自述十五岁' }, { id: 'm2', kind: 'harassing', level: 'warned', state: 'requested', operator_name: '', reason: '辱骂' }] : []
  told.conflicts = on ? [{ ticket: 'ZZ-20261120-000012', by: 'number', mine: true, firm: false, operators: ['周敏'], since: iso() }] : []
}

const plain = ({ number, ...rest }) => rest
const one = (id) => rules.find((each) => each.id === id)
const on = { active: (each) => each.state === 'active', requested: (each) => each.state === 'requested', due: (each) => each.is_due, over: (each) => each.state === 'ended' || each.state === 'declined' }
const over = (body) => ({ ended_at: iso(), ended_by: '何班长', end_reason: body.reason })

export const callerRoutes = (paged) => [
  ['GET', /^\/callers\/rules$/, (m, b, query) => paged(rules.filter((each) => on[query.shelf ?? 'active'](each) && (!query.kind || each.kind === query.kind) && (!query.number || each.number === query.number)).map(plain), query)],
  ['GET', /^\/callers\/rules\/waiting$/, () => ({ requested: rules.filter(on.requested).length, due: rules.filter(on.due).length })],
  ['POST', /^\/callers\/rules\/requests$/, (m, body, q, account) => {
    told.marks = [...told.marks, { id: `m${next}`, kind: body.kind, level: body.level, state: 'requested', operator_name: '', reason: body.reason }]
    rules.push(rule('13800138000', body.kind, { ...asked, created_by: account.name, level: body.level, level_now: body.level, reason: body.reason }))
    return plain(rules.at(-1))
  }],
  ['POST', /^\/callers\/rules$/, (m, body) => {
    rules.unshift(rule(body.number ?? '13800138000', body.kind, { level: body.level, level_now: body.level, reason: body.reason, review_on: body.review_on }))
    return plain(rules[0])
  }],
  ['POST', /^\/callers\/rules\/([\w-]+)\/(approve|review)$/, (m, body) => plain(Object.assign(one(m[1]), { state: 'active', level: body.level, level_now: body.level, review_on: body.review_on, is_due: false, review_reason: body.reason }))],
  ['POST', /^\/callers\/rules\/([\w-]+)\/(decline|end)$/, (m, body) => plain(Object.assign(one(m[1]), { state: m[2] === 'end' ? 'ended' : 'declined', is_due: false, ...over(body) }))],
  ['POST', /^\/callers\/rules\/([\w-]+)\/reveal$/, (m) => ({ caller: one(m[1]).number })],
  ['GET', /^\/callers\/conflicts$/, (m, b, query) => paged(conflicts.filter((each) => (query.over === 'true') === Boolean(each.ended_at)), query)],
  ['POST', /^\/callers\/conflicts\/([\w-]+)\/end$/, (m, body) => { Object.assign(conflicts.find((each) => each.ticket === m[1]), over(body)) }],
]
