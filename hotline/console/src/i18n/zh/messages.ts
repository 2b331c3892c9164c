export default {
  messages: {
    title: '短信', rule: '{from}–{to} 为免打扰时段，自动短信顺延；由人发送的不受限制。', view: '范围', views: { attention: '待处理', waiting: '待发送', all: '全部', templates: '模板' },
    none: { attention: '没有需要处理的短信', waiting: '没有待发送的短信', all: '没有短信', ticket: '还没有给来电人发过短信' }, count: '共 {n} 条', kind: '种类', everyKind: '全部种类',
    kinds: { accepted: '受理告知', result: '办理结果', missed_call: '漏接通知', rating_link: '评价链接', appointment: '预约', legal_aid_address: '法援地址', secret: '保密提示' },
    states: {
      wanted: '待生成', ready: '待发送', held: '暂扣', not_sent: '不发送', sent: '已发出', delivered: '已送达', undelivered: '未送达', refused: '网关拒收', in_doubt: '待核实', expired: '已过期', cancelled: '已取消',
    },
    why: {
      no_gateway: '没有短信网关', switched_off: '本大厅不发这类短信', no_number: '没有来电号码和联系电话', not_mobile: '座机或特服号码，收不到短信', declined: '来电人不接收短信', secrecy: '要求保密，不发送', no_address: '没有设置公众访问地址',
      no_rating: '不能评价或已评价', settled: '已不需要', nothing_to_tell: '缺少办理结果、机构地址或预约时间', too_long: '超出条数上限，请缩短', day_cap: '超出当日条数上限', number_cap: '同一号码当日过多',
    },
    fates: { delivered: '已送达', failed: '未送达' }, waits: '免打扰，{time} 后发送',
    number: '号码', state: '状态', ticket: '工单', ofCallback: '漏接来电', segments: '计费条数', createdAt: '生成时间', by: '发起人', detail: '短信', noText: '还没有生成内容', overCap: '超上限放行', template: '模板', ofVersion: '{kind}（第 {n} 版）', tries: '发送次数',
    sentAt: '发出时间', expiresAt: '有效至', receipt: '状态报告', today: '今日已用', ofCap: '／{n} 条', signature: '签名【{name}】',
    noGateway: '本大厅没有短信网关', noGatewayText: '在配置文件中增加 [sms.名称] 后重启服务；此前的短信不会补发。', resting: '短信网关连续失败，{time} 再试',
    acts: {
      release: '放行', releaseText: '超出上限仍然发送，请写明理由。', releaseSaid: '已放行', retry: '重发', retryText: '网关拒收的原因已经解决，请写明理由。', retrySaid: '将重新发送',
      arrived: '网关已收到', arrivedText: '已向网关核实收到，请写明核实情况。', arrivedSaid: '已标记为发出', 'not-arrived': '网关没有收到', 'not-arrivedText': '已核实没有收到，将重新发送。', 'not-arrivedSaid': '将重新发送',
      cancel: '取消', cancelText: '不再发送这条短信，请写明理由。', cancelSaid: '已取消',
    },
    reasonNeeded: '请填写理由（至少两个字）',
    comesAlong: '系统自带', changed: '第 {n} 版，{name} {time}', registered: '报备号', places: '可用填写项', templateSaved: '模板已保存，以后生成的短信用新版',
    button: '短信', guidance: '指引单', ofTicket: '给来电人的短信', send: '发短信', declines: '来电人不接收短信', declinedSaid: '这个号码以后不再收到短信', allowedSaid: '这个号码可以接收短信',
    unit: '机构', unitHint: '输入名称查找', when: '预约时间', note: '补充说明', noteHint: '如：请带身份证和劳动合同', previewTo: '发给 {number}，计费 {n} 条；查询码以圆点代替', looking: '正在生成预览…', fill: '填写后显示来电人将收到的内容', go: '发送', sentSaid: '短信正在发送',
  },
}
