/** How are times, spans, numbers and rates written? Always the hotline's own time zone, whatever the computer says. */
import { i18n } from '@/i18n'

const ZONE = 'Asia/Shanghai'

const CLOCK = new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const PARTS = new Intl.DateTimeFormat('en-CA', {
  timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit',
})

export function clock(instant: string | null | undefined): string {
  return instant ? CLOCK.format(new Date(instant)) : '—'
}

export function day(instant: string | number | Date | null | undefined): string {
  return instant ? PARTS.format(new Date(instant)) : '—'
}

export function dayAndClock(instant: string | null | undefined): string {
  return instant ? `${day(instant)} ${clock(instant)}` : '—'
}

/** Today's things by the clock alone, others with month and day. */
export function brief(instant: string | null | undefined, now = Date.now()): string {
  if (!instant) return '—'
  return day(instant) === day(now) ? clock(instant) : `${day(instant).slice(5)} ${clock(instant).slice(0, 5)}`
}

/** 0:07, 12:31, 1:02:03 */
export function span(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return '—'
  const whole = Math.max(0, Math.round(seconds))
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  const rest = String(whole % 60).padStart(2, '0')
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`
}

/** 8 秒, 3 分 20 秒, 2 小时 5 分 */
export function spanInWords(seconds: number): string {
  const { t } = i18n.global
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} ${t('time.s')}`
  if (whole < 3600) return `${Math.floor(whole / 60)} ${t('time.m')} ${whole % 60} ${t('time.s')}`
  return `${Math.floor(whole / 3600)} ${t('time.h')} ${Math.floor((whole % 3600) / 60)} ${t('time.m')}`
}

export function percent(value: number | null | undefined, digits = 1): string {
  return value === null || value === undefined ? '—' : `${(value * 100).toFixed(digits)}%`
}

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '—' : value.toLocaleString('zh-CN')
}

/** 138****8000 in groups that are easily read aloud. */
export function phone(number: string | null | undefined): string {
  if (!number) return '—'
  const plain = number.replace(/^\+86/, '')
  return /^1[\d*]{10}$/.test(plain) ? `${plain.slice(0, 3)} ${plain.slice(3, 7)} ${plain.slice(7)}` : plain
}

/** What is known of several things, with a dot between any two. */
export function dotted(...parts: (string | null | undefined)[]): string {
  return parts.filter(Boolean).join(' · ')
}

/** Where a number comes from, as the service tells it (place, blank, carrier), taken apart. */
export function origin(region: string): { place: string; carrier: string } {
  const [place = '', carrier = ''] = region.split(' ')
  return { place, carrier }
}

/** Full-width digits of Chinese input methods as plain ones. */
export function plainDigits(text: string): string {
  return text.normalize('NFKC').trim()
}

export function daysAgo(days: number, now = Date.now()): string {
  return day(now - days * 86_400_000)
}
