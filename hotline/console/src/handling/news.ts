/** What has happened with a ticket since somebody looked at it: for those who decide upon what they saw. */
import type { CaseTicket, Course, StepLine } from './types'

export interface Seen { steps: number; version: number }
/** Steps that were taken, and who wrote on the ticket itself; empty where nobody did. */
export interface News { steps: StepLine[]; savedBy: string }

export function seen(ticket: CaseTicket, course: Course): Seen {
  return { steps: course.steps.length, version: ticket.version }
}

export function newsSince(before: Seen, ticket: CaseTicket, course: Course): News {
  const steps = course.steps.slice(before.steps)
  const hasSaved = ticket.version > before.version && steps.length === 0
  return { steps, savedBy: hasSaved ? (ticket.saved_by ?? '') : '' }
}
