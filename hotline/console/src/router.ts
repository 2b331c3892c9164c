/** Which page is where, and who may open it? */
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import { sayOutdated } from '@/say'
import { useSession } from '@/stores/session'

type Sight = 'desk' | 'calls' | 'tickets' | 'live' | 'reports' | 'accounts' | 'audit' | 'lines' | 'categories'

declare module 'vue-router' {
  interface RouteMeta { sight?: Sight }
}

const pages: RouteRecordRaw[] = [
  { path: '/desk', name: 'desk', component: () => import('@/views/Desk.vue'), meta: { sight: 'desk' } },
  { path: '/live', name: 'live', component: () => import('@/views/Live.vue'), meta: { sight: 'live' } },
  { path: '/calls', name: 'calls', component: () => import('@/views/Calls.vue'), meta: { sight: 'calls' } },
  { path: '/tickets', name: 'tickets', component: () => import('@/views/Tickets.vue'), meta: { sight: 'tickets' } },
  { path: '/tickets/:number', name: 'ticket', component: () => import('@/views/TicketPage.vue'), meta: { sight: 'tickets' } },
  { path: '/reports', name: 'reports', component: () => import('@/views/Reports.vue'), meta: { sight: 'reports' } },
  { path: '/reports/:day', name: 'report', component: () => import('@/views/Reports.vue'), meta: { sight: 'reports' } },
  { path: '/accounts', name: 'accounts', component: () => import('@/views/Accounts.vue'), meta: { sight: 'accounts' } },
  { path: '/audit', name: 'audit', component: () => import('@/views/Audit.vue'), meta: { sight: 'audit' } },
  { path: '/categories', name: 'categories', component: () => import('@/views/Categories.vue'), meta: { sight: 'categories' } },
  { path: '/lines', name: 'lines', component: () => import('@/views/Lines.vue'), meta: { sight: 'lines' } },
]

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/sign-in', name: 'sign-in', component: () => import('@/views/SignIn.vue') },
    { path: '/password', name: 'password', component: () => import('@/views/Password.vue') },
    { path: '/', name: 'home', redirect: () => ({ name: home() }) },
    { path: '/in', component: () => import('@/shell/Shell.vue'), children: pages },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})

export function home(): string {
  const session = useSession()
  switch (session.me?.role) {
    case 'operator':
      return 'desk'
    case 'supervisor':
      return 'live'
    case 'administrator':
      return 'live'
    case 'auditor':
      return 'audit'
    default:
      return 'sign-in'
  }
}

router.beforeEach(async (to) => {
  const session = useSession()
  try {
    await session.restore()
  } catch {
    // The service is away: the sign-in page says so.
  }
  if (to.name === 'sign-in') return session.me ? { name: home() } : true
  if (!session.me) return { name: 'sign-in', query: to.name === 'home' ? {} : { back: to.fullPath } }
  if (session.me.must_change_password && to.name !== 'password') return { name: 'password' }
  if (to.meta.sight && !session.sees[to.meta.sight]) return { name: home() }
  return true
})

/** After an upgrade a page that was not loaded yet is gone under its old name. A call may be going on: ask, do not reload. */
router.onError((error: unknown, to) => {
  if (error instanceof TypeError && /import/.test(error.message)) sayOutdated(() => { location.hash = to.fullPath; location.reload() })
})
