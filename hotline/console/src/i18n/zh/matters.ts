export default {
  matters: {
    of: '{matter}的要素', neededBefore: '{steps}前必填', before: { dispatch: '派单', hand_over: '移交', close: '办结' }, personal: '加密保存，脱敏显示', over: '已届满', remind: '必须提示：{why}', notTold: '未提示的原因', circumstances: '特别情形',
    duty: {
      title: '法定义务', record: '记录履行', recorded: '已记录', receiver: '向谁报告或告知', nobody: '无须履行（写明原因）', when: '报告时间', now: '现在', reference: '对方受理编号或接报人', note: '报告的内容', why: '无须履行的原因', dueBy: '须在 {time} 前履行并记录', late: '已超时（{time}），请立即履行并记录',
      toldTo: '{time} 已向{who}', excused: '已写明无须履行', open: '尚未记录的法定义务', openCount: '{n} 项法定义务尚未记录',
    },
    aid: {
      title: '法律援助申请', rule: '七日内审查，三日内指派；缺少的材料一次性告知，补充的时间不计入', file: '收件', applicant: '申请人', card: '身份证号', by: '由谁申请', ground: '申请事项', means: '经济困难', exempt: '免予核查的人员', materials: '已有材料', urgent: '先行提供的原因', urgentHint: '时效或期限不足七日、需立即保全或先予执行的填写',
      decideBy: '{time} 前作出决定', appointBy: '{time} 前指派', standsStill: '待补充材料，期限暂停', filed: '{time} {who} 收件，{by}申请。', asked: '{time} 告知补充：{what}。', urgentBecause: '先行提供：{why}。', grantedBy: '{time} {who} 决定给予法律援助。{why}', refusedBy: '{time} {who} 决定不予法律援助：{why}',
      appointed: '{time} 指派{firm} {lawyer}。', withdrawn: '{time} 撤回：{why}', deemed: '{time} 视为撤回：{why}', filedDone: '已收件', done: '已办理', once: '应当一次性告知全部需要补充的内容；只能告知一次。', note: '需要说明的内容', grant: '给予法律援助', refuse: '不予法律援助', reason: '说明', refuseReason: '不予的理由',
      objection: '已书面告知理由和提出异议的权利（第四十三条、第四十九条）', lawyer: '承办人员', firm: '所在机构', withdrawReason: '撤回的原因', deem: '未按要求补充，视为撤回',
      state: { supplement: '待补材料', review: '审查中', granted: '待指派', appointed: '已指派', refused: '不予援助', withdrawn: '已撤回' },
      step: { materials: '收到材料', supplement: '告知补充', decide: '审查决定', appoint: '指派', withdraw: '撤回' },
    },
  },
}
