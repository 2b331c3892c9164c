export default {
  callbacks: {
    title: 'Call-backs', rule: 'Overdue and urgent first. A task ends by itself when the caller rings again and gets through.', view: 'Which', views: { open: 'To call back', mine: 'Mine', overdue: 'Overdue', over: 'Finished' },
    none: { open: 'Nobody is to be called back', mine: 'You have no task', overdue: 'Nothing is overdue', over: 'Nothing is finished' }, count: '{n} tasks', unheard: '{n} messages not heard', unheardOne: 'A message has not been heard',
    caller: 'Caller', kind: 'Kind', kinds: { missed: 'Missed', wished: 'Asked for', message: 'Message' }, emergency: 'Emergency', times: 'Missed', last: 'Last call', due: 'Due', left: '{span} left', late: '{span} overdue',
    owner: 'Owner', nobody: 'Nobody', assignedBy: 'given by {name}', attempts: 'Dialled', state: 'State', next: 'Next', region: 'Region', result: 'Result', endedBy: 'Ended by', note: 'Note',
    states: { waiting: 'Waiting', taken: 'In hand', reached: 'Spoken with, result missing', done: 'Done', got_through: 'Got through', unreachable: 'Unreachable', closed: 'Closed' },
    detail: 'Call-back', listed: 'Missed calls ({n})', served: 'was answered after all', tried: 'Attempts', notTried: 'Not dialled yet', history: 'History',
    take: 'Take', taken: 'It is yours', release: 'Put back', released: 'Put back', assign: 'Assign', assigned: 'Given to {name}', person: 'Owner', choosePerson: 'Choose a person', dial: 'Dial', dialling: 'Dialling: pick up your own phone first',
    done: 'Result', notThem: 'Somebody else', close: 'Close', onTheLine: 'This number is being dialled',
    why: { over: 'The task is over', notYours: 'Somebody else has the task', noSeat: 'Sign in at a seat first', seatBusy: 'The seat is busy: dial after the call' },
    doneTitle: 'What came of it', doneText: 'The caller was spoken with. What came of it?', doneSaid: 'Call-back finished', closeTitle: 'Close the task', closeText: 'Nobody has spoken with the caller. The reason goes on record.', closeSaid: 'Task closed',
    choose: 'Choose one', noteNeeded: 'Say why',
    results: {
      helped: 'Answered', follow_up: 'To be followed up', declined: 'No longer needed', elsewhere: 'Dealt with elsewhere', no_need: 'No call-back needed', harassing: 'Harassing caller', number_wrong: 'Wrong number', other: 'Other',
      attempts: 'Dialled in vain', not_counted: 'Short abandon, not counted',
    },
    attempt: { begun: 'Own phone rings', dialling: 'Ringing', reached: 'Reached', not_reached: 'Not reached', not_them: 'Somebody else', not_dialled: 'Not dialled' },
    steps: {
      begin: 'Missed: the task begins', rang: 'Rang again in vain', take: 'Taken', assign: 'Assigned', release: 'Put back', dial: 'Dialled', tried: 'Attempt over', reach: 'Caller spoken with', not_them: 'Somebody else picked up', finish: 'Result given', ring_again: 'Missed again: another task',
      get_through: 'The caller got through', through: 'The caller got through; the message is still to be heard', give_up: 'Dialled in vain: over', close: 'Closed', overdue: 'Overdue', heard: 'Message heard',
    },
    play: 'Play the message', heard: 'Heard', heardSaid: 'Noted', heardBy: 'heard by {name}, {time}', takeFirst: 'Take the task to play it', noAudio: 'Not recorded yet',
  },
}
