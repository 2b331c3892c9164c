/** Every request the console makes, one line each. */
import type { Checked, Notice, NoticeFields, Plan, PlanAnswer, PlanVersion, Prompt, PromptDetail, PromptList } from '@/announcements/types'
import type { LineDetail, LineRow, RawFrame } from '@/lines/types'
import type { Message, MessageAct, MessageDay, MessageKind, MessagePreview, MessageRow, MessageTemplate, MessageView, NewMessage, TicketMessages } from '@/messages/types'
import type { Format, Found, ListName, SavedView, ViewFilter } from '@/finding/types'
import type { AtHand, Content, Feedback, FeedbackQuery, HandQuery, Item, ItemQuery, ItemRow, Kind, Loaded as LoadedKnowledge, Pieces, StepLine, StepWish } from '@/knowledge/types'
import { flattened, nested } from '@/matters/flat'
import type { Application, Duties, Filing, Forms, Fulfilled, OpenDuties } from '@/matters/types'
import { address, ask, fetchFile, get, post, type Answer } from './http'
import type {
  Account, AskedMark, CallerRule, ConflictLine, NewRule, PageQuery, RuleDecision, RuleQuery, AuditLine, AuditQuery, CallDetail, CallQuery, CallRow, Category, CategoryTree, DayReport, Hall, Me, CallbackCounts, CallbackRow, CallbackTask, CallbackView, Page, PhoneKind, Pop, ReportDay, SeatView,
  Site, Softphone, Target, Ticket, TicketFields, TicketQuery, TicketRow, Together, WatchMode,
} from './types'
import type { OwnMonth, Rating, RatingFigures, RatingLink, RatingQuery, RatingRow, Scores } from './types'

import type {
  CalendarYear, Colleague, Duty, Firm, Gaps, Generated, Imported, Lawyer, LawyerFields, Pattern, PatternWish, Requirement, Settlement, Shift, ShiftChange, ShiftEdit,
  ShiftWish, SpecialDay, Swap, SwapAsk, Training,
} from '@/rosters/types'

import type {
  Adviser, AdviserFields, Change, ChangeQuery, Edited, Expert, ExpertFields, LedgerLine, LedgerNote, Load, LoadDone, Loaded, Offer, Person, PersonFields, TreeNode, Unit, UnitDetail, UnitFields, UnitQuery,
} from '@/directory/types'
import type { Incident, IncidentQuery, IncidentReport, IncidentRow, Plan as EmergencyPlan, Told as ToldHow, VersionedPlan } from '@/incidents/types'
import type { OpenContent, Openness, OpennessVersion } from '@/openness/types'
import type { Period } from '@/reportforms/period'
import type { Place, ReportForm } from '@/reportforms/types'

import type { Bridge, Handover, HandoverCounts, HandoverRow, HandoverView, Readiness, Told, Wish } from '@/handovers/types'

import type { Asked, CaseTicket, Counts, Course, FollowUp, Load as UnitLoad, NewTicket, Row, RowQuery } from '@/handling/types'

const id = encodeURIComponent
type SeatAnswer = { seat: SeatView }

export const session = {
  site: () => get<Site>('/site'),
  me: () => get<Me>('/session'),
  signIn: (hall: string, work_number: string, password: string) => post<Me>('/session', { hall, work_number, password }),
  signOut: () => ask<void>('DELETE', '/session'),
  changePassword: (old: string, fresh: string) => post<void>('/session/password', { old, new: fresh }),
}

export const hall = {
  read: () => get<Hall>('/hall'),
  seats: () => get<{ items: SeatView[] }>('/seats'),
}

export const lines = {
  list: () => get<{ leading: boolean; items: LineRow[] }>('/lines'),
  read: (line: string) => get<LineDetail>(`/lines/${id(line)}`),
  raw: (line: string, limit: number) => get<{ items: RawFrame[] }>(`/lines/${id(line)}/raw`, { limit }),
}

