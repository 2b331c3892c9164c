/** How is a failure told to the person at the desk? */
import { ElMessage, ElMessageBox } from 'element-plus'
import { Problem } from '@/api/http'
import { i18n, wordFor } from '@/i18n'

const CHINESE = /\p{Script=Han}/u

/** What exactly is wrong, as the service says it, to who reads Chinese; else our words for the code. */
export function words(error: unknown): string {
  const { t, te, locale } = i18n.global
  if (!(error instanceof Problem)) return t('problem.unexpected')
  if (locale.value === 'zh-CN' && CHINESE.test(error.detail)) return error.detail
  const key = `problem.${error.code}`
  // What a ticket lacks differs with its matter: the service says it.
  const lacks = error.code === 'ticket_incomplete' ? error.errors.map((one) => one.message).filter(Boolean).join('') : ''
  if (te(key)) return lacks ? t('text.colon', { a: t(key), b: lacks }) : t(key)
  return error.title || (error.isAway ? t('problem.unreachable') : t('problem.unexpected'))
}

/** In pixels from the top: the state buttons in the header stay within reach. */
const BELOW_HEADER = 68

export function sayProblem(error: unknown): void {
  ElMessage({ type: 'error', message: words(error), grouping: true, duration: 5000, showClose: true, offset: BELOW_HEADER })
}

export function sayDone(text: string): void {
  ElMessage({ type: 'success', message: text, grouping: true, offset: BELOW_HEADER })
}

/** Something to know now, that nobody did wrong. Stays long enough to be read in mid-sentence. */
export function sayWarning(text: string): void {
  ElMessage({ type: 'warning', message: text, grouping: true, duration: 8000, showClose: true, offset: BELOW_HEADER })
}

/** What the service let pass at the sign-in, but wants known. */
export function sayWarnings(codes: readonly string[]): void {
  for (const code of codes) sayWarning(wordFor('rosters.warnings', code))
}

/** The console on the server is newer than this page; `reload` when the reader says so. */
export function sayOutdated(reload: () => void): void {
  const { t } = i18n.global
  ElMessageBox.confirm(t('outdated.text'), t('outdated.title'), { confirmButtonText: t('outdated.reload'), cancelButtonText: t('outdated.later'), type: 'info' }).then(reload, () => undefined)
}
