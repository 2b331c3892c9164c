import type zh from '../zh/matters'

const en: typeof zh = {
  matters: {
    of: '{matter}: particulars', neededBefore: 'before {steps}', before: { dispatch: 'dispatch', hand_over: 'handing over', close: 'closing' }, personal: 'Stored sealed, shown masked', over: 'over', remind: 'Must be told: {why}', notTold: 'Why not told', circumstances: 'Special circumstances',
    duty: {
      title: 'Duties of the law', record: 'Record', recorded: 'Recorded', receiver: 'Reported to', nobody: 'Nothing to be done (say why)', when: 'When', now: 'now', reference: 'Their number, or who took it', note: 'What was said', why: 'Why nothing is to be done', dueBy: 'to be done and recorded by {time}', late: 'late ({time}): do and record it now',
      toldTo: '{time} to {who}', excused: 'Excused', open: 'Duties without a record', openCount: '{n} duties of the law without a record',
    },
    aid: {
      title: 'Application for legal aid', rule: 'Seven days to review, three to appoint; what is lacking is said once, the time until it comes does not count', file: 'File', applicant: 'Applicant', card: 'Identity number', by: 'Applied by', ground: 'Applied for', means: 'Hardship', exempt: 'Exempt as', materials: 'Papers there', urgent: 'Why aid comes first', urgentHint: 'Less than seven days left, preservation or advance enforcement needed',
      decideBy: 'to be decided by {time}', appointBy: 'lawyer by {time}', standsStill: 'Papers are awaited, the clock stands still', filed: 'Filed {time} by {who}, applied by: {by}.', asked: 'Asked {time} for: {what}.', urgentBecause: 'Aid first: {why}.', grantedBy: 'Granted {time} by {who}. {why}', refusedBy: 'Refused {time} by {who}: {why}',
      appointed: 'Appointed {time}: {lawyer}, {firm}.', withdrawn: 'Withdrawn {time}: {why}', deemed: 'Deemed withdrawn {time}: {why}', filedDone: 'Filed', done: 'Done', once: 'Everything that is lacking is said at once, and only once.', note: 'What is to be explained', grant: 'Grant', refuse: 'Refuse', reason: 'Note', refuseReason: 'Why refused',
      objection: 'Reasons and the right to object were told in writing (articles 43, 49)', lawyer: 'Lawyer', firm: 'Where', withdrawReason: 'Why withdrawn', deem: 'Not supplemented as asked: deemed withdrawn',
      state: { supplement: 'papers awaited', review: 'in review', granted: 'granted', appointed: 'lawyer appointed', refused: 'refused', withdrawn: 'withdrawn' },
      step: { materials: 'Papers came', supplement: 'Ask for papers', decide: 'Decide', appoint: 'Appoint', withdraw: 'Withdraw' },
    },
  },
}

export default en
