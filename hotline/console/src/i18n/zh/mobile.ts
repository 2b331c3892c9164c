export default {
  mobile: {
    title: '夜间值班', signIn: '登录后在手机上值班', take: '签入并接听', off: '签出', readyOn: '正在接听来电', busyOn: '暂停接听', switch: '接听来电', waiting: '排队 {n} 人', missed: '刚才的来电没有接起', wrapDone: '处理完毕',
    choose: '选择坐席', phone: '来电拨到 {number}', noPhone: '账号没有登记手机号，请联系管理员登记后再签入', noLine: '本大厅的线路不能拨打手机', simulated: '演示线路：点“接听”即接通', noSeats: '没有空闲的坐席',
    history: '近 90 天来电 {n} 次', ringing: '来电', ringHint: '请接听手机，听到提示后按 1 接通', answer: '接听', idle: '暂无来电', idleText: '来电会直接拨到您的手机。可以锁屏，但请保持手机畅通。',
    ticket: '工单', dictateHint: '点输入法上的话筒口述：来电事由和答复意见', facts: '来电事由', opinion: '答复意见', category: '事项分类', chooseCategory: '选择事项分类', searchCategory: '搜索分类', back: '上一级', root: '全部分类',
    matter: '业务类型', save: '保存', close: '办结', quick: '快速办结', aid: '已告知法律援助', wake: '屏幕保持常亮', wakeOff: '屏幕可能自动熄灭', out: '退出登录',
    hints: '值班提示', hint: ['来电先拨您的手机，接听后按 1 才接通，以免接入语音信箱', '没有及时接听，来电会转给其他坐席或转为留言', '不便接听时请切换为“忙碌”，不要关机', '遇到危及人身安全的情况，立即按下方红色按钮，先通话后补记'],
    needCategory: '请先选择事项分类', hangUp: '挂机请按手机上的挂断键', 
  },
}
