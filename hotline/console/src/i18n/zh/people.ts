export default {
  accounts: {
    title: '账号', work: '工号', name: '姓名', role: '角色', groups: '技能组', unit: '所属机构', unitNeeded: '承办人须选择所属机构', groupsOrUnit: '技能组或机构', state: '状态', created: '创建时间', active: '启用', disabled: '停用',
    mustChange: '待改密码', create: '新建账号', edit: '修改账号', disable: '停用', enable: '启用', reset: '重置密码', disableSure: '停用后 {name} 的所有登录立即失效。确定停用？',
    resetSure: '重置 {name} 的密码？原密码立即失效。', initial: '初始密码', initialText: '请当面告知 {name}（工号 {work}）。此密码只显示这一次，首次登录须修改。',
    workRule: '工号为 1–12 位数字', nameNeeded: '请输入姓名', saved: '已保存', none: '还没有账号', filter: '按工号或姓名筛选', enabled: '已启用', off: '已停用',
  },
  seatsAdmin: { title: '坐席设置', number: '坐席号', extension: '分机', groups: '技能组', edit: '修改坐席', saved: '坐席已保存', none: '还没有坐席，请先新增', add: '新增坐席', taken: '这个坐席号已经有了' },
  audit: {
    title: '审计', at: '时间', who: '工号', act: '操作', object: '对象', reason: '原因', result: '结果', address: '来源地址', all: '全部', none: '没有审计记录',
    date: '日期', results: { ok: '成功', asked: '已下达', refused: '未执行', in_doubt: '结果不明' }, seq: '序号',
    acts: {
      report_form_changed: '修改报表模板', openness_changed: '修改服务公开', incident_begun: '启动应急预案', incident_step: '应急处置步骤', incident_reported: '重大事项报告', incident_ended: '应急结束', incident_view: '查看重大事项报告', incident_plan_changed: '修改应急预案',
      network_filed: '网络提交', network_supplemented: '网络补充', network_withdrawn: '网络撤回', network_rated: '网络评价',
      handed_over: '移交其他单位', handover_printed: '打印移交单', handover_settled: '处理移交', directory_changed: '修改名录', directory_imported: '导入名录', knowledge_changed: '修改知识库', knowledge_imported: '导入知识库', case_made: '从工单做成案例', number_searched: '按号码查找', firm_changed: '修改律所', lawyer_changed: '修改律师资料', training_noted: '登记培训', shift_changed: '修改班次', roster_generated: '生成班表', roster_imported: '导入班表', pattern_changed: '修改排班模板', requirements_changed: '修改值守人数要求', calendar_changed: '修改节假日', swap_asked: '申请换班', swap_answered: '答复换班', swap_decided: '审批换班', signed_in_off_roster: '无排班签入',
      login: '登录', login_failed: '登录失败', logout: '退出登录', reveal: '查看完整号码', playback: '播放录音', force_state: '强制坐席状态', account_created: '新建账号',
      account_changed: '修改账号', password_changed: '修改密码', password_reset: '重置密码', ticket_reopened: '重新打开工单', seat_defined: '设置坐席',
      categories_imported: '导入咨询类别', prompt_changed: '修改提示音', plan_changed: '修改来电流程', notice_changed: '修改公告', notice_switched: '开关公告', export: '导出', line_trace: '查看线路原始数据', ticket_view: '打开保密工单',
      caller_rule_asked: '提请标记来电人', caller_rule_made: '新增来电人规则', caller_rule_approved: '批准来电人规则', caller_rule_declined: '不批准来电人规则',
      caller_rule_reviewed: '复核来电人规则', caller_rule_ended: '结束来电人规则', conflict_ended: '解除利益冲突', rating_taken: '回访评价', rating_link: '生成评价链接', rating_view: '查看评价留言', rating_followed: '不满意回访',
    },
  },
}
