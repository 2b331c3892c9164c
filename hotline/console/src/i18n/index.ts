/** All words of the console. Chinese is the source; English covers shell, desk and tickets and falls back otherwise. */
import { createI18n } from 'vue-i18n'
import zhCalls from './zh/calls'
import zhDesk from './zh/desk'
import zhLive from './zh/live'
import zhPeople from './zh/people'
import zhReports from './zh/reports'
import zhShell from './zh/shell'
import zhTicket from './zh/ticket'
import enDesk from './en/desk'
import enShell from './en/shell'
import enTicket from './en/ticket'

export type Language = 'zh-CN' | 'en'

const zh = { ...zhShell, ...zhDesk, ...zhTicket, ...zhCalls, ...zhLive, ...zhReports, ...zhPeople }
const en = { ...enShell, ...enDesk, ...enTicket }
const REMEMBERED = 'hotline-language'

export const i18n = createI18n({
  legacy: false,
  locale: remembered(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh, en: en as unknown as typeof zh },
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

/** The words for a code that the service may have added after this console was built: then the code itself. */
export function wordFor(group: string, code: string | null | undefined): string {
  if (!code) return ''
  const key = `${group}.${code}`
  const { t, te } = i18n.global
  return te(key) || te(key, 'zh-CN') ? t(key) : code
}
