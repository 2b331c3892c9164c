/** What the service says and takes about announcements, word for word. */

export interface Recording {
  version: number
  seconds: number
  peak_db: number
  warnings: string[]
  sha256: string
  uploaded_at: string
  uploaded_by: string
}

export type DeviceState = 'current' | 'own' | 'other' | 'missing' | 'unknown'

export interface Prompt {
  name: string
  label: string
  text: string
  built_in: boolean
  removed: boolean
  in_use: boolean
  seconds: number
  recording: Recording | null
  changed_at: string | null
  changed_by: string
  devices: { adapter: string; state: DeviceState }[]
}

export interface PromptList { items: Prompt[]; devices: { adapter: string; failure: string }[] }
export interface PromptDetail extends Prompt { versions: Recording[] }

export type KeyAct = 'queue' | 'menu' | 'repeat' | 'person'
export type After = 'go_on' | 'end' | 'voicemail'
export type Days = 'every' | 'working' | 'off'
export type NoticeKind = 'emergency' | 'holiday' | 'closed'

export interface MenuKey { key: string; act: KeyAct; label: string; queue: string; menu: Menu | null }
export interface Menu { prompt: string; keys: MenuKey[]; seconds: number; tries: number }
export interface LanguageKey { key: string; language: string; label: string; queue: string }

export interface Plan {
  greeting: string
  recording_notice: string
  language: { prompt: string; keys: LanguageKey[]; seconds: number } | null
  menu: Menu | null
  reach_person_key: string
  waiting: { position: boolean; expected: boolean; comfort: string; every_seconds: number; callback_key: string; callback_prompt: string }
  opening: { periods: { days: Days; start: string; end: string }[]; prompt: string; then: After }
  parting: Record<string, string>
  rating: boolean
  voicemail: { on: boolean; prompt: string; thanks: string; max_seconds: number; after: string[] }
}

export interface Fault { place: string; message: string; grade: 'error' | 'warning' }
export interface Step { depth: number; title: string; prompt: string; text: string; seconds: number; ends: boolean }
export interface Checked { faults: Fault[]; outline: Step[]; seconds_to_queue: number }
export interface PlanVersion { version: number; note: string; made_at: string | null; made_by: string }
export interface PlanAnswer extends PlanVersion, Checked { plan: Plan }

export interface NoticeFields {
  kind: NoticeKind
  title: string
  text: string
  prompt: string
  on: boolean
  start: string | null
  until: string | null
  then: After
}
export interface Notice extends NoticeFields {
  id: string
  version: number
  playing: boolean
  changed_at: string | null
  changed_by: string
}
