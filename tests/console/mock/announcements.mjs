/** Announcements (语音与公告) of the mock hall: a plan with a menu, recordings of every condition, notices of every state. */
import { iso } from './hall.mjs'

const HOUR = 36e5
const recording = (version, seconds, peak_db, warnings = []) => ({ version, seconds, peak_db, warnings, sha256: 'ab', uploaded_at: iso(Date.now() - version * 30 * HOUR), uploaded_by: '9000 林管理员' })
const prompt = (name, label, text, part = {}) => ({
  name, label, text, built_in: true, removed: false, in_use: false, seconds: Math.round((0.5 + 0.27 * text.length) * 10) / 10, recording: null, changed_at: null, changed_by: '',
  devices: [{ adapter: 'card-1', state: part.recording ? 'current' : 'own' }, { adapter: 'card-2', state: part.recording ? 'other' : 'own' }], ...part,
})
const prompts = [
  prompt('greeting', '开头语（含录音告知）', '您好，欢迎拨打一二三四八公共法律服务热线。为保证服务质量，本次通话将被录音。', { in_use: true, recording: recording(2, 9.6, -5.8) }),
  prompt('menu', '语音菜单', '婚姻家庭请按一，劳动社保请按二，其他咨询请按零。', { in_use: true }),
  prompt('wait', '排队安抚', '律师正在接听其他来电，请您稍候。', { in_use: true, recording: recording(1, 5.2, -24.3, ['音量偏低（峰值 -24 dB），来电人可能听不清。']) }),
  prompt('closed', '非服务时间', '现在是非服务时间。请在工作时间再次拨打，或者登录中国法律服务网留言咨询。'),
  prompt('holiday', '节假日公告', '今天是节假日，热线服务时间有所调整，请您谅解。', { in_use: true }),
  prompt('emergency', '紧急公告', '因突发情况，目前热线接听较慢。如遇人身危险，请立即拨打一一零。', { in_use: true }),
  prompt('no-seat', '无人值班', '现在没有律师在线。请在工作时间再次拨打。', { in_use: true }),
  prompt('callback-offer', '排队中提供回拨', '如果不想继续等待，请按一，律师会尽快给您回电。'),
  prompt('voicemail', '留言引导', '请在提示音后留言，说完请挂机。', { in_use: true }),
  prompt('flood', '防汛公告', '受强降雨影响，本市公共法律服务中心今日暂停现场接待。', { built_in: false, removed: true, devices: [{ adapter: 'card-1', state: 'missing' }, { adapter: 'card-2', state: 'unknown' }] }),
]
const key = (pressed, label, act, queue = '') => ({ key: pressed, label, act, queue, menu: null })
let plan = {
  greeting: 'greeting', recording_notice: '', language: null, reach_person_key: '0', rating: true, parting: { no_seat: 'no-seat' },
  menu: { prompt: 'menu', seconds: 8, tries: 2, keys: [key('1', '婚姻家庭', 'queue', 'marriage'), key('2', '劳动社保', 'queue', 'labour'), key('0', '其他咨询', 'person')] },
  waiting: { position: true, expected: true, comfort: 'wait', every_seconds: 60, callback_key: '1', callback_prompt: 'callback-offer' },
  opening: { periods: [{ days: 'working', start: '08:30', end: '17:30' }], prompt: 'closed', then: 'voicemail' },
  voicemail: { on: true, prompt: 'voicemail', thanks: '', max_seconds: 120, after: ['no_seat', 'timed_out'] },
}
const versions = [
  { version: 3, note: '增加排队播报', made_at: iso(Date.now() - 20 * HOUR), made_by: '9000 林管理员' },
  { version: 2, note: '午间不休', made_at: iso(Date.now() - 400 * HOUR), made_by: '9000 林管理员' },
  { version: 0, note: '', made_at: null, made_by: '' },
]
const notice = (id, kind, title, prompt_, part) => ({ id, version: 1, kind, title, text: '', prompt: prompt_, on: true, start: null, until: null, then: 'go_on', playing: false, changed_at: iso(), changed_by: '9000 林管理员', ...part })
const notices = [
  notice('emergency', 'emergency', '紧急公告', 'emergency', { version: 0, on: false }),
  notice('n1', 'holiday', '元旦值班安排', 'holiday', { start: iso(Date.now() + 800 * HOUR), until: iso(Date.now() + 872 * HOUR) }),
  notice('n2', 'holiday', '国庆值班安排', 'holiday', { start: iso(Date.now() - 1300 * HOUR), until: iso(Date.now() - 1100 * HOUR) }),
  notice('n3', 'closed', '系统升级', 'closed', { playing: true, then: 'voicemail' }),
]

