export default {
  callbacks: {
    title: '回拨', rule: '逾期和紧急的在前；来电人再次来电并接通后，任务自动结束。', view: '范围', views: { open: '待回拨', mine: '我的', overdue: '已逾期', over: '已完成' },
    none: { open: '没有待回拨的来电', mine: '您没有待处理的回拨', overdue: '没有逾期的回拨', over: '没有已完成的回拨' }, count: '共 {n} 条', unheard: '{n} 条留言未听', unheardOne: '有未听的留言',
    caller: '来电人', kind: '类型', kinds: { missed: '漏接', wished: '要求回拨', message: '留言' }, emergency: '紧急', times: '未接次数', last: '最后来电', due: '应回拨', left: '还有 {span}', late: '已逾期 {span}',
    owner: '负责人', nobody: '待认领', assignedBy: '由{name}指派', attempts: '已拨打', state: '状态', next: '操作', region: '归属地', result: '结果', endedBy: '结束人', note: '说明',
    states: { waiting: '待认领', taken: '处理中', reached: '已通话，待填结果', done: '已完成', got_through: '已自行接通', unreachable: '联系不上', closed: '已关闭' },
    detail: '回拨任务', listed: '未接来电（{n}）', served: '后查明已接听', tried: '拨打记录', notTried: '还没有拨打过', history: '经过',
    take: '认领', taken: '已认领', release: '放回', released: '已放回', assign: '指派', assigned: '已指派给{name}', person: '负责人', choosePerson: '请选择负责人', dial: '拨打', dialling: '正在拨打：请先接起自己的话机',
    done: '填写结果', notThem: '非本人接听', close: '关闭', onTheLine: '正在拨打这个号码',
    why: { over: '任务已结束', notYours: '任务由其他人处理', noSeat: '请先在坐席签入再拨打', seatBusy: '坐席正忙，请在通话结束后再拨打' },
    doneTitle: '回拨结果', doneText: '已与来电人通话，请写明结果。', doneSaid: '回拨已完成', closeTitle: '关闭回拨任务', closeText: '没有与来电人通话而关闭，原因记入审计。', closeSaid: '任务已关闭',
    choose: '请选择一项', noteNeeded: '选“其他”时请填写说明',
    results: {
      helped: '已答复', follow_up: '已登记，需后续办理', declined: '来电人不再需要', elsewhere: '已通过其他途径处理', no_need: '无需回拨', harassing: '骚扰来电', number_wrong: '号码无效', other: '其他',
      attempts: '多次拨打未接通', not_counted: '速挂，不计入回拨',
    },
    attempt: { begun: '振自己的话机', dialling: '振铃中', reached: '已接通', not_reached: '未接通', not_them: '非本人接听', not_dialled: '未拨出' },
    steps: {
      begin: '漏接，生成任务', rang: '再次来电未接', take: '认领', assign: '指派', release: '放回', dial: '拨打', tried: '拨打结束', reach: '与来电人通话', not_them: '非本人接听', finish: '填写结果', ring_again: '再次漏接，另立任务',
      get_through: '来电人已自行接通', through: '来电人已自行接通，留言待听', give_up: '多次未接通，结束', close: '关闭', overdue: '逾期', heard: '听取留言',
    },
    play: '播放留言', heard: '标记已听', heardSaid: '已标记', heardBy: '{name} 于 {time} 听取', takeFirst: '认领后可以播放', noAudio: '录音尚未完成',
  },
}
