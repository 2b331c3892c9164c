/** A stand-in for the service while the console is worked on and photographed. Usage: node server.mjs PORT */
import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { audited, answer, begin, chance, hall, HALL, hangUp, iso, live, newCall, queueViews, ring, setCall, setSeat, SITE } from './hall.mjs'
import { CONTACTS, dial, people, pickUp, release, ringParty, settings, useVerb, verbs } from './control.mjs'
import { announcementRoutes } from './announcements.mjs'
import { callbackRoutes } from './callbacks.mjs'
import { alarm, lineRoutes } from './lines.mjs'
import { callerRoutes, mark, popOf } from './callers.mjs'
import { QUEUES } from './people.mjs'
import { ratingRoutes } from './ratings.mjs'

const CONSOLE = fileURLToPath(new URL('../../../hotline/console/', import.meta.url))
const { WebSocketServer } = createRequire(CONSOLE)('ws')
const DIST = join(CONSOLE, 'dist')
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
const CSP = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self' 'unsafe-inline'"
/** Leads nowhere, and the softphone has to say so; MOCK_PHONE brings the account of a real Asterisk. */
const PHONE = process.env.MOCK_PHONE ? JSON.parse(process.env.MOCK_PHONE) : { ws_url: 'ws://127.0.0.1:9/ws', uri: 'sip:web01@hotline.invalid', user: 'web01', password: 'x', realm: 'asterisk' }
const RIGHTS = {
  operator: 'callback.work desk.live seat.list seat.use call.read call.reveal recording.play ticket.read ticket.write category.read rating.own caller_rule.ask',
  supervisor: 'line.read line.trace announcement.read notice.switch callback.work callback.assign desk.live hall.live seat.list seat.use seat.force call.monitor call.force_release call.monitor call.force_release call.read call.reveal recording.play ticket.read ticket.write ticket.reopen category.read report.read account.list rating.read rating.take rating.own caller_rule.ask caller_rule.read caller_rule.change',
  administrator: 'line.read line.trace announcement.read announcement.change notice.switch hall.live seat.list seat.define category.read category.import report.read account.list account.change audit.read',
  auditor: 'call.read category.read report.read account.list audit.read',
}
for (const role of Object.keys(RIGHTS)) RIGHTS[role] = RIGHTS[role].split(' ')
const sessions = new Map()
let failing = ''

class Refusal extends Error {
  constructor(status, code, title, more = {}) {
    super(code)
    Object.assign(this, { status, body: { type: 'about:blank', title, status, detail: '', code, ...more } })
  }
}

const me = (account) => ({
  account: `acc-${account.work_number}`, work_number: account.work_number, name: account.name, role: account.role, hall: 'ZZ', hall_label: '市政务服务大厅', must_change_password: Boolean(account.fresh),
  mobile: account.role === 'operator' || account.role === 'supervisor' ? '139****9000' : '', permissions: RIGHTS[account.role], seat: [...hall.seats.values()].find((one) => one.operator === `acc-${account.work_number}`) ?? null,
})
const rate = (numerator, denominator, formula) => ({ value: denominator ? numerator / denominator : null, numerator, denominator, formula })
const dated = (items, query) => items.filter((one) => {
  const day = (one.at ?? one.offered_at ?? one.created_at).slice(0, 10)
  return (!query.from || day >= query.from) && (!query.to || day <= query.to)
})
function paged(items, query) {
  const from = Number(query.cursor ?? 0)
  const until = from + Number(query.limit ?? 50)
  return { items: items.slice(from, until), next_cursor: until < items.length ? String(until) : null }
}
const publicRow = ({ full, ...rest }) => rest
const rated = (answered, n) => ({ rating_rate: rate(Math.round(answered * 0.57) - (n % 9), answered, 'rated/answered'), satisfaction: rate(Math.round(answered * 0.57) - (n % 9) - (n % 4), Math.round(answered * 0.57) - (n % 9), 'satisfied/rated') })
const days = () => Array.from({ length: 30 }, (_, n) => {
  const offered = 320 + ((n * 97) % 160)
  const abandoned = n === 9 ? 41 : n === 17 ? 29 : 6 + ((n * 31) % 12)
  const answered = offered - abandoned
  const quick = Math.round(answered * (0.86 + ((n * 13) % 10) / 100))
  return {
    day: iso(Date.now() - (n + 1) * 86400e3).slice(0, 10), state: n === 0 ? 'provisional' : 'final', offered, answered, answer_rate: rate(answered, offered, 'AR1'), sl15: rate(quick, offered, 'F3'),
    worst_24h: rate(answered - 9, offered + 4, 'AR1-24h'), mean_wait_seconds: 7 + ((n * 5) % 9), ...rated(answered, n),
  }
})

