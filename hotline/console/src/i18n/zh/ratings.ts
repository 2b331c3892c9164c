export default {
  ratings: {
    title: '评价', rule: '满意率须与测评率一并看；每通来电以首次评价为准，回访不改变统计。', at: '评价时间', offered: '来电时间', caller: '来电号码', way: '方式', operator: '接听人',
    queue: '队列', mean: '均分', result: '结果', satisfied: '满意', dissatisfied: '不满意', all: '全部', open: '待回访', followed: '已回访', onlyOpen: '只看待回访', none: '没有评价记录',
    date: '评价日期', count: '共 {n} 条', hasComment: '有意见', detail: '评价详情', comment: '来电人的意见', noComment: '没有填写意见', call: '通话', ticket: '工单',
    ways: { key: '按键', call_back: '回访', link: '链接', network: '网络平台' }, notAnswered: '未作答', points: '{n} 分',
    questions: { attitude: '服务态度', efficiency: '服务效率', skill: '专业能力', policy: '政策掌握' },
    followTitle: '不满意回访', followText: '与来电人沟通后登记结果。登记后不能修改，并记入审计；评价和统计不变。', followNote: '回访结果', followNeeded: '请写明回访结果（至少 2 个字）',
    followGo: '登记回访', followDone: '已登记回访', followedBy: '{name} 于 {time} 回访', waiting: '待回访 {n} 条', audited: '打开意见和回访结果会记入审计',
    take: '登记回访评价', takeText: '由来电人在回访电话中口头评价。没有回答的项目可以不选，至少选一项。登记后不能修改。', takeGo: '登记', takeDone: '已登记评价', takeNeeded: '请至少选择一项评分',
    commentLabel: '来电人的意见（选填）', link: '生成评价链接', linkText: '链接只能使用一次，{until} 前有效，只显示这一次。请发给来电人本人；再次生成会使这个链接失效。', linkSure: '生成新的评价链接？此前未使用的链接会失效。', linkCopied: '链接已复制',
    linkCopyFailed: '无法自动复制，请手动选择链接', section: '评价', figures: '测评率与满意率', rate: '测评率', satisfaction: '满意率', response: '参评率', invited: '邀请', rated: '测评', of: '{a} / {b}',
    answered: '接听', parts: '分列', byDay: '按日', byPerson: '按人员', byQueue: '按队列', period: '统计期间：来电日期 {first} 至 {last}',
    own: '本人月度评价', ownRule: '只公布已结束月份的平均分，且至少有 {n} 位不同来电人评价，以免推知某一位来电人的评分。任何单条评价都不会显示给接听人。', month: '月份',
    ownRunning: '{month} 尚未结束，月底后公布。', ownFew: '{month} 的评价人数不足 {n} 位，不予公布。', ownRated: '{n} 条评价', overall: '总体均分', ownFewQuestion: '人数不足',
  },
}
