import type zh from '../zh/shell'

const en: typeof zh = {
  app: { name: '12348 Public Legal Service Hotline', short: '12348 Hotline', console: 'Operator and supervisor console' },
  nav: {
    desk: 'Desk', calls: 'Call log', tickets: 'Tickets', live: 'Live', reports: 'Reports', accounts: 'Accounts', audit: 'Audit', lines: 'Lines',
    short: { desk: 'Desk', calls: 'Calls', tickets: 'Tickets', live: 'Live', reports: 'Reports', accounts: 'People', audit: 'Audit', lines: 'Lines' },
    main: 'Main navigation', skip: 'Skip to content',
  },
  role: { operator: 'Duty lawyer', supervisor: 'Supervisor', administrator: 'Administrator', auditor: 'Auditor' },
  act: {
    ok: 'OK', cancel: 'Cancel', close: 'Close', retry: 'Try again', save: 'Save', search: 'Search', reset: 'Reset', more: 'Load more',
    open: 'Open', copy: 'Copy', insert: 'Insert', edit: 'Edit', download: 'Download', refresh: 'Refresh', create: 'New', undo: 'Undo',
  },
  link: {
    connecting: 'Connecting', connected: 'Connected', reconnecting: 'Reconnecting', disconnected: 'Disconnected', signed_out: 'Session expired',
    taken_over: 'Open in another window', forbidden: 'No right to live data',
    banner: 'The connection to the service is lost and is being restored. Calls go on; what you typed is kept on this computer.',
    takenTitle: 'Open in another window', takenText: 'The console was opened in another window with the same account. This window takes no calls.',
    takenUse: 'Use this window',
  },
  signIn: {
    title: 'Sign in', hall: 'Hall', work: 'Work number', password: 'Password', submit: 'Sign in', show: 'Show password',
    hallNeeded: 'Choose a hall', workNeeded: 'Enter your work number', passwordNeeded: 'Enter your password',
    failed: 'Work number or password is wrong', tooMany: 'Too many tries. Please wait a while', away: 'The service cannot be reached. Check the network',
    demoTitle: 'Demo accounts', demoText: 'Demo only: click to fill in', expiredTitle: 'Session expired',
    expiredText: 'Please sign in again. What you have not saved is still on this page.', other: 'Another account',
    motto: 'Public legal service, one call away', points: ['The screen pops with the ring: one ticket per call', 'Nothing typed is lost', 'Every look is on record; numbers are masked'],
    noSite: 'The site cannot be read right now', language: '中文',
  },
  password: {
    title: 'Change password', must: 'First sign-in or password reset: choose a new password.', old: 'Old password', fresh: 'New password',
    again: 'New password again', rule: 'At least 10 characters, not your work number, nothing common', differ: 'The two new passwords differ',
    done: 'Password changed', weak: 'The new password is too weak', wrong: 'The old password is wrong', submit: 'Change password', short: 'At least 10 characters',
  },
  user: { menu: 'Account menu', password: 'Change password', language: '中文', keys: 'Keyboard shortcuts', signOut: 'Sign out' },
  leave: {
    title: 'Sign out', atSeat: 'You are signed in at seat {seat}. Signing out stops calls and frees the seat.',
    unsaved: 'Some ticket contents have not reached the server. What this computer kept will be erased.', plain: 'Sign out now?', go: 'Sign out and stop calls',
    occupied: 'A call is ringing or connected. Finish it first.',
  },
  empty: { none: 'Nothing here yet', nothingFound: 'Nothing matches', failed: 'Could not be read', notAllowed: 'You have no right to see this' },
  problem: {
    unreachable: 'The service cannot be reached', unexpected: 'Something unexpected happened', http_403: 'You may not do that',
    http_404: 'Not found', http_500: 'Internal error of the service', offer_gone: 'This call was taken or is over',
    seat_taken: 'Somebody sits there already', seat_already_signed_in: 'You are at a seat already', seat_not_signed_in: 'Not signed in at a seat',
    seat_not_free: 'Not possible during a call', seat_not_in_wrap_up: 'Not in wrap-up', seat_not_possible_now: 'Not possible now',
    not_signed_in: 'Session expired', ticket_incomplete: 'The ticket is not complete', ticket_changed: 'Somebody else changed the ticket',
    too_many_tries: 'Too many tries. Please wait a while', forbidden: 'You may not do that', not_found: 'Not found',
  },
  time: { h: 'h', m: 'min', s: 's', never: '—', today: 'Today', yesterday: 'Yesterday' },
  keys: {
    title: 'Keyboard shortcuts', note: 'Not active while an input method is composing.', answer: 'Answer', 'hang-up': 'Hang up (hold 0.5 s)',
    ready: 'Ready', busy: 'Busy', 'save-ready': 'Save and go ready', list: 'This list',
  },
}
export default en