export const seats = {
  /** With the browser's phone no caller is offered before it is registered: then `ready`. */
  signIn: (seat: string, phone_kind: PhoneKind) =>
    post<{ seat: SeatView; phone: Softphone | null; warnings?: string[] }>(`/seats/${id(seat)}/sign-in`, { phone_kind, phone_ready: phone_kind !== 'browser' }),
  /** The credentials of the browser's phone once more: after a reload, or when another tab takes over. */
  phone: (seat: string) => get<{ phone: Softphone | null }>(`/seats/${id(seat)}/phone`),
  signOff: (seat: string, reason?: string) => post<SeatAnswer>(`/seats/${id(seat)}/sign-off`, reason ? { reason } : {}),
  ready: (seat: string) => post<SeatAnswer>(`/seats/${id(seat)}/ready`),
  busy: (seat: string, reason: string) => post<SeatAnswer>(`/seats/${id(seat)}/busy`, { reason }),
  rest: (seat: string, reason: string) => post<SeatAnswer>(`/seats/${id(seat)}/break`, { reason }),
  stay: (seat: string) => post<SeatAnswer>(`/seats/${id(seat)}/stay`),
  forgetNext: (seat: string) => post<SeatAnswer>(`/seats/${id(seat)}/forget-next`),
  answer: (seat: string, offer: string) => post<SeatAnswer>(`/seats/${id(seat)}/answer`, { offer }),
  reject: (seat: string, offer: string) => post<SeatAnswer>(`/seats/${id(seat)}/reject`, { offer }),
  took: (seat: string, call: string) => post<SeatAnswer>(`/seats/${id(seat)}/took`, { call }),
  hangUp: (seat: string, call: string) => post<SeatAnswer>(`/seats/${id(seat)}/hang-up`, { call }),
  force: (seat: string, state: 'ready' | 'busy' | 'signed_off', reason: string) =>
    post<SeatAnswer>(`/seats/${id(seat)}/force`, { state, reason }),
  hold: (seat: string, call: string) => post<SeatAnswer>(`/seats/${id(seat)}/hold`, { call }),
  resume: (seat: string, call: string) => post<SeatAnswer>(`/seats/${id(seat)}/resume`, { call }),
  mute: (seat: string, call: string, on: boolean) => post<SeatAnswer>(`/seats/${id(seat)}/mute`, { call, on }),
  keys: (seat: string, call: string, digits: string) => post<SeatAnswer>(`/seats/${id(seat)}/keys`, { call, digits }),
  consult: (seat: string, call: string, target: Target) => post<SeatAnswer>(`/seats/${id(seat)}/consult`, { call, target }),
  cancelConsult: (seat: string, call: string) => post<SeatAnswer>(`/seats/${id(seat)}/cancel-consult`, { call }),
  join: (seat: string, call: string) => post<SeatAnswer>(`/seats/${id(seat)}/join`, { call }),
  leave: (seat: string, call: string) => post<SeatAnswer>(`/seats/${id(seat)}/leave`, { call }),
  transfer: (seat: string, call: string, target: Target) => post<SeatAnswer>(`/seats/${id(seat)}/transfer`, { call, target }),
  drop: (seat: string, call: string, offer: string) => post<SeatAnswer>(`/seats/${id(seat)}/drop`, { call, offer }),
  rate: (seat: string, call: string) => post<SeatAnswer>(`/seats/${id(seat)}/rate`, { call }),
  emergency: (seat: string, contact: string) => post<SeatAnswer>(`/seats/${id(seat)}/emergency`, { contact }),
  /** The page was loaded again in mid-call: ring its phone once more for the caller who is still there. */
  restorePhone: (seat: string) => post<SeatAnswer>(`/seats/${id(seat)}/restore-phone`),
  confirm: (seat: string, call: string, offer: string) => post<SeatAnswer>(`/seats/${id(seat)}/confirm`, { call, offer }),
  dial: (seat: string, what: { callback: number } | { contact: string }) => post<SeatAnswer>(`/seats/${id(seat)}/dial`, what),
  monitor: (seat: string, call: string, mode: WatchMode) => post<SeatAnswer>(`/seats/${id(seat)}/monitor`, { call, mode }),
  stopMonitor: (seat: string) => post<SeatAnswer>(`/seats/${id(seat)}/stop-monitor`),
  takeOver: (seat: string, call: string) => post<SeatAnswer>(`/seats/${id(seat)}/take-over`, { call }),
  withdrawBreak: (seat: string) => post<SeatAnswer>(`/seats/${id(seat)}/withdraw-break`),
  askBreak: (seat: string, reason: string) => post<SeatAnswer>(`/seats/${id(seat)}/break-request`, { reason }),
  decideBreak: (seat: string, approve: boolean) => post<SeatAnswer>(`/seats/${id(seat)}/break-decision`, { approve }),
  define: (seat: string, extension: string, groups: string[]) =>
    ask<SeatAnswer>('PUT', `/seats/${id(seat)}`, { body: { extension, groups } }),
}

