/** Things as the service would tell them. */
import type { CallView, SeatView } from '@/api/types'

export function seat(part: Partial<SeatView> = {}): SeatView {
  return {
    number: '01', extension: '7001', groups: [], state: 'ready', since: '2026-11-21T10:00:00+08:00', reason: '', actor: '', operator: 'a1', work_number: '1001',
    operator_name: '周敏', phone_kind: 'simulated', call: null, offer: null, next_state: null, here: true, wrap_until: null, taken: 0, part: '', break_asked: null, ...part,
  }
}

export function call(part: Partial<CallView> = {}): CallView {
  return {
    id: 'ZZ-1', state: 'waiting', queue: 'q', queue_label: '婚姻家庭', topic: '', caller: '138****8000', caller_masked: '138****8000', region: '', handling: 'hall', adapter: 'pbx',
    offered_at: '2026-11-21T10:00:00+08:00', queued_at: null, rung_at: null, ring_until: null, answered_at: null, seat: null, offer: null, ticket: 'T1', priority: 0,
    recording: false, position: 0, direction: 'in', abilities: [], parties: [], muted: false, talk_since: null, emergency: false, their_id: '', wanted: null, take_back: null, ...part,
  }
}