const routes = [
  ['GET', /^\/site$/, () => SITE],
  ['POST', /^\/session$/, (m, body, query, account, out) => {
    const found = SITE.demo_accounts.find((one) => one.work_number === body.work_number && one.password === body.password)
    if (body.work_number === '1099' && body.password === 'fresh') return enter(out, { work_number: '1099', name: '方晴', role: 'operator', fresh: true })
    if (!found) throw new Refusal(401, 'sign_in_failed', '工号或密码不正确')
    return enter(out, found)
  }],
  ['GET', /^\/session$/, (m, b, q, account) => me(account)],
  ['DELETE', /^\/session$/, (m, b, q, account, out) => { sessions.delete(out.session) }],
  ['POST', /^\/session\/password$/, (m, body, q, account) => {
    if (body.new.includes('1234')) throw new Refusal(422, 'password_too_weak', '新密码不符合要求', { errors: [{ field: 'new', message: '密码过于常见' }] })
    account.fresh = false
  }],
  ['GET', /^\/hall$/, () => HALL({ contacts: CONTACTS, break_approval: settings.approval, monitor_announced: settings.announced, rating: true })],
  ['GET', /^\/seats$/, () => ({ items: [...hall.seats.values()] })],
  ['POST', /^\/seats\/(\w+)\/([\w-]+)$/, (m, body, q, account) => ({
    seat: seatDeed(m[1], m[2], body, account), phone: m[2] === 'sign-in' && body.phone_kind === 'browser' ? PHONE : null,
  })],
  ['GET', /^\/seats\/(\w+)\/phone$/, (m) => (hall.seats.get(m[1])?.phone_kind === 'browser' ? { phone: PHONE } : { phone: null })],
  ['PUT', /^\/seats\/(\w+)$/, (m, body) => ({ seat: setSeat(m[1], body) })],
  ['GET', /^\/calls$/, (m, b, query) => {
    const found = dated(hall.log, query).filter((one) => (!query.outcome || one.outcome === query.outcome) && (!query.queue || one.queue === query.queue) && (!query.adapter || one.adapter === query.adapter) && (!query.seat || one.seat === query.seat) && (!query.number || one.full === query.number))
    return paged(found.map(publicRow).sort((a, b) => b.offered_at.localeCompare(a.offered_at)), query)
  }],
  ['POST', /^\/calls\/([\w-]+)\/force-release$/, (m) => {
    const call = hall.calls.get(m[1])
    if (!call) throw new Refusal(409, 'call_gone', '通话已经结束')
    if (call.seat) setSeat(call.seat, { state: 'wrap_up', call: null, part: '', wrap_until: iso(Date.now() + 30e3) })
    release(call)
    return {}
  }],
  ['GET', /^\/calls\/([\w-]+)$/, (m) => detail(m[1])],
  ['GET', /^\/calls\/([\w-]+)\/pop$/, () => ({ times_before: 2, calls: hall.log.slice(3, 6).map(publicRow), tickets: [...hall.tickets.values()].filter((one) => one.opinion).slice(4, 7), ...popOf() })],
  ['POST', /^\/calls\/([\w-]+)\/reveal$/, (m) => ({ caller: hall.log.find((one) => one.id === m[1])?.full ?? '13800138000' })],
  ['GET', /^\/tickets$/, (m, b, query) => {
    const found = dated([...hall.tickets.values()], query).filter((one) => (!query.state || one.state === query.state) && (!query.q || (one.opinion + one.facts).includes(query.q)) && (!query.category || one.category.startsWith(query.category)))
    return paged(found.sort((a, b) => b.created_at.localeCompare(a.created_at)), query)
  }],
  ['GET', /^\/tickets\/([\w-]+)$/, (m, b, q, a, out) => tagged(ticketOf(m[1]), out)],
  ['PUT', /^\/tickets\/([\w-]+)\/draft$/, (m, body, q, account, out) => {
    const ticket = ticketOf(m[1])
    if (out.ifMatch !== `"${ticket.version}"`) throw new Refusal(412, 'ticket_changed', '工单已被他人修改', { current: ticket })
    Object.assign(ticket, body, { version: ticket.version + 1, saved_at: iso(), saved_by: account.work_number, category_label: hall.tree.items.find((one) => one.code === (body.category ?? ticket.category))?.label ?? '' })
    return tagged(ticket, out)
  }],
  ['POST', /^\/tickets\/([\w-]+)\/(close|quick-close|reopen)$/, (m, body, q, account, out) => {
    const ticket = ticketOf(m[1])
    if (m[2] === 'close' && !ticket.opinion) throw new Refusal(422, 'ticket_incomplete', '工单尚未填写完整', { errors: [{ field: 'opinion', message: '请填写答复意见' }] })
    const part = m[2] === 'reopen' ? { state: 'reopened', closed_at: null } : { state: 'closed', closed_at: iso(), closed_by: account.work_number, quick_close: body.kind ?? '' }
    Object.assign(ticket, part, { version: ticket.version + 1 })
    return tagged(ticket, out)
  }],
  ...ratingRoutes(paged),
  ...callbackRoutes(paged),
  ...callerRoutes(paged),
  ...announcementRoutes(),
  ...lineRoutes(Refusal),
  ['GET', /^\/categories$/, () => hall.tree],
  ['POST', /^\/categories$/, (m, body, q, account) => {
    hall.tree = { version: hall.tree.version + 1, label: body.label, items: body.items }
    audited(hall.tree.version, body.items.length, iso(), account)
    return hall.tree
  }],
  ['GET', /^\/reports\/days$/, () => ({ items: days() })],
  ['GET', /^\/reports\/([\d-]+)$/, (m) => report(m[1])],
  ['GET', /^\/accounts$/, () => ({ items: SITE.demo_accounts.map((one, n) => ({ account: `acc-${one.work_number}`, work_number: one.work_number, name: one.name, role: one.role, groups: one.role === 'operator' ? ['general', 'labour'] : [], disabled: n === 1, must_change_password: n === 4, created_at: iso(Date.now() - n * 864e6) })) })],
  ['POST', /^\/accounts$/, () => ({ account: {}, initial_password: 'Qx7-mango-42' })],
  ['PATCH', /^\/accounts\/([\w-]+)$/, () => ({})],
  ['POST', /^\/accounts\/([\w-]+)\/reset-password$/, () => ({ initial_password: 'Kp3-river-88' })],
  ['GET', /^\/audit$/, (m, b, query) => paged(dated(hall.audit, query).filter((one) => !query.act || one.act === query.act), query)],
]

