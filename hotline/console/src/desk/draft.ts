/** Is what the operator typed safe? Saves by itself, notices other writers, overwrites nobody silently. */
import { Problem, type Answer } from '@/api/http'
import type { Ticket, TicketFields } from '@/api/types'
import type { Mirror } from './mirror'

export type DraftStatus = 'loading' | 'saved' | 'dirty' | 'saving' | 'offline' | 'conflict' | 'refused'
type Field = keyof TicketFields

export interface Conflict {
  /** Fields that both sides changed. */
  fields: Field[]
  mine: Partial<TicketFields>
  theirs: Ticket
}

export interface DraftPort {
  read(number: string): Promise<Answer<Ticket>>
  save(number: string, etag: string | null, fields: Partial<TicketFields>): Promise<Answer<Ticket>>
}

export interface DraftView {
  status: DraftStatus
  /** The ticket with the unsaved changes on top. */
  ticket: Ticket | null
  savedAt: string | null
  conflict: Conflict | null
  problem: Problem | null
  /** Changes of an earlier page were found in the browser. */
  wasRestored: boolean
}

export const SAVE_AFTER_MS = 2_000
const RETRY_MS = 3_000

export class Draft {
  private base: Ticket | null = null
  private etag: string | null = null
  private changes: Partial<TicketFields> = {}
  private timer: ReturnType<typeof setTimeout> | null = null
  private saving: Promise<boolean> | null = null
  private status: DraftStatus = 'loading'
  private conflict: Conflict | null = null
  private problem: Problem | null = null
  private wasRestored = false

  constructor(
    readonly number: string,
    private readonly account: string,
    private readonly port: DraftPort,
    private readonly mirror: Mirror,
    private readonly onChange: (view: DraftView) => void,
  ) {}

  get isClean(): boolean {
    return Object.keys(this.changes).length === 0 && this.saving === null
  }

  get version(): string | null {
    return this.etag
  }

  async load(): Promise<void> {
    try {
      const answer = await this.port.read(this.number)
      this.settle(answer)
    } catch (error) {
      this.problem = asProblem(error)
      this.tell(this.problem.isAway ? 'offline' : 'refused')
      if (this.problem.isAway) this.later(RETRY_MS, () => void this.load())
      return
    }
    this.problem = null
    const kept = await this.mirror.read(this.number, this.account)
    if (kept && this.base && Object.keys(kept.changes).length) {
      const clash = kept.version === this.base.version ? [] : clashing(kept.changes, this.base)
      this.changes = { ...kept.changes, ...this.changes }
      this.wasRestored = true
      if (clash.length) {
        this.conflict = { fields: clash, mine: this.changes, theirs: this.base }
        this.tell('conflict')
        return
      }
      this.tell('dirty')
      this.schedule()
      return
    }
    this.tell(this.isClean ? 'saved' : 'dirty')
  }

  set<F extends Field>(field: F, value: TicketFields[F]): void {
    if (!this.base) return
    if (this.view.ticket?.[field] === value) return
    if (this.base[field] === value && !this.saving) this.changes = without(this.changes, (other) => other === field)
    else this.changes = { ...this.changes, [field]: value }
    this.keep()
    if (this.status === 'conflict') {
      if (this.conflict) this.conflict = { ...this.conflict, mine: this.changes }
      this.tell('conflict')
      return
    }
    if (this.isClean) {
      this.cancel()
      this.tell('saved')
      return
    }
    this.tell(this.status === 'offline' ? 'offline' : 'dirty')
    this.schedule()
  }

  /** Save what is unsaved now. True when everything is at the service. */
  async save(): Promise<boolean> {
    this.cancel()
    if (this.saving) {
      await this.saving
      return this.save()
    }
    if (this.status === 'conflict' || !this.base) return false
    if (Object.keys(this.changes).length === 0) return true
    this.saving = this.send()
    const done = await this.saving
    this.saving = null
    if (Object.keys(this.changes).length === 0) {
      if (done) this.tell('saved')
      return done
    }
    if (done) {
      this.tell('dirty')
      this.schedule()
    }
    return false
  }

