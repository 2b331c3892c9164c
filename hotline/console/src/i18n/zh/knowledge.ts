export default {
  knowledge: {
    title: '知识库', tabs: { published: '已发布', drafts: '草稿与审核', due: '到期复核', feedback: '坐席反馈' },
    kinds: { script: '话术', article: '文章', statute: '法规', case: '案例' }, kind: '类型', anyKind: '全部类型', text: '文字', textHint: '标题、内容、引用、标签', category: '咨询类别', anyCategory: '全部类别', state: '状态', count: '{n} 条',
    states: { draft: '草稿', reviewed: '已审核', published: '已发布', withdrawn: '已撤下' }, validity: { effective: '现行有效', not_yet: '尚未施行', repealed: '已废止' },
    none: { published: '没有符合条件的知识', drafts: '没有草稿', due: '没有到期须复核的条目', feedback: '没有待处理的反馈' },
    add: '新增', load: '导入', template: '空白模板', export: '导出全部', name: '标题', body: '内容', citation: '引用', categories: '所属类别', matters: '业务类型', tags: '标签', source: '来源', effectiveOn: '施行日期', repealedOn: '废止日期', reviewOn: '复核日期', used: '使用', useful: '有用', wrong: '有误', times: '{n} 次',
    bodyHint: '法规写本单位自己的摘要', citationHint: '例：《中华人民共和国劳动合同法》第三十条', tagsHint: '填写后按回车', saved: '已保存为草稿', edit: '修改', addTitle: '新增知识', editTitle: '修改知识', fromTicket: '来自工单 {number}',
    version: '第 {n} 版', shown: '坐席看到第 {n} 版', notShown: '坐席看不到', madeBy: '{name} 写于 {time}', history: '历史', differences: '与上一版的差异', same: '没有差异', own: '这一版是您写的，须由其他人审核',
    steps: { save: '保存', review: '审核通过', publish: '发布', check: '复核无误', withdraw: '撤下' }, done: { review: '已审核', publish: '已发布，坐席现在可以看到', check: '已复核', withdraw: '已撤下' },
    withdrawWhy: '撤下的原因（不少于两个字）', confirmCase: '我已核对全文，其中没有个人信息', nextReview: '下次复核', inAYear: '不选为一年后', ask: '发布“{title}”？', askCheck: '“{title}”复核无误？',
    said: { title: '反馈', words: '哪里有误', send: '提交', thanks: '已反馈', tellWrong: '请写明哪里有误', settle: '处理', settleHint: '怎样处理的（不少于两个字）', settled: '已处理：{words}', by: '{name}，{time}', onlyWaiting: '只看待处理的', item: '条目', what: '反馈', result: '处理' },
    loading: { title: '从 Excel 导入知识库', hint: '先试算，逐行说明结果；确认后写成草稿，审核、发布后坐席才能看到。有一行出错则全部不导入。', choose: '选择文件', row: '行', what: '结果', details: '说明', go: '导入', done: '已导入：新增 {added}、新版本 {changed}', nothing: '没有需要改动的内容', fix: '有 {n} 行出错，请改正后重新选择文件', tooLarge: '文件不能超过 2 MB', fates: { added: '新增', changed: '新版本', kept: '不变', wrong: '有误' } },
    case: { make: '做成案例', title: '从工单做成案例', hint: '划线的文字会去除，后面是替换的文字。带底色的可能是人名也可能是普通词语，保留原样，请在草稿中核对。', go: '生成草稿', made: '案例草稿已生成，请核对后由其他人审核、发布', nothing: '没有找到个人信息，请仍核对全文', fields: { facts: '基本情况', claim: '诉求', opinion: '答复意见', legal_basis: '法律依据' } },
    hand: { title: '知识', search: '搜索知识', none: '这个类别还没有知识', nothing: '没有找到', follows: '按工单的类别显示', most: '选择咨询类别后按类别显示，现在是常用的', insert: '填入“{field}”', cite: '引用到“{field}”', useful: '有用', wrong: '有误', failed: '知识读取失败' },
  },
  finding: {
    open: '查找', hint: '文字、完整号码、工单编号、通话标识', title: '查找工单、通话和知识', tickets: '工单', calls: '通话', knowledge: '知识', none: '没有找到', byNumber: '按号码查找，已记入审计', start: '输入后按回车查找',
    views: '常用筛选', noViews: '还没有常用筛选', keep: '保存当前筛选', keepTitle: '保存常用筛选', viewName: '名称', nameHint: '不超过 30 个字', share: '本大厅都能看到', kept: '已保存', dropSure: '删除常用筛选“{name}”？', dropped: '已删除', drop: '删除 {name}', shared: '共享', keepNote: '日期保存为最近 {days} 天；号码不保存。', nothingToKeep: '请先设置筛选条件',
    export: '导出', exportTitle: '导出列表', exportNote: '按当前筛选导出，最多 5 万行；号码脱敏，条件和原因记入审计。', reason: '导出的原因', reasonHint: '不少于两个字', format: '格式', xlsx: 'Excel（XLSX）', csv: 'CSV', exported: '已导出', go: '导出',
  },
}
