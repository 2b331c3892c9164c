export default {
  incidents: {
    title: '应急', rule: '启动预案后按检查表处置，按时报告上级；每一步记下由谁、何时完成。', begin: '启动预案', beginGo: '立即启动', plan: '预案', plans: '应急预案', ticket: '工单', ticketHint: '有关的工单编号，可以不填',
    openOnly: '只看未结束的', none: '还没有应急事件', noneOpen: '没有未结束的应急事件', count: '共 {n} 条', begun: '启动', steps: '步骤', oral: '口头报告', inWriting: '书面报告', state: '状态', running: '处置中', ended: '结束', endedAt: '{time} 结束',
    notNeeded: '不要求', toldAt: '已报告 {time}', dueAt: '{time} 前', lateSince: '已超时（{time}）', numbered: '{title} · {n} 号', checklist: '检查表', callWhom: '联系', note: '结果；不需要的写明原因', tick: '完成', skip: '不需要', skipHint: '先写明原因',
    skipped: '不需要：{why}', stepDone: '已登记', tellOral: '已口头报告', tellWritten: '已书面报告', toldDone: '已登记报告时间', report: '重大事项报告', print: '打印', write: '保存报告', written: '报告已保存', end: '应急结束', endDone: '应急已结束',
    fields: { title: '事项', happened: '时间和地点', people: '涉及人员', course: '事件经过', measures: '已采取的措施', needs: '需要协调的事项' },
    planTitle: '名称', when: '启动条件', lines: '步骤', linesHint: '每行一个步骤：做什么 | 怎样做 | 联系谁', reportTo: '报送单位', minutes: '口头报告（分钟）', hours: '书面报告（小时）', retired: '停用', version: '第 {n} 版', builtIn: '系统自带', planSave: '保存为新版本', planSaved: '预案已保存',
  },
  openness: {
    title: '服务公开', publicPage: '打开公开页', version: '已公开第 {n} 版', builtIn: '正在公开系统自带的内容', earlier: '取回以前的版本', versionOf: '第 {n} 版 {time} {name}', publish: '发布', published: '已发布，公开页已更新', general: '总体说明', intro: '服务简介', hours: '服务时间', phone: '监督电话', phoneNote: '监督说明',
    services: '服务清单', add: '新增服务', nameless: '未命名的服务', up: '上移', down: '下移', drop: '删除', name: '服务名称', matter: '业务类型', channels: '办理方式', unit: '承办单位', procedure: '办理流程', materials: '所需材料', standard: '服务标准', byItself: '期限自动列出：{text}', fee: '收费', free: '免费',
    leave: '有未发布的修改，离开后将丢失。', leaveGo: '离开',
  },
  reportForms: {
    title: '上级报表模板', month: '月份', places: '可用的占位符', upload: '上传模板', none: '还没有模板。在 Excel 单元格里写占位符，上传后即可按月制表。', fill: '制表 {month}', drop: '删除', dropSure: '删除这个模板？', saved: '模板已保存，有 {n} 个占位符', place: '占位符', meaning: '含义',
  },
}
