/** Every request the console makes, one line each. */
import { address, ask, get, post, type Answer } from './http'
import type {
  Account, AuditLine, AuditQuery, CallDetail, CallQuery, CallRow, Category, CategoryTree, DayReport, Hall, Me, Page, PhoneKind, Pop, ReportDay, SeatView,
  Site, Softphone, Ticket, TicketFields, TicketQuery, TicketRow,
} from './types'

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

export const seats = {
  signIn: (seat: string, phone_kind: PhoneKind) =>
    post<{ seat: SeatView; phone: Softphone | null }>(`/seats/${id(seat)}/sign-in`, { phone_kind }),
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
  hangUp: (seat: string, call: string) => post<SeatAnswer>(`/seats/${id(seat)}/hang-up`, { call }),
  force: (seat: string, state: 'ready' | 'busy' | 'signed_off', reason: string) =>
    post<SeatAnswer>(`/seats/${id(seat)}/force`, { state, reason }),
  define: (seat: string, extension: string, groups: string[]) =>
    ask<SeatAnswer>('PUT', `/seats/${id(seat)}`, { body: { extension, groups } }),
}

export const calls = {
  list: (query: CallQuery) => get<Page<CallRow>>('/calls', query),
  read: (call: string) => get<CallDetail>(`/calls/${id(call)}`),
  pop: (call: string) => get<Pop>(`/calls/${id(call)}/pop`),
  reveal: (call: string, reason: string) => post<{ caller: string }>(`/calls/${id(call)}/reveal`, { reason }),
  audio: (recording: string) => address(`/recordings/${id(recording)}/audio`),
}

export const tickets = {
  list: (query: TicketQuery) => get<Page<TicketRow>>('/tickets', query),
  read: (number: string): Promise<Answer<Ticket>> => ask('GET', `/tickets/${id(number)}`),
  save: (number: string, etag: string | null, fields: Partial<TicketFields>): Promise<Answer<Ticket>> =>
    ask('PUT', `/tickets/${id(number)}/draft`, { body: fields, etag }),
  close: (number: string, etag: string | null, no_category_reason?: string): Promise<Answer<Ticket>> =>
    ask('POST', `/tickets/${id(number)}/close`, { body: no_category_reason ? { no_category_reason } : {}, etag }),
  quickClose: (number: string, kind: string): Promise<Answer<Ticket>> =>
    ask('POST', `/tickets/${id(number)}/quick-close`, { body: { kind } }),
  reopen: (number: string, reason: string): Promise<Answer<Ticket>> =>
    ask('POST', `/tickets/${id(number)}/reopen`, { body: { reason } }),
}

export const categories = {
  read: () => get<CategoryTree>('/categories'),
  add: (label: string, items: Category[]) => post<CategoryTree>('/categories', { label, items }),
}

export const reports = {
  days: (last: number) => get<{ items: ReportDay[] }>('/reports/days', { last }),
  day: (day: string) => get<DayReport>(`/reports/${id(day)}`),
  xlsx: (day: string) => address(`/reports/${id(day)}/xlsx`),
}

export const people = {
  list: () => get<{ items: Account[] }>('/accounts'),
  create: (body: { work_number: string; name: string; role: string; groups: string[] }) =>
    post<{ account: Account; initial_password: string }>('/accounts', body),
  change: (account: string, body: { name?: string; role?: string; disabled?: boolean; groups?: string[] }) =>
    ask<unknown>('PATCH', `/accounts/${id(account)}`, { body }),
  resetPassword: (account: string) => post<{ initial_password: string }>(`/accounts/${id(account)}/reset-password`),
  audit: (query: AuditQuery) => get<Page<AuditLine>>('/audit', query),
}