function enter(out, account) {
  const token = `mock-${Math.random()}`
  sessions.set(token, { ...account })
  out.cookie = token
  return me(account)
}

function tagged(ticket, out) {
  out.etag = `"${ticket.version}"`
  return ticket
}

function ticketOf(number) {
  const ticket = hall.tickets.get(number)
  if (!ticket) throw new Refusal(404, 'not_found', '没有找到')
  return ticket
}

function seatDeed(number, deed, body, account) {
  const one = hall.seats.get(number)
  const who = { operator: `acc-${account.work_number}`, work_number: account.work_number, operator_name: account.name }
  const isBusy = one.state === 'ringing' || one.state === 'talking'
  const go = (state, reason = 'self') => (isBusy ? setSeat(number, { next_state: { state, reason, actor: account.work_number } }) : setSeat(number, { state, reason, actor: account.work_number, wrap_until: null, next_state: null }))
  switch (deed) {
    case 'sign-in': people.add(number); return setSeat(number, { ...who, actor: account.work_number, state: 'ready', phone_kind: body.phone_kind, taken: 0, here: true })
    case 'sign-off': people.delete(number); return isBusy ? go('signed_off') : setSeat(number, { state: 'signed_off', operator: null, operator_name: '', work_number: '', break_asked: null })
    case 'ready': return isBusy ? setSeat(number, { next_state: null }) : go('ready')
    case 'busy': return go('busy', body.reason)
    case 'break': return go('on_break', body.reason)
    case 'stay': return setSeat(number, { wrap_until: null })
    case 'forget-next': return setSeat(number, { next_state: null })
    case 'answer':
      if (one.offer !== body.offer) throw new Refusal(409, 'offer_gone', '该来电已被接走或已挂断')
      if (hall.calls.get(one.call)?.parties.some((party) => party.offer === one.offer)) pickUp(one.call, one.offer)
      else answer(number)
      return hall.seats.get(number)
    case 'reject':
      setCall(one.call, { state: 'waiting', seat: null, offer: null })
      return setSeat(number, { state: 'busy', reason: 'rejected', call: null, offer: null })
    case 'hang-up':
      if (hall.calls.get(one.call)?.parties.some((party) => party.seat === number)) return useVerb(number, 'leave', body)
      for (const party of hall.calls.get(one.call)?.parties ?? []) if (party.seat) setSeat(party.seat, { state: party.before ?? 'ready', call: null, offer: null, part: '' }); hangUp(number); return hall.seats.get(number)
    case 'force': return force(number, body.state, body.reason, account.work_number)
    default:
      if (deed in verbs) return useVerb(number, deed, body, (code, title) => { throw new Refusal(409, code, title) })
      throw new Refusal(404, 'not_found', '没有找到')
  }
}