export const calls = {
  list: (query: CallQuery) => get<Page<CallRow>>('/calls', query),
  read: (call: string) => get<CallDetail>(`/calls/${id(call)}`),
  pop: (call: string) => get<Pop>(`/calls/${id(call)}/pop`),
  reveal: (call: string, reason: string) => post<{ caller: string }>(`/calls/${id(call)}/reveal`, { reason }),
  forceRelease: (call: string, reason: string) => post<unknown>(`/calls/${id(call)}/force-release`, { reason }),
  audio: (recording: string) => address(`/recordings/${id(recording)}/audio`),
}

export const callbacks = {
  list: (query: PageQuery & { view?: CallbackView }) => get<Page<CallbackRow>>('/callbacks', query),
  counts: () => get<CallbackCounts>('/callbacks/counts'),
  read: (task: number) => get<CallbackTask>(`/callbacks/${task}`),
  take: (task: number) => post<CallbackTask>(`/callbacks/${task}/take`),
  release: (task: number) => post<CallbackTask>(`/callbacks/${task}/release`),
  assign: (task: number, account: string) => post<CallbackTask>(`/callbacks/${task}/assign`, { account }),
  heard: (task: number) => post<CallbackTask>(`/callbacks/${task}/heard`),
  notThem: (task: number) => post<CallbackTask>(`/callbacks/${task}/not-them`),
  done: (task: number, result: string, note: string) => post<CallbackTask>(`/callbacks/${task}/done`, { result, note }),
  close: (task: number, reason: string, note: string) => post<CallbackTask>(`/callbacks/${task}/close`, { reason, note }),
}

export const handovers = {
  bridges: () => get<Bridge[]>('/bridges'),
  ofTicket: (ticket: string) => get<HandoverRow[]>(`/tickets/${id(ticket)}/handovers`),
  check: (ticket: string, wish: Wish) => post<Readiness>(`/tickets/${id(ticket)}/handovers/check`, wish),
  make: async (ticket: string, wish: Wish, key: string) => (await ask<HandoverRow>('POST', `/tickets/${id(ticket)}/handovers`, { body: wish, key })).data,
  list: (query: PageQuery & { view?: HandoverView }) => get<Page<HandoverRow>>('/handovers', query),
  counts: () => get<HandoverCounts>('/handovers/counts'),
  read: (handover: number) => get<Handover>(`/handovers/${handover}`),
  retry: (handover: number, reason: string) => post<Handover>(`/handovers/${handover}/retry`, { reason }),
  arrived: (handover: number, reason: string, their_no: string) => post<Handover>(`/handovers/${handover}/arrived`, { reason, their_no }),
  notArrived: (handover: number, reason: string) => post<Handover>(`/handovers/${handover}/not-arrived`, { reason }),
  withdraw: (handover: number, reason: string) => post<Handover>(`/handovers/${handover}/withdraw`, { reason }),
  told: (handover: number, kind: Told, text: string, their_no: string) => post<Handover>(`/handovers/${handover}/told`, { kind, text, their_no }),
  sheet: (handover: number) => address(`/handovers/${handover}/sheet`),
}

export const callers = {
  list: (query: RuleQuery) => get<Page<CallerRule>>('/callers/rules', query),
  waiting: () => get<{ requested: number; due: number }>('/callers/rules/waiting'),
  ask: (body: AskedMark) => post<CallerRule>('/callers/rules/requests', body),
  make: (body: NewRule) => post<CallerRule>('/callers/rules', body),
  approve: (rule: string, body: RuleDecision) => post<CallerRule>(`/callers/rules/${id(rule)}/approve`, body),
  decline: (rule: string, reason: string) => post<CallerRule>(`/callers/rules/${id(rule)}/decline`, { reason }),
  review: (rule: string, body: RuleDecision) => post<CallerRule>(`/callers/rules/${id(rule)}/review`, body),
  end: (rule: string, reason: string) => post<CallerRule>(`/callers/rules/${id(rule)}/end`, { reason }),
  reveal: (rule: string, reason: string) => post<{ caller: string }>(`/callers/rules/${id(rule)}/reveal`, { reason }),
  conflicts: (query: PageQuery & { over?: boolean }) => get<Page<ConflictLine>>('/callers/conflicts', query),
  endConflict: (ticket: string, reason: string) => post<void>(`/callers/conflicts/${id(ticket)}/end`, { reason }),
}

