import type zh from '../zh/directory'

const en: typeof zh = {
  directory: {
    title: 'Directory', units: 'Offices', advisers: 'Village advisers', experts: 'Expert pool', history: 'Changes and imports',
    search: 'Find by name, code or area', none: 'No offices yet: add one, or import from Excel', pick: 'Choose an office on the left', withEnded: 'With those that ended', add: 'New office', edit: 'Edit', end: 'End', revive: 'Bring back', ended: 'Ended', load: 'Import', publicPage: 'Public page',
    endWhy: 'Why it ends (at least two characters)', reviveWhy: 'Why it comes back (at least two characters)', endTitle: 'End the office', reviveTitle: 'Bring the office back', saved: 'Saved', count: '{n} offices', tree: 'Offices', openNow: 'Open now', anyService: 'All services', found: 'Found',
    code: 'Code', codeRule: '1 to 40 letters, digits, dots, underscores and hyphens; never changed later', name: 'Name', kind: 'Kind', parent: 'Superior office', noParent: 'No superior', area: 'Area code', areaRule: '2, 4, 6, 9 or 12 digits', areaName: 'Area', address: 'Address', telephone: 'Telephone',
    hours: 'Opening hours', services: 'Services', servicesNote: 'About the services', public: 'Public', isPublic: 'On the public page', notPublic: 'Not on the public page', untilTime: 'until {time}', opensAt: 'opens {time}', note: 'Note', since: 'Since {day}', until: 'Ended {time}', unknown: 'Not known', needed: 'Please fill in', hoursKnown: 'Enter hours', hoursHint: 'For example 09:00-12:00 14:00-17:30; empty means closed', appointment: 'By appointment', hoursWrong: 'Not readable, out of order, or overlapping', holiday: 'Holidays',
    weekdays: { d1: 'Monday', d2: 'Tuesday', d3: 'Wednesday', d4: 'Thursday', d5: 'Friday', d6: 'Saturday', d7: 'Sunday' },
    standing: { open: 'Open now', appointment: 'By appointment', closed: 'Closed', unknown: 'Hours not known' },
    kinds: { city_hall: 'City hall', county_centre: 'County centre', township_station: 'Township station', village_studio: 'Village studio', legal_aid_centre: 'Legal aid centre', notary_office: 'Notary office', mediation_committee: 'Mediation committee', appraisal: 'Forensic appraisal', arbitration: 'Arbitration', law_firm: 'Law firm', other: 'Other office' },
    people: 'People', peopleNone: 'Nobody entered', addPerson: 'New person', editPerson: 'Edit person', post: 'Post', onDuty: 'On duty', left: 'Left', leftMark: 'Has left', villageAdvisers: 'Legal advisers of this village',
    serving: 'Who handles it', servingHint: 'By the area the caller is from, nearest first', servingNone: 'No office does this', servingGo: 'Find', matter: 'Service',
    adviser: { add: 'New adviser', edit: 'Edit adviser', none: 'No village advisers yet', firm: 'Firm', licence: 'Licence number', licenceRule: '14 to 17 digits', villages: 'Villages', villagesRule: 'Five at most', behind: 'Behind', onlyBehind: 'Only who is behind', month: 'This month', lastMonth: 'Last month', quarter: 'Lectures this quarter', lastQuarter: 'Lectures last quarter', hours: '{done} / {wanted} h', lectures: '{done} / {wanted}', over: 'Retired', overMark: 'Has retired',
      states: { met: 'Done', behind: 'Not done', running: 'Running', not_counted: 'Not counted' }, rule: 'At least 4 hours a month and one lecture a quarter', ok: 'In order' },
    ledger: { title: 'Ledger', none: 'Nothing in the ledger', day: 'Day', kind: 'What', hours: 'Hours', village: 'Village', note: 'Note', by: 'Noted by', add: 'Note', saved: 'Noted', strike: 'Strike', strikeWhy: 'Why it is struck (at least two characters)', struck: 'Struck: {why}', kinds: { duty: 'Duty', mediation: 'Mediation', lecture: 'Lecture' } },
    expert: { add: 'New expert', edit: 'Edit expert', none: 'No experts yet', title: 'Title', fields: 'Fields', fieldsRule: 'Press Enter after each, eight at most', level: 'Level', levels: { national: 'National', province: 'Province', city: 'City', county: 'County' }, unit: 'Office', workplace: 'Workplace', search: 'Find by name, field or workplace', over: 'Left the pool', overMark: 'Has left the pool' },
    things: { unit: 'Office', person: 'Person', adviser: 'Village adviser', expert: 'Expert' },
    changes: { title: 'Changes', none: 'No changes', at: 'Time', who: 'By', what: 'What', thing: 'Kind', name: 'Name', details: 'Fields', reason: 'Reason', of: 'Changes of {name}', ofLoad: 'Changes of import {n}', all: 'Show all', whats: { created: 'Created', changed: 'Changed', ended: 'Ended', revived: 'Brought back' }, turned: '{before} → {after}' },
    fields: { code: 'Code', kind: 'Kind', name: 'Name', parent: 'Superior', area: 'Area code', area_name: 'Area', address: 'Address', telephone: 'Telephone', hours: 'Hours', services: 'Services', services_note: 'About the services', public: 'Public', unit: 'Office', post: 'Post', note: 'Note', firm: 'Firm', licence_number: 'Licence', villages: 'Villages', title: 'Title', fields: 'Fields', level: 'Level', workplace: 'Workplace' },
    loads: { title: 'Imports', none: 'Nothing was imported yet', file: 'File', counts: 'Result', whole: 'Whole directory', look: 'Show changes' },
    loading: {
      title: 'Import the directory from Excel', hint: 'First a trial that says what is wrong in which row and column; nothing is written before you confirm, and one wrong row stops all.', choose: 'Choose a file', template: 'Empty template', filled: 'The directory as it is (to be edited)', whole: 'The file is the whole directory: what it does not name ends', row: 'Row', sheet: 'Sheet', what: 'Result', details: 'Details', go: 'Import', done: 'Imported: {added} new, {changed} changed, {ended} ended', nothing: 'Nothing to change', fix: '{n} rows are wrong: correct them and choose the file again', tooLarge: 'At most 2 MB', more: 'Only the first 1000 rows are listed', notThere: 'Not in the file', fault: '{column}: {why}',
      fates: { added: 'New', changed: 'Changed', ended: 'Ended', revived: 'Back', kept: 'As it is', wrong: 'Wrong' },
    },
  },
}

export default en
