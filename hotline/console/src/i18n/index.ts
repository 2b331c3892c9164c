/** All words of the console, Chinese and English. What a site wrote itself (queues, phrases, reasons) stays as it is. */
import { createI18n } from 'vue-i18n'
import zhCallbacks from './zh/callbacks'
import zhCallers from './zh/callers'
import zhAnnouncements from './zh/announcements'
import zhCalls from './zh/calls'
import zhCategories from './zh/categories'
import zhControl from './zh/control'
import zhDesk from './zh/desk'
import zhDirectory from './zh/directory'
import zhHandling from './zh/handling'
import zhIncidents from './zh/incidents'
import zhKnowledge from './zh/knowledge'
import zhHandovers from './zh/handovers'
import zhLive from './zh/live'
import zhMatters from './zh/matters'
import zhMessages from './zh/messages'
import zhMobile from './zh/mobile'
import zhPeople from './zh/people'
import zhRatings from './zh/ratings'
import zhReports from './zh/reports'
import zhRosters from './zh/rosters'
import zhShell from './zh/shell'
import zhTicket from './zh/ticket'
import enCallbacks from './en/callbacks'
import enCallers from './en/callers'
import enAnnouncements from './en/announcements'
import enCalls from './en/calls'
import enCategories from './en/categories'
import enControl from './en/control'
import enDesk from './en/desk'
import enDirectory from './en/directory'
import enHandling from './en/handling'
import enIncidents from './en/incidents'
import enKnowledge from './en/knowledge'
import enHandovers from './en/handovers'
import enLive from './en/live'
import enMatters from './en/matters'
import enMessages from './en/messages'
import enMobile from './en/mobile'
import enPeople from './en/people'
import enRatings from './en/ratings'
import enReports from './en/reports'
import enRosters from './en/rosters'
import enShell from './en/shell'
import enTicket from './en/ticket'

export type Language = 'zh-CN' | 'en'

const zh = { ...zhShell, ...zhDesk, ...zhControl, ...zhMobile, ...zhTicket, ...zhCallbacks, ...zhCallers, ...zhCalls, ...zhLive, ...zhRatings, ...zhReports, ...zhRosters, ...zhPeople, ...zhCategories, ...zhAnnouncements, ...zhDirectory, ...zhHandling, ...zhMessages, ...zhIncidents, ...zhHandovers, ...zhKnowledge, ...zhMatters }
const en: typeof zh = { ...enShell, ...enDesk, ...enControl, ...enMobile, ...enTicket, ...enCallbacks, ...enCallers, ...enCalls, ...enLive, ...enRatings, ...enReports, ...enRosters, ...enPeople, ...enCategories, ...enAnnouncements, ...enDirectory, ...enHandling, ...enMessages, ...enIncidents, ...enHandovers, ...enKnowledge, ...enMatters }
const REMEMBERED = 'hotline-language'

export const i18n = createI18n({
  legacy: false,
  locale: remembered(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh, en },
  missingWarn: false,
  fallbackWarn: false,
})

export function useLanguage(language: Language): void {
  i18n.global.locale.value = language
  document.documentElement.lang = language
  localStorage.setItem(REMEMBERED, language)
}

export function remembered(): Language {
  return localStorage.getItem(REMEMBERED) === 'en' ? 'en' : 'zh-CN'
}

/** The catalogues of all languages. */
export function languages(): readonly (typeof zh)[] {
  return [zh, en]
}

/** The words for a code that the service may have added after this console was built: then the code itself. */
export function wordFor(group: string, code: string | null | undefined): string {
  if (!code) return ''
  const key = `${group}.${code}`
  const { t, te } = i18n.global
  return te(key) ? t(key) : code
}

/** The service's own Chinese words for a code; in another language ours, where we have them. */
export function wordOr(told: string | null | undefined, group: string, code: string): string {
  const { locale, te } = i18n.global
  if (told && (locale.value === 'zh-CN' || !te(`${group}.${code}`))) return told
  return wordFor(group, code)
}
