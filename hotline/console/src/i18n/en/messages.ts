export default {
  messages: {
    title: 'Messages', rule: 'Quiet hours {from}–{to}: automatic messages wait; those sent by a person do not.', view: 'Range', views: { attention: 'To settle', waiting: 'Waiting', all: 'All', templates: 'Templates' },
    none: { attention: 'Nothing to settle', waiting: 'No message waits', all: 'No messages', ticket: 'The caller has not been sent anything yet' }, count: '{n} messages', kind: 'Kind', everyKind: 'Every kind',
    kinds: { accepted: 'Accepted', result: 'Result', missed_call: 'Missed call', rating_link: 'Link to rate', appointment: 'Appointment', legal_aid_address: 'Legal-aid office', secret: 'Confidential' },
    states: {
      wanted: 'To be written', ready: 'To be sent', held: 'Held', not_sent: 'Not sent', sent: 'Sent', delivered: 'Delivered', undelivered: 'Not delivered', refused: 'Refused by gateway', in_doubt: 'In doubt', expired: 'Too late', cancelled: 'Cancelled',
    },
    why: {
      no_gateway: 'No message gateway', switched_off: 'This hall does not send these', no_number: 'No number is known', not_mobile: 'A landline cannot get messages', declined: 'The caller wants no messages', secrecy: 'Confidential: not sent', no_address: 'No public address is set',
      no_rating: 'Cannot be rated, or was', settled: 'No longer needed', nothing_to_tell: 'Result, office address or time is missing', too_long: 'Too long, please shorten', day_cap: 'Above the cap of the day', number_cap: 'Too many to this number today',
    },
    fates: { delivered: 'Delivered', failed: 'Not delivered' }, waits: 'Quiet hours: goes after {time}',
    number: 'Number', state: 'State', ticket: 'Ticket', ofCallback: 'Missed call', segments: 'Segments', createdAt: 'Asked for', by: 'By', detail: 'Message', noText: 'Nothing is written yet', overCap: 'Let go above the cap', template: 'Template', ofVersion: '{kind} (version {n})', tries: 'Tries',
    sentAt: 'Sent', expiresAt: 'Of use until', receipt: 'Receipt', today: 'Used today', ofCap: '/ {n} segments', signature: 'Signature [{name}]',
    noGateway: 'This hall has no message gateway', noGatewayText: 'Add [sms.NAME] to the settings and start the service again; earlier messages are not sent afterwards.', resting: 'The gateway keeps failing; tried again at {time}',
    acts: {
      release: 'Let go', releaseText: 'It is sent although it is above the cap. Why?', releaseSaid: 'Let go', retry: 'Send again', retryText: 'What the gateway refused is put right. How?', retrySaid: 'It is sent again',
      arrived: 'Gateway has it', arrivedText: 'The gateway was asked and has it. By whom?', arrivedSaid: 'Marked as sent', 'not-arrived': 'Gateway does not have it', 'not-arrivedText': 'The gateway was asked and does not have it; it is sent again.', 'not-arrivedSaid': 'It is sent again',
      cancel: 'Cancel', cancelText: 'This message is not sent any more. Why?', cancelSaid: 'Cancelled',
    },
    reasonNeeded: 'Please give a reason (two letters at least)',
    comesAlong: 'Comes along', changed: 'Version {n}, {name} {time}', registered: 'Registered as', places: 'Places', templateSaved: 'Saved; used for messages from now on',
    button: 'Messages', guidance: 'Guidance sheet', ofTicket: 'Messages to the caller', send: 'Send a message', declines: 'The caller wants no messages', declinedSaid: 'This number gets no messages any more', allowedSaid: 'This number may get messages',
    unit: 'Office', unitHint: 'Type a name', when: 'When', note: 'Also say', noteHint: 'e.g. bring your identity card', previewTo: 'To {number}, {n} segments; codes are dots', looking: 'Writing a preview…', fill: 'Fill in to see what the caller will read', go: 'Send', sentSaid: 'The message is on its way',
  },
}