const said = (name) => prompts.find((one) => one.name === name)
function line(depth, title, name = '', ends = false) {
  return { depth, title, prompt: name, text: said(name)?.text ?? '', seconds: said(name)?.seconds ?? 0, ends }
}
function checked(wanted) {
  const faults = [{ place: 'recording_notice', message: '没有单独的录音告知，请确认开头语中已经说明通话将被录音。', grade: 'warning' }]
  if (wanted.menu) faults.push({ place: 'menu', message: 'GB/T 33358 不提倡设置语音菜单，请尽量直接接通人工。', grade: 'warning' })
  for (const [number, one] of (wanted.menu?.keys ?? []).entries()) if (one.act === 'queue' && !one.queue) faults.unshift({ place: `menu.keys.${number}.queue`, message: '请选择队列。', grade: 'error' })
  const outline = [
    line(1, '工作日 08:30–17:30 以外，之后可以留言', wanted.opening.prompt), line(0, '开头语', wanted.greeting),
    ...(wanted.menu ? [line(0, '语音菜单，等待按键 8 秒，按错 2 次转人工', wanted.menu.prompt), ...wanted.menu.keys.map((one) => line(1, `按 ${one.key}：${one.label}`))] : []),
    line(0, '进入排队，播放等待音乐'), line(1, '每 60 秒安抚', wanted.waiting.comfort), line(0, '律师接听'), line(1, '无人值班，之后可以留言', 'no-seat'), line(1, '留言（最长 120 秒）', 'voicemail', true),
  ]
  return { faults, outline, seconds_to_queue: 25.4 }
}
const shown = (version, out) => {
  out.etag = `"${versions[0].version}"`
  return { ...version, plan, ...checked(plan) }
}

export const announcementRoutes = () => [
  ['GET', /^\/announcements\/prompts$/, () => ({ items: prompts, devices: [{ adapter: 'card-1', failure: '' }, { adapter: 'card-2', failure: '没有写入提示音目录的权限' }] })],
  ['GET', /^\/announcements\/prompts\/([\w.-]+)$/, (m) => ({ ...said(m[1]), versions: said(m[1]).recording ? Array.from({ length: said(m[1]).recording.version }, (_, n) => recording(said(m[1]).recording.version - n, 5.2, -12.1 - n, n ? ['开头有 2.0 秒静音。'] : said(m[1]).recording.warnings)) : [] })],
  ['GET', /^\/announcements\/plan$/, (m, b, q, a, out) => shown(versions[0], out)],
  ['PUT', /^\/announcements\/plan$/, (m, body, q, account, out) => {
    plan = body.plan
    versions.unshift({ version: versions[0].version + 1, note: body.note, made_at: iso(), made_by: account.work_number })
    return shown(versions[0], out)
  }],
  ['POST', /^\/announcements\/plan\/check$/, (m, body) => checked(body)],
  ['GET', /^\/announcements\/plan\/versions$/, () => ({ items: versions })],
  ['GET', /^\/announcements\/plan\/versions\/(\d+)$/, (m, b, q, a, out) => shown(versions.find((one) => one.version === Number(m[1])), out)],
  ['GET', /^\/announcements\/notices$/, () => ({ items: notices })],
  ['POST', /^\/announcements\/notices\/(\w+)\/switch$/, (m, body) => {
    const found = notices.find((one) => one.id === m[1])
    return Object.assign(found, { on: body.on, playing: body.on, version: found.version + 1 })
  }],
]
