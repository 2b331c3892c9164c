import type zh from '../zh/ratings'

const en: typeof zh = {
  ratings: {
    title: 'Ratings', rule: 'Satisfaction is read together with the rating rate; the first rating of a call counts, a follow-up changes no figure.', at: 'Rated at', offered: 'Called at', caller: 'Caller', way: 'Way', operator: 'Answered by',
    queue: 'Queue', mean: 'Mean', result: 'Result', satisfied: 'Satisfied', dissatisfied: 'Dissatisfied', all: 'All', open: 'To follow up', followed: 'Followed up', onlyOpen: 'Only to follow up', none: 'No ratings',
    date: 'Rated on', count: '{n} ratings', hasComment: 'With words', detail: 'The rating', comment: 'In the caller’s words', noComment: 'Nothing was written', call: 'Call', ticket: 'Ticket',
    ways: { key: 'Keys', call_back: 'Call-back', link: 'Link', network: 'Network' }, notAnswered: 'No answer', points: '{n} of 5',
    questions: { attitude: 'Attitude', efficiency: 'Efficiency', skill: 'Skill', policy: 'Knowledge of policy' },
    followTitle: 'Follow-up', followText: 'After speaking with the caller, write what came of it. It cannot be changed and is audited; rating and figures stay.', followNote: 'What came of it', followNeeded: 'Say what came of it (two characters or more)',
    followGo: 'Followed up', followDone: 'Follow-up noted', followedBy: '{name} followed up at {time}', waiting: '{n} to follow up', audited: 'Opening words and results is audited',
    take: 'Rate by call-back', takeText: 'What the caller says on the phone. Questions without an answer may stay open, one is needed. It cannot be changed.', takeGo: 'Note', takeDone: 'Rating noted', takeNeeded: 'Choose one score at least',
    commentLabel: 'In the caller’s words (optional)', link: 'Make a rating link', linkText: 'Good once, until {until}, shown only now. Send it to the caller; a newer link takes its place.', linkSure: 'Make a new link? One that was not used yet ends.', linkCopied: 'Copied',
    linkCopyFailed: 'Could not copy, please select the link', section: 'Rating', figures: 'Rating rate and satisfaction', rate: 'Rating rate', satisfaction: 'Satisfaction', response: 'Response', invited: 'Invited', rated: 'Rated', of: '{a} / {b}',
    answered: 'Answered', parts: 'Parts', byDay: 'Days', byPerson: 'People', byQueue: 'Queues', period: 'Calls of {first} to {last}',
    own: 'Own months', ownRule: 'Only means of months that are over are shown, and only where {n} different callers rated, so that no caller’s score can be worked out. Nobody sees single ratings of the own calls.', month: 'Month',
    ownRunning: '{month} is not over yet.', ownFew: 'Fewer than {n} callers rated in {month}: nothing is shown.', ownRated: '{n} ratings', overall: 'Overall mean', ownFewQuestion: 'Too few',
  },
}
export default en
