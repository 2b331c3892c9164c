import type zh from '../zh/control'

const en: typeof zh = {
  control: {
    bar: 'Call control', hold: 'Hold', resume: 'Retrieve', mute: 'Mute', unmute: 'Unmute', keypad: 'Keypad', consult: 'Consult', join: 'Three-way', complete: 'Complete transfer',
    'cancel-consult': 'End consultation', transfer: 'Transfer', leave: 'Leave the call', rate: 'To rating', 'hang-up': 'Hang up', over: 'The talk is over', holdF4: 'Hold F4 to hang up', othersStay: 'You hang up, the caller goes on with the others (hold F4)',
    why: {
      not_up: 'Not picked up yet', three_way: 'Others are on the call: send them away or leave first', on_hold: 'The caller hears music: retrieve first', unconfirmed: 'The other side has not confirmed yet: press "Confirmed" or send them away',
    },
    hint: {
      hold: 'The caller hears music', resume: 'Go on with the caller', mute: 'The caller does not hear you', unmute: 'The caller hears you again', keypad: 'Send keys', consult: 'Ask somebody while the caller hears music',
      join: 'Caller, you and the other side together', complete: 'You leave, caller and the other side go on', 'cancel-consult': 'End the consultation and retrieve the caller', transfer: 'To a seat, a group or an outside number',
      leave: 'You leave, the others go on', rate: 'You leave, the caller rates by key', 'hang-up': 'Ends the call; the caller should hang up first',
    },
    caller: 'Caller', callee: 'Called', self: 'You', seatName: 'Seat {n} {name}', seatOnly: 'Seat {n}', drop: 'Send away', confirm: 'They have confirmed', confirmed: 'Taken over', ringing: 'ringing', up: 'on the line', onHold: 'on hold', mutedMark: 'muted',
    talk: 'Talk', holdFor: 'Hold {time}', consultFor: 'Consult {time}', parties: 'On the line', restoring: 'Restoring the call', restoringText: 'The page was reloaded and the softphone comes back. The caller is still there', dialling: 'Calling…',
    rated: 'Sent to the rating menu', transferred: 'Transferred', close: 'Close', talkingToOther: 'Talking to the other side; the caller hears music',
    talkingToCaller: 'Talking to the caller', mutedNow: 'You are muted, the caller does not hear you', outbound: 'Outbound', theirId: 'Provincial id {id}',
  },
  part: { main: 'Answering', consulted: 'Consulted', joined: 'Three-way', listening: 'Listening', whispering: 'Whispering', barging: 'Barging in' },
  emergency: {
    key: 'Call {label} now', more: 'Other emergency numbers', hint: 'One press, nothing to fill in', calling: 'Calling {label}', connected: '{label} connected', failedTitle: '{label} was not reached',
    failed: '{why}. Call {label} from any phone at hand now, and keep the caller on the line.', again: 'Call again', close: 'Understood', bar: 'Emergency', wait: 'Calling {label}; the caller is still on the line', speak: '{label} is on the line with the caller',
    confirmHint: 'Once they clearly say they have taken over, press "They have confirmed"; then you may leave', done: '{label} has taken over, you may leave', others: 'Also call', lost: 'Nobody picked up', leftOpen: '{label} put down without taking over', goesOn: 'The caller’s line is gone; {label} is being called for you again', noAnswer: 'The service did not answer', officeless: 'Call {label}',
  },
  target: {
    consultTitle: 'Consult', transferTitle: 'Transfer', seats: 'Seats', queues: 'Groups', outside: 'Outside numbers', search: 'Seat, name, group or number', none: 'Nobody to choose', consult: 'Consult first', transfer: 'Transfer now',
    waiting: '{n} waiting', free: '{n} free', keepsPlace: 'The caller keeps the place in the line', notFree: '{state}: not possible', lineCannot: 'This line cannot transfer there',
    elsewhere: 'Not on this line', elsewhereWhy: 'The caller’s line cannot ring the phone of that seat: choose another',
    kinds: { emergency: 'Emergency', hotline: 'Hotline', office: 'Office' }, failed: 'The seats could not be read', keys: 'Arrow keys choose, Enter confirms',
  },
  ringFrom: {
    consult: 'Consultation from {who}', join: '{who} asks you to join', transfer: 'Transferred by {who}', returned: 'Transfer failed, the caller returns', restoring: 'Restoring the call', dialling: 'Calling…', watching: 'Connecting to listen',
    autoBrowser: 'The softphone picks up by itself', autoPhone: 'Lift the receiver', autoMobile: 'Answer your mobile', cancel: 'Cancel', elseAlone: 'Not answered, they go on without you', elseBack: 'Not answered, the caller goes back', unknown: 'another seat',
  },
  supervise: {
    menu: 'Supervisor', listen: 'Listen', whisper: 'Whisper', barge: 'Barge in', takeOver: 'Take over', forceRelease: 'Force release', stop: 'Stop', bar: '{mode}: {who}', connecting: 'Connecting to the call of {who}',
    listenHint: 'Nobody hears you', whisperHint: 'Only the seat hears you', bargeHint: 'Both hear you', switch: 'Way of listening', takeOverSure: 'You take the caller over and {who} leaves the call.', takeOverGo: 'Take over',
    releaseTitle: 'Force release: {who}', releaseText: 'The call ends at once, the caller is disconnected.', releaseReason: 'Reason (required, audited)', released: 'Call released', watched: 'Supervisor {name} is listening', watchedNoName: 'A supervisor is listening', bargedIn: 'Supervisor {name} has joined the call',
    needSeat: 'To listen, sign in at a seat first; its phone is used. You will be busy there and get no callers.', notReached: 'Your phone could not be reached, so nothing is heard. Check the phone and try again.', sitGo: 'Sit down and listen', lineCannot: 'This line cannot be listened to', breaks: 'Break requests', breakOf: 'Seat {seat} {name} · {reason}', approve: 'Approve', refuse: 'Refuse', approved: 'Break approved', refused: 'Break refused',
    asked: 'Break requested', withdraw: 'Withdraw the request', askedText: 'Break requested, waiting for the supervisor',
  },
  device: {
    title: 'Sound devices', open: 'Sound devices', microphone: 'Microphone', speaker: 'Speaker', ringer: 'Ringer', system: 'System default', unnamed: 'Device {n}', speakerTest: 'Play a test tone',
    lost: '{kind} was unplugged, the system default is used', found: 'New sound device: {name}', remembered: 'Remembered by this browser', cannotChoose: 'This browser cannot choose the output', permission: 'Names appear after the microphone is allowed',
  },
  quality: {
    good: 'Good', fair: 'Fair', poor: 'Poor', unknown: 'Measuring', detail: 'loss {loss}%, jitter {jitter} ms, round trip {rtt} ms', warning: 'Poor call quality: {detail}. Check the network or use a desk phone.',
    micSilent: 'The microphone is silent, the caller may not hear you', micMuted: 'The system muted the microphone', micGone: 'The microphone is gone', micRefused: 'The browser may not use the microphone. Allow it beside the address bar',
    fixed: 'Call quality is back',
  },
}
export default en
