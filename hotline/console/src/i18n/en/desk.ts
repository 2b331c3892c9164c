import type zh from '../zh/desk'

const en: typeof zh = {
  seatState: { signed_off: 'Offline', ready: 'Ready', ringing: 'Ringing', talking: 'Talking', wrap_up: 'Wrap-up', busy: 'Busy', on_break: 'Break', missing: 'Missing' },
  callState: { offered: 'Offered', in_menu: 'Menu', waiting: 'Waiting', ringing: 'Ringing', talking: 'Talking', held: 'On hold', handing_over: 'Handing over', dialling: 'Calling', ended: 'Ended' },
  phoneKind: { browser: 'Browser phone', desk: 'Desk phone', mobile: 'Mobile', simulated: 'Simulated (click to answer)' },
  reason: {
    self: 'Own choice', signed_in: 'Signed in', call: 'Call', no_answer: 'No answer', rejected: 'Rejected', phone_unreachable: 'Phone not ready',
    forced: 'Forced', transferred: 'Transferred', returned: 'Returned', consulted: 'Consulted', joined: 'Three-way', monitoring: 'Monitoring', dialling: 'Outbound', emergency: 'Emergency call', connection_lost: 'Connection lost', connection_back: 'Connection back', wrap_up_over: 'Wrap-up over', caller_gone: 'Caller gone',
  },
  why: { self: 'Away for a moment', ticket: 'Writing tickets', meeting: 'Meeting', counter: 'Visitor at the counter', rest: 'Rest', meal: 'Meal', training: 'Training' },
  seat: {
    signIn: 'Take a seat', signOff: 'Leave seat', ready: 'Ready', busy: 'Busy', rest: 'Break', notSignedIn: 'No seat', number: 'Seat {n}',
    seat: 'Seat', stateFor: 'for {time}', waiting: 'Waiting', waitingUnit: '', busyReason: 'Why busy', restReason: 'Why a break',
    next: 'After the call', nextNone: 'After the call: ready', nextBy: 'set by {who}', nextIs: 'After the call: {state}', forgetNext: 'Cancel', taken: '{n} taken',
    offTitle: 'Leave the seat', offText: 'You take no more calls and seat {seat} becomes free.', offGo: 'Leave and stop calls',
    missing: 'Missing: the connection was away too long; the earlier state comes back with it', noReason: 'No reason',
  },
  forced: {
    title: 'Act of a supervisor', ready: 'Supervisor {by} forced your seat {seat} to ready', busy: 'Supervisor {by} forced your seat {seat} to busy',
    signed_off: 'Supervisor {by} signed you off from seat {seat}: you take no more calls', reason: 'Reason: {reason}', seen: 'Got it',
  },
  sit: {
    title: 'Take a seat', choose: 'Seat', phone: 'Phone', free: 'Free', taken: '{name} sits here', none: 'No free seat',
    browser: 'Browser phone', browserText: 'Headset at this computer', desk: 'Desk phone', deskText: 'Rings on the desk; lift the receiver',
    mobile: 'Mobile', mobileText: 'Calls ring your mobile {number}; press 1 after picking up', simulated: 'Simulated', simulatedText: 'Demo: a click answers', check: 'Check first', mic: 'Microphone', micTest: 'Test microphone',
    micStop: 'Stop test', micSay: 'Please speak', micOk: 'Microphone works', micNone: 'Nothing heard', micDenied: 'The browser may not use the microphone: allow it left of the address',
    micMissing: 'No microphone found', ring: 'Ringer', ringTest: 'Play ring tone', ringHeard: 'Played: two notes mean it works',
    notice: 'Notifications', noticeOn: 'Allowed', noticeOff: 'Not allowed: calls show on this page only', noticeAsk: 'Asked at sign-in', go: 'Sit down and go ready',
    extension: 'Extension {n}', level: 'Level',
    not: { line: 'No line of this hall can ring it', number: 'No mobile on file for this account: ask an administrator' },
  },
  ring: {
    incoming: 'Incoming call', answer: 'Answer', reject: 'Reject', left: '{n} s left', waited: 'waited {time}', region: 'Area',
    unknownRegion: 'Area unknown', queue: 'Skill group', times: 'Call no. {n}', first: 'First call', liftPhone: 'Lift the desk phone',
    title: '[Call] ', gone: 'The call is over',
    answering: 'Connecting', noSip: 'The browser phone is not registered', mobile: 'Answer your mobile and press 1', next: 'Goes to another seat if not taken', device: 'Distributed by the device: answer on the phone', byHand: 'Lift the receiver, then press Answered: the device cannot tell', unknownNumber: 'an unknown number', took: 'Answered',
    direct: 'Direct',
    how: { key: 'press F2 to answer', phone: 'lift the desk phone', mobile: 'answer your mobile and press 1', device: 'distributed by the device: answer on the phone', said: 'lift the receiver, then press F2' },
  },
  call: {
    title: 'Current call', none: 'No call', noneText: 'Once you are ready, calls show here', number: 'Caller', recording: 'Recording', notRecording: 'Not recorded',
    talk: 'Talk time', mute: 'Mute', unmute: 'Unmute', muted: 'Muted', hangUp: 'Hang up', hangUpHold: 'Hold F4 to hang up', stopped: 'The call of {caller} rings no longer. If you lifted the receiver, press', byHand: 'The device cannot tell when the receiver is lifted or put down: press Hang up when the call is over', observed: 'Distributed by the device: shown and ticketed only', lineCut: 'Line {line} is down: the talk may go on, but buttons may do nothing and what is shown may be late',
    connected: 'Connected', ended: 'The call is over', wrapUp: 'Wrap-up', copy: 'Copy number', copied: 'Copied', ticket: 'Ticket', held: 'On hold',
    hangUpSure: 'Hang up now? By the rules the caller normally hangs up first.', softphone: 'Browser phone', yesterday: 'Yesterday',
  },
  softphone: { off: 'Off', connecting: 'Connecting', registered: 'Registered', unregistered: 'Not registered', failed: 'Registration failed', elsewhere: 'Held by another tab' },
  pop: {
    title: 'Caller history', calls: 'Earlier calls', tickets: 'Earlier tickets', none: 'Nothing in 90 days', failed: 'History could not be read', times: '{n} calls in 90 days',
    open: 'Open ticket', noPop: "A ringing caller's earlier calls and tickets show here", unknown: 'Number unknown', unknownText: 'The number is not known: no history can be looked up',
  },
  side: { phrases: 'Standard phrases', quick: 'Quick close', search: 'Search phrases', noPhrases: 'No phrases set up', inserted: 'Inserted into “{field}”', copied: 'Copied' },
  wrap: {
    left: 'Wrap-up: {n} s left', open: 'Wrap-up (no limit)', stay: 'Stay in wrap-up', ready: 'Ready now', saveReady: 'Save and go ready',
    auto: 'then {state}', whenOver: 'After wrap-up: {state}',
  },
  tabs: { open: 'Open tickets', before: 'Earlier tabs', after: 'Later tabs', newCall: 'New call', close: 'Close {number}', unsaved: 'unsaved', none: 'No ticket is open', noneText: 'A ticket opens with each call. You can also find one under Tickets.', find: 'Find a ticket' },
}
export default en
