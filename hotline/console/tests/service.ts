/** The other end of a draft: the service with one ticket, and the browser's database in memory. */
import { Problem, type Answer } from '@/api/http'
import type { Ticket, TicketFields } from '@/api/types'
import type { DraftPort } from '@/desk/draft'
import type { Mirror, Mirrored } from '@/desk/mirror'

export function ticket(part: Partial<Ticket> = {}): Ticket {
  return {
    number: 'T1', state: 'open', created_at: '2026-11-21T10:00:00+08:00', call: 'ZZ-1', caller: '138****8000', category: '', category_label: '', matter: '', urgency: 'normal',
    operator_name: null, seat: null, outcome: null, quick_close: '', opinion_excerpt: '', secrecy: false, version: 1, their_id: '', caller_name: '', contact: '', counterparty_name: '', counterparty_contact: '', id_refused: false, region: '',
    gender: '', special_group: '', minor_involved: false, category_version: 1, facts: '', claim: '', opinion: '', legal_basis: '', legal_aid_told: false, saved_at: null,
    saved_by: null, closed_at: null, closed_by: null, no_category_reason: '', ...part,
  }
}

/** The service: one ticket with a version. */
export class Service implements DraftPort {
  now = ticket()
  saves: Partial<TicketFields>[] = []
  /** Cannot be reached. */
  away = false
  /** Does what it is asked; the answer does not arrive. */
  losesAnswers = false
  tries = 0
  /** Most saves that were under way at once. */
  most = 0
  private underWay = 0
  private gate: Promise<boolean> | null = null

  async read(): Promise<Answer<Ticket>> {
    if (this.away) throw new Problem('unreachable', '', 0)
    return { data: this.now, etag: `"${this.now.version}"` }
  }

  async save(_number: string, etag: string | null, fields: Partial<TicketFields>): Promise<Answer<Ticket>> {
    this.tries += 1
    this.underWay += 1
    this.most = Math.max(this.most, this.underWay)
    try {
      const passes = await this.gate
      if (this.away || passes === false) throw new Problem('unreachable', '', 0)
      if (etag !== `"${this.now.version}"`) throw new Problem('ticket_changed', '', 412, '', [], { current: this.now })
      this.saves.push(fields)
      this.now = { ...this.now, ...fields, version: this.now.version + 1, saved_at: '2026-11-21T10:00:05+08:00' }
      if (this.losesAnswers) throw new Problem('unreachable', '', 0)
      return { data: this.now, etag: `"${this.now.version}"` }
    } finally {
      this.underWay -= 1
    }
  }

  /** The next saves wait until they are let pass, or fail. */
  hang(): { pass: () => void; fail: () => void } {
    let end: (passes: boolean) => void = () => {}
    this.gate = new Promise((resolve) => (end = resolve))
    const over = (passes: boolean) => () => {
      this.gate = null
      end(passes)
    }
    return { pass: over(true), fail: over(false) }
  }

  /** Somebody else writes. */
  touch(fields: Partial<Ticket>) {
    this.now = { ...this.now, ...fields, version: this.now.version + 1, saved_by: '1002' }
  }
}

export class MemoryMirror implements Mirror {
  kept = new Map<string, Mirrored>()
  async read(number: string, account: string) { const one = this.kept.get(number); return one?.account === account ? one : null }
  async list(account: string) { return [...this.kept.values()].filter((one) => one.account === account) }
  async write(kept: Mirrored) { this.kept.set(kept.number, kept) }
  async remove(number: string) { this.kept.delete(number) }
  async clear() { this.kept.clear() }
}
