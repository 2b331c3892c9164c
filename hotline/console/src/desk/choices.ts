/** The fixed choices of a ticket, as codes; the words are in the catalogues. */
export const MATTERS = [
  'legal_advice', 'legal_aid', 'mediation', 'notary', 'forensic', 'arbitration', 'lawyer_service', 'reconsideration', 'resettlement', 'prison_visit', 'petition', 'expert',
  'complaint', 'suggestion', 'other',
] as const
export const URGENCIES = ['normal', 'urgent', 'emergency'] as const
export const GENDERS = ['female', 'male'] as const
export const SPECIAL_GROUPS = ['elderly', 'disabled', 'migrant_worker', 'service_family', 'minor', 'woman'] as const

/** Which words of the catalogue name a field. */
export const FIELD_WORDS: Record<string, string> = {
  caller_name: 'ticket.callerName', contact: 'ticket.contact', counterparty_name: 'ticket.counterparty', counterparty_contact: 'ticket.counterpartyContact', id_refused: 'ticket.idRefused', secrecy: 'ticket.secrecy',
  region: 'ticket.region', gender: 'ticket.gender', special_group: 'ticket.special', minor_involved: 'ticket.minor', matter: 'ticket.matter',
  category: 'ticket.category', urgency: 'ticket.urgency', facts: 'ticket.facts', claim: 'ticket.claim', opinion: 'ticket.opinion',
  legal_basis: 'ticket.basis', legal_aid_told: 'ticket.aidTold',
}
/** Catalogue groups for the values of fields that are codes. */
export const VALUE_WORDS: Record<string, string> = {
  gender: 'gender', special_group: 'special', matter: 'matter', urgency: 'urgency',
}