function force(number, state, reason, actor) {
  const gone = state === 'signed_off' ? { operator: null, operator_name: '', work_number: '' } : {}
  return setSeat(number, { state, reason, actor, since: iso(), wrap_until: null, next_state: null, ...gone })
}

const WORDS = { menu: '播音导航', waiting: '排队', ringing: '振铃', talking: '通话' }
const stretch = (kind, since, seconds, part = {}) => ({ kind, text: WORDS[kind], since, seconds: Math.max(0, seconds), seat: null, who: '', others: [], queue_label: '', ...part })

function detail(id) {
  const found = hall.log.find((one) => one.id === id)
  if (!found) throw new Refusal(404, 'not_found', '没有找到')
  const at = Date.parse(found.offered_at)
  const line = (after, text, actor = 'system') => ({ at: iso(at + after * 1000), type: 'fact', text, actor, data: {} })
  return {
    ...publicRow(found), recordings: found.answered_at ? [{ id: `rec-${id}`, name: `${id}.wav`, seconds: found.talk_seconds, missing: '', started_at: found.answered_at, marks: [{ seconds: 20, text: '03 号坐席保持通话', emergency: false }, { seconds: 31, text: '一键呼叫 110 报警台（紧急）', emergency: true }] }] : [],
    segments: [
      stretch('menu', found.offered_at, 3), stretch('waiting', found.queued_at, found.wait_seconds - 5, { queue_label: found.queue_label }), stretch('ringing', found.rung_at, 2, { seat: '03', who: found.operator_name ?? '' }),
      ...(found.answered_at ? [stretch('talking', found.answered_at, found.talk_seconds, { seat: '03', who: found.operator_name })] : []),
    ],
    journal: [
      line(0, `来电呼入，号码 ${found.caller}`), line(1, '播放欢迎语和录音告知'), line(3, `按键选择“${found.queue_label}”，进入排队`), line(6, '03 号坐席振铃'),
      ...(found.answered_at ? [line(found.wait_seconds, `03 号坐席 ${found.operator_name} 接听`, found.work_number), line(found.wait_seconds + 0.2, '开始录音'), line(found.wait_seconds + found.talk_seconds, '来电者挂机，通话结束')] : [line(found.wait_seconds, '来电者挂机，未接通')]),
    ],
  }
}

