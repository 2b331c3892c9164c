export default {
  handling: {
    title: '办理', inbox: '收件箱', rule: '期限最近的在前', view: '列表', hall: '大厅', none: '这个列表没有工单', noRequests: '没有待审批的申请', noLoads: '各机构没有在办工单', allUnits: '全部机构', unit: '承办单位', matter: '业务与类别',
    dueAt: '期限', came: '登记', caseFile: '卷宗号', secret: '要求保密，内容不在列表中显示', area: '所在区划', areaHint: '可不选', near: '就近可办理', pickUnit: '请选择机构，可按名称、编码查找', pickHelpers: '可不选，最多 5 个', pickTicket: '选择该来电人的工单，或填写工单号', pickChannel: '选择或填写法定渠道',
    views: { to_dispatch: '待派单', returned: '退单', to_sign: '待签收', in_hand: '办理中', at_units: '在承办单位', to_review: '待审核', to_follow_up: '待回访', overdue: '已逾期', due_today: '今日到期', requests: '待审批', loads: '各机构', ended: '已结束' },
    unitViews: { to_sign: '待签收', in_hand: '办理中', due_today: '今日到期', overdue: '已逾期', returned: '已退单', to_review: '已反馈', ended: '已结束' },
    channels: { phone: '来电', visit: '来访', letter: '来信', network: '网络', hotline: '其他热线转来' },
    marks: { supervised: '督办', urged: '催办 {n}', sentBack: '退回重办', reopened: '重办 {n}', returned: '退单 {n}' },
    due: { days: '{d} 天 {h} 小时', left: '剩余 {span}', late: '已逾期 {span}', paused: '已暂停计时', met: '按时完成', missed: '逾期完成', over: '已完成 {n} 项', missedOf: '逾期 {n} 项' },
    dues: { dispatch: '派单', sign: '签收', reply: '办理反馈', review: '审核', follow_up: '回访', aid_review: '法律援助审查', aid_appoint: '法律援助指派' },
    loads: { at_unit: '在办', to_sign: '待签收', due_today: '今日到期', overdue: '已逾期', supervised: '督办' },
    course: '办理', deadlines: '期限', requests: '申请', unitsOf: '承办', lead: '主办', helps: '协办', helper: '协办 {unit}', designated: '指定', hasSigned: '已签收', toSign: '待签收', result: '办理结果', mergedInto: '并入', endedReason: '结束原因',
    moreActs: '更多', did: '{what}：已完成', needed: '请填写', savedBy: '{who} 修改了工单内容', blocked: '现在的状态不能再进行这一步；填写的内容仍保留在下面。', stillPossible: '请看过以上变动后再提交；填写的内容仍保留在下面。',
    reveal: '查看联系方式', revealWhy: '查看的理由将记入审计',
    ends: { replied: '已反馈', returned: '已退单', recalled: '已撤回', passed_on: '已转派', ended: '已结束' },
    acts: {
      dispatch: '派单', recall: '撤回派单', designate: '指定承办', review: '审核通过', sendBack: '退回重办', followUp: '回访', archive: '办结归档', reopen: '重新办理', merge: '并单', split: '取消并单', notAccept: '不予受理', urge: '催办',
      supervise: '督办', resume: '恢复计时', askTermination: '申请终止', sign: '签收', begin: '开始办理', note: '办理记录', passOn: '转派下级', reply: '反馈', giveBack: '退单', extension: '申请延期', pause: '申请暂停计时', unitTermination: '申请终止', grant: '同意', refuse: '不同意',
    },
    hints: {
      dispatch: '派单须已填写案情或诉求，并选择类别；期限按工作日计算。', recall: '承办单位签收之前可以撤回，派单期限继续计算。', designate: '指定之后，承办单位不能再退单。', review: '承办单位的反馈成为办理结果，工单进入回访。', sendBack: '由原单位在原期限内继续办理。',
      archive: '工单编入卷宗，不再改动。', reopen: '工单回到大厅，重新派单；最多重新办理 3 次。', merge: '重复的诉求并入另一张工单，本工单不再单独办理。', split: '恢复为单独的工单，派单期限继续计算。', notAccept: '须已告知来电人法定渠道。', urge: '承办单位可见；半小时内不重复催办。',
      supervise: '列入督办，承办单位可见。', resume: '期限继续计算，剩余时间不变。', askTermination: '由另一人审批。', passOn: '由下级机构在原期限内办理。', reply: '由大厅审核；审核通过后回访来电人。', giveBack: '不属于本单位职责的退回大厅；一张工单最多退单 2 次。', extension: '由大厅审批；单位与原期限相同。',
      pause: '等待鉴定、补正材料等期间；由大厅审批。', unitTermination: '由大厅审批。',
    },
    fields: { unit: '承办单位', helpers: '协办单位', note: '说明', reason: '原因', reply: '办理结果', channel: '已告知的法定渠道', amount: '延长（工作日）', into: '并入的工单号', way: '回访方式', contentment: '来电人是否满意', solved: '问题是否解决' },
    fieldsOf: {
      dispatch: { unit: '主办单位', note: '交办意见' }, review: { note: '审核意见' }, followUp: { note: '来电人的意见' }, urge: { note: '催办内容' }, supervise: { note: '督办要求' }, note: { note: '办理情况' }, passOn: { unit: '下级机构', note: '转派说明' }, extension: { reason: '申请理由' },
      pause: { reason: '申请理由' }, unitTermination: { reason: '申请理由' }, askTermination: { reason: '申请理由' }, grant: { note: '审批意见' }, refuse: { note: '不同意的理由' },
    },
    legalWays: { court: '诉讼', arbitration: '仲裁', reconsideration: '行政复议', petition: '信访', police: '公安机关报案', labour: '劳动监察投诉' },
    ways: { phone: '电话', sms: '短信', visit: '上门' },
    contentments: { satisfied: '满意', fair: '基本满意', dissatisfied: '不满意', not_reached: '未联系上', declined: '不愿评价' },
    solved: { yes: '已解决', no: '未解决' },
    asked: { extend: '延期', pause: '暂停计时', terminate: '终止', amount: '{n} 个工作日', waits: '等待审批', granted: '{who} 已同意', refused: '{who} 不同意' },
    steps: {
      title: '经过', none: '还没有派单', dispatch: '派单', recall: '撤回派单', designate: '指定承办', sign: '签收', helper_signed: '协办签收', begin: '开始办理', note: '办理记录', pass_on: '转派下级', reply: '反馈', helper_replied: '协办反馈', return: '退单', send_back: '退回重办', review: '审核通过',
      follow_up: '回访', close: '办结归档', reopen: '重新办理', merge: '并单', merged_in: '并入重复工单', split: '取消并单', not_accept: '不予受理', urge: '催办', supervise: '督办', asked: '申请', decided: '审批', terminate: '终止', resumed: '恢复计时', warned: '期限将至', overdue: '逾期',
    },
    create: {
      open: '新建工单', title: '新建工单', channel: '渠道', citizen: '联系电话', citizenHint: '用于再次来电时找到本工单', factsNeeded: '请填写主要情况或诉求', go: '登记', done: '工单 {number} 已登记',
    },
  },
}
