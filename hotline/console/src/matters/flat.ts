/** How do particulars of a matter lie in a draft? Each as a field of its own (`p:id`), so that two people who write different ones do not meet. */
import { Problem, type Answer } from '@/api/http'
import type { Particular, Ticket, TicketFields } from '@/api/types'

const MARK = 'p:'
type Wire = Ticket & { particulars?: Record<string, Particular> }

export function keyOf(id: string): `p:${string}` {
  return `${MARK}${id}`
}

/** The field that the service means when it speaks of `particulars.id`. */
export function fieldOf(told: string): string {
  return told.startsWith('particulars.') ? keyOf(told.slice('particulars.'.length)) : told
}

/** A ticket as it comes over the wire, its particulars beside its other fields. */
export function flat(ticket: Wire): Ticket {
  const { particulars = {}, ...rest } = ticket
  return Object.assign(rest as Ticket, Object.fromEntries(Object.entries(particulars).map(([id, value]) => [keyOf(id), value])))
}

/** Changed fields as the service takes them. */
export function nested(fields: Partial<TicketFields>): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  const particulars: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(fields)) {
    if (field.startsWith(MARK)) particulars[field.slice(MARK.length)] = value
    else body[field] = value
  }
  return Object.keys(particulars).length ? { ...body, particulars } : body
}

/** An answer with a ticket, or a refusal with the ticket as it is now. */
export async function flattened(asked: Promise<Answer<Ticket>>): Promise<Answer<Ticket>> {
  try {
    const answer = await asked
    return { ...answer, data: flat(answer.data) }
  } catch (error) {
    if (error instanceof Problem && error.body.current) error.body.current = flat(error.body.current as Wire)
    throw error
  }
}
