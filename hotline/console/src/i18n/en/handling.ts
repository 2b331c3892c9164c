import type zh from '../zh/handling'

const en: typeof zh = {
  handling: {
    title: 'Handling', inbox: 'Inbox', rule: 'The soonest deadline first', view: 'List', hall: 'Hall', none: 'No tickets in this list', noRequests: 'No requests wait for a decision', noLoads: 'No unit has a ticket in hand', allUnits: 'All units', unit: 'Unit', matter: 'Service and category',
    dueAt: 'Due', came: 'Entered', caseFile: 'Case file', secret: 'Confidential: not shown in lists', area: 'Area', areaHint: 'Optional', near: 'Serving the place', pickUnit: 'Choose a unit; type its name or code', pickHelpers: 'Optional, five at most', pickTicket: 'Choose one of the caller’s tickets, or type a number', pickChannel: 'Choose or type the legal way',
    views: { to_dispatch: 'To dispatch', returned: 'Returned', to_sign: 'To sign', in_hand: 'In hand', at_units: 'At units', to_review: 'To review', to_follow_up: 'To follow up', overdue: 'Overdue', due_today: 'Due today', requests: 'Requests', loads: 'Units', ended: 'Ended' },
    unitViews: { to_sign: 'To sign', in_hand: 'In hand', due_today: 'Due today', overdue: 'Overdue', returned: 'Returned', to_review: 'Replied', ended: 'Ended' },
    channels: { phone: 'Call', visit: 'Visit', letter: 'Letter', network: 'Network', hotline: 'Other hotline' },
    marks: { supervised: 'Supervised', urged: 'Urged {n}', sentBack: 'Sent back', reopened: 'Again {n}', returned: 'Returned {n}' },
    due: { days: '{d} d {h} h', left: '{span} left', late: '{span} late', paused: 'Paused', met: 'In time', missed: 'Too late', over: '{n} done', missedOf: '{n} too late' },
    dues: { dispatch: 'Dispatch', sign: 'Sign', reply: 'Reply', review: 'Review', follow_up: 'Follow-up', aid_review: 'Legal aid review', aid_appoint: 'Legal aid appointment' },
    loads: { at_unit: 'In hand', to_sign: 'To sign', due_today: 'Due today', overdue: 'Overdue', supervised: 'Supervised' },
    course: 'Handling', deadlines: 'Deadlines', requests: 'Requests', unitsOf: 'Units', lead: 'Lead', helps: 'Helps', helper: 'helped by {unit}', designated: 'Designated', hasSigned: 'Signed', toSign: 'To sign', result: 'Result', mergedInto: 'Merged into', endedReason: 'Why it ended',
    moreActs: 'More', did: '{what}: done', needed: 'Required', savedBy: '{who} changed the ticket', blocked: 'This step is not possible any more; what you typed is kept below.', stillPossible: 'Look at these changes before you submit; what you typed is kept below.',
    reveal: 'Show contact', revealWhy: 'The reason goes on record',
    ends: { replied: 'Replied', returned: 'Returned', recalled: 'Taken back', passed_on: 'Passed on', ended: 'Ended' },
    acts: {
      dispatch: 'Dispatch', recall: 'Take back', designate: 'Designate', review: 'Accept', sendBack: 'Send back', followUp: 'Follow up', archive: 'Close and file', reopen: 'Handle again', merge: 'Merge', split: 'Split again', notAccept: 'Do not accept', urge: 'Urge',
      supervise: 'Supervise', resume: 'Resume', askTermination: 'Ask to terminate', sign: 'Sign', begin: 'Begin', note: 'Note', passOn: 'Pass on', reply: 'Reply', giveBack: 'Return', extension: 'Ask for time', pause: 'Ask for a pause', unitTermination: 'Ask to terminate', grant: 'Grant', refuse: 'Refuse',
    },
    hints: {
      dispatch: 'Facts or claim and a category must be there; time is counted in working days.', recall: 'Until the unit signs; the time for dispatching goes on.', designate: 'The unit cannot return it after that.', review: 'The reply becomes the result; the follow-up is next.', sendBack: 'The same unit goes on, within the same time.',
      archive: 'It gets the number of its case file and is not changed any more.', reopen: 'It comes back to the hall and is dispatched again, three times at most.', merge: 'A repeat is told by the other ticket and not handled by itself.', split: 'It stands by itself again; the time for dispatching goes on.', notAccept: 'The citizen must have been told the legal way.', urge: 'The unit sees it; half an hour between two.',
      supervise: 'The unit sees that it is supervised.', resume: 'What was left of the time is left.', askTermination: 'Another person decides.', passOn: 'A unit below handles it within the same time.', reply: 'The hall reviews it, then follows up.', giveBack: 'What is not the unit’s to do goes back to the hall, twice at most.', extension: 'The hall decides; counted as the deadline is.',
      pause: 'While an appraisal or papers are awaited; the hall decides.', unitTermination: 'The hall decides.',
    },
    fields: { unit: 'Unit', helpers: 'Helping units', note: 'Remarks', reason: 'Reason', reply: 'Result', channel: 'Legal way told', amount: 'Longer by (working days)', into: 'Into ticket', way: 'Way', contentment: 'Is the citizen satisfied?', solved: 'Is it solved?' },
    fieldsOf: {
      dispatch: { unit: 'Lead unit', note: 'Instructions' }, review: { note: 'Remarks' }, followUp: { note: 'What the citizen says' }, urge: { note: 'Message' }, supervise: { note: 'What is required' }, note: { note: 'What was done' }, passOn: { unit: 'Unit below', note: 'Remarks' }, extension: { reason: 'Reason' },
      pause: { reason: 'Reason' }, unitTermination: { reason: 'Reason' }, askTermination: { reason: 'Reason' }, grant: { note: 'Remarks' }, refuse: { note: 'Why not' },
    },
    legalWays: { court: 'Court', arbitration: 'Arbitration', reconsideration: 'Administrative review', petition: 'Petition', police: 'Police', labour: 'Labour inspection' },
    ways: { phone: 'Telephone', sms: 'Text message', visit: 'Visit' },
    contentments: { satisfied: 'Satisfied', fair: 'Fairly satisfied', dissatisfied: 'Dissatisfied', not_reached: 'Not reached', declined: 'Declined' },
    solved: { yes: 'Solved', no: 'Not solved' },
    asked: { extend: 'More time', pause: 'Pause', terminate: 'Termination', amount: '{n} working days', waits: 'Waits for a decision', granted: 'Granted by {who}', refused: 'Refused by {who}' },
    steps: {
      title: 'History', none: 'Not dispatched yet', dispatch: 'Dispatched', recall: 'Taken back', designate: 'Designated', sign: 'Signed', helper_signed: 'Helper signed', begin: 'Begun', note: 'Note', pass_on: 'Passed on', reply: 'Replied', helper_replied: 'Helper replied', return: 'Returned', send_back: 'Sent back', review: 'Accepted',
      follow_up: 'Followed up', close: 'Closed and filed', reopen: 'Handled again', merge: 'Merged', merged_in: 'A repeat was merged in', split: 'Split again', not_accept: 'Not accepted', urge: 'Urged', supervise: 'Supervised', asked: 'Request', decided: 'Decision', terminate: 'Terminated', resumed: 'Resumed', warned: 'Due soon', overdue: 'Overdue',
    },
    create: {
      open: 'New ticket', title: 'New ticket', channel: 'Channel', citizen: 'Telephone', citizenHint: 'Finds this ticket at the next call', factsNeeded: 'Enter the facts or the claim', go: 'Enter', done: 'Ticket {number} was entered',
    },
  },
}
export default en
