/** What may be done with a ticket next, by its state and by who looks at it? One table; the service has the last word. */
import { handling } from '@/api'
import { hallKeeps, isAtUnit } from './states'
import type { CaseTicket, Course, Dispatch, FollowUp } from './types'

export type FieldName = 'unit' | 'helpers' | 'note' | 'reason' | 'reply' | 'channel' | 'amount' | 'into' | 'way' | 'contentment' | 'solved'

/** What a dialog has been filled in with. */
export interface Form {
  unit: string; helpers: string[]; note: string; reason: string; reply: string; channel: string; amount: number; into: string; way: FollowUp['way']
  contentment: FollowUp['contentment'] | ''; solved: 'yes' | 'no' | ''
}
export interface Target { number: string; etag: string | null }

export interface Act {
  name: string
  /** In the order in which they are asked for. */
  fields: readonly FieldName[]
  /** Fields that may not stay empty. */
  needed: readonly FieldName[]
  /** Ends something, or takes it from somebody: asked in red. */
  isGrave?: boolean
  send: (target: Target, form: Form) => Promise<unknown>
}

/** Who looks at the ticket. */
export interface Looker {
  dispatches: boolean
  reviews: boolean
  reopens: boolean
  handles: boolean
  /** The handler's unit and all below it. */
  reach: ReadonlySet<string>
}

/** Nothing filled in; of time, what is asked for most. */
export function emptyForm(): Form {
  return { unit: '', helpers: [], note: '', reason: '', reply: '', channel: '', amount: 5, into: '', way: 'phone', contentment: '', solved: '' }
}

const MAX_RETURNS = 2
const ENDABLE = new Set(['open', 'reopened', 'returned', 'dispatched', 'designated', 'signed', 'in_progress'])

function act(name: string, fields: readonly FieldName[], needed: readonly FieldName[], send: Act['send'], isGrave = false): Act {
  return { name, fields, needed, send, isGrave }
}

export const ACTS = {
  dispatch: act('dispatch', ['unit', 'helpers', 'note'], ['unit'], (to, form) => handling.dispatch(to.number, to.etag, { unit: form.unit, helpers: form.helpers, note: form.note })),
  recall: act('recall', ['reason'], ['reason'], (to, form) => handling.recall(to.number, form.reason), true),
  designate: act('designate', ['unit', 'reason'], ['unit', 'reason'], (to, form) => handling.designate(to.number, form.unit, form.reason)),
  review: act('review', ['note'], [], (to, form) => handling.review(to.number, to.etag, form.note)),
  sendBack: act('sendBack', ['reason'], ['reason'], (to, form) => handling.sendBack(to.number, to.etag, form.reason), true),
  followUp: act('followUp', ['way', 'contentment', 'solved', 'note'], ['contentment'], (to, form) =>
    handling.followUp(to.number, { way: form.way, contentment: form.contentment as FollowUp['contentment'], solved: form.solved ? form.solved === 'yes' : null, note: form.note })),
  archive: act('archive', [], [], (to) => handling.archive(to.number, to.etag)),
  reopen: act('reopen', ['reason'], ['reason'], (to, form) => handling.reopen(to.number, to.etag, form.reason), true),
  merge: act('merge', ['into'], ['into'], (to, form) => handling.merge(to.number, to.etag, form.into), true),
  split: act('split', [], [], (to) => handling.split(to.number), true),
  notAccept: act('notAccept', ['reason', 'channel'], ['reason', 'channel'], (to, form) => handling.notAccept(to.number, to.etag, form.reason, form.channel), true),
  urge: act('urge', ['note'], [], (to, form) => handling.urge(to.number, form.note)),
  supervise: act('supervise', ['note'], ['note'], (to, form) => handling.supervise(to.number, form.note)),
  resume: act('resume', [], [], (to) => handling.resume(to.number)),
  askTermination: act('askTermination', ['reason'], ['reason'], (to, form) => handling.askTermination(to.number, form.reason), true),
  sign: act('sign', [], [], (to) => handling.sign(to.number)),
  begin: act('begin', [], [], (to) => handling.begin(to.number)),
  note: act('note', ['note'], ['note'], (to, form) => handling.note(to.number, form.note)),
  passOn: act('passOn', ['unit', 'note'], ['unit'], (to, form) => handling.passOn(to.number, form.unit, form.note)),
  reply: act('reply', ['reply'], ['reply'], (to, form) => handling.reply(to.number, to.etag, form.reply)),
  giveBack: act('giveBack', ['reason'], ['reason'], (to, form) => handling.giveBack(to.number, form.reason), true),
  extension: act('extension', ['amount', 'reason'], ['amount', 'reason'], (to, form) => handling.extension(to.number, form.amount, form.reason)),
  pause: act('pause', ['reason'], ['reason'], (to, form) => handling.pause(to.number, form.reason)),
  unitTermination: act('unitTermination', ['reason'], ['reason'], (to, form) => handling.unitTermination(to.number, form.reason), true),
} satisfies Record<string, Act>
export type ActName = keyof typeof ACTS