export const tickets = {
  list: (query: TicketQuery) => get<Page<TicketRow>>('/tickets', query),
  read: (number: string): Promise<Answer<Ticket>> => flattened(ask('GET', `/tickets/${id(number)}`)),
  save: (number: string, etag: string | null, fields: Partial<TicketFields>): Promise<Answer<Ticket>> =>
    flattened(ask('PUT', `/tickets/${id(number)}/draft`, { body: nested(fields), etag })),
  close: (number: string, etag: string | null, no_category_reason?: string): Promise<Answer<Ticket>> =>
    flattened(ask('POST', `/tickets/${id(number)}/close`, { body: no_category_reason ? { no_category_reason } : {}, etag })),
  quickClose: (number: string, kind: string): Promise<Answer<Ticket>> =>
    flattened(ask('POST', `/tickets/${id(number)}/quick-close`, { body: { kind } })),
  reopen: (number: string, reason: string): Promise<Answer<Ticket>> =>
    flattened(ask('POST', `/tickets/${id(number)}/reopen`, { body: { reason } })),
  here: async (number: string, page: string, writing: boolean) => (await ask<Together>('PUT', `/tickets/${id(number)}/here`, { body: { page, writing } })).data,
  leave: (number: string, page: string) => ask<void>('DELETE', `/tickets/${id(number)}/here/${id(page)}`),
}

export const matters = {
  forms: (edition?: string) => get<Forms>('/matters', { edition }),
  duties: (ticket: string) => get<Duties>(`/tickets/${id(ticket)}/duties`),
  fulfil: (ticket: string, duty: string, done: Fulfilled) => post<unknown>(`/tickets/${id(ticket)}/duties/${id(duty)}`, done),
  openDuties: () => get<OpenDuties>('/duties'),
  reveal: (ticket: string, reason: string) => post<{ particulars: Record<string, string>; card: string }>(`/tickets/${id(ticket)}/particulars/reveal`, { reason }),
  aid: (ticket: string) => get<{ items: Application[] }>(`/tickets/${id(ticket)}/aid`),
  fileAid: (ticket: string, filing: Filing) => post<{ items: Application[] }>(`/tickets/${id(ticket)}/aid`, filing),
  receiveAid: (ticket: string, materials: string[]) => post<{ items: Application[] }>(`/tickets/${id(ticket)}/aid/materials`, { materials }),
  askAid: (ticket: string, materials: string[], note: string) => post<{ items: Application[] }>(`/tickets/${id(ticket)}/aid/supplement`, { materials, note }),
  decideAid: (ticket: string, granted: boolean, reason: string, objection_told: boolean) => post<{ items: Application[] }>(`/tickets/${id(ticket)}/aid/decide`, { granted, reason, objection_told }),
  appointAid: (ticket: string, lawyer: string, firm: string) => post<{ items: Application[] }>(`/tickets/${id(ticket)}/aid/appoint`, { lawyer, firm }),
  withdrawAid: (ticket: string, reason: string, deemed: boolean) => post<{ items: Application[] }>(`/tickets/${id(ticket)}/aid/withdraw`, { reason, deemed }),
}

