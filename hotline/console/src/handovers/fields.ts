/** Where is what the receiver still misses filled in: in the ticket, in the dialog, or by an administrator? Pure. */

/** A field of the package, and the ticket's form field of the same thing (the end of its element's id). */
const OF_TICKET: Record<string, string> = {
  caller_name: 'name', caller_number: 'contact', area: 'region', area_code: 'region', category: 'category', category_code: 'category', facts: 'facts', claim: 'claim', answered: 'opinion', title: 'facts',
}
/** A field of the package, and the dialog's. */
const OF_DIALOG: Record<string, string> = {
  reason: 'reason', legal_note: 'legal-note', consent: 'consent', consent_given: 'consent', consent_asked_at: 'consent', consent_asked_by: 'consent', confirmed: 'confirmed', confirmed_by: 'confirmed', confirmed_at: 'confirmed',
  mode: 'mode', legal_basis: 'legal-basis',
}

export type Where = { in: 'ticket' | 'dialog'; field: string } | { in: 'settings' }

/** `field` as the service names it; of a part (`consent.asked_by`) the whole counts. */
export function whereIs(field: string): Where {
  const whole = field.split('.')[0] ?? field
  const ticket = OF_TICKET[whole]
  if (ticket) return { in: 'ticket', field: ticket }
  const dialog = OF_DIALOG[whole]
  return dialog ? { in: 'dialog', field: dialog } : { in: 'settings' }
}

/** What the tick above the button says is not told as missing besides. */
export function isConfirmation(field: string): boolean {
  const where = whereIs(field)
  return where.in === 'dialog' && where.field === 'confirmed'
}
