/** What the service says about matters (事项). */
export type FieldKind = 'text' | 'choice' | 'date' | 'yes_no' | 'number' | 'expert'
export interface Field { id: string; label: string; kind: FieldKind; most: number; choices: Record<string, string>; personal: boolean; needed: string[]; norm: string }
export interface Forms {
  edition: string
  common: Field[]
  matters: Record<string, { norm: string; fields: Field[] }>
  receivers: Record<string, string>
  grounds: Record<string, string>
  means: Record<string, string>
  exempts: Record<string, string>
  applied_by: Record<string, string>
  materials: Record<string, string>
}

export interface Duty { code: string; label: string; text: string; norm: string; receivers: string[] }
export interface DutyLine {
  ticket: string; duty: string; since: string; due_at: string; marked_by: string; done_at: string | null; done_by: string; receiver: string; reported_at: string | null; reference: string; note: string
  operator_name: string
}
export interface Limit { ends_on: string; text: string; norm: string; over: boolean }
export interface Duties { duties: Duty[]; lines: DutyLine[]; remind: string; limits: Limit[] }
export interface OpenDuties { items: DutyLine[]; labels: Record<string, string> }
export interface Fulfilled { receiver: string | null; reported_at?: string; reference: string; note: string }

export type AidState = 'supplement' | 'review' | 'granted' | 'appointed' | 'refused' | 'withdrawn'
export interface Finding { code: string; ok: boolean | null; text: string; norm: string }
export interface Application {
  id: number; state: AidState; filed_at: string; filed_by: string; applied_by: string; applicant: string; card: string; ground: string; means: string; exempt: string; urgent_reason: string
  materials: string[]; lacking: string[]; asked: string[]; asked_at: string | null; asked_note: string; complete_at: string | null; decided_at: string | null; decided_by: string; decision_reason: string
  appointed_at: string | null; appointed_by: string; lawyer: string; firm: string; withdrawn_at: string | null; withdrawn_reason: string; deemed: boolean; findings: Finding[]; due_at: string | null
}
export interface Filing { applicant: string; card: string; applied_by: string; ground: string; means: string; exempt: string | null; materials: string[]; urgent_reason: string }
export type AidStep = 'materials' | 'supplement' | 'decide' | 'appoint' | 'withdraw'
