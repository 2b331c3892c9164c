export default {
  rosters: {
    title: '排班', week: '班表', swaps: '换班申请', people: '值班律师', plans: '模板与人数', calendar: '节假日', settlement: '结算',
    previous: '上一周', next: '下一周', thisWeek: '本周', weekOfDay: '{from} 至 {to}', mine: '只看我的', isMine: '我的班次', create: '新增班次', generate: '按模板生成', import: '导入班表',
    none: '本周没有班次', time: '班次', open: '空缺', nobody: '无需人员', anyGroup: '不限技能组',
    gap: '缺 {n} 人', gapText: '{begins}–{ends} 缺 {n} 人', gapDetail: '需要 {required} 人，已排 {planned} 人', gaps: '今后 {days} 天共有 {n} 处缺口', noGaps: '今后 {days} 天没有缺口', noRequirements: '尚未设置各时段需要的人数，无法提示缺口', gapRow: '缺口',
    duty: '当前值守：{mode}', dutyUntil: '至 {time}',
    modes: { live: '坐席值守', forwarded_mobile: '转接手机', voicemail: '留言' },
    kinds: { workday: '工作日', weekend: '周末', holiday: '节假日' },
    weekdays: { d1: '周一', d2: '周二', d3: '周三', d4: '周四', d5: '周五', d6: '周六', d7: '周日' },
    shift: {
      create: '新增班次', edit: '修改班次', day: '日期', begins: '开始', ends: '结束', endsNote: '结束不晚于开始时为次日', lawyer: '律师', openPlace: '空缺（以后再定）', group: '技能组', mode: '值守方式',
      note: '备注', reason: '修改原因', reasonNeeded: '班次已经开始，请填写修改原因', cancel: '取消班次', cancelWhy: '取消的原因（不少于两个字）', cancelled: '班次已取消', saved: '班次已保存', history: '变动记录', firm: '律所', pattern: '来自模板', swap: '申请换班',
      what: { created: '新增', generated: '按模板生成', imported: '导入', changed: '修改', cancelled: '取消', swapped: '换班' },
    },
    make: {
      title: '按模板生成班次', days: '日期范围', patterns: '模板', all: '全部使用中的模板', try: '试算', go: '生成 {n} 个班次', done: '已生成 {n} 个班次', none: '没有可用的模板，请先新增模板', nothing: '所选日期没有需要生成的班次', tooLong: '最多 92 天', note: '试算不写入任何内容。重复生成不会重复；已取消的班次不会重建。',
      fates: { made: '新增', open: '新增为空缺', kept: '已存在', past: '已过' },
      whys: { licence_missing: '没有登记执业证', licence_expired: '执业证到期', lawyer_suspended: '暂停值班', double_booked: '同一时间已有班次', unknown_lawyer: '不是值班律师或账号停用', no_turn: '模板中的律师不足' },
    },
    load: {
      title: '导入班表', choose: '选择文件', template: '下载模板', hint: 'Excel 文件（.xlsx）。先逐行试算，确认后才写入；有一行出错则全部不导入。', row: '行', result: '结果', who: '律师', go: '导入 {n} 个班次', done: '已导入 {n} 个班次', nothing: '没有需要导入的班次', fix: '有 {n} 行出错，请改正后重新选择文件', tooLarge: '文件不能超过 180 KB',
      fates: { made: '可导入', kept: '已存在', wrong: '有误' },
    },
    swap: {
      title: '申请换班', kind: '方式', give: '替班：请同事代我值这个班', exchange: '换班：与同事的班次互换', mine: '我的班次', who: '同事', theirs: '对方的班次', theirsNone: '该同事今后 30 天没有班次', reason: '原因', go: '提交申请', asked: '申请已提交，待对方同意', none: '没有换班申请',
      from: '申请人', to: '接班人', shifts: '班次', state: '状态', at: '申请时间', agree: '同意', decline: '不同意', withdraw: '撤回', approve: '批准', refuse: '不批准', refuseWhy: '不批准的原因', onBehalf: '代 {name} 登记答复？', onBehalfTitle: '代为登记', done: '已处理', gives: '让出', takes: '换回', sure: '批准后班次立即调换。确定批准？', decision: '审批意见',
      states: { asked: '待对方同意', agreed: '待班长批准', approved: '已批准', declined: '对方未同意', refused: '未批准', withdrawn: '已撤回' },
    },
    lawyer: {
      none: '还没有登记值班律师', add: '登记律师', edit: '律师资料', account: '账号', firm: '律所', noFirm: '未登记', employment: '用工', full_time: '专职', part_time: '兼职', number: '执业证号', numberRule: '执业证号是 17 位数字', until: '有效期至', suspended: '暂停值班', from: '暂停自', to: '暂停至', toNote: '空表示未定', why: '暂停原因', whyNeeded: '请填写暂停的原因',
      mobile: '夜间手机', mobileNote: '加密保存，只用于夜间转接；只显示脱敏号码', saved: '律师资料已保存', trainings: '培训记录', trainingNone: '没有培训记录', topic: '培训内容', hours: '学时', day: '日期', addTraining: '登记培训', trainingSaved: '培训已登记', firms: '律所', addFirm: '新增律所', firmName: '律所名称', rename: '改名', close: '停止派出', reopen: '恢复派出', closed: '已停止派出', count: '{n} 名律师', firmSaved: '律所已保存',
      valid: '有效', missing: '未登记', expired: '已过期', soon: '即将到期', held: '暂停中', standing: '执业状态', off: '账号停用', all: '律师',
    },
    plan: {
      patterns: '排班模板', none: '还没有模板', add: '新增模板', edit: '修改模板', name: '名称', days: '适用日', weekdays: '限星期', weekdaysNote: '不选表示不限', time: '时间', places: '同时人数', rotation: '轮换', rotations: { fixed: '固定', daily: '逐班轮换', weekly: '按周轮换' }, order: '轮值顺序', orderNote: '按选择的先后轮值', anchor: '轮换起点', anchorNote: '第一名从这一天（所在周）开始', active: '使用中', inactive: '停用', saved: '模板已保存', nameNeeded: '请填写名称', daysNeeded: '请选择适用日',
      requirements: '各时段需要的人数', requirementsNone: '还没有设置；设置后班表中会提前显示缺口', addRequirement: '增加一条', lawyers: '人数', remove: '删除', requirementsSaved: '人数要求已保存', max: '同一时间有多条时取人数最多的一条',
    },
    year: {
      paste: '粘贴通知', pasteHint: '每行一天或一段：日期、算作（工作日、周末、节假日）、名称', pasteSample: '2027-01-01 节假日 元旦\n2027-02-06~2027-02-12 节假日 春节\n2027-02-20 工作日 春节调休上班', pasteWrong: '无法识别第 {lines} 行', pasteTake: '加入 {n} 天',
      title: '{year} 年', published: '国务院办公厅通知', site: '本站录入', weekday: '按星期', unknown: '该年的放假安排尚不知道，暂按星期计算。通知发布后请在此录入，或升级系统。', add: '增加一天', day: '日期', kind: '算作', label: '名称', source: '来源', none: '没有与星期不同的日子', own: '本站录入', ownNote: '优先于通知；已经生成的班次不变', saved: '节假日已保存', wrong: '日期须在 {year} 年内且不重复', previous: '上一年', next: '下一年',
    },
    sheet: {
      month: '月份', final: '本月已结束', provisional: '暂计（本月未结束）', until: '计至 {time}', download: '下载 Excel', none: '这个月没有班次和接听', firm: '律所', noFirm: '未登记律所', lawyer: '律师', shifts: '班次', missed: '缺勤', shift: '排班（小时）', duty: '值班（小时）', live: '坐席值守', mobile: '转接手机', adherence: '遵守率', answered: '接听量', offDuty: '班外接听', calledBack: '外呼接通', talk: '通话（小时）', sum: '合计', formulas: '口径',
    },
    warnings: { not_on_roster: '您现在没有排班，本次签入已记录。', other_group: '您的班次属于其他技能组，请确认坐席是否正确。', licence_ends_soon: '您的执业证即将到期，请尽快办理并告知管理员。' },
  },
}
