import type zh from '../zh/rosters'

const en: typeof zh = {
  rosters: {
    title: 'Roster', week: 'Week', swaps: 'Swap requests', people: 'Duty lawyers', plans: 'Patterns and numbers', calendar: 'Holidays', settlement: 'Settlement',
    previous: 'Previous week', next: 'Next week', thisWeek: 'This week', weekOfDay: '{from} to {to}', mine: 'Only mine', isMine: 'My shift', create: 'Add a shift', generate: 'From patterns', import: 'Import',
    none: 'No shifts this week', time: 'Shift', open: 'Open', nobody: 'Nobody needed', anyGroup: 'Any group',
    gap: '{n} missing', gapText: '{begins}–{ends}: {n} missing', gapDetail: '{required} needed, {planned} planned', gaps: '{n} gaps within the next {days} days', noGaps: 'No gaps within the next {days} days', noRequirements: 'Nobody has said how many lawyers are needed: gaps cannot be shown', gapRow: 'Gaps',
    duty: 'Now: {mode}', dutyUntil: 'until {time}',
    modes: { live: 'At a seat', forwarded_mobile: 'Mobile phone', voicemail: 'Voicemail' },
    kinds: { workday: 'Working day', weekend: 'Weekend', holiday: 'Holiday' },
    weekdays: { d1: 'Mon', d2: 'Tue', d3: 'Wed', d4: 'Thu', d5: 'Fri', d6: 'Sat', d7: 'Sun' },
    shift: {
      create: 'Add a shift', edit: 'Change a shift', day: 'Day', begins: 'From', ends: 'To', endsNote: 'An end not after the beginning is on the next day', lawyer: 'Lawyer', openPlace: 'Open (decide later)', group: 'Skill group', mode: 'Duty mode',
      note: 'Note', reason: 'Reason', reasonNeeded: 'The shift has begun: give a reason', cancel: 'Cancel the shift', cancelWhy: 'Why it is cancelled (two letters at least)', cancelled: 'The shift is cancelled', saved: 'The shift is saved', history: 'History', firm: 'Firm', pattern: 'From pattern', swap: 'Ask for a swap',
      what: { created: 'Added', generated: 'From a pattern', imported: 'Imported', changed: 'Changed', cancelled: 'Cancelled', swapped: 'Swapped' },
    },
    make: {
      title: 'Shifts from patterns', days: 'Days', patterns: 'Patterns', all: 'All patterns in use', try: 'Try', go: 'Make {n} shifts', done: '{n} shifts made', none: 'No pattern is in use: add one first', nothing: 'Nothing is to be made for these days', tooLong: '92 days at most', note: 'Trying writes nothing. Nothing is made twice; cancelled shifts stay cancelled.',
      fates: { made: 'New', open: 'New, open', kept: 'There already', past: 'Past' },
      whys: { licence_missing: 'No licence on file', licence_expired: 'Licence expired', lawyer_suspended: 'Suspended', double_booked: 'Another shift at that time', unknown_lawyer: 'No duty lawyer, or account disabled', no_turn: 'Too few lawyers in the pattern' },
    },
    load: {
      title: 'Import a roster', choose: 'Choose a file', template: 'Template', hint: 'An Excel file (.xlsx). Each row is tried first; nothing is written until confirmed, and nothing at all if one row is wrong.', row: 'Row', result: 'Result', who: 'Lawyer', go: 'Import {n} shifts', done: '{n} shifts imported', nothing: 'Nothing is to be imported', fix: '{n} rows are wrong: correct them and choose the file again', tooLarge: '180 KB at most',
      fates: { made: 'Fine', kept: 'There already', wrong: 'Wrong' },
    },
    swap: {
      title: 'Ask for a swap', kind: 'Kind', give: 'Substitute: a colleague takes this shift', exchange: 'Swap: exchange it for one of theirs', mine: 'My shift', who: 'Colleague', theirs: 'Their shift', theirsNone: 'No shift of theirs within 30 days', reason: 'Reason', go: 'Send', asked: 'Sent: the colleague must agree', none: 'No swap requests',
      from: 'Asked by', to: 'Asked of', shifts: 'Shifts', state: 'State', at: 'Asked at', agree: 'Agree', decline: 'Decline', withdraw: 'Withdraw', approve: 'Approve', refuse: 'Refuse', refuseWhy: 'Why it is refused', onBehalf: 'Note this on behalf of {name}?', onBehalfTitle: 'On behalf', done: 'Done', gives: 'gives', takes: 'gets', sure: 'The shifts change hands at once. Approve?', decision: 'Decision',
      states: { asked: 'Colleague to agree', agreed: 'To be approved', approved: 'Approved', declined: 'Declined', refused: 'Refused', withdrawn: 'Withdrawn' },
    },
    lawyer: {
      none: 'No duty lawyers yet', add: 'Add a lawyer', edit: 'Lawyer', account: 'Account', firm: 'Firm', noFirm: 'None', employment: 'Employment', full_time: 'Full-time', part_time: 'Part-time', number: 'Licence number', numberRule: '17 digits', until: 'Valid until', suspended: 'Suspended', from: 'From', to: 'Until', toNote: 'Empty: until further notice', why: 'Reason', whyNeeded: 'Give a reason for the suspension',
      mobile: 'Night mobile', mobileNote: 'Sealed, for forwarding at night only; shown masked', saved: 'Saved', trainings: 'Trainings', trainingNone: 'No trainings', topic: 'Topic', hours: 'Hours', day: 'Day', addTraining: 'Note a training', trainingSaved: 'Noted', firms: 'Law firms', addFirm: 'Add a firm', firmName: 'Name', rename: 'Rename', close: 'Close', reopen: 'Reopen', closed: 'Closed', count: '{n} lawyers', firmSaved: 'Saved',
      valid: 'Valid', missing: 'Not on file', expired: 'Expired', soon: 'Ends soon', held: 'Suspended', standing: 'Standing', off: 'Account disabled', all: 'Lawyers',
    },
    plan: {
      patterns: 'Patterns', none: 'No patterns yet', add: 'Add a pattern', edit: 'Change a pattern', name: 'Name', days: 'Days', weekdays: 'Weekdays', weekdaysNote: 'None chosen: any', time: 'Time', places: 'At a time', rotation: 'Rotation', rotations: { fixed: 'Fixed', daily: 'Each shift', weekly: 'Each week' }, order: 'Order', orderNote: 'They take turns in the order chosen', anchor: 'Begins with', anchorNote: 'The first one begins on this day (in this week)', active: 'In use', inactive: 'Not in use', saved: 'Saved', nameNeeded: 'Give a name', daysNeeded: 'Choose the days',
      requirements: 'Lawyers needed', requirementsNone: 'Not set: once set, gaps are shown before they happen', addRequirement: 'Add a line', lawyers: 'Lawyers', remove: 'Remove', requirementsSaved: 'Saved', max: 'Where several lines meet the largest counts',
    },
    year: {
      paste: 'Paste a notice', pasteHint: 'A day or a range a line: date, what it counts as (working day, weekend, holiday), name', pasteSample: '2027-01-01 holiday New Year\n2027-02-06~2027-02-12 holiday Spring Festival\n2027-02-20 workday worked in exchange', pasteWrong: 'Cannot read line {lines}', pasteTake: 'Add {n} days',
      title: '{year}', published: 'State Council notice', site: 'Entered here', weekday: 'By weekday', unknown: 'The holidays of this year are not known: weekdays count. Enter them here when they are announced, or upgrade.', add: 'Add a day', day: 'Day', kind: 'Counts as', label: 'Name', source: 'Source', none: 'No day differs from its weekday', own: 'Entered here', ownNote: 'Goes before the notice; shifts already made stay', saved: 'Saved', wrong: 'Days must be in {year}, each once', previous: 'Previous year', next: 'Next year',
    },
    sheet: {
      month: 'Month', final: 'Month over', provisional: 'Provisional', until: 'Counted until {time}', download: 'Download Excel', none: 'No shifts and no calls this month', firm: 'Firm', noFirm: 'No firm', lawyer: 'Lawyer', shifts: 'Shifts', missed: 'Missed', shift: 'Planned (h)', duty: 'On duty (h)', live: 'At a seat', mobile: 'Mobile', adherence: 'Adherence', answered: 'Answered', offDuty: 'Off duty', calledBack: 'Called back', talk: 'Talk (h)', sum: 'Sum', formulas: 'Formulas',
    },
    warnings: { not_on_roster: 'You are not on the roster now; this sign-in is recorded.', other_group: 'Your shift is for another skill group: is this the right seat?', licence_ends_soon: 'Your licence ends soon: have it renewed and tell the administrator.' },
  },
}
export default en