export const handling = {
  list: (query: RowQuery) => get<Page<Row>>('/handling', query),
  counts: () => get<Counts>('/handling/counts'),
  loads: () => get<UnitLoad[]>('/handling/units'),
  requests: () => get<Asked[]>('/handling/requests'),
  decide: (asked: number, granted: boolean, answer: string) => post<void>(`/handling/requests/${asked}/decide`, { granted, answer }),
  course: (number: string) => get<Course>(`/handling/tickets/${id(number)}`),
  /** `key`: the same for a second try, so that there is one ticket. */
  create: (key: string, body: NewTicket): Promise<Answer<CaseTicket>> => ask('POST', '/tickets', { body, key }),
  dispatch: (number: string, etag: string | null, body: { unit: string; helpers: string[]; note: string }) => ask<void>('POST', `/tickets/${id(number)}/dispatch`, { body, etag }),
  recall: (number: string, reason: string) => post<void>(`/tickets/${id(number)}/recall`, { reason }),
  designate: (number: string, unit: string, reason: string) => post<void>(`/tickets/${id(number)}/designate`, { unit, reason }),
  review: (number: string, etag: string | null, note: string) => ask<void>('POST', `/tickets/${id(number)}/review`, { body: { note }, etag }),
  sendBack: (number: string, etag: string | null, reason: string) => ask<void>('POST', `/tickets/${id(number)}/send-back`, { body: { reason }, etag }),
  followUp: (number: string, body: FollowUp) => post<void>(`/tickets/${id(number)}/follow-up`, body),
  archive: (number: string, etag: string | null) => ask<void>('POST', `/tickets/${id(number)}/archive`, { body: {}, etag }),
  reopen: (number: string, etag: string | null, reason: string) => ask<void>('POST', `/tickets/${id(number)}/reopen`, { body: { reason }, etag }),
  merge: (number: string, etag: string | null, into: string) => ask<void>('POST', `/tickets/${id(number)}/merge`, { body: { into }, etag }),
  split: (number: string) => ask<void>('POST', `/tickets/${id(number)}/split`),
  notAccept: (number: string, etag: string | null, reason: string, channel: string) => ask<void>('POST', `/tickets/${id(number)}/not-accept`, { body: { reason, channel }, etag }),
  urge: (number: string, note: string) => post<void>(`/tickets/${id(number)}/urge`, { note }),
  supervise: (number: string, note: string) => post<void>(`/tickets/${id(number)}/supervise`, { note }),
  resume: (number: string) => ask<void>('POST', `/tickets/${id(number)}/resume`),
  askTermination: (number: string, reason: string) => post<void>(`/tickets/${id(number)}/termination`, { reason }),
  unitTicket: (number: string): Promise<Answer<CaseTicket>> => ask('GET', `/unit/tickets/${id(number)}`),
  reveal: (number: string, reason: string) => post<{ caller: string; contact: string }>(`/unit/tickets/${id(number)}/reveal`, { reason }),
  sign: (number: string) => post<void>(`/unit/tickets/${id(number)}/sign`),
  begin: (number: string) => ask<void>('POST', `/unit/tickets/${id(number)}/begin`),
  note: (number: string, note: string) => post<void>(`/unit/tickets/${id(number)}/note`, { note }),
  passOn: (number: string, unit: string, note: string) => post<void>(`/unit/tickets/${id(number)}/pass-on`, { unit, note }),
  reply: (number: string, etag: string | null, reply: string) => ask<void>('POST', `/unit/tickets/${id(number)}/reply`, { body: { reply }, etag }),
  giveBack: (number: string, reason: string) => post<void>(`/unit/tickets/${id(number)}/return`, { reason }),
  extension: (number: string, amount: number, reason: string) => post<void>(`/unit/tickets/${id(number)}/extension`, { amount, reason }),
  pause: (number: string, reason: string) => post<void>(`/unit/tickets/${id(number)}/pause`, { reason }),
  unitTermination: (number: string, reason: string) => post<void>(`/unit/tickets/${id(number)}/termination`, { reason }),
}

export const categories = {
  read: () => get<CategoryTree>('/categories'),
  add: (label: string, items: Category[]) => post<CategoryTree>('/categories', { label, items }),
}

export const ratings = {
  list: (query: RatingQuery) => get<Page<RatingRow>>('/ratings', query),
  read: (rating: number) => get<Rating>(`/ratings/${rating}`),
  figures: (query: { from?: string; to?: string }) => get<RatingFigures>('/ratings/figures', query),
  own: (query: { month?: string }) => get<OwnMonth>('/ratings/own', query),
  followUp: (rating: number, note: string) => post<Rating>(`/ratings/${rating}/follow-up`, { note }),
  take: (call: string, body: { scores: Partial<Scores>; comment: string }) => post<{ id: number }>(`/calls/${id(call)}/rating`, body),
  link: (ticket: string) => post<RatingLink>(`/tickets/${id(ticket)}/rating-link`),
}

export const messages = {
  list: (query: PageQuery & { view?: MessageView; kind?: MessageKind }) => get<Page<MessageRow>>('/messages', query),
  day: () => get<MessageDay>('/messages/day'),
  read: (message: number) => get<Message>(`/messages/${message}`),
  settle: (message: number, act: MessageAct, reason: string) => post<MessageRow>(`/messages/${message}/${act}`, { reason }),
  templates: () => get<MessageTemplate[]>('/messages/templates'),
  changeTemplate: async (kind: string, version: number, text: string, registered: string) =>
    (await ask<MessageTemplate[]>('PUT', `/messages/templates/${id(kind)}`, { body: { text, registered }, etag: `"${version}"` })).data,
  ofTicket: (ticket: string) => get<TicketMessages>(`/tickets/${id(ticket)}/messages`),
  preview: (ticket: string, body: NewMessage) => post<MessagePreview>(`/tickets/${id(ticket)}/messages/preview`, body),
  send: async (ticket: string, body: NewMessage, key: string) => (await ask<MessageRow>('POST', `/tickets/${id(ticket)}/messages`, { body, key })).data,
  consent: async (ticket: string, declined: boolean) => (await ask<TicketMessages>('PUT', `/tickets/${id(ticket)}/messages/consent`, { body: { declined } })).data,
  guidance: (ticket: string, unit?: string) => address(`/tickets/${id(ticket)}/guidance`, { unit }),
}

