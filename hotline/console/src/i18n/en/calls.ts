import type zh from '../zh/calls'

const en: typeof zh = {
  outcome: {
    answered: 'Answered', abandoned_menu: 'Left in the menu', abandoned_queue: 'Left while waiting', abandoned_ringing: 'Left while ringing', short_abandoned: 'Short abandon',
    timed_out: 'Waited too long', queue_full: 'Queue full', no_seat: 'Nobody on duty', closed: 'Out of hours', blocked: 'Blocked', overflowed: 'Overflowed',
    voicemail: 'Voicemail', forwarded: 'Forwarded', lost: 'Line lost', system_fault: 'System fault', live: 'In progress',
  },
  endedBy: { caller: 'Caller', seat: 'Seat', network: 'Network', us: 'System', unknown: 'Unknown' },
  segment: {
    arriving: 'Arriving', menu: 'Menu', waiting: 'Waiting', ringing: 'Ringing', dialling: 'Dialling', talking: 'Talking', held: 'On hold', consulting: 'Consulting',
    conference: 'Three-way', outside: 'With an outside number', rating: 'Rating', message: 'Message',
  },
  calls: {
    course: 'Segments', held: 'Hold', still: 'now', playFrom: 'Play from here',
    title: 'Call log', theirId: 'Provincial id', date: 'Date', outcome: 'Outcome', queue: 'Skill group', seat: 'Seat', line: 'Line', number: 'Caller number', numberHint: 'Full number', all: 'All',
    offered: 'Offered', caller: 'Caller', region: 'Area', waited: 'Wait', talked: 'Talk', handled: 'Taken by', ticket: 'Ticket', recording: 'Recording', recordingShort: 'Rec.',
    detail: 'Call', id: 'Call id', answered: 'Answered', ended: 'Ended', endedBy: 'Ended by', journal: 'What happened', noJournal: 'Nothing on record',
    recordings: 'Recordings', noRecordings: 'No recording', missing: 'Recording missing: {why}', play: 'Play', reveal: 'Show full number', revealReason: 'Reason',
    revealText: 'Showing the full number is audited. Please say why.', revealed: 'Full number', revealGo: 'Show', revealNeeded: 'Please give a reason (at least 2 characters)',
    observed: 'By the device', backfilled: 'Back-filled', from: 'From', to: 'To', today: 'Today', week: 'Last 7 days', month: 'Last 30 days', openTicket: 'Open ticket',
    audited: 'Playing a recording is audited', count: '{n} shown', seconds: '{n} s', audioFailed: 'The recording cannot be played now', range: 'to',
  },
}
export default en
