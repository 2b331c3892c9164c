export default {
  control: {
    bar: '通话控制', hold: '保持', resume: '取回', mute: '静音', unmute: '取消静音', keypad: '拨号盘', consult: '咨询', join: '三方', complete: '完成转接',
    'cancel-consult': '取消咨询', transfer: '转接', leave: '退出通话', rate: '转评价', 'hang-up': '挂机', over: '通话已结束', holdF4: '按住 F4 挂机', othersStay: '您挂机，来电人与其余的人继续（按住 F4）',
    why: {
      not_up: '对方尚未接听', three_way: '通话中还有其他人，请先请出或退出', on_hold: '来电人在听音乐，请先取回', unconfirmed: '对方尚未确认接管，请先点“对方已确认”或请出对方',
    },
    hint: {
      hold: '来电人听音乐，互不能听见', resume: '继续与来电人通话', mute: '来电人听不到您', unmute: '来电人重新听到您', keypad: '通话中发送按键', consult: '来电人听音乐，先问同事或外部单位',
      join: '来电人、您和对方三方通话', complete: '您退出，来电人与对方继续', 'cancel-consult': '结束咨询，取回来电人', transfer: '把来电人转给坐席、技能组或外部号码',
      leave: '您退出，其余的人继续通话', rate: '您退出，来电人按键评价', 'hang-up': '结束通话，建议由来电人先挂机',
    },
    caller: '来电人', callee: '被叫', self: '本席', seatName: '{n} 号 {name}', seatOnly: '{n} 号坐席', drop: '请出', confirm: '对方已确认', confirmed: '已确认接管', ringing: '振铃', up: '在线', onHold: '保持', mutedMark: '静音',
    talk: '通话', holdFor: '保持 {time}', consultFor: '咨询 {time}', parties: '在线各方', restoring: '正在恢复通话', restoringText: '页面刷新后软电话重新接入，来电人仍在线上，请稍候', dialling: '正在呼叫…',
    rated: '已转满意度评价', transferred: '已转接', close: '收起', talkingToOther: '正在与对方通话，来电人听音乐',
    talkingToCaller: '正在与来电人通话', mutedNow: '您已静音，来电人听不到您', outbound: '外呼', theirId: '省平台编号 {id}',
  },
  part: { main: '接听', consulted: '咨询', joined: '三方', listening: '监听', whispering: '密语', barging: '强插' },
  emergency: {
    key: '一键 {label}', more: '其他紧急号码', hint: '一按即拨，不需要填写任何内容', calling: '{label} 呼叫中', connected: '{label} 已接通', failedTitle: '{label} 没有接通',
    failed: '{why}。请立即用身边的手机或电话拨打 {label}，并让来电人保持在线。', again: '再拨一次', close: '知道了', bar: '紧急联动', wait: '正在呼叫 {label}，来电人仍在线上', speak: '{label} 已接通，三方通话中',
    confirmHint: '对方明确表示已接管后，点“对方已确认”，您才能退出', done: '{label} 已确认接管，您可以退出通话', others: '同时联系', lost: '对方没有接听，或线路中断', leftOpen: '{label} 已挂断，没有确认接管', goesOn: '来电人的线路已断开，正在为您重新接通 {label}', noAnswer: '服务没有应答', officeless: '呼叫 {label}',
  },
  target: {
    consultTitle: '咨询', transferTitle: '转接', seats: '坐席', queues: '技能组', outside: '外部号码', search: '搜索坐席号、姓名、技能组或号码', none: '没有可选的对象', consult: '先咨询', transfer: '直接转',
    waiting: '排队 {n} 人', free: '空闲 {n} 席', keepsPlace: '转技能组后保留来电人的等待次序', notFree: '{state}，不能转接', lineCannot: '本线路不能转到这里',
    elsewhere: '线路呼不到', elsewhereWhy: '该坐席签入的话机不在来电的线路上，无法呼到，请另选',
    kinds: { emergency: '紧急', hotline: '热线', office: '单位' }, failed: '坐席列表读取失败', keys: '↑↓ 选择，回车确认',
  },
  ringFrom: {
    consult: '咨询来自 {who}', join: '{who} 邀请三方通话', transfer: '转接来自 {who}', returned: '转接未成功，来电返回', restoring: '正在恢复通话', dialling: '正在呼叫…', watching: '正在接入监听',
    autoBrowser: '软电话将自动接通', autoPhone: '请拿起话机', autoMobile: '请接听手机', cancel: '取消', elseAlone: '若未接听，对方会另行处理', elseBack: '若未接听，来电返回转出坐席', unknown: '其他坐席',
  },
  supervise: {
    menu: '班长操作', listen: '监听', whisper: '密语', barge: '强插', takeOver: '拦截', forceRelease: '强拆', stop: '结束', bar: '正在{mode} {who}', connecting: '正在接入 {who} 的通话',
    listenHint: '双方都听不到您', whisperHint: '只有坐席听得到您', bargeHint: '双方都听得到您', switch: '监听方式', takeOverSure: '拦截后由您接手来电人，{who} 将退出通话。', takeOverGo: '拦截通话',
    releaseTitle: '强拆：{who}', releaseText: '通话将立即结束，来电人会被挂断。', releaseReason: '原因（必填，记入审计）', released: '通话已强拆', watched: '班长{name}正在监听', watchedNoName: '班长正在监听', bargedIn: '班长{name}已加入通话',
    needSeat: '监听需要先在一个坐席签入，用该坐席的话机接听；签入后为示忙，不派来电。', sitGo: '签入并监听', notReached: '您的话机没有接通，监听没有开始。请检查话机后重试。', lineCannot: '本线路不支持监听', breaks: '小休申请', breakOf: '{seat} 号 {name} · {reason}', approve: '同意', refuse: '不同意', approved: '已同意小休', refused: '已退回小休申请',
    asked: '小休待批', withdraw: '撤回申请', askedText: '小休申请已提交，等待班长审批',
  },
  device: {
    title: '声音设备', open: '声音设备', microphone: '麦克风', speaker: '听筒 / 耳机', ringer: '铃声', system: '系统默认', unnamed: '设备 {n}', speakerTest: '播放测试音',
    lost: '{kind}已断开，已改用系统默认设备', found: '发现新的声音设备：{name}', remembered: '选择会记在本浏览器', cannotChoose: '本浏览器不能选择输出设备', permission: '允许麦克风后才能看到设备名称',
  },
  quality: {
    good: '好', fair: '一般', poor: '差', unknown: '检测中', detail: '丢包 {loss}% · 抖动 {jitter} ms · 往返 {rtt} ms', warning: '通话质量差，来电人可能听不清：{detail}。请检查网络或改用话机。',
    micSilent: '麦克风没有声音，来电人可能听不到您', micMuted: '麦克风被系统静音', micGone: '麦克风已断开', micRefused: '浏览器不能使用麦克风，无法接听。请在地址栏左侧允许麦克风',
    fixed: '通话质量已恢复',
  },
}
