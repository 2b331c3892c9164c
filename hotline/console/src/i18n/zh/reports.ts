export default {
  reports: {
    title: '报表', last30: '近 30 天接通情况', day: '日期', state: '状态', final: '已定稿', provisional: '暂定', offered: '呼入', answered: '接通',
    rate: '接通率', sl15: '15 秒接听率', worst: '最差连续 24 小时', meanWait: '平均等待', xlsx: '下载 XLSX', detail: '当日明细', daily: '每日情况', measure: '指标',
    value: '数值', formula: '公式', numerator: '分子', denominator: '分母', excluded: '剔除', none: '还没有日报', noneText: '每日凌晨自动生成前一天的日报。',
    target: '红色虚线为接通率 95% 目标', meanRate: '平均接通率', total: '呼入合计', below: '低于 95% 的天数', best: '合计接通', rule: '按来电时间归日（北京时间）；分母为 0 时不计算比率。',
    madeAt: '数据截至 {time}', noDetail: '该日没有日报', chart: '近 30 天呼入量与接通率', seconds: '秒', calls: '通', of: '{a} / {b}', days: '{n} 天',
    byQueue: '技能组', byHour: '分时', byPerson: '人员', byOutcome: '通话结果', served: '接谈量', byDuty: '值守方式', duty: '值守方式（以排班为准）', forwarded: '转接值班电话', voicemail: '留言', outbound: '外呼', purpose: '外呼用途', begun: '外呼量', dialled: '拨出量', reachedOut: '接通量', reachRate: '外呼接通率', outboundNote: '外呼不计入呼入量和接通率；拨出量不含坐席本人话机未接起的。', hour: '时段', meanTalk: '平均通话', talkSum: '通话合计', abandoned: '放弃',
    share: '占比', left: { left: '放弃', left_in_time: '时限内放弃', live: '尚未结束' }, reached: '达标', missed: '未达标', rated: '测评量', ratingRate: '测评率', satisfied: '满意量', satisfaction: '满意率', ratings: '测评与满意', outages: '系统故障', outage: '服务、线路或端口', times: '次数', outageSum: '总时长', longest: '最长一次', noOutages: '当日没有系统故障', outagesNote: '无法得知故障期间有多少来电未能呼入，因此不改变任何比率，仅供佐证。', tableNote: '点击某一天查看全部指标和公式',
  },
}
