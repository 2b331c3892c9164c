export default {
  seatState: {
    signed_off: '离线', ready: '空闲', ringing: '振铃', talking: '通话中', wrap_up: '话后处理', busy: '忙碌', on_break: '小休',
    missing: '失联',
  },
  callState: {
    offered: '呼入', in_menu: '语音导航', waiting: '排队', ringing: '振铃', talking: '通话中', held: '保持', handing_over: '转接中', dialling: '正在呼叫',
    ended: '已结束',
  },
  phoneKind: { browser: '浏览器软电话', desk: '话机', mobile: '手机', simulated: '模拟（点击接听）' },
  reason: {
    self: '本人操作', signed_in: '签入', call: '来电', no_answer: '久不应答', rejected: '拒接', phone_unreachable: '话机未就绪',
    forced: '班长强制', transferred: '转接', returned: '转接返回', consulted: '咨询', joined: '三方', monitoring: '监听', dialling: '外呼', emergency: '紧急呼叫', connection_lost: '连接中断', connection_back: '连接恢复', wrap_up_over: '话后处理结束', caller_gone: '来电者挂断',
  },
  why: { self: '临时离席', ticket: '补写工单', meeting: '会议', counter: '接待来访', rest: '休息', meal: '用餐', training: '学习培训' },
  seat: {
    signIn: '签入', signOff: '签出', ready: '示闲', busy: '示忙', rest: '小休', notSignedIn: '未签入', number: '{n} 号坐席',
    seat: '坐席', stateFor: '已 {time}', waiting: '排队', waitingUnit: '人', busyReason: '示忙原因', restReason: '小休原因',
    next: '通话结束后', nextNone: '通话结束后：示闲', nextBy: '由 {who} 安排', nextIs: '通话结束后{state}', forgetNext: '取消', taken: '已接 {n}',
    offTitle: '签出坐席', offText: '签出后将停止接听来电，并释放 {seat} 号坐席。', offGo: '退出并停止接听',
    missing: '失联：连接中断时间过长，恢复后自动回到之前的状态', noReason: '不选原因',
  },
  forced: {
    title: '班长操作', ready: '班长（工号 {by}）已将您的 {seat} 号坐席强制示闲', busy: '班长（工号 {by}）已将您的 {seat} 号坐席强制示忙',
    signed_off: '班长（工号 {by}）已将您从 {seat} 号坐席强制签出，不再接听来电', reason: '原因：{reason}', seen: '知道了',
  },
  sit: {
    title: '签入坐席', choose: '选择坐席', phone: '接听方式', free: '空闲可用', taken: '{name} 已签入', none: '没有可用的坐席',
    browser: '浏览器软电话', browserText: '用电脑耳麦接听', desk: '话机', deskText: '来电时话机振铃，拿起听筒接听',
    mobile: '手机', mobileText: '来电拨到您的手机 {number}，接听后按 1 接通', simulated: '模拟', simulatedText: '演示用，点击“接听”即接通', check: '签入前自检', mic: '麦克风', micTest: '检测麦克风',
    micStop: '停止检测', micSay: '请对着麦克风说话', micOk: '麦克风正常', micNone: '没有听到声音', micDenied: '浏览器未获麦克风权限，请在地址栏左侧允许',
    micMissing: '没有找到麦克风', ring: '振铃', ringTest: '试听铃声', ringHeard: '已播放，听到“叮咚”声即正常',
    notice: '桌面通知', noticeOn: '已允许', noticeOff: '未允许，来电时只在本页提示', noticeAsk: '签入时询问', go: '签入并示闲',
    extension: '分机 {n}', level: '音量',
    not: { line: '本大厅没有能这样振铃的线路', number: '账号没有登记手机号，请联系管理员' },
  },
  ring: {
    incoming: '来电', answer: '接听', reject: '拒接', left: '剩余 {n} 秒', waited: '已等待 {time}', region: '归属地',
    unknownRegion: '归属地未知', queue: '技能组', times: '第 {n} 次来电', first: '首次来电', liftPhone: '请拿起话机接听',
    title: '【来电】', gone: '来电已结束',
    answering: '正在接通', noSip: '软电话未注册，无法接听', mobile: '请接听手机，并按 1 接通', next: '若未接听将转给其他坐席', device: '由线路设备分配，请在话机上接听', byHand: '拿起话机后请点“已接听”，设备无法得知', unknownNumber: '未知号码', took: '已接听',
    direct: '直呼',
    how: { key: '请按 F2 接听', phone: '请拿起话机接听', mobile: '请接听手机，并按 1 接通', device: '由线路设备分配，请在话机上接听', said: '请拿起话机接听，接起后按 F2' },
  },
  call: {
    title: '当前通话', none: '暂无通话', noneText: '示闲后，来电会在这里显示', number: '来电号码', recording: '录音中', notRecording: '未录音',
    talk: '通话时长', mute: '静音', unmute: '取消静音', muted: '已静音', hangUp: '挂机', hangUpHold: '按住 F4 挂机', stopped: '{caller} 的来电已停止振铃。若是您已接起话机，请点', byHand: '线路设备不知道何时接起和挂断：通话结束后请点“挂机”', observed: '线路设备自行分配的来电，仅显示与登记', lineCut: '线路 {line} 连接中断：通话可能仍在继续，但按键可能不起作用，状态可能滞后',
    connected: '已接通', ended: '通话已结束', wrapUp: '话后处理', copy: '复制号码', copied: '已复制', ticket: '工单', held: '保持中',
    hangUpSure: '确定挂断当前通话？按规范一般由来电者先挂机。', softphone: '软电话', yesterday: '昨天',
  },
  softphone: { off: '未启用', connecting: '连接中', registered: '已注册', unregistered: '未注册', failed: '注册失败', elsewhere: '由另一标签页接听' },
  pop: {
    title: '来电人历史', calls: '历史来电', tickets: '历史工单', none: '近 90 天没有记录', failed: '历史记录读取失败', times: '近 90 天来电 {n} 次',
    open: '查看工单', noPop: '来电时显示来电人以往的通话和工单', unknown: '号码未知', unknownText: '来电号码未知，无法查找历史',
  },
  side: { phrases: '规范用语', quick: '快速办结', search: '搜索用语', noPhrases: '尚未配置规范用语', inserted: '已插入到“{field}”', copied: '已复制' },
  wrap: {
    left: '话后处理剩余 {n} 秒', open: '话后处理中（不限时）', stay: '继续话后处理', ready: '立即示闲', saveReady: '保存并示闲',
    auto: '到时自动{state}', whenOver: '话后处理结束后{state}',
  },
  tabs: { open: '打开的工单', before: '前面的工单', after: '后面的工单', newCall: '新来电', close: '关闭 {number}', unsaved: '未保存', none: '没有打开的工单', noneText: '来电时工单会自动打开；也可在“工单”中查找并打开。', find: '查找工单' },
}
