import type zh from '../zh/live'

const en: typeof zh = {
  live: {
    title: 'Live', waiting: 'Waiting', longest: 'Longest wait', seats: 'Seats signed in', offered: 'Offered today', answered: 'Answered today', abandoned: 'Abandoned today',
    rate: 'Answer rate', sl15: 'Within 15 s', normal: 'Normal', warn: 'Warning', critical: 'Critical', target: 'Goal ≥ {n}%', targetWait: 'Warn {a} · critical {b} s',
    targetQueue: 'Warn {a} · critical {b}', signedInOf: 'of {n}', fresh: 'Updated {n} s ago', stale: 'Out of date ({n} s): do not rely on it', now: 'Live',
    queues: 'Skill groups', queue: 'Skill group', ready: 'Ready', signedIn: 'Signed in', expected: 'Expected wait', seatCards: 'Seats', callers: 'Callers waiting',
    noCallers: 'Nobody is waiting', noSeats: 'No seats', position: 'No.', offeredAt: 'Call', priority: 'Priority', force: 'Force', forceReady: 'Force ready',
    forceBusy: 'Force busy', forceOff: 'Force sign-off', forceTitle: '{verb}: seat {seat}, {name}', forceReason: 'Reason (required, audited)', forceDone: 'Done: {verb}',
    forceOffWarn: 'The seat takes no more calls until its lawyer signs in again.', forceNeeded: 'Please give a reason', links: 'Lines', up: 'up', down: 'down', noLinks: 'No lines',
    filterAll: 'All', hideOff: 'Hide offline', noData: '—', talkingWith: '{caller}', missed: 'Missing', fullScreen: 'Full screen', exitFull: 'Leave full screen',
    byState: 'Seats by state', sorted: 'longest in their state first', unknown: 'none yet', inMenu: '{n} in the menu',
  },
  lines: {
    title: 'Lines', state: 'State', last: 'Last event', none: 'No line is set up', up: 'Up',
    observed: {
      gateway: 'Observed: the gateway distributes its calls; here they are shown, ticketed and counted', box: 'Observed: telephones or a PBX answer its calls; here they are shown, ticketed and counted', system: 'Observed: FreeSWITCH distributes its calls; here they are shown, ticketed and counted', other: 'Observed: the device handles its calls; here they are shown, ticketed and counted',
    },
    commanded: 'Commanded: its calls wait and are distributed here',
    pushed: 'Pushes only', note: 'While a line is away, the emergency plan answers; its calls are back-filled later.', never: 'none yet', notLeading: 'The service is being taken over: what follows may be out of date.',
    kinds: {
      asterisk: 'Asterisk', 'gateway-push': 'Pushing gateway', gateway_push: 'Pushing gateway', simulated: 'Simulated', 'cti-serial': 'Devices that only talk', freeswitch: 'FreeSWITCH', modem: 'Voice modem', card: 'Voice card',
    },
    ability: {
      answers: 'Answers', plays: 'Plays', hears_keys: 'Hears keys', rings_seats: 'Rings seats', joins: 'Joins', records: 'Records', reports_ports: 'Reports its calls', holds: 'Holds', confers: 'Three-way', watches: 'Listens in', rings_outside: 'Rings outside', sends_keys: 'Sends keys', takes_messages: 'Takes messages', by_hand: 'Answered by hand',
    },
    states: { up: 'Up', down: 'Down', never: 'Not up since the start', pushed: 'Pushes only' },
    alarm: { link_down: 'Link down', never_up: 'Not up since the start', port_fault: 'Port out of order', quiet: 'Silent for long', clock_skew: 'Clock is wrong', unreadable: 'Cannot be read', probe_failed: 'Probe failed' },
    alarms: 'Alarms', sum: 'Alarms: {n}', since: 'For', from: 'Since', ago: '{a} ago', port: 'port {n}', somePort: 'port (unnamed)', ports: 'Ports', portsOf: '{n} of {all} out of order', broken: 'Out of order', noPorts: 'The device has told of no fault and no repair',
    frames: 'Readable', framesOf: 'of the last {all} frames {n} could not be read ({share})', open: 'Details', openLabel: 'Details of line {name}', detail: 'Says', clock: 'Its clock', noClock: 'Tells no times, or too few', behind: '{n} s behind ours', ahead: '{n} s ahead of ours',
    probe: 'Probe', noProbe: 'Cannot be probed, or not yet', repaired: 'Times put right', aside: 'Not understood', times: '{n} times since the start', reasonTimes: '{n} times, last {a}: {b}',
    gaps: 'Times out of use, 24 hours', noGaps: 'none', gapKinds: { link: 'Link down', port: 'Port out of order', writer: 'Service stopped' }, goesOn: '{a}, still',
    history: 'Alarms, 24 hours', noHistory: 'none', raised: 'raised', cleared: 'cleared', events: 'Last events', noEvents: 'none', backfilled: 'from the device’s records', late: '{a} late',
    raw: 'Raw data', rawShow: 'Show raw data', rawNote: 'Five digits and more in a row are masked; each look is on record.', rawNone: 'No raw data: of lines that are commanded here none is kept', rawForm: 'Shown as', asText: 'Text', asHex: 'Hex', bytes: '{n} bytes', cut: 'Too long: only the beginning is shown', copied: 'Copied', and: ', ',
    rawStates: { applied: 'applied', pending: 'pending', set_aside: 'not understood' },
    facts: {
      LinkUp: 'link up', PortFault: 'port out of order', PortRestored: 'port works again', CallOffered: 'call', CallerIdentified: 'number', CallAnswered: 'line answered', DigitsPressed: 'keys', PromptEnded: 'prompt over', SeatRinging: 'seat rings', SeatAnswered: 'seat answered',
      SeatDeclined: 'seat declined', SeatReleased: 'seat hung up', LegsJoined: 'joined', LegHeld: 'held', LegResumed: 'resumed', RecordingStarted: 'recording begun', RecordingStopped: 'recording over', CallReleased: 'call over',
    },
  },
}
export default en
