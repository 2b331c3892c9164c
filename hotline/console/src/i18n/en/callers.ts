import type zh from '../zh/callers'

const en: typeof zh = {
  callers: {
    title: 'Caller rules', create: 'New rule', caller: 'Caller', number: 'Full number', call: 'Call id', callHint: 'See the call log', kind: 'Mark', level: 'Level', reason: 'Reason',
    why: 'Reason', by: 'By', state: 'State', reviewOn: 'Review date', lawyer: 'Lawyer', lawyerHint: 'Choose a lawyer', whom: 'Caller', byNumber: 'By number', byCall: 'By call',
    shelf: { active: 'In force', requested: 'To approve', due: 'To review', over: 'Over' },
    none: {
      active: 'No rule is in force', requested: 'Nothing to approve', due: 'Nothing is due for review', over: 'Nothing is over', conflicts: 'No conflict of interest is known',
    },
    ruleState: { requested: 'To approve', active: 'In force', declined: 'Declined', ended: 'Ended' },
    mark: {
      emergency: 'Emergency', minor: 'Minor', elderly: 'Elderly', disabled: 'Disabled', harassing: 'Harassing', prefer: 'Same lawyer', avoid: 'Recusal',
      none: 'None', warned: 'Warned twice', limited: 'Limited', blocked: 'Blocked',
    },
    means: {
      emergency: 'May be in danger: served first, and no limit or block applies.', minor: 'Served earlier.', elderly: 'Served earlier.', disabled: 'Served earlier.',
      prefer: 'Goes to this lawyer when free, for a time.', avoid: 'The call is never offered to this lawyer.',
      warned: 'Shown at the desk only; the place in the line is as usual.', limited: 'So many calls a day, at the end of the line.', blocked: 'An announcement, then the call ends.',
    },
    task: { create: 'New rule', approve: 'Approve', review: 'Review' },
    go: { create: 'Put in force', approve: 'Approve', review: 'Keep in force' },
    done: { create: 'The rule is in force', approve: 'Approved and in force', review: 'Review noted' },
    reviewNone: 'No review date', reviewHeld: 'Limits and blocks are reviewed within 90 days; overdue they weaken a step and are listed.', reviewFree: 'May be left empty.',
    reviewRule: 'A day from tomorrow on; for limits and blocks within 90 days', reasonNeeded: 'Give a reason of at least two letters', numberNeeded: 'Enter the full number', callNeeded: 'Enter the call id', lawyerNeeded: 'Choose a lawyer',
    approve: 'Approve', decline: 'Decline', declineSure: 'Decline what {who} asked for. Why?', declined: 'Declined',
    review: 'Review', end: 'End', endSure: 'The rule about {caller} ends at once. Why?', ended: 'Ended', fallen: 'Review overdue: now “{level}”',
    ask: 'Ask for a mark', askGo: 'Send to a supervisor', askDone: 'Sent; it counts once a supervisor approves', asked: 'to approve', aboutMe: 'About you.', reasonHint: 'What the caller said or did',
    conflict: 'Conflict of interest', conflicts: 'Conflicts of interest', conflictsHint: 'From the other side written on tickets',
    conflictNumber: 'The other side was advised by {who} (same number).', conflictName: 'The other side may have been advised by {who} (same name: please check).',
    byMe: 'you', byFirm: '{who} of your firm', byOther: '{who}', conflictDo: 'You have to step back: explain, and transfer the caller to another lawyer.',
    conflictEnd: 'No conflict', conflictSure: 'It is no conflict of interest. Why?', operators: 'Lawyers of the caller', other: 'Other side', otherOperators: 'Lawyers of the other side', nameOnly: 'Name only', since: 'Noted',
  },
}
export default en