function report(day) {
  const one = days().find((other) => other.day === day)
  if (!one) throw new Refusal(404, 'not_found', '该日没有日报')
  const m = (id, label, formula, r, excluded = {}) => ({ id, label, formula, numerator: r.numerator, denominator: r.denominator, excluded, value: r.value })
  const n = (id, label, formula, value) => ({ id, label, formula, numerator: value, denominator: 1, excluded: {}, value })
  const part = (key, label, share) => ({
    key, label, offered: Math.round(one.offered * share), answered: Math.round(one.answered * share), abandoned: Math.round((one.offered - one.answered) * share), answer_rate: one.answer_rate.value,
    sl_15: one.sl15.value, mean_wait_seconds: one.mean_wait_seconds, mean_talk_seconds: 434, rated: one.rating_rate.numerator, rating_rate: one.rating_rate.value,
    satisfied: one.satisfaction.numerator, satisfaction: one.satisfaction.value,
  })
  const definitions = {
    'count:offered': '当日（按来电时刻，北京时间）呼入热线的全部来电', 'count:answered': '有坐席人员与来电人通话的来电', 'answered/offered': '接听量 ÷ 呼入量，不作任何剔除',
    'answered/(offered-short)': '接听量 ÷（呼入量 − 速挂）', 'answered_within/asked(t=15s)': '15 秒内应答 ÷ 人工请求量；自进入人工排队起算',
    'answered/offered@worst24h': '在当日结束的任意连续 24 小时内，接听量 ÷ 呼入量 的最小值',
  }
  return {
    day, hall: 'ZZ', state: one.state, made_at: iso(), data_until: iso(), measures: [
      n('offered', '呼入量', 'count:offered', one.offered), n('answered', '接听量', 'count:answered', one.answered), m('answer_rate_inbound', '接通率', 'answered/offered', one.answer_rate),
      m('answer_rate_without_short', '接通率（剔除速挂）', 'answered/(offered-short)', rate(one.answered, one.offered - 3, ''), { short_abandoned: 3 }),
      m('sl_15', '15 秒接通率', 'answered_within/asked(t=15s)', one.sl15), m('answer_rate_worst_24h', '最差连续 24 小时接通率', 'answered/offered@worst24h', one.worst_24h),
      m('mean_wait', '平均应答等待（秒）', 'ASA=sum(wait of answered)/answered', { numerator: one.mean_wait_seconds * one.answered, denominator: one.answered, value: one.mean_wait_seconds }),
    ],
    definitions: Object.fromEntries(Object.entries(definitions).map(([key, wording]) => [key, { label: '', wording, source: '' }])),
    queues: QUEUES.map((queue) => part(queue.name, queue.label, 0.25)), hours: ['09', '10', '11'].map((hour) => part(hour, `${hour}:00`, 0.33)),
    operators: [{ key: 'a', work_number: '1001', name: '周敏', answered: 41, served: 43, mean_wait_seconds: 6, talk_seconds: 17800, mean_talk_seconds: 434, last_with: 41, rated: 22, rating_rate: 22 / 41, satisfied: 21, satisfaction: 21 / 22 }],
    duty: [['live', '坐席值守', 0.8, 0], ['forwarded_mobile', '转接手机', 0.15, 1], ['voicemail', '留言', 0.05, 2]].map(([key, label, share, n]) => ({ ...part(key, label, share), forwarded: n === 1 ? 2 : 0, voicemail: n === 2 ? 3 : 0 })),
    outbound: [['callback', '回拨', 9, 8, 6], ['contact', '联系外部号码', 2, 2, 2], ['emergency', '紧急', 0, 0, 0]].map(([key, label, begun, dialled, reached]) => ({ key, label, begun, dialled, reached, reach_rate: dialled ? reached / dialled : null, talk_seconds: reached * 95 })),
    outages: [{ key: 'link:box-1', label: '线路 box-1 中断', kind: 'link', adapter: 'box-1', port: null, times: 2, seconds: 252, longest_seconds: 130 }, { key: 'port/3:om-gateway', label: '线路 om-gateway 端口 3 故障', kind: 'port', adapter: 'om-gateway', port: 3, times: 1, seconds: 7200, longest_seconds: 7200 }],
    outcomes: [{ outcome: 'answered', label: '接通', count: one.answered, share: one.answered / one.offered }],
  }
}

