export default {
  callers: {
    title: '来电人规则', create: '新增规则', caller: '来电人', number: '完整号码', call: '通话标识', callHint: '在通话记录中查看', kind: '标记', level: '处理级别', reason: '原因',
    why: '原因', by: '操作人', state: '状态', reviewOn: '复核日期', lawyer: '律师', lawyerHint: '选择律师', whom: '来电人', byNumber: '输入号码', byCall: '按通话',
    shelf: { active: '生效', requested: '待审批', due: '待复核', over: '已结束' },
    none: {
      active: '没有生效的规则', requested: '没有待审批的提请', due: '没有到期需要复核的规则', over: '没有已结束的规则', conflicts: '没有利益冲突记录',
    },
    ruleState: { requested: '待审批', active: '生效', declined: '未批准', ended: '已结束' },
    mark: {
      emergency: '紧急', minor: '未成年人', elderly: '老年人', disabled: '残疾人', harassing: '骚扰来电', prefer: '指定律师', avoid: '回避',
      none: '无', warned: '骚扰二次警告', limited: '骚扰限制', blocked: '骚扰拦截',
    },
    means: {
      emergency: '可能有人身危险：优先接听，任何限制和拦截都不生效。', minor: '优先接听。', elderly: '优先接听。', disabled: '优先接听。',
      prefer: '该律师空闲时优先由其接待，有期限。', avoid: '来电不会派给该律师。',
      warned: '只在接听时提示，不影响排队。', limited: '每天限定次数，排在队尾。', blocked: '播放告知语音后结束通话。',
    },
    task: { create: '新增规则', approve: '批准提请', review: '复核规则' },
    go: { create: '新增并生效', approve: '批准并生效', review: '继续有效' },
    done: { create: '规则已生效', approve: '已批准，规则已生效', review: '复核已记录' },
    reviewNone: '不设复核日期', reviewHeld: '限制和拦截须在 90 天内复核；逾期自动降一级，并列入待复核。', reviewFree: '可以不设。',
    reviewRule: '请选择明天以后的日期；限制和拦截在 90 天以内', reasonNeeded: '请写明原因，至少两个字', numberNeeded: '请输入完整号码', callNeeded: '请输入通话标识', lawyerNeeded: '请选择律师',
    approve: '批准', decline: '不批准', declineSure: '不批准 {who} 的提请，请写明原因：', declined: '已退回',
    review: '复核', end: '结束', endSure: '结束后，{caller} 的这条规则立即失效。请写明原因：', ended: '已结束', fallen: '逾期未复核，现为“{level}”',
    ask: '提请标记', askGo: '提交班长审批', askDone: '已提交，班长批准后生效', asked: '待审批', aboutMe: '指您本人。', reasonHint: '来电人的言行、自述或其他依据',
    conflict: '利益冲突提示', conflicts: '利益冲突', conflictsHint: '由工单上的对方电话和对方当事人自动产生',
    conflictNumber: '对方当事人由{who}接待过（号码相符）。', conflictName: '对方当事人可能由{who}接待过（姓名相符，请核实）。',
    byMe: '您本人', byFirm: '本所律师 {who} ', byOther: '其他律师 {who} ', conflictDo: '应当回避：请说明情况，并转接其他律师。',
    conflictEnd: '解除', conflictSure: '认定不构成利益冲突，不再回避。请写明原因：', operators: '接待来电人的律师', other: '对方', otherOperators: '接待对方的律师', nameOnly: '只有姓名', since: '记录时间',
  },
}