export const announcements = {
  prompts: () => get<PromptList>('/announcements/prompts'),
  prompt: (name: string) => get<PromptDetail>(`/announcements/prompts/${id(name)}`),
  audio: (name: string, version?: number) => address(`/announcements/prompts/${id(name)}/audio`, { version }),
  upload: async (name: string, file: Blob, query: { label: string; text: string }) =>
    (await ask<Prompt>('PUT', `/announcements/prompts/${id(name)}/audio`, { body: file, query })).data,
  rename: async (name: string, label: string, text: string) => (await ask<Prompt>('PUT', `/announcements/prompts/${id(name)}`, { body: { label, text } })).data,
  restorePrompt: (name: string, version: number) => post<Prompt>(`/announcements/prompts/${id(name)}/restore`, { version }),
  removePrompt: async (name: string) => (await ask<Prompt>('DELETE', `/announcements/prompts/${id(name)}`)).data,
  plan: (): Promise<Answer<PlanAnswer>> => ask('GET', '/announcements/plan'),
  savePlan: (plan: Plan, note: string, etag: string | null): Promise<Answer<PlanAnswer>> => ask('PUT', '/announcements/plan', { body: { plan, note }, etag }),
  check: (plan: Plan) => post<Checked>('/announcements/plan/check', plan),
  versions: () => get<{ items: PlanVersion[] }>('/announcements/plan/versions'),
  version: (version: number) => get<PlanAnswer>(`/announcements/plan/versions/${version}`),
  restorePlan: (version: number, etag: string | null): Promise<Answer<PlanAnswer>> => ask('POST', '/announcements/plan/restore', { body: { version }, etag }),
  notices: () => get<{ items: Notice[] }>('/announcements/notices'),
  addNotice: (notice: NoticeFields) => post<Notice>('/announcements/notices', notice),
  changeNotice: (notice: string, fields: NoticeFields, etag: string) => ask<Notice>('PUT', `/announcements/notices/${id(notice)}`, { body: fields, etag }),
  removeNotice: (notice: string) => ask<void>('DELETE', `/announcements/notices/${id(notice)}`),
  turn: (notice: string, on: boolean) => post<Notice>(`/announcements/notices/${id(notice)}/switch`, { on }),
}

export const reports = {
  days: (last: number) => get<{ items: ReportDay[] }>('/reports/days', { last }),
  day: (day: string) => get<DayReport>(`/reports/${id(day)}`),
  xlsx: (day: string) => address(`/reports/${id(day)}/xlsx`),
}

export const rosters = {
  shifts: (query: { from: string; to: string; lawyer?: string; mine?: boolean; cancelled?: boolean }) => get<{ items: Shift[] }>('/rosters/shifts', query),
  create: (body: ShiftWish) => post<Shift>('/rosters/shifts', body),
  change: (shift: number, body: ShiftEdit) => ask<Shift>('PUT', `/rosters/shifts/${shift}`, { body }),
  cancel: (shift: number, version: number, reason: string) => post<Shift>(`/rosters/shifts/${shift}/cancel`, { version, reason }),
  changes: (shift: number) => get<{ items: ShiftChange[] }>(`/rosters/shifts/${shift}/changes`),
  colleagues: () => get<{ items: Colleague[] }>('/rosters/colleagues'),
  duty: () => get<Duty>('/rosters/duty'),
  gaps: (days: number) => get<Gaps>('/rosters/gaps', { days }),
  requirements: () => get<{ items: Requirement[] }>('/rosters/requirements'),
  putRequirements: (items: Requirement[]) => ask<{ items: Requirement[] }>('PUT', '/rosters/requirements', { body: { items } }),
  calendar: (year: number) => get<CalendarYear>(`/rosters/calendar/${year}`),
  putCalendar: (year: number, days: SpecialDay[]) => ask<CalendarYear>('PUT', `/rosters/calendar/${year}`, { body: { days } }),
  patterns: () => get<{ items: Pattern[] }>('/rosters/patterns'),
  addPattern: (body: PatternWish) => post<Pattern>('/rosters/patterns', body),
  changePattern: (pattern: number, body: PatternWish & { version: number }) => ask<Pattern>('PUT', `/rosters/patterns/${pattern}`, { body }),
  generate: (body: { from: string; to: string; patterns: number[]; dry_run: boolean }) => post<Generated>('/rosters/generate', body),
  template: () => address('/rosters/import/template'),
  load: (file: string, dry_run: boolean) => post<Imported>('/rosters/import', { file, dry_run }),
  swaps: () => get<{ items: Swap[] }>('/rosters/swaps'),
  askSwap: (body: SwapAsk) => post<Swap>('/rosters/swaps', body),
  answerSwap: (swap: number, step: 'agree' | 'decline' | 'withdraw') => post<Swap>(`/rosters/swaps/${swap}/answer`, { step }),
  decideSwap: (swap: number, step: 'approve' | 'refuse', reason: string) => post<Swap>(`/rosters/swaps/${swap}/decision`, { step, reason }),
  firms: () => get<{ items: Firm[] }>('/firms'),
  addFirm: (name: string) => post<Firm>('/firms', { name }),
  changeFirm: (firm: number, body: { name?: string; closed?: boolean }) => ask<Firm>('PATCH', `/firms/${firm}`, { body }),
  lawyers: () => get<{ items: Lawyer[] }>('/lawyers'),
  putLawyer: (account: string, body: LawyerFields & { version: number | null }) => ask<Lawyer>('PUT', `/lawyers/${id(account)}`, { body }),
  trainings: (account: string) => get<{ items: Training[] }>(`/lawyers/${id(account)}/trainings`),
  addTraining: (account: string, body: { day: string; topic: string; hours: number }) => post<{ items: Training[] }>(`/lawyers/${id(account)}/trainings`, body),
  settlement: (month: string) => get<Settlement>(`/rosters/settlement/${id(month)}`),
  settlementXlsx: (month: string) => address(`/rosters/settlement/${id(month)}/xlsx`),
}