/** The call of a seat that talks; it begins to, should it have just hung up. */
function talking(number) {
  const known = hall.calls.get(hall.seats.get(number).call)
  if (known) return known
  const call = newCall({ state: 'talking', seat: number, answered_at: iso(), talk_since: iso(), recording: true })
  setSeat(number, { state: 'talking', call: call.id, part: 'main' })
  return call
}

/** What a picture script may make happen. */
const scenes = {
  mark: (query) => mark(query.on === '1'),
  ring: ({ seat, seconds }) => ring(seat, newCall({ region: '河南省南阳市 中国移动', queued_at: iso(Date.now() - 9000), offered_at: iso(Date.now() - 12000) }), Number(seconds ?? 20)),
  force: ({ seat, state, reason }) => force(seat, state, reason, '9001'),
  answer: ({ seat }) => answer(seat), end: ({ seat, wrap }) => hangUp(seat, Number(wrap ?? 30)),
  consulted: ({ from, seat }) => ringParty(setCall(talking(from).id, { state: 'held', talk_since: iso() }), 'consulted', { seat, by: from }),
  watch: ({ from, seat, part }) => { const call = talking(seat); const party = ringParty(call, part, { seat: from, by: from }); pickUp(call.id, party.offer) },
  transferred: ({ from, seat }) => talking(from) && useVerb(from, 'transfer', { target: { kind: 'seat', seat } }),
  dial: ({ seat, number }) => dial(seat, number),
  set: (asked) => Object.assign(settings, Object.fromEntries(Object.entries(asked).map(([key, value]) => [key, Number(value)]))),
  ask: ({ seat, reason }) => setSeat(seat, { break_asked: reason }),
  mobile: ({ seat }) => setSeat(seat, { phone_kind: 'mobile' }),
  link: ({ at, up }) => { hall.links[at].up = up === '1'; for (const one of sockets) one.say({ type: 'event', seq: hall.seq, topic: 'desk', event: 'link', data: hall.links[at] }) },
  alarm,
  drop: ({ code }) => { for (const one of sockets) one.socket.close(Number(code ?? 1012)) },
  fail: ({ path }) => { failing = path ?? '' },
  touch: ({ ticket, field, text }) => { const one = ticketOf(ticket); Object.assign(one, { [field]: text, version: one.version + 1, saved_by: '陈志远', saved_at: iso() }) },
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost')
  const query = Object.fromEntries(url.searchParams)
  if (url.pathname.startsWith('/scene/')) {
    scenes[url.pathname.slice(7)](query)
    response.end('ok')
  } else if (url.pathname.startsWith('/api/v1/')) await api(request, response, url.pathname.slice(7), query)
  else file(response, url.pathname)
})

