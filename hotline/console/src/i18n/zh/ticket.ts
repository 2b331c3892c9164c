export default {
  ticket: {
    title: '工单', number: '工单号', created: '创建时间', call: '通话', state: '状态', operator: '经办人', seat: '坐席', outcome: '通话结果',
    groupCaller: '来电人', groupMatter: '诉求', groupReply: '答复', caller: '来电号码', callerName: '姓名', contact: '其他联系电话',
    contactHint: '与来电号码相同可不填', counterparty: '对方当事人', counterpartyContact: '对方电话', counterpartyHint: '用于利益冲突回避', idRefused: '拒绝提供姓名', secrecy: '要求保密', region: '所在地区', gender: '性别',
    special: '特殊群体', minor: '涉及未成年人', matter: '业务类型', category: '咨询类别', categoryHint: '选择或输入关键字',
    urgency: '紧急程度', facts: '主要情况', factsHint: '时间、地点、人物、经过', claim: '诉求', claimHint: '来电人希望达到的结果',
    opinion: '答复意见', opinionHint: '给出的法律意见和办理指引', basis: '法律依据', basisHint: '如：《中华人民共和国劳动合同法》第八十二条',
    aidTold: '已告知可申请法律援助的条件和程序', aidHint: '《法律援助法》第二十三条：提供法律咨询时应当提示当事人享有申请法律援助的权利',
    required: '办结必填', saved: '已保存 {time}', saving: '保存中…', dirty: '待保存', offline: '未保存（离线），内容保留在本机',
    conflict: '内容有冲突', refused: '未保存：{why}', loading: '读取中…', notSaved: '尚未填写', restored: '已恢复上次未保存的内容',
    closed: '已办结 {time}', close: '办结', saveNow: '立即保存', reopen: '重新打开', reopenReason: '重新打开的原因', reopened: '已重新打开',
    closeDone: '工单 {number} 已办结', closeNoCategory: '尚未选择咨询类别', closeNoCategoryText: '没有类别的工单会进入质检清单。请选择类别，或写明原因后办结：',
    closeReason: '未分类原因', closeAnyway: '写明原因并办结', incomplete: '以下内容尚未填写，无法办结', back: '返回填写',
    loadFailed: '工单读取失败', readOnly: '工单已办结，如需修改请由班长重新打开', notYours: '无权修改该工单', byMe: '保存人 {who}',
    category_version: '类别版本 {v}', categoryLevel: '第 {n} 级类别', none: '未填写', noCategoryReason: '未分类原因',
    here: { writing: '{who} 正在填写', reading: '{who} 正在查看', own: '您在另一个窗口打开了', since: '{time} 打开' },
  },
  conflict: {
    title: '工单已被他人修改', text: '下列内容您和 {who} 都修改过。请逐项选择保留哪一份，不会自动覆盖。', mine: '我填写的', theirs: '服务器上的',
    keep: '按所选保存', other: '他人', empty: '（空）', yes: '是', no: '否', show: '查看冲突',
  },
  quick: {
    wrong_number: '拨错号码', silence: '无声电话', prank: '骚扰电话', sure: '办结为“{kind}”', in: '{n} 秒后办结为“{kind}”', undo: '撤销',
    done: '已按“{kind}”办结', now: '立即办结', none: '没有正在处理的工单', hint: '一键办结，5 秒内可撤销',
  },
  ticketState: {
    draft: '草稿', open: '待办结', closed: '已办结', dispatched: '已派单', signed: '已签收', in_progress: '办理中', replied: '已反馈',
    reviewed: '已审核', followed_up: '已回访', returned: '已退单', designated: '已指定', merged: '已并单', not_accepted: '不予受理',
    terminated: '已终止', reopened: '重新打开',
  },
  urgency: { normal: '普通', urgent: '紧急', emergency: '特急' },
  gender: { male: '男', female: '女' },
  special: {
    elderly: '老年人', disabled: '残疾人', migrant_worker: '农民工', service_family: '军人军属', minor: '未成年人', woman: '妇女',
  },
  matter: {
    legal_advice: '法律咨询', legal_aid: '法律援助', mediation: '人民调解', notary: '公证', forensic: '司法鉴定', arbitration: '仲裁',
    lawyer_service: '律师服务', reconsideration: '行政复议', resettlement: '安置帮教与社区矫正', prison_visit: '远程会见', petition: '信访指引', expert: '专家咨询', complaint: '服务投诉', suggestion: '意见建议', other: '其他',
  },
  tickets: {
    title: '工单', created: '创建日期', text: '内容', textHint: '案情、诉求、意见', numberHint: '完整号码', callerNumber: '来电号码', operator: '经办人',
    state: '状态', category: '类别', all: '全部', opinion: '答复摘要', secrecy: '保密', quick: '快速办结', back: '返回列表', count: '已显示 {n} 条',
  },
}