export const directory = {
  tree: (ended: boolean) => get<{ items: TreeNode[] }>('/directory/tree', { ended }),
  units: (query: UnitQuery) => get<Page<Unit>>('/directory/units', query),
  unit: (code: string) => get<UnitDetail>(`/directory/units/${id(code)}`),
  addUnit: (body: UnitFields & { code: string }) => post<Unit>('/directory/units', body),
  changeUnit: (code: string, body: UnitFields & Edited) => ask<Unit>('PUT', `/directory/units/${id(code)}`, { body }),
  endUnit: (code: string, version: number, reason: string) => post<Unit>(`/directory/units/${id(code)}/end`, { version, reason }),
  reviveUnit: (code: string, version: number, reason: string) => post<Unit>(`/directory/units/${id(code)}/revive`, { version, reason }),
  serving: (matter: string, area: string) => get<{ items: Offer[] }>('/directory/serving', { matter, area }),
  addPerson: (unit: string, body: PersonFields) => post<Person>(`/directory/units/${id(unit)}/people`, body),
  changePerson: (person: number, body: PersonFields & Edited & { unit: string; ended: boolean }) => ask<Person>('PUT', `/directory/people/${person}`, { body }),
  advisers: (query: { behind?: boolean; ended?: boolean }) => get<{ items: Adviser[] }>('/directory/advisers', query),
  addAdviser: (body: AdviserFields) => post<Adviser>('/directory/advisers', body),
  changeAdviser: (adviser: number, body: AdviserFields & Edited & { ended: boolean }) => ask<Adviser>('PUT', `/directory/advisers/${adviser}`, { body }),
  ledger: (adviser: number) => get<{ items: LedgerLine[] }>(`/directory/advisers/${adviser}/ledger`),
  addService: (adviser: number, body: LedgerNote) => post<{ items: LedgerLine[] }>(`/directory/advisers/${adviser}/ledger`, body),
  strike: (entry: number, reason: string) => post<{ items: LedgerLine[] }>(`/directory/ledger/${entry}/strike`, { reason }),
  experts: (ended: boolean) => get<{ items: Expert[] }>('/directory/experts', { ended }),
  addExpert: (body: ExpertFields) => post<Expert>('/directory/experts', body),
  changeExpert: (expert: number, body: ExpertFields & Edited & { ended: boolean }) => ask<Expert>('PUT', `/directory/experts/${expert}`, { body }),
  changes: (query: ChangeQuery) => get<Page<Change>>('/directory/changes', query),
  template: (filled: boolean) => address('/directory/import/template', { filled }),
  load: (body: Load) => post<Loaded>('/directory/import', body),
  loads: () => get<{ items: LoadDone[] }>('/directory/imports'),
}

export const incidents = {
  plans: () => get<VersionedPlan[]>('/incident-plans'),
  savePlan: (code: string, seen: number, plan: EmergencyPlan) => ask<VersionedPlan>('PUT', `/incident-plans/${id(code)}`, { body: { seen, plan } }),
  list: (query: IncidentQuery) => get<Page<IncidentRow>>('/incidents', query),
  begin: (body: { plan: string; ticket: string | null }) => post<Incident>('/incidents', body),
  read: (incident: number) => get<Incident>(`/incidents/${incident}`),
  tick: (incident: number, at: number, body: { note: string; skipped: string }) => post<Incident>(`/incidents/${incident}/steps/${at}`, body),
  write: async (incident: number, seen: number, report: IncidentReport) => (await ask<Incident>('PUT', `/incidents/${incident}/report`, { body: { seen, report } })).data,
  told: (incident: number, how: ToldHow) => post<Incident>(`/incidents/${incident}/told`, { how }),
  end: (incident: number) => post<Incident>(`/incidents/${incident}/end`),
  paper: (incident: number) => address(`/incidents/${incident}/paper`),
}

