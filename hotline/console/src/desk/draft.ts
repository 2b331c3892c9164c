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
  /** Sent without an answer: sent again before anything newer, so that it is known for our own should the service have it. */
  private unsure: Partial<TicketFields> = {}
  private timer: ReturnType<typeof setTimeout> | null = null
  private saving: Promise<boolean> | null = null
  private status: DraftStatus = 'loading'
  private conflict: Conflict | null = null
  private problem: Problem | null = null
  private wasRestored = false
  private isDisposed = false

  constructor(
    readonly number: string,
    private readonly account: string,
    private readonly port: DraftPort,
    private readonly mirror: Mirror,
    private readonly onChange: (view: DraftView) => void,
  ) {}

  get isClean(): boolean {
    return !this.hasChanges && this.saving === null
  }

  get version(): string | null {
    return this.etag
  }

  async load(): Promise<void> {
    let answer: Answer<Ticket>
    try {
      answer = await this.port.read(this.number)
    } catch (error) {
      this.problem = asProblem(error)
      if (this.base && !this.problem.isAway) return
      this.tell(this.problem.isAway ? 'offline' : 'refused')
      if (this.problem.isAway) this.later(RETRY_MS, () => void this.load())
      return
    }
    // A save that is under way brings the ticket, too.
    if (this.saving) return
    // Something done meanwhile has overtaken it.
    if (this.base && answer.data.version < this.base.version) return
    this.problem = null
    if (this.hasChanges) {
      this.meet(answer.data)
      return
    }
    const kept = await this.mirror.read(this.number, this.account)
    if (this.saving) return
    this.settle(answer)
    if (kept && Object.keys(kept.changes).length) {
      this.changes = { ...kept.changes, ...this.changes }
      this.unsure = { ...kept.unsure }
      this.wasRestored = true
      this.meet(answer.data, kept.base ?? {})
      return
    }
    this.tell(this.hasChanges ? 'dirty' : 'saved')
  }

  set<F extends Field>(field: F, value: TicketFields[F]): void {
    if (!this.base) return
    if (this.view.ticket?.[field] === value) return
    if (this.base[field] === value && !this.saving && !(field in this.unsure)) this.changes = without(this.changes, (other) => other === field)
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
    // Not read yet: the next try to read it stays planned.
    if (!this.base) return false
    this.cancel()
    if (this.saving) {
      await this.saving
      return this.save()
    }
    if (this.status === 'conflict') return false
    if (!this.hasChanges) return true
    const isAgain = Object.keys(this.unsure).length > 0
    this.saving = this.send()
    const done = await this.saving
    this.saving = null
    if (!this.hasChanges) {
      if (done) this.tell('saved')
      return done
    }
    if (done && isAgain) return this.save()
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
    this.unsure = {}
    this.conflict = null
    this.keep()
    this.tell(Object.keys(kept).length ? 'dirty' : 'saved')
    return this.save()
  }

  /** The ticket as another request returned it (closed, reopened). What was typed since stays, and is tried. */
  replace(answer: Answer<Ticket>): void {
    this.settle(answer)
    this.changes = without(this.changes, (field) => this.changes[field] === answer.data[field])
    this.unsure = {}
    this.keep()
    this.tell(this.hasChanges ? 'dirty' : 'saved')
    if (this.hasChanges) this.schedule()
  }

  /** The service is back, or the page is seen again. */
  wake(): void {
    if (this.status === 'offline') void (this.base ? this.save() : this.load())
  }

  /** Nothing is sent or kept any more; an answer that still comes is too late. */
  dispose(): void {
    this.isDisposed = true
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
    const sent = Object.keys(this.unsure).length > 0 ? this.unsure : this.changes
    this.tell('saving')
    try {
      const answer = await this.port.save(this.number, this.etag, sent)
      this.settle(answer)
      this.changes = without(this.changes, (field) => field in sent && this.changes[field] === sent[field])
      this.unsure = {}
      this.problem = null
      this.keep()
      return true
    } catch (error) {
      return this.fail(asProblem(error), sent)
    }
  }

  private fail(problem: Problem, sent: Partial<TicketFields>): boolean {
    this.problem = problem
    if (problem.code === 'ticket_changed' && problem.body.current) {
      this.meet(problem.body.current as Ticket)
    } else if (problem.isAway || problem.status === 401 || problem.status >= 500 || problem.status === 429) {
      this.unsure = sent
      this.keep()
      this.tell('offline')
      this.schedule(RETRY_MS)
    } else {
      this.tell('refused')
    }
    return false
  }

  /** The ticket as it is now, perhaps saved by somebody else. Other fields than ours: go on from there. The same: ask. */
  private meet(theirs: Ticket, base: Partial<TicketFields> = this.base ?? {}): void {
    const fields = (Object.keys(this.changes) as Field[]).filter((field) => {
      const now = theirs[field]
      return now !== this.changes[field] && now !== base[field] && !(field in this.unsure && now === this.unsure[field])
    })
    if (fields.length === 0) {
      this.conflict = null
      this.unsure = {}
      this.settle({ data: theirs, etag: etagOf(theirs) })
      this.keep()
      this.tell('dirty')
      this.cancel()
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
    if (this.isDisposed) return
    this.timer ??= setTimeout(() => {
      this.timer = null
      work()
    }, afterMs)
  }

  private cancel(): void {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
  }

  private get hasChanges(): boolean {
    return Object.keys(this.changes).length > 0
  }

  private keep(): void {
    if (this.isDisposed) return
    if (!this.hasChanges) void this.mirror.remove(this.number)
    else {
      const base = this.base
      void this.mirror.write({
        number: this.number,
        account: this.account,
        version: this.base?.version ?? 0,
        changes: { ...this.changes },
        base: base ? Object.fromEntries(Object.keys(this.changes).map((field) => [field, base[field as Field]])) : {},
        unsure: { ...this.unsure },
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

function etagOf(ticket: Ticket): string {
  return `"${ticket.version}"`
}

function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem('unexpected', String(error), 0)
}
