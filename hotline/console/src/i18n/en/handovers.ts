import type zh from '../zh/handovers'

const en: typeof zh = {
  handovers: {
    title: 'Hand-overs and bridges', rule: 'Until they accept it, the matter stays ours.', view: 'List', alarm: '{n} in doubt or failed', count: '{n} in all',
    views: { attention: 'To look at', on_the_way: 'On the way', theirs: 'With them', over: 'Over' },
    none: { attention: 'Nothing needs a person', on_the_way: 'Nothing is on the way', theirs: 'Nothing is with others', over: 'Nothing is over' },
    states: { prepared: 'To be sent', sent: 'Sent', acknowledged: 'Received there', accepted: 'Accepted', returned: 'Returned', done: 'Done', failed: 'Failed', in_doubt: 'In doubt', withdrawn: 'Withdrawn' },
    needs: {
      in_doubt: 'Nobody knows whether it arrived: ask them.', failed: 'It did not arrive and will not be sent again by itself: send it again, or go another way.', returned: 'They returned it, so it is ours: dispatch it, hand it over again, or handle it here.', undecided: 'Sent more than 24 hours ago, and they have not said whether they accept it: ask them.',
    },
    ticket: 'Ticket', bridge: 'To', state: 'State', theirNo: 'Their number', at: 'Handed over', by: 'By', says: 'How it is', key: 'Key', reason: 'Reason', tries: 'Sent {n} times', nextTry: 'next try {time}', ledgerNo: 'Our number', sentAt: 'Arrived',
    modes: { ticket_flow: 'Case file', one_key_transfer: 'Call passed on', three_way: 'Three-way call', guidance: 'Caller told whom to call' }, mode: 'How',
    bases: { consent: 'The caller’s consent', statutory_duty: 'Statutory duty', emergency: 'Emergency' }, basis: 'Legal basis',
    history: 'History', noHistory: 'Nothing yet', openTicket: 'Open the ticket', print: 'Print the sheet',
    steps: {
      prepared: 'Handed over', arrive: 'Arrived', acknowledge: 'Received there', accept: 'Accepted', return: 'Returned', finish: 'Done', refuse: 'Failed', doubt: 'In doubt', retry: 'To be sent again', withdraw: 'Withdrawn', tried: 'Did not arrive, tried again later', feedback: 'Feedback',
    },
    actor: { system: 'System' },
    acts: { arrived: 'They have it', 'not-arrived': 'They do not have it', retry: 'Send again', told: 'Note their answer', withdraw: 'Withdraw' },
    actText: {
      arrived: 'They were asked, and have it.', 'not-arrived': 'They were asked, and do not have it. It is sent again at once.', retry: 'It is sent again from now on, for three days.', told: 'What they said by telephone or on paper is noted here.',
      withdraw: 'It is not handed over any more, and handled here. What was sent already: tell them, too.',
    },
    actDone: { arrived: 'Noted: they have it', 'not-arrived': 'Sent again', retry: 'Sent again', told: 'Their answer is noted', withdraw: 'Withdrawn' },
    verify: 'Ring them, name the key {key} or the ticket {ticket}, and choose what they said.', why: 'Reason', whyNeeded: 'Give the reason', told: 'Their answer', toldText: 'What they said', toldNeeded: 'Choose the answer and write what they said', theirNoHint: 'The number they gave, if any',
    kinds: { acknowledged: 'Received', accepted: 'Accepted', returned: 'Returned', feedback: 'How it goes', done: 'Done' },
    bridges: 'Bridges', noBridges: 'There is no bridge. Write [bridges.NAME] into the settings to hand over to 12345, 110, the province and others.', bridgeWaiting: '{n} not there yet', bridgeIdle: 'Nothing waits', lastSent: 'last arrived {time}', neverSent: 'nothing has arrived yet',
    resting: 'Not reached: left alone until {time}, then tried again', failing: 'the last {n} were in vain', voiceOnly: 'Calls only', bridgeKinds: { line12345: '12345', line110: '110', province: 'Province', generic: 'Other', folder: 'Files', table: 'Table', paper: 'Paper' },
    go: 'Hand over', dialogTitle: 'Hand over ticket {number}', chooseBridge: 'To whom?', taken: 'handed over already, neither returned nor done',
    consentTick: 'The caller was told who receives it and what for, and agreed', consentNeeded: 'Ask the caller and tick it, or choose another basis',
    dutyNote: 'Which law', dutyHint: 'such as: Law on the Protection of Minors, art. 11', emergencyNote: 'Only to protect life, health or property; tell the caller as soon as it is over.',
    reasonLabel: 'Reason', reasonHint: 'such as: a matter of the city’s services', nameToo: 'The caller’s name and number go along', nameKept: 'Name and number stay here; they cannot ring the caller.', urgency: 'Urgency',
    voice: { title: 'Call first', police: 'Somebody in danger? Press the red 110 key first; the file follows.', now: 'You are on the call: pass it on to {label} first, then send the file.', later: 'During a call it can be passed on to {label} ({number}).', unlisted: '{number} is not among the contacts outside and cannot be rung from here: ask an administrator.', cannot: 'This line cannot ring numbers outside.', transfer: 'Transfer', consult: 'Consult, then three-way', asked: 'Ringing {label}' },
    missing: 'Missing', goTo: 'Go there', bySettings: 'for an administrator, in the settings', ready: 'They have all they need', checking: 'Checking…',
    along: 'What of the caller goes along', alongNone: 'Nothing of the caller goes along', alongNote: 'Once handed over it cannot be taken back.',
    fields: { caller_name: 'Name', caller_number: 'Number', area: 'Place', category: 'Category', facts: 'Facts', claim: 'Claim', answered: 'What was answered' },
    confirm: 'I have looked at all this and hand it over to {label}', confirmNeeded: 'Look at it and tick', made: 'Handed over to {label}', send: 'Hand over', unsaved: 'The ticket is not saved: see to that first',
    card: 'Hand-overs', cardFailed: 'Hand-overs could not be read', showSteps: 'History', hideSteps: 'Hide', returnedBecause: 'Returned: {text}', resultIs: 'Result: {text}',
  },
}
export default en