async function api(request, response, path, query) {
  let text = ''
  for await (const chunk of request) text += chunk
  const out = { ifMatch: request.headers['if-match'], session: cookie(request) }
  const send = (status, body) => {
    const headers = { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' }
    if (out.etag) headers.ETag = out.etag
    if (out.cookie) headers['Set-Cookie'] = `hotline_session=${out.cookie}; HttpOnly; SameSite=Strict; Path=/`
    response.writeHead(body === undefined ? 204 : status, headers)
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }
  try {
    if (failing && path.startsWith(failing)) throw new Refusal(503, 'database_away', '数据库暂时不可用')
    if (request.method !== 'GET' && request.headers['x-console'] !== '1') throw new Refusal(403, 'forbidden', '没有权限')
    if (/^\/recordings\/.*\/audio$/.test(path)) return sound(response)
    const account = sessions.get(out.session)
    const isOpen = path === '/site' || (path === '/session' && request.method === 'POST')
    if (!account && !isOpen) throw new Refusal(401, 'not_signed_in', '尚未登录')
    for (const [method, pattern, work] of routes) {
      const found = method === request.method && pattern.exec(path)
      if (found) return send(200, work(found, text ? JSON.parse(text) : {}, query, account, out))
    }
    throw new Refusal(404, 'not_found', '没有找到')
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    send(error.status, error.body)
  }
}

function sound(response) {
  const samples = 8000 * 3
  const body = Buffer.alloc(44 + samples)
  body.write('RIFF', 0); body.writeUInt32LE(36 + samples, 4); body.write('WAVEfmt ', 8); body.writeUInt32LE(16, 16); body.writeUInt16LE(1, 20); body.writeUInt16LE(1, 22)
  body.writeUInt32LE(8000, 24); body.writeUInt32LE(8000, 28); body.writeUInt16LE(1, 32); body.writeUInt16LE(8, 34); body.write('data', 36); body.writeUInt32LE(samples, 40)
  body.fill(128, 44)
  response.writeHead(200, { 'Content-Type': 'audio/wav', 'Cache-Control': 'no-store' })
  response.end(body)
}

function cookie(request) {
  return /hotline_session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
}

function file(response, path) {
  const name = join(DIST, normalize(path === '/' ? '/index.html' : path))
  if (!name.startsWith(DIST) || !existsSync(name)) {
    response.writeHead(404)
    response.end()
    return
  }
  response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP, 'Cache-Control': 'no-cache' })
  createReadStream(name).pipe(response)
}

const sockets = new Set()
new WebSocketServer({ server, path: '/api/v1/live' }).on('connection', (socket, request) => {
  const account = sessions.get(cookie(request))
  if (!account) return socket.close(4401)
  const own = `acc-${account.work_number}`
  let topics = ['desk']
  const say = (message) => socket.readyState === 1 && socket.send(JSON.stringify(message))
  const seesAll = () => topics.includes('hall')
  const shown = (call) => (call.seat && call.answered_at && hall.seats.get(call.seat)?.operator === own ? { ...call, caller: call.full } : { ...call, caller: call.caller_masked })
  const numbers = new Set([...hall.seats.values()].filter((one) => one.operator === own).map((one) => one.number))
  const touches = (call) => numbers.has(call.seat) || call.parties.some((one) => numbers.has(one.seat))
  const teller = (event, data, seq) => {
    if (event === 'seat' && data.operator === own) numbers.add(data.number)
    if (event === 'seat' && !seesAll() && data.operator !== own && !numbers.has(data.number)) return
    if (event === 'call' && !seesAll() && !touches(data)) return
    const { full, ...rest } = event === 'call' ? shown(data) : data
    say({ type: 'event', seq, topic: seesAll() ? 'hall' : 'desk', event, data: rest })
  }
  const here = { socket, say }
  sockets.add(here)
  hall.tellers.add(teller)
  const beat = setInterval(() => say({ type: 'beat' }), 5000)
  say({ type: 'hello', server_time: iso(), session: 's', heartbeat: 5 })
  socket.on('message', (text) => {
    const message = JSON.parse(text)
    if (message.type !== 'subscribe') return
    topics = message.topics
    const seats = [...hall.seats.values()].filter((one) => seesAll() || one.operator === own)
    const calls = [...hall.calls.values()].filter((one) => seesAll() || touches(one)).map(shown).map(({ full, ...rest }) => rest)
    say({ type: 'snapshot', seq: hall.seq, data: { now: iso(), seats, calls, queues: queueViews(), links: hall.links, today: hall.today } })
  })
  socket.on('close', () => {
    clearInterval(beat)
    hall.tellers.delete(teller)
    sockets.delete(here)
  })
})

begin()
setInterval(live, 900 + chance() * 300)
server.listen(Number(process.argv[2] ?? 8399), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`))