  /** Both wrote: the operator chose, field by field, whose words stay. */
  resolve(choice: Partial<Record<Field, 'mine' | 'theirs'>>): Promise<boolean> {
    if (!this.conflict) return Promise.resolve(true)
    const { fields } = this.conflict
    const kept = without(this.changes, (field) => fields.includes(field) && choice[field] === 'theirs')
    this.settle({ data: this.conflict.theirs, etag: etagOf(this.conflict.theirs) })
    this.changes = kept
    this.conflict = null
    this.keep()
    this.tell(Object.keys(kept).length ? 'dirty' : 'saved')
    return this.save()
  }

  /** The ticket as another request returned it (closed, reopened). */
  replace(answer: Answer<Ticket>): void {
    this.settle(answer)
    this.changes = {}
    this.keep()
    this.tell('saved')
  }

  /** The service is back, or the page is seen again. */
  wake(): void {
    if (this.status === 'offline') void (this.base ? this.save() : this.load())
  }

  dispose(): void {
    this.cancel()
  }

  get view(): DraftView {
    return {
      status: this.status,
      ticket: this.base && { ...this.base, ...this.changes },
      savedAt: this.base?.saved_at ?? null,
      conflict: this.conflict,
      problem: this.problem,
      wasRestored: this.wasRestored,
    }
  }

  private async send(): Promise<boolean> {
    const sent = this.changes
    this.tell('saving')
    try {
      const answer = await this.port.save(this.number, this.etag, sent)
      this.settle(answer)
      this.changes = without(this.changes, (field) => field in sent && this.changes[field] === sent[field])
      this.problem = null
      this.keep()
      return true
    } catch (error) {
      return this.fail(asProblem(error))
    }
  }

  private fail(problem: Problem): boolean {
    this.problem = problem
    if (problem.code === 'ticket_changed' && problem.body.current) {
      this.meet(problem.body.current as Ticket)
    } else if (problem.isAway || problem.status === 401 || problem.status >= 500 || problem.status === 429) {
      this.tell('offline')
      this.schedule(RETRY_MS)
    } else {
      this.tell('refused')
    }
    return false
  }

  /** Somebody else saved. Other fields than ours: go on from there. The same fields: ask. */
  private meet(theirs: Ticket): void {
    const base = this.base
    const fields = (Object.keys(this.changes) as Field[]).filter(
      (field) => base?.[field] !== theirs[field] && theirs[field] !== this.changes[field],
    )
    if (fields.length === 0) {
      this.settle({ data: theirs, etag: etagOf(theirs) })
      this.tell('dirty')
      this.schedule(0)
      return
    }
    this.conflict = { fields, mine: { ...this.changes }, theirs }
    this.tell('conflict')
  }

  private settle(answer: Answer<Ticket>): void {
    this.base = answer.data
    this.etag = answer.etag ?? etagOf(answer.data)
  }

  private schedule(afterMs = SAVE_AFTER_MS): void {
    // Not put off by further typing: an unsaved change is never older than the interval.
    this.later(afterMs, () => void this.save())
  }

  private later(afterMs: number, work: () => void): void {
    this.timer ??= setTimeout(() => {
      this.timer = null
      work()
    }, afterMs)
  }

  private cancel(): void {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
  }

  private keep(): void {
    if (Object.keys(this.changes).length === 0) void this.mirror.remove(this.number)
    else {
      void this.mirror.write({
        number: this.number,
        account: this.account,
        version: this.base?.version ?? 0,
        changes: { ...this.changes },
        at: new Date().toISOString(),
      })
    }
  }

  private tell(status: DraftStatus): void {
    this.status = status
    this.onChange(this.view)
  }
}

function without(changes: Partial<TicketFields>, isDropped: (field: Field) => boolean): Partial<TicketFields> {
  return Object.fromEntries(Object.entries(changes).filter(([field]) => !isDropped(field as Field)))
}

function clashing(mine: Partial<TicketFields>, theirs: Ticket): Field[] {
  return (Object.keys(mine) as Field[]).filter((field) => theirs[field] !== mine[field])
}

function etagOf(ticket: Ticket): string {
  return `"${ticket.version}"`
}

function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem('unexpected', String(error), 0)
}
