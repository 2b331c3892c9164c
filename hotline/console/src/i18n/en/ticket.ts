import type zh from '../zh/ticket'

const en: typeof zh = {
  ticket: {
    title: 'Ticket', number: 'Number', created: 'Created', call: 'Call', state: 'State', operator: 'Operator', seat: 'Seat', outcome: 'Outcome',
    groupCaller: 'Caller', groupMatter: 'Matter', groupReply: 'Reply', caller: 'Caller number', callerName: 'Name', contact: 'Other number',
    contactHint: 'Leave empty if the same', counterparty: 'Other side', counterpartyContact: 'Their number', counterpartyHint: 'Keeps a lawyer from both sides', idRefused: 'Name refused', secrecy: 'Asks for secrecy', region: 'Area', gender: 'Gender',
    special: 'Special group', minor: 'A minor is involved', matter: 'Business', category: 'Category', categoryHint: 'Choose or type',
    urgency: 'Urgency', facts: 'Facts', factsHint: 'When, where, who, what', claim: 'Claim', claimHint: 'What the caller wants',
    opinion: 'Opinion', opinionHint: 'The legal opinion and guidance given', basis: 'Legal basis', basisHint: 'e.g. Labour Contract Law, article 82',
    aidTold: 'Told about legal aid: conditions and procedure', aidHint: 'Legal Aid Law, article 23: advice must remind the caller of the right to apply for legal aid',
    required: 'needed to close', saved: 'Saved {time}', saving: 'Saving…', dirty: 'Not saved yet', offline: 'Not saved (offline), kept on this computer',
    conflict: 'Conflict', refused: 'Not saved: {why}', loading: 'Reading…', notSaved: 'Nothing written yet', restored: 'Unsaved contents restored',
    closed: 'Closed {time}', close: 'Close ticket', saveNow: 'Save now', reopen: 'Reopen', reopenReason: 'Why reopen', reopened: 'Reopened',
    closeDone: 'Ticket {number} closed', closeNoCategory: 'No category chosen', closeNoCategoryText: 'Tickets without a category go to quality inspection. Choose one, or give a reason:',
    closeReason: 'Reason', closeAnyway: 'Close with this reason', incomplete: 'Still missing', back: 'Go back',
    loadFailed: 'The ticket could not be read', readOnly: 'The ticket is closed; a supervisor can reopen it', notYours: 'You may not change this ticket', byMe: 'saved by {who}',
    category_version: 'category version {v}', categoryLevel: 'Categories, level {n}', none: 'empty', noCategoryReason: 'Why no category',
    here: { writing: '{who} is writing', reading: '{who} is reading', own: 'You have it open in another window', since: 'opened {time}' },
  },
  conflict: {
    title: 'Somebody else changed the ticket', text: 'You and {who} both changed these. Choose for each; nothing is overwritten silently.', mine: 'Mine', theirs: 'On the server',
    keep: 'Save my choice', other: 'somebody', empty: '(empty)', yes: 'yes', no: 'no', show: 'Show conflict',
  },
  quick: {
    wrong_number: 'Wrong number', silence: 'Silence', prank: 'Nuisance', sure: 'Close as “{kind}”', in: 'Closing as “{kind}” in {n} s', undo: 'Undo',
    done: 'Closed as “{kind}”', now: 'Close now', none: 'No ticket in work', hint: 'One key for wrong numbers, silence and nuisance; 5 s to undo',
  },
  ticketState: {
    draft: 'Draft', open: 'Open', closed: 'Closed', dispatched: 'Dispatched', signed: 'Signed', in_progress: 'In progress', replied: 'Replied',
    reviewed: 'Reviewed', followed_up: 'Followed up', returned: 'Returned', designated: 'Designated', merged: 'Merged', not_accepted: 'Not accepted',
    terminated: 'Terminated', reopened: 'Reopened',
  },
  urgency: { normal: 'Normal', urgent: 'Urgent', emergency: 'Emergency' },
  gender: { male: 'Male', female: 'Female' },
  special: {
    elderly: 'Elderly', disabled: 'Disabled', migrant_worker: 'Migrant worker', service_family: 'Military family', minor: 'Minor', woman: 'Woman',
  },
  matter: {
    legal_advice: 'Legal advice', legal_aid: 'Legal aid', mediation: 'Mediation', notary: 'Notary', forensic: 'Forensic appraisal', arbitration: 'Arbitration',
    lawyer_service: 'Lawyer service', reconsideration: 'Administrative review', resettlement: 'Resettlement and correction', prison_visit: 'Remote prison visit', petition: 'Petition guidance', expert: 'Question for the experts', complaint: 'Complaint', suggestion: 'Suggestion', other: 'Other',
  },
  tickets: {
    title: 'Tickets', created: 'Created', text: 'Text', textHint: 'Facts, claim, opinion', numberHint: 'Full number', callerNumber: 'Caller', operator: 'Operator',
    state: 'State', category: 'Category', all: 'All', opinion: 'Opinion', secrecy: 'Secret', quick: 'Quick close', back: 'Back to list', count: '{n} shown',
  },
}
export default en
