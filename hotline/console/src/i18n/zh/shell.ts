export default {
  app: { name: '12348 公共法律服务热线', short: '12348 热线', console: '坐席与班长工作台' },
  nav: {
    desk: '坐席工作台', calls: '通话记录', tickets: '工单', live: '实时监控', reports: '报表', accounts: '账号',
    audit: '审计', lines: '线路',
    short: {
      desk: '工作台', calls: '通话', tickets: '工单', live: '监控', reports: '报表', accounts: '账号', audit: '审计', lines: '线路',
    },
    main: '主导航', skip: '跳到正文',
  },
  role: { operator: '值班律师', supervisor: '班长', administrator: '管理员', auditor: '审计员' },
  act: {
    ok: '确定', cancel: '取消', close: '关闭', retry: '重试', save: '保存', search: '查询', reset: '重置', more: '加载更多',
    open: '打开', copy: '复制', insert: '插入', edit: '修改', download: '下载', refresh: '刷新', create: '新建', undo: '撤销',
  },
  link: {
    connecting: '连接中', connected: '已连接', reconnecting: '重连中', disconnected: '已断开', signed_out: '登录已过期',
    taken_over: '已在其他窗口打开', forbidden: '无权查看实时数据',
    banner: '与服务的连接已断开，正在自动重连。通话不受影响，填写的内容已保留在本机。',
    takenTitle: '已在其他窗口打开', takenText: '同一账号在另一个窗口打开了工作台，本窗口已暂停接收来电。',
    takenUse: '在此窗口继续使用',
  },
  signIn: {
    title: '登录', hall: '大厅', work: '工号', password: '密码', submit: '登录', show: '显示密码',
    hallNeeded: '请选择大厅', workNeeded: '请输入工号', passwordNeeded: '请输入密码',
    failed: '工号或密码不正确', tooMany: '登录失败次数过多，请稍后再试', away: '无法连接服务，请检查网络后重试',
    demoTitle: '演示账号', demoText: '仅演示环境提供，点击即可填入', expiredTitle: '登录已过期',
    expiredText: '请重新登录。未保存的内容仍保留在本页。', other: '换一个账号',
    motto: '公共法律服务 · 一线在身边', points: ['来电即弹屏，一来电一工单', '断网断电，填写内容不丢失', '全程留痕，号码默认脱敏'],
    noSite: '暂时读取不到站点信息', language: 'English',
  },
  password: {
    title: '修改密码', must: '首次登录或密码已重置，请先设置新密码。', old: '原密码', fresh: '新密码', again: '再次输入新密码',
    rule: '不少于 10 位，不与工号相同，避免常见密码', differ: '两次输入的新密码不一致', done: '密码已修改',
    weak: '新密码不符合要求', wrong: '原密码不正确', submit: '修改密码', short: '新密码不少于 10 位',
  },
  user: { menu: '账户菜单', password: '修改密码', language: 'English', keys: '快捷键', signOut: '退出登录' },
  leave: {
    title: '退出登录', atSeat: '您已在 {seat} 号坐席签入。退出后将停止接听并释放坐席。',
    unsaved: '有未保存到服务器的工单内容，退出后本机保留的内容将被清除。', plain: '确定退出登录？', go: '退出并停止接听',
    occupied: '正在振铃或通话，请结束后再退出。',
  },
  empty: { none: '暂无数据', nothingFound: '没有符合条件的记录', failed: '读取失败', notAllowed: '没有权限查看此内容' },
  problem: {
    unreachable: '无法连接服务，请检查网络', unexpected: '出现意外错误', http_403: '没有权限执行此操作',
    http_404: '没有找到', http_500: '服务内部错误', offer_gone: '该来电已被接走或已挂断',
    seat_taken: '该坐席已有人签入', seat_already_signed_in: '您已在坐席签入', seat_not_signed_in: '尚未签入坐席',
    seat_not_free: '通话中不能执行此操作', seat_not_in_wrap_up: '不在话后处理中', seat_not_possible_now: '当前状态不能执行此操作',
    not_signed_in: '登录已过期', ticket_incomplete: '工单尚未填写完整', ticket_changed: '工单已被他人修改',
    too_many_tries: '操作过于频繁，请稍后再试', forbidden: '没有权限执行此操作', not_found: '没有找到',
  },
  time: { h: '小时', m: '分', s: '秒', never: '—', today: '今天', yesterday: '昨天' },
  keys: {
    title: '快捷键', note: '使用中文输入法组字时快捷键不生效。', answer: '接听来电', 'hang-up': '挂机（按住 0.5 秒）',
    ready: '示闲', busy: '示忙', 'save-ready': '保存并示闲', list: '显示快捷键',
  },
}
