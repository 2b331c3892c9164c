import type zh from '../zh/people'

const en: typeof zh = {
  accounts: {
    title: 'Accounts', work: 'Number', name: 'Name', role: 'Role', groups: 'Skill groups', unit: 'Unit', unitNeeded: 'A handler belongs to a unit', groupsOrUnit: 'Groups or unit', state: 'State', created: 'Created', active: 'Active', disabled: 'Disabled',
    mustChange: 'New password due', create: 'New account', edit: 'Change account', disable: 'Disable', enable: 'Enable', reset: 'Reset', disableSure: 'Every session of {name} ends at once. Disable?',
    resetSure: 'Reset the password of {name}? The old one stops working at once.', initial: 'First password', initialText: 'Tell {name} (work number {work}) in person. It is shown only once and must be changed at the first sign-in.',
    workRule: '1 to 12 digits', nameNeeded: 'Enter a name', saved: 'Saved', none: 'No accounts yet', filter: 'Work number or name', enabled: 'Enabled', off: 'Disabled',
  },
  seatsAdmin: { title: 'Seats', number: 'Seat', extension: 'Extension', groups: 'Skill groups', edit: 'Change seat', saved: 'Seat saved', none: 'No seats yet: add the first one', add: 'Add seat', taken: 'There is a seat of that number already' },
  audit: {
    title: 'Audit', at: 'Time', who: 'Work number', act: 'Act', object: 'Object', reason: 'Reason', result: 'Result', address: 'Address', all: 'All', none: 'Nothing on record',
    date: 'Date', results: { ok: 'Done', asked: 'Ordered', refused: 'Not carried out', in_doubt: 'In doubt' }, seq: 'No.',
    acts: {
      report_form_changed: 'Changed report form', openness_changed: 'Changed published services', incident_begun: 'Began incident', incident_step: 'Incident step', incident_reported: 'Reported incident', incident_ended: 'Ended incident', incident_view: 'Opened incident report', incident_plan_changed: 'Changed emergency plan',
      network_filed: 'Filed over the network', network_supplemented: 'Supplemented over the network', network_withdrawn: 'Withdrawn over the network', network_rated: 'Rated over the network',
      handed_over: 'Handed over', handover_printed: 'Printed a hand-over', handover_settled: 'Settled a hand-over', directory_changed: 'Changed directory', directory_imported: 'Imported directory', knowledge_changed: 'Changed knowledge base', knowledge_imported: 'Imported knowledge', case_made: 'Made a case of a ticket', number_searched: 'Searched by number', firm_changed: 'Changed firm', lawyer_changed: 'Changed lawyer', training_noted: 'Noted training', shift_changed: 'Changed shift', roster_generated: 'Generated roster', roster_imported: 'Imported roster', pattern_changed: 'Changed pattern', requirements_changed: 'Changed numbers needed', calendar_changed: 'Changed holidays', swap_asked: 'Asked for swap', swap_answered: 'Answered swap', swap_decided: 'Decided swap', signed_in_off_roster: 'Signed in off the roster',
      login: 'Signed in', login_failed: 'Sign-in failed', logout: 'Signed out', reveal: 'Showed full number', playback: 'Played recording', force_state: 'Forced a seat', account_created: 'Created account',
      account_changed: 'Changed account', password_changed: 'Changed password', password_reset: 'Reset password', ticket_reopened: 'Reopened ticket', seat_defined: 'Defined seat',
      categories_imported: 'Imported categories', prompt_changed: 'Changed prompt', plan_changed: 'Changed call plan', notice_changed: 'Changed notice', notice_switched: 'Switched notice', export: 'Exported', line_trace: 'Read a line’s raw data', ticket_view: 'Opened secret ticket',
      caller_rule_asked: 'Asked for a caller mark', caller_rule_made: 'Made a caller rule', caller_rule_approved: 'Approved a caller rule', caller_rule_declined: 'Declined a caller rule',
      caller_rule_reviewed: 'Reviewed a caller rule', caller_rule_ended: 'Ended a caller rule', conflict_ended: 'Ended a conflict of interest', rating_taken: 'Rated by call-back', rating_link: 'Made rating link', rating_view: 'Opened rating', rating_followed: 'Followed up',
    },
  },
}
export default en
