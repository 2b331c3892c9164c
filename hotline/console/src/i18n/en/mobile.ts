import type zh from '../zh/mobile'

const en: typeof zh = {
  mobile: {
    title: 'Night duty', signIn: 'Sign in to be on duty with your mobile', take: 'Sit down and take calls', off: 'Leave seat', readyOn: 'Taking calls', busyOn: 'Not taking calls', switch: 'Take calls', waiting: '{n} waiting', missed: 'You missed a call just now', wrapDone: 'Done',
    choose: 'Seat', phone: 'Calls ring {number}', noPhone: 'No mobile on file for this account: ask an administrator', noLine: 'The lines of this hall cannot call a mobile', simulated: 'Demo line: "Answer" connects', noSeats: 'No free seat',
    history: '{n} calls in 90 days', ringing: 'Incoming call', ringHint: 'Answer your mobile and press 1 when told', answer: 'Answer', idle: 'No call', idleText: 'Calls ring your mobile. Lock the screen if you like, but keep the phone reachable.',
    ticket: 'Ticket', dictateHint: 'Use the microphone of your keyboard: what it is about, what you advised', facts: 'Facts', opinion: 'Advice', category: 'Category', chooseCategory: 'Choose a category', searchCategory: 'Search', back: 'Back', root: 'All categories',
    matter: 'Service', save: 'Save', close: 'Close', quick: 'Quick close', aid: 'Told about legal aid', wake: 'The screen stays on', wakeOff: 'The screen may go dark', out: 'Sign out',
    hints: 'On duty', hint: ['Calls ring your mobile first; press 1 after picking up, so that no mailbox takes them', 'Not picked up in time, a call goes to another seat or to voicemail', 'Switch to busy when you cannot answer; do not switch off', 'Danger to somebody: press the red button at once, write later'],
    needCategory: 'Choose a category first', hangUp: 'Hang up on the mobile itself', 
  },
}
export default en
