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
    title: '线路状态', name: '线路', kind: '类型', state: '状态', abilities: '能力', last: '最近事件', none: '没有配置线路', up: '正常', down: '中断',
    observed: '仅观察：来电由网关自行分配，这里只显示、登记和统计', commanded: '可指挥：来电由本系统排队和分配',
    pushed: '只接收推送', note: '线路中断期间来电由应急方案接听，恢复后自动补录。', never: '尚无事件',
    kinds: { asterisk: 'Asterisk 电话交换', 'gateway-push': '网关推送', gateway_push: '网关推送', simulated: '模拟线路' },
    ability: {
      answers: '应答', plays: '放音', hears_keys: '收键', rings_seats: '振铃坐席', joins: '接通', records: '录音', reports_ports: '报告在线通话',
    },
    live: '实时在线通话 {n}',
  },
}
