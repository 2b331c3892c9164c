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
    title: 'Lines', name: 'Line', kind: 'Kind', state: 'State', abilities: 'Abilities', last: 'Last event', none: 'No line is set up', up: 'Up', down: 'Down',
    observed: 'Observed: the gateway distributes its calls; here they are shown, ticketed and counted', commanded: 'Commanded: its calls wait and are distributed here',
    pushed: 'Pushes only', note: 'While a line is away, the emergency plan answers; its calls are back-filled later.', never: 'none yet',
    kinds: { asterisk: 'Asterisk', 'gateway-push': 'Pushing gateway', gateway_push: 'Pushing gateway', simulated: 'Simulated' },
    ability: {
      answers: 'Answers', plays: 'Plays', hears_keys: 'Hears keys', rings_seats: 'Rings seats', joins: 'Joins', records: 'Records', reports_ports: 'Reports its calls',
    },
    live: '{n} calls now',
  },
}
export default en