/** A decision upon a request; a refusal says why. */
export function decision(asked: number, grants: boolean): Act {
  return act(grants ? 'grant' : 'refuse', ['note'], grants ? [] : ['note'], (_, form) => handling.decide(asked, grants, form.note), !grants)
}

/** The buttons, the most likely one first. */
export function actsOf(ticket: CaseTicket, course: Course, who: Looker): ActName[] {
  return who.handles ? ofUnit(ticket, course, who.reach) : ofHall(ticket, course, who)
}

function ofHall(ticket: CaseTicket, course: Course, who: Looker): ActName[] {
  const { state } = ticket
  const atUnit = isAtUnit(state)
  const isAsked = course.requests.some((one) => one.kind === 'terminate' && one.decided_at === null)
  const isPaused = course.deadlines.some((one) => one.kind === 'reply' && one.done_at === null && one.paused_at !== null)
  const isUnhappy = course.follow_ups.at(-1)?.contentment === 'dissatisfied'
  const kept = hallKeeps(state)
  return chosen([
    ['review', who.reviews && state === 'replied'],
    ['sendBack', who.reviews && state === 'replied'],
    ['followUp', who.reviews && (state === 'reviewed' || state === 'followed_up')],
    ['reopen', who.reopens && (state === 'not_accepted' || state === 'terminated' || state === 'followed_up' || isFiled(ticket))],
    ['archive', who.reviews && (state === 'reviewed' || (state === 'followed_up' && !isUnhappy))],
    ['dispatch', who.dispatches && kept],
    ['designate', who.reviews && state === 'returned'],
    ['urge', who.dispatches && atUnit],
    ['supervise', who.reviews && atUnit],
    ['recall', who.dispatches && state === 'dispatched'],
    ['resume', who.reviews && isPaused],
    ['merge', who.dispatches && kept],
    ['split', who.dispatches && state === 'merged'],
    ['notAccept', who.dispatches && (state === 'open' || state === 'returned')],
    ['askTermination', who.dispatches && ENDABLE.has(state) && !isAsked],
  ])
}

function ofUnit(ticket: CaseTicket, course: Course, reach: ReadonlySet<string>): ActName[] {
  const ours = dispatchOf(course, reach)
  if (!ours) return []
  const { state } = ticket
  if (!ours.lead) return chosen([['sign', ours.signed_at === null], ['reply', true], ['note', true]])
  if (!isAtUnit(state)) return []
  const hasSigned = state === 'signed' || state === 'in_progress'
  const isAsking = (kind: string) => course.requests.some((one) => one.kind === kind && one.decided_at === null)
  const hasBelow = [...reach].some((code) => code !== ours.unit)
  return chosen([
    ['sign', !hasSigned],
    ['begin', state === 'signed'],
    ['reply', hasSigned],
    ['passOn', hasSigned && hasBelow],
    ['note', true],
    ['giveBack', state !== 'in_progress' && !ours.designated && state !== 'designated' && ticket.times_returned < MAX_RETURNS],
    ['extension', hasSigned && !isAsking('extend')],
    ['pause', hasSigned && !isAsking('pause')],
    ['unitTermination', hasSigned && !isAsking('terminate')],
  ])
}

/** A unit handled it, and it is over: read as a whole, not in the desk's form. */
export function isFiled(ticket: CaseTicket): boolean {
  return ticket.state === 'closed' && ticket.result !== ''
}

/** The open dispatch by which the unit has the ticket: as the lead where it leads. */
export function dispatchOf(course: Course, reach: ReadonlySet<string>): Dispatch | null {
  const open = course.dispatches.filter((one) => one.ended_at === null && reach.has(one.unit))
  return open.find((one) => one.lead) ?? open[0] ?? null
}

function chosen(all: [ActName, boolean][]): ActName[] {
  return all.filter(([, isThere]) => isThere).map(([name]) => name)
}
