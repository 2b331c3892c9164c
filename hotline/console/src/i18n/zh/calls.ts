export default {
  outcome: {
    answered: '已接通', abandoned_menu: '导航中放弃', abandoned_queue: '排队放弃', abandoned_ringing: '振铃放弃', short_abandoned: '速挂',
    timed_out: '排队超时', queue_full: '队列已满', no_seat: '无人值守', closed: '非服务时间', blocked: '黑名单', overflowed: '溢出',
    voicemail: '留言', forwarded: '转出', lost: '线路中断', system_fault: '系统故障', live: '进行中',
  },
  endedBy: { caller: '来电者', seat: '坐席', network: '网络', us: '系统', unknown: '未知' },
  segment: {
    arriving: '接入', menu: '播音导航', waiting: '排队', ringing: '振铃', dialling: '呼叫对方', talking: '通话', held: '保持', consulting: '咨询',
    conference: '三方通话', outside: '与外部号码通话', rating: '评价', message: '留言',
  },
  calls: {
    course: '分段', held: '保持', still: '进行中', playFrom: '从这里播放',
    title: '通话记录', theirId: '省平台编号', date: '日期', outcome: '结果', queue: '技能组', line: '线路', seat: '坐席号', number: '来电号码', numberHint: '完整号码', all: '全部',
    offered: '来电时间', caller: '来电号码', region: '归属地', waited: '等待', talked: '通话', handled: '接听人', ticket: '工单', recording: '录音', recordingShort: '录音',
    detail: '通话详情', id: '通话编号', answered: '接通时间', ended: '结束时间', endedBy: '挂断方', journal: '经过', noJournal: '没有经过记录',
    recordings: '录音', noRecordings: '没有录音', missing: '录音缺失：{why}', play: '播放录音', reveal: '查看完整号码', revealReason: '查看原因',
    revealText: '查看完整号码会记入审计，请写明原因。', revealed: '完整号码', revealGo: '查看', revealNeeded: '请写明原因（不少于 2 个字）',
    observed: '设备分配', backfilled: '补录', from: '起', to: '止', today: '今天', week: '近 7 天', month: '近 30 天', openTicket: '打开工单',
    audited: '播放录音会记入审计', count: '已显示 {n} 条', seconds: '{n} 秒', audioFailed: '录音暂时无法播放', range: '至',
  },
}
