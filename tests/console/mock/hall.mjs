/** A living hall in memory, only for pictures and journeys of the console: callers come, lawyers answer, time passes. */
import { CATEGORIES, LAWYERS, OPINIONS, PHRASES, QUEUES, REGIONS } from './people.mjs'

let seed = 7
export const chance = () => ((seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648)
export const pick = (list) => list[Math.floor(chance() * list.length)]
export const iso = (at = Date.now()) => new Date(at + 8 * 3600e3).toISOString().replace('Z', '+08:00')
const number = () => `1${pick(['38', '39', '50', '58', '77', '86', '99'])}${String(Math.floor(chance() * 1e8)).padStart(8, '0')}`
export const mask = (text) => text.slice(0, 3) + '****' + text.slice(7)

/** What the mock line can do: everything. */
export const ABILITIES = ['answers', 'plays', 'hears_keys', 'rings_seats', 'joins', 'holds', 'confers', 'watches', 'rings_outside', 'sends_keys', 'records', 'takes_messages', 'reports_ports']

export const hall = {
  seq: 100, nextCall: 4211, seats: new Map(), calls: new Map(), log: [], tickets: new Map(), audit: [], tellers: new Set(), tree: { version: 3, label: '2026 版', items: CATEGORIES },
  today: { offered: 386, answered: 371, abandoned: 15, answer_rate: 0.9611, sl15_rate: 0.8923 },
  links: [{ adapter: '模拟线路', up: true, alarms: [] }, { adapter: 'om-gateway', up: null, alarms: [] }, { adapter: 'pbx-1', up: true, alarms: [] }, { adapter: 'box-1', up: true, alarms: [] }],
}

function seat(n) {
  const number = String(n).padStart(2, '0')
  return {
    number, extension: `70${number}`, groups: ['general', pick(['marriage', 'labour', 'contract'])], state: 'signed_off', since: iso(Date.now() - 3600e3 * 9), reason: '', actor: '',
    operator: null, work_number: '', operator_name: '', phone_kind: '', call: null, offer: null, next_state: null, here: true, wrap_until: null, taken: 0, part: '', break_asked: null,
  }
}

export function tell(event, data) {
  hall.seq += 1
  for (const teller of hall.tellers) teller(event, data, hall.seq)
}

export function setSeat(number, part) {
  const old = hall.seats.get(number)
  const fresh = { ...old, ...part }
  if (part.state && part.state !== old.state && !part.since) fresh.since = iso()
  hall.seats.set(number, fresh)
  tell('seat', fresh)
  return fresh
}

export function newCall(extra = {}) {
  const id = `ZZ-${String((hall.nextCall += 1)).padStart(9, '0')}`
  const caller = number()
  const queue = pick(QUEUES)
  const at = iso()
  const ticket = newTicket(id, caller, at)
  const call = {
    id, state: 'waiting', queue: queue.name, queue_label: queue.label, topic: queue.name, caller: mask(caller), caller_masked: mask(caller), full: caller, region: `${pick(REGIONS)} ${pick(['中国移动', '中国联通', '中国电信'])}`,
    handling: 'hall', adapter: 'pbx-1', port: null, offered_at: at, queued_at: at, rung_at: null, ring_until: null, answered_at: null, seat: null, offer: null, ticket: ticket.number, priority: 0,
    recording: false, position: 1, abilities: ABILITIES, direction: 'in', parties: [], muted: false, talk_since: null, emergency: false, their_id: '', wanted: null, take_back: null, ...extra,
  }
  ticket.region = call.region.split(' ')[0]
  hall.calls.set(id, call)
  hall.today = { ...hall.today, offered: hall.today.offered + 1 }
  tell('call', call)
  tellQueues()
  return call
}

export function setCall(id, part) {
  const old = hall.calls.get(id)
  if (!old) return null
  const fresh = { ...old, ...part }
  if (fresh.state === 'ended') {
    hall.calls.delete(id)
    hall.log.unshift(row(fresh, part.outcome ?? 'answered'))
  } else hall.calls.set(id, fresh)
  tell('call', fresh)
  tellQueues()
  return fresh
}

export function row(call, outcome) {
  const ended = Date.now()
  const answered = call.answered_at ? Date.parse(call.answered_at) : null
  const holder = call.seat ? hall.seats.get(call.seat) : null
  return {
    id: call.id, state: 'ended', outcome, handling: call.handling, adapter: call.adapter, port: null, queue: call.queue, queue_label: call.queue_label, caller: call.caller_masked, full: call.full, region: call.region,
    offered_at: call.offered_at, queued_at: call.queued_at, rung_at: call.rung_at, answered_at: call.answered_at, ended_at: iso(ended), seat: call.seat,
    operator_name: holder?.operator_name ?? null, work_number: holder?.work_number ?? null,
    wait_seconds: Math.round(((answered ?? ended) - Date.parse(call.offered_at)) / 1000), talk_seconds: answered ? Math.round((ended - answered) / 1000) : null, hold_seconds: answered ? 0 : null,
    ticket: call.ticket, recordings: answered ? 1 : 0, ended_by: answered ? 'caller' : 'caller', backfilled: false,
  }
}

export function newTicket(call, caller, at, part = {}) {
  const number = `ZZ-${at.slice(0, 10).replaceAll('-', '')}-${String(hall.tickets.size + 1).padStart(6, '0')}`
  const ticket = {
    number, state: 'draft', created_at: at, call, caller: mask(caller), category: '', category_label: '', matter: '', urgency: 'normal', operator_name: null, seat: null, outcome: null,
    quick_close: '', opinion_excerpt: '', secrecy: false, version: 1, caller_name: '', contact: '', counterparty_name: '', counterparty_contact: '', id_refused: false, region: '', gender: '', special_group: '', minor_involved: false,
    category_version: 3, facts: '', claim: '', opinion: '', legal_basis: '', legal_aid_told: false, saved_at: null, saved_by: null, closed_at: null, closed_by: null, no_category_reason: '', ...part,
  }
  hall.tickets.set(number, ticket)
  return ticket
}

export function queueViews() {
  return QUEUES.map((queue) => {
    const waiting = [...hall.calls.values()].filter((call) => call.queue === queue.name && (call.state === 'waiting' || call.state === 'ringing'))
    const seats = [...hall.seats.values()]
    return {
      ...queue, waiting: waiting.length, longest_since: waiting.map((call) => call.queued_at).sort()[0] ?? null,
      seats_ready: seats.filter((one) => one.state === 'ready').length, seats_signed_in: seats.filter((one) => one.state !== 'signed_off').length,
      expected_wait_seconds: waiting.length ? waiting.length * 14 : null,
    }
  })
}

export function tellQueues() {
  for (const queue of queueViews()) tell('queue', queue)
}

export function ring(number, call, seconds = 20) {
  const at = Date.now()
  const offer = `o-${call.id}-${at}`
  setSeat(number, { state: 'ringing', call: call.id, offer, reason: 'call', part: 'main' })
  return setCall(call.id, { state: 'ringing', seat: number, offer, rung_at: iso(at), ring_until: iso(at + seconds * 1000) })
}

export function answer(number) {
  const one = hall.seats.get(number)
  const call0 = hall.calls.get(one.call)
  setSeat(number, { state: 'talking', offer: null, taken: one.taken + 1 })
  hall.today = { ...hall.today, answered: hall.today.answered + 1, answer_rate: (hall.today.answered + 1) / hall.today.offered }
  tell('today', hall.today)
  const call = setCall(one.call, { state: 'talking', answered_at: call0.answered_at ?? iso(), talk_since: call0.talk_since ?? iso(), recording: true, offer: null, wanted: null, take_back: null })
  const ticket = hall.tickets.get(call.ticket)
  Object.assign(ticket, { state: 'open', seat: number, operator_name: one.operator_name, outcome: 'answered', version: ticket.version + 1 })
}

export function hangUp(number, wrap = 30) {
  const one = hall.seats.get(number)
  const call = one.call
  setSeat(number, { state: 'wrap_up', call: null, offer: null, part: '', wrap_until: iso(Date.now() + wrap * 1000) })
  if (call) setCall(call, { state: 'ended', outcome: 'answered' })
}

/** The past: a week of calls and tickets. */
function history() {
  for (let n = 0; n < 160; n += 1) {
    const began = Date.now() - n * 1000 * 60 * (4 + chance() * 9) - 60e3
    const answered = chance() < 0.93
    const [work_number, operator_name] = pick(LAWYERS)
    const wait = Math.floor(chance() * 28) + 2
    const talk = Math.floor(chance() * 700) + 40
    const queue = pick(QUEUES)
    const caller = number()
    const category = pick(CATEGORIES.filter((one) => one.code.length === 6))
    const id = `ZZ-${String(4200 - n).padStart(9, '0')}`
    const outcome = answered ? 'answered' : pick(['abandoned_queue', 'abandoned_ringing', 'short_abandoned', 'timed_out', 'lost'])
    const quick = answered && chance() < 0.08 ? pick(['wrong_number', 'silence', 'prank']) : ''
    const opinion = answered && !quick ? pick(OPINIONS) : ''
    const ticket = newTicket(id, caller, iso(began), {
      state: answered ? (chance() < 0.85 ? 'closed' : 'open') : 'open', category: opinion ? category.code : '', category_label: opinion ? category.label : '', matter: opinion ? pick(['legal_advice', 'legal_aid', 'mediation']) : '',
      urgency: chance() < 0.06 ? 'emergency' : chance() < 0.15 ? 'urgent' : 'normal', operator_name: answered ? operator_name : null, seat: answered ? '03' : null, outcome, quick_close: quick, opinion,
      opinion_excerpt: opinion.slice(0, 60), secrecy: chance() < 0.06, facts: opinion ? '来电人称所在单位拖欠工资三个月，未签订书面劳动合同。' : '', region: pick(REGIONS), saved_at: iso(began + 3e5), closed_at: iso(began + 4e5),
    })
    hall.log.push({
      id, state: 'ended', outcome, handling: chance() < 0.1 ? 'device' : 'hall', adapter: n % 5 ? 'pbx-1' : 'box-1', port: n % 5 ? null : 1 + (n % 8), queue: queue.name, queue_label: queue.label, caller: mask(caller), full: caller, region: ticket.region, offered_at: iso(began),
      queued_at: iso(began + 4e3), rung_at: iso(began + 6e3), answered_at: answered ? iso(began + wait * 1000) : null, ended_at: iso(began + (wait + talk) * 1000), seat: answered ? '03' : null,
      operator_name: answered ? operator_name : null, work_number: answered ? work_number : null, wait_seconds: wait, talk_seconds: answered ? talk : null, hold_seconds: answered ? 0 : null, ticket: ticket.number, recordings: answered ? 1 : 0,
      ended_by: answered ? pick(['caller', 'caller', 'seat']) : 'caller', backfilled: chance() < 0.03,
    })
  }
}

/** What the other lawyers are doing when the picture is taken. */
function people() {
  for (let n = 1; n <= 20; n += 1) hall.seats.set(String(n).padStart(2, '0'), seat(n))
  const scene = ['talking', 'talking', 'ready', 'wrap_up', 'talking', 'busy', 'on_break', 'talking', 'ready', 'missing', 'talking', 'ready', 'talking']
  LAWYERS.slice(1).forEach(([work_number, operator_name], at) => {
    const number = String(at + 2).padStart(2, '0')
    const since = iso(Date.now() - Math.floor(chance() * 540 + 8) * 1000)
    const state = scene[at]
    setSeat(number, {
      state, since, operator: `acc-${work_number}`, work_number, operator_name, phone_kind: 'simulated', taken: Math.floor(chance() * 30), here: state !== 'missing',
      reason: state === 'busy' ? 'paper' : state === 'on_break' ? 'meal' : '', wrap_until: state === 'wrap_up' ? iso(Date.now() + 22e3) : null,
    })
    if (state === 'talking') {
      const call = newCall()
      setCall(call.id, { state: 'talking', seat: number, answered_at: since, talk_since: since, recording: true })
      setSeat(number, { call: call.id, since, part: 'main' })
    }
  })
  for (const waited of [74, 31, 17, 6]) {
    const at = iso(Date.now() - waited * 1000)
    newCall({ offered_at: at, queued_at: at })
  }
}

export function begin() {
  history()
  people()
  audited(2, 24, iso(Date.now() - 200 * 864e5))
  audited(3, hall.tree.items.length, iso(Date.now() - 40 * 864e5))
  for (let n = 0; n < 46; n += 1) {
    const [who] = pick(LAWYERS)
    hall.audit.push({
      seq: 900 - n, at: iso(Date.now() - n * 1000 * 60 * 17), account: `acc-${who}`, work_number: pick([who, '9001']), act: pick(['login', 'playback', 'reveal', 'force_state', 'login', 'login_failed']),
      object: `ZZ-${String(4200 - n).padStart(9, '0')}`, reason: pick(['回访核实', '', '投诉核查', '']), result: chance() < 0.9 ? 'ok' : 'refused', address: '10.20.3.' + (20 + n),
    })
  }
}

export function audited(version, size, at, who = { work_number: '9002', name: '吴静' }) {
  hall.audit.unshift({
    seq: 900 + version, at, account: `acc-${who.work_number}`, work_number: who.work_number, name: who.name, act: 'categories_imported', act_label: '导入咨询类别',
    object: `categories/${version}`, reason: '', result: 'ok', address: '10.20.3.2', data: { version, items: size },
  })
}

/** One small thing happens now and then, so that pictures are of something living. */
export function live() {
  const others = [...hall.seats.values()].filter((one) => one.operator && one.operator !== 'acc-1001')
  const one = pick(others)
  if (one?.state === 'wrap_up' && Date.parse(one.wrap_until) < Date.now()) setSeat(one.number, { state: 'ready', wrap_until: null })
  else if (one?.state === 'talking' && one.call && one.part === 'main' && !hall.calls.get(one.call)?.parties.length && chance() < 0.1) hangUp(one.number)
  tell('today', hall.today)
}

export const SITE = {
  label: '郑州市 12348 公共法律服务热线', halls: [{ id: 'ZZ', label: '市政务服务大厅' }, { id: 'ZD', label: '郑东新区分厅' }], demo: true,
  demo_accounts: [
    { work_number: '1001', name: '周敏', role: 'operator', password: 'demo-1001' }, { work_number: '1002', name: '陈志远', role: 'operator', password: 'demo-1002' },
    { work_number: '9001', name: '李国华', role: 'supervisor', password: 'demo-9001' }, { work_number: '9002', name: '吴静', role: 'administrator', password: 'demo-9002' },
    { work_number: '9003', name: '郑安', role: 'auditor', password: 'demo-9003' },
  ],
}
export const HALL = (more) => ({
  ...more, hall: 'ZZ', label: '市政务服务大厅', queues: QUEUES, wrap_seconds: 30, categories_version: 3, phones: ['browser', 'desk', 'mobile', 'simulated'],
  busy_reasons: [{ code: 'paper', label: '整理材料' }, { code: 'consult', label: '内部会商' }, { code: 'other', label: '其他' }],
  break_reasons: [{ code: 'rest', label: '休息' }, { code: 'meal', label: '用餐' }, { code: 'restroom', label: '如厕' }, { code: 'training', label: '培训' }],
  phrases: PHRASES.map(([title, text]) => ({ title, text })),
  quick_closes: [{ code: 'wrong_number', label: '拨错号码' }, { code: 'silence', label: '无声电话' }, { code: 'prank', label: '骚扰电话' }],
  adapters: [
    { name: '模拟线路', kind: 'simulated', up: true, abilities: ['answers', 'plays', 'hears_keys', 'rings_seats', 'joins', 'records', 'reports_ports'], last_event_at: iso(Date.now() - 2000) },
    { name: 'pbx-1', kind: 'asterisk', up: hall.links[2].up, abilities: ABILITIES, last_event_at: iso(Date.now() - 9000) },
    { name: 'om-gateway', kind: 'gateway_push', up: true, abilities: [], last_event_at: iso(Date.now() - 61000) },
  ],
})
