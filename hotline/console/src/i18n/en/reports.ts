import type zh from '../zh/reports'

const en: typeof zh = {
  reports: {
    title: 'Reports', last30: 'Last 30 days', day: 'Day', state: 'State', final: 'Final', provisional: 'Provisional', offered: 'Offered', answered: 'Answered',
    rate: 'Answer rate', sl15: 'Within 15 s', worst: 'Worst 24 hours', meanWait: 'Mean wait', xlsx: 'XLSX', detail: 'The day in detail', daily: 'Day by day', measure: 'Measure',
    value: 'Value', formula: 'Formula', numerator: 'Numerator', denominator: 'Denominator', excluded: 'Left out', none: 'No report yet', noneText: 'each night the day before is reported.',
    target: 'Dashed red: the goal of 95 % answered', meanRate: 'Mean answer rate', total: 'Offered in all', below: 'Days below 95 %', best: 'Answered in all', rule: 'A call counts on the day it came in (Beijing time); no rate without a denominator.',
    madeAt: 'Data until {time}', noDetail: 'No report for this day', chart: 'Calls and answer rate, last 30 days', seconds: 's', calls: 'calls', of: '{a} / {b}', days: '{n} days',
    byQueue: 'Skill groups', byHour: 'Hours', byPerson: 'People', byOutcome: 'Outcomes', served: 'Spoken with', byDuty: 'Duty', duty: 'Duty mode by the roster', forwarded: 'Forwarded', voicemail: 'Voicemail', outbound: 'Outbound', purpose: 'What for', begun: 'Outbound', dialled: 'Dialled', reachedOut: 'Reached', reachRate: 'Reach rate', outboundNote: 'Outbound calls count in no figure of the calls that came in; dialled leaves out those for which the own phone was not picked up.', hour: 'Hour', meanTalk: 'Mean talk', talkSum: 'Talk in all', abandoned: 'Abandoned',
    share: 'Share', left: { left: 'Abandoned', left_in_time: 'Abandoned in time', live: 'Not over yet' }, reached: 'Met', missed: 'Missed', rated: 'Rated', ratingRate: 'Rating rate', satisfied: 'Satisfied', satisfaction: 'Satisfaction', ratings: 'Rated and satisfied', outages: 'System faults', outage: 'Service, line or port', times: 'Times', outageSum: 'Altogether', longest: 'Longest', noOutages: 'No system fault on this day', outagesNote: 'Nobody knows who could not ring meanwhile, so no rate is changed by this: it is evidence.', tableNote: 'Click a day for every measure and its formula',
  },
}
export default en
