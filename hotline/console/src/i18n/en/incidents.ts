export default {
  incidents: {
    title: 'Emergencies', rule: 'A plan gives the checklist and the times of reporting; every step notes who did it and when.', begin: 'Begin a plan', beginGo: 'Begin now', plan: 'Plan', plans: 'Emergency plans', ticket: 'Ticket', ticketHint: 'Number of the ticket it is about, if any',
    openOnly: 'Open only', none: 'No emergencies yet', noneOpen: 'No open emergency', count: '{n} in all', begun: 'Begun', steps: 'Steps', oral: 'Told by word', inWriting: 'Told in writing', state: 'State', running: 'Under way', ended: 'Ended', endedAt: 'Ended {time}',
    notNeeded: 'Not required', toldAt: 'Told {time}', dueAt: 'By {time}', lateSince: 'Late since {time}', numbered: '{title} · no. {n}', checklist: 'Checklist', callWhom: 'Call', note: 'Result, or why it is not needed', tick: 'Done', skip: 'Not needed', skipHint: 'Say why first',
    skipped: 'Not needed: {why}', stepDone: 'Noted', tellOral: 'Told by word', tellWritten: 'Told in writing', toldDone: 'Noted when it was told', report: 'Major-incident report', print: 'Print', write: 'Save report', written: 'Report saved', end: 'End emergency', endDone: 'The emergency has ended',
    fields: { title: 'Subject', happened: 'When and where', people: 'People', course: 'What happened', measures: 'What was done', needs: 'What is needed' },
    planTitle: 'Name', when: 'When to begin', lines: 'Steps', linesHint: 'A line each: what | how | whom to call', reportTo: 'Report to', minutes: 'By word (minutes)', hours: 'In writing (hours)', retired: 'Retired', version: 'Version {n}', builtIn: 'Comes along', planSave: 'Save as new version', planSaved: 'Plan saved',
  },
  openness: {
    title: 'Published services', publicPage: 'Open the public page', version: 'Version {n} is public', builtIn: 'What comes along is public', earlier: 'Fetch an earlier version', versionOf: 'Version {n} {time} {name}', publish: 'Publish', published: 'Published', general: 'In general', intro: 'Introduction', hours: 'Hours', phone: 'Complaints', phoneNote: 'About complaints',
    services: 'Services', add: 'Add service', nameless: 'Service without a name', up: 'Up', down: 'Down', drop: 'Remove', name: 'Name', matter: 'Business type', channels: 'How to reach it', unit: 'Done by', procedure: 'Procedure', materials: 'Materials', standard: 'Standard', byItself: 'Deadlines are listed by themselves: {text}', fee: 'Fee', free: 'Free of charge',
    leave: 'There are changes that were not published.', leaveGo: 'Leave',
  },
  reportForms: {
    title: 'Forms of the superior', month: 'Month', places: 'Places to use', upload: 'Upload a form', none: 'No forms yet. Write places into the cells of a workbook, upload it, and have it filled in by month.', fill: 'Fill in {month}', drop: 'Remove', dropSure: 'Remove this form?', saved: 'Saved with {n} places', place: 'Place', meaning: 'Meaning',
  },
}
