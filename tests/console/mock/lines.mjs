/** Lines of the mock: one of each sort, what they said last, and their raw bytes, masked as the service masks them. */
import { ABILITIES, hall, iso, tell } from './hall.mjs'

const ago = (seconds) => iso(Date.now() - seconds * 1000)
const born = Date.now()
const NOTHING = { count: 0, at: null, reason: '' }
const LABELS = { link_down: '连接中断', never_up: '启动以来未连上', port_fault: '端口故障', quiet: '长时间没有事件', clock_skew: '设备时钟不准', unreadable: '数据无法识别', probe_failed: '探测失败' }
const SAID = { link_down: '/dev/serial/by-id/usb-FTDI-port0：设备已拔出', port_fault: '无回路', clock_skew: '设备时钟比本机慢 412 秒', probe_failed: '测试呼叫没有到达本系统（3 秒内）', quiet: '已超过 12 小时没有任何事件' }

const of = (name) => hall.links.find((one) => one.adapter === name)
const row = (name, kind, more) => {
  const link = of(name)
  const state = more.state ?? (link?.up ? 'up' : 'down')
  return {
    name, kind, state, since: iso(born - 7400e3), detail: '', abilities: [], last_event_at: ago(4), ports_known: 0, ports_broken: 0, frames: 0, unreadable: 0, skew_seconds: null, repaired: NOTHING, aside: NOTHING, probe: null,
    ...more, alarms: (link?.alarms ?? []).map((one) => ({ ...one, label: LABELS[one.kind] })),
  }
}
const rows = () => [
  row('pbx-1', 'asterisk', { abilities: ABILITIES, detail: 'started 2026-11-22T08:00:00.112+0800', last_event_at: ago(9), skew_seconds: 0.012, probe: { at: ago(31), ok: true, detail: 'Asterisk 正常，12 个终端中 9 个在线；测试呼叫 11 毫秒接通' } }),
  row('box-1', 'cti-serial', { detail: 'm: /dev/serial/by-id/usb-FTDI-port0', last_event_at: ago(52), frames: 50, unreadable: 3, skew_seconds: 3.2, aside: { count: 3, at: ago(1900), reason: '校验和不符' } }),
  row('om-gateway', 'gateway-push', { state: 'pushed', last_event_at: ago(61), ports_known: 8, ports_broken: (of('om-gateway').alarms ?? []).filter((one) => one.kind === 'port_fault').length, frames: 50, skew_seconds: 41.5, repaired: { count: 12, at: ago(600), reason: '时间 2000-01-01 不可信，改用本机时间' } }),
  row('模拟线路', 'simulated', { abilities: ABILITIES, detail: 'simulated, 8 ports', last_event_at: ago(2), skew_seconds: 0.001, probe: { at: ago(12), ok: true, detail: '模拟线路正常，3 路通话' } }),
]
const fact = (seconds, type, text, more = {}) => ({ at: ago(seconds + (more.late ?? 0)), heard_at: ago(seconds), type, text, port: null, call: 'k-104', backfilled: false, reason: '', ...more })
const FRAMES = ['RING\\r\\n\nDATE = 1122\\r\\n\nTIME = 1012\\r\\n\nNMBR = 138******00\\r\\n\n', 'T202*********15 000003 138******00     8012    12 0.00    \\r\\n\n']
const hex = (text) => [...Buffer.from(text.replaceAll('\\r\\n\n', '\r\n'))].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
const frame = (seconds, text, more = {}) => ({ heard_at: ago(seconds), size: hex(text).split(' ').length, text, hex: hex(text), cut: false, state: 'applied', reason: '', says: ['CallOffered'], ...more })

export const lineRoutes = (Refusal) => [
  ['GET', /^\/lines$/, () => ({ leading: true, items: rows() })],
  ['GET', /^\/lines\/([^/]+)$/, (m) => {
    const found = rows().find((one) => one.name === decodeURIComponent(m[1]))
    if (!found) throw new Refusal(404, 'not_found', '没有找到')
    return {
      ...found, repaired_for: found.repaired.count ? [found.repaired] : [], aside_for: found.aside.count ? [found.aside] : [], ports: found.ports_known ? [{ port: 3, broken: found.ports_broken > 0, since: ago(340), detail: '无回路' }, { port: 5, broken: false, since: ago(86000), detail: '' }] : [],
      gaps: [...(found.state === 'down' ? [{ kind: 'link', port: null, began_at: ago(95), ended_at: null, detail: SAID.link_down }] : []), { kind: 'link', port: null, began_at: ago(9000), ended_at: ago(8870), detail: 'm: 设备已拔出' }, { kind: 'writer', port: null, began_at: ago(30000), ended_at: ago(29994), detail: '由备用服务接管' }],
      history: [...found.alarms.map((one) => ({ at: one.since, raised: true, kind: one.kind, label: one.label, port: one.port, detail: one.detail })), { at: ago(8860), raised: false, kind: 'link_down', label: '连接中断', port: null, detail: '' }, { at: ago(8940), raised: true, kind: 'link_down', label: '连接中断', port: null, detail: '设备已拔出' }],
      facts: [fact(52, 'CallReleased', '来电人挂机'), fact(70, 'SeatAnswered', '话机 8001 接听', { port: 1 }), fact(75, 'CallOffered', '来电呼入，号码 138****8000，拨打 12348', { port: 1, late: 62 }), fact(4000, 'CallReleased', '通话结束（推断）', { backfilled: true })],
    }
  }],
  ['GET', /^\/lines\/([^/]+)\/raw$/, (m) => ({
    items: ['pbx-1', '模拟线路'].includes(decodeURIComponent(m[1])) ? [] : [frame(52, FRAMES[0]), frame(1900, '\x00·RI·NG ·· 0571****12', { state: 'set_aside', reason: '校验和不符', says: [] }), frame(2300, FRAMES[1], { says: ['CallOffered', 'SeatAnswered', 'CallReleased'] })],
  })],
]

/** An alarm is raised on that line, or all of it is well again. */
export function alarm({ line, kind, port, up }) {
  const link = of(line)
  Object.assign(link, { alarms: kind ? [...(link.alarms ?? []), { kind, port: port ? Number(port) : null, since: iso(), detail: SAID[kind] ?? '' }] : [] })
  if (up !== undefined) link.up = up === '1'
  tell('link', link)
}
