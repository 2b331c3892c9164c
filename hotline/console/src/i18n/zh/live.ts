export default {
  live: {
    title: '实时监控', waiting: '排队人数', longest: '最长等待', seats: '签入坐席', offered: '今日呼入', answered: '今日接通', abandoned: '今日放弃',
    rate: '接通率', sl15: '15 秒接听率', normal: '正常', warn: '预警', critical: '严重', target: '目标 ≥ {n}%', targetWait: '预警 {a} · 严重 {b} 秒',
    targetQueue: '预警 {a} · 严重 {b} 人', signedInOf: '共 {n} 席', fresh: '数据更新于 {n} 秒前', stale: '数据已过期（{n} 秒前），请勿据此判断', now: '实时',
    queues: '技能组', queue: '技能组', ready: '空闲坐席', signedIn: '签入坐席', expected: '预计等待', seatCards: '坐席', callers: '排队来电',
    noCallers: '当前无人排队', noSeats: '没有坐席', position: '序', offeredAt: '来电', priority: '优先级', force: '强制', forceReady: '强制示闲',
    forceBusy: '强制示忙', forceOff: '强制签出', forceTitle: '{verb}：{seat} 号坐席 {name}', forceReason: '原因（必填，记入审计）', forceDone: '{verb}已执行',
    forceOffWarn: '强制签出后该坐席将停止接听，直到本人重新签入。', forceNeeded: '请写明原因', links: '线路', up: '正常', down: '中断', noLinks: '没有线路',
    filterAll: '全部', hideOff: '隐藏离线', noData: '—', talkingWith: '{caller}', missed: '失联', fullScreen: '全屏', exitFull: '退出全屏',
    byState: '坐席状态', sorted: '按当前状态时长排序', unknown: '暂无', inMenu: '语音导航中 {n}',
  },
  lines: {
    title: '线路状态', state: '状态', last: '最近事件', none: '没有配置线路', up: '正常',
    observed: {
      gateway: '仅观察：来电由网关自行分配，这里只显示、登记和统计', box: '仅观察：来电由话机或交换机接听，这里只显示、登记和统计', system: '仅观察：来电由 FreeSWITCH 自行分配，这里只显示、登记和统计', other: '仅观察：来电由设备自行处理，这里只显示、登记和统计',
    },
    commanded: '可指挥：来电由本系统排队和分配',
    pushed: '只接收推送', note: '线路中断期间来电由应急方案接听，恢复后自动补录。', never: '尚无事件', notLeading: '服务正在切换，以下状态可能不准。',
    kinds: {
      asterisk: 'Asterisk 电话交换', 'gateway-push': '网关推送', gateway_push: '网关推送', simulated: '模拟线路', 'cti-serial': '来电盒、话单等只听设备', freeswitch: 'FreeSWITCH', modem: '语音调制解调器', card: '语音卡',
    },
    ability: {
      answers: '应答', plays: '放音', hears_keys: '收键', rings_seats: '振铃坐席', joins: '接通', records: '录音', reports_ports: '报告在线通话', holds: '保持', confers: '三方', watches: '监听', rings_outside: '外呼', sends_keys: '送键', takes_messages: '留言', by_hand: '人工接听',
    },
    states: { up: '正常', down: '中断', never: '启动以来未连上', pushed: '只接收推送' },
    alarm: { link_down: '连接中断', never_up: '启动以来未连上', port_fault: '端口故障', quiet: '长时间没有事件', clock_skew: '设备时钟不准', unreadable: '数据无法识别', probe_failed: '探测失败' },
    alarms: '告警', sum: '{n} 项告警', since: '已持续', from: '起始时间', ago: '{a}前', port: '端口 {n}', somePort: '端口（未指明）', ports: '端口', portsOf: '{n} 个故障，共 {all} 个', broken: '故障', noPorts: '设备没有报告过端口的故障或恢复',
    frames: '数据识别', framesOf: '最近 {all} 帧，{n} 帧无法识别（{share}）', open: '详情', openLabel: '线路 {name} 的详情', detail: '说明', clock: '设备时钟', noClock: '设备不报时间，或事件太少', behind: '比本机慢 {n} 秒', ahead: '比本机快 {n} 秒',
    probe: '探测', noProbe: '不能探测，或尚未探测', repaired: '时间修正', aside: '无法识别', times: '启动以来 {n} 次', reasonTimes: '{n} 次，最近 {a}：{b}',
    gaps: '24 小时内不能使用的时段', noGaps: '没有', gapKinds: { link: '连接中断', port: '端口故障', writer: '服务停止' }, goesOn: '{a}，尚未恢复',
    history: '24 小时内的告警', noHistory: '没有', raised: '发生', cleared: '解除', events: '最近事件', noEvents: '没有', backfilled: '由设备话单补录', late: '晚到 {a}',
    raw: '原始数据', rawShow: '查看原始数据', rawNote: '连续 5 位以上的数字已脱敏；每次查看记入审计。', rawNone: '没有原始数据：由本系统直接指挥的线路不留存', rawForm: '显示方式', asText: '文字', asHex: '十六进制', bytes: '{n} 字节', cut: '内容过长，只显示开头', copied: '已复制', and: '、',
    rawStates: { applied: '已生效', pending: '待处理', set_aside: '无法识别' },
    facts: {
      LinkUp: '连接建立', PortFault: '端口故障', PortRestored: '端口恢复', CallOffered: '来电', CallerIdentified: '来电号码', CallAnswered: '线路应答', DigitsPressed: '按键', PromptEnded: '放音结束', SeatRinging: '坐席振铃', SeatAnswered: '坐席接听',
      SeatDeclined: '坐席未接', SeatReleased: '坐席挂机', LegsJoined: '双方接通', LegHeld: '保持', LegResumed: '取回', RecordingStarted: '录音开始', RecordingStopped: '录音结束', CallReleased: '通话结束',
    },
  },
}
