/** What the service says of emergency plans and incidents. */

export interface PlanStep { title: string; text: string; call: string }
export interface Plan { title: string; when: string; steps: PlanStep[]; report_to: string; report_minutes: number; written_hours: number; retired: boolean }
export interface VersionedPlan { code: string; version: number; plan: Plan }

export interface IncidentRow {
  id: number
  plan: string
  title: string
  begun_at: string
  begun_by: string
  steps: number
  done: number
  report_due_at: string | null
  reported_at: string | null
  written_due_at: string | null
  written_at: string | null
  ended_at: string | null
  ticket: string | null
  call: string | null
}

export interface CheckStep extends PlanStep { done_at: string | null; done_by: string; skipped: string; note: string }
export interface IncidentReport { title: string; happened: string; people: string; course: string; measures: string; needs: string }
export interface Incident extends IncidentRow {
  version: number
  report_to: string
  when: string
  reported_by: string
  written_by: string
  ended_by: string
  checklist: CheckStep[]
  report: IncidentReport
}
export type Told = 'oral' | 'written'
export type IncidentQuery = { open_only?: boolean; limit?: number; cursor?: string | null }