export const openness = {
  read: () => get<Openness>('/openness'),
  versions: () => get<OpennessVersion[]>('/openness/versions'),
  version: (version: number) => get<Openness>(`/openness/versions/${version}`),
  publish: async (seen: number, content: OpenContent) => (await ask<Openness>('PUT', '/openness', { body: { seen, content } })).data,
}

export const reportForms = {
  list: () => get<ReportForm[]>('/report-forms'),
  places: () => get<Place[]>('/report-forms/places'),
  save: async (name: string, file: string) => (await ask<{ places: number }>('PUT', `/report-forms/${id(name)}`, { body: { file } })).data,
  drop: (name: string) => ask<unknown>('DELETE', `/report-forms/${id(name)}`),
  xlsx: (name: string, period: Period) => address(`/report-forms/${id(name)}/xlsx`, { ...period }),
}

export const knowledge = {
  list: (query: ItemQuery) => get<Page<ItemRow>>('/knowledge', query),
  atHand: (query: HandQuery) => get<{ items: AtHand[] }>('/knowledge/at-hand', query),
  read: (item: number, query: { version?: number; drafts?: boolean }) => get<Item>(`/knowledge/${item}`, query),
  use: (item: number) => post<unknown>(`/knowledge/${item}/use`),
  tell: (item: number, body: { useful: boolean; words: string }) => post<unknown>(`/knowledge/${item}/feedback`, body),
  create: (body: Content & { kind: Kind }) => post<Item>('/knowledge', body),
  save: (item: number, revision: number, body: Content) => ask<Item>('PUT', `/knowledge/${item}`, { body, etag: `"${revision}"` }),
  step: (item: number, revision: number, body: StepWish) => ask<Item>('POST', `/knowledge/${item}/steps`, { body, etag: `"${revision}"` }),
  history: (item: number) => get<{ items: StepLine[] }>(`/knowledge/${item}/history`),
  difference: (item: number, was: number, now: number) => get<{ fields: Pieces }>(`/knowledge/${item}/difference`, { was, now }),
  removal: (ticket: string) => get<{ fields: Pieces }>(`/knowledge/from-ticket/${id(ticket)}/removal`),
  makeCase: (ticket: string) => post<{ item: Item; removal: { fields: Pieces } }>(`/knowledge/from-ticket/${id(ticket)}`),
  feedback: (query: FeedbackQuery) => get<Page<Feedback>>('/knowledge-feedback', query),
  settle: (feedback: number, words: string) => post<unknown>(`/knowledge-feedback/${feedback}/settle`, { words }),
  file: (filled: boolean) => address('/knowledge-file', { filled }),
  load: (body: { file: string; file_name: string; dry_run: boolean }) => post<LoadedKnowledge>('/knowledge-file', body),
}

export const finding = {
  all: (q: string) => get<Found>('/search', { q }),
  views: (list: ListName) => get<{ items: SavedView[] }>('/saved-views', { list }),
  keep: (body: { list: ListName; name: string; filter: ViewFilter; shared: boolean }) => post<{ items: SavedView[] }>('/saved-views', body),
  drop: (view: number) => ask<unknown>('DELETE', `/saved-views/${view}`),
  exportTickets: (body: Omit<TicketQuery, 'limit' | 'cursor'> & { reason: string; format: Format }) => fetchFile('/tickets/export', body),
  exportCalls: (body: Omit<CallQuery, 'limit' | 'cursor'> & { reason: string; format: Format }) => fetchFile('/calls/export', body),
}

export const people = {
  list: () => get<{ items: Account[] }>('/accounts'),
  create: (body: { work_number: string; name: string; role: string; groups: string[]; unit: string }) =>
    post<{ account: Account; initial_password: string }>('/accounts', body),
  change: (account: string, body: { name?: string; role?: string; disabled?: boolean; groups?: string[]; unit?: string }) =>
    ask<unknown>('PATCH', `/accounts/${id(account)}`, { body }),
  resetPassword: (account: string) => post<{ initial_password: string }>(`/accounts/${id(account)}/reset-password`),
  audit: (query: AuditQuery) => get<Page<AuditLine>>('/audit', query),
}
