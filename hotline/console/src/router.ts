/** Which page is where, and who may open it? */
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import { sayOutdated } from '@/say'
import { useSession } from '@/stores/session'

type Sight = 'announcements' | 'desk' | 'calls' | 'tickets' | 'live' | 'reports' | 'accounts' | 'audit' | 'lines' | 'categories' | 'callers' | 'callbacks' | 'ratings' | 'rosters' | 'directory' | 'handling' | 'case' | 'messages' | 'incidents' | 'openness' | 'handovers' | 'knowledge'

declare module 'vue-router' {
  interface RouteMeta { sight?: Sight }
}

const pages: RouteRecordRaw[] = [
  { path: '/desk', name: 'desk', component: () => import('@/views/Desk.vue'), meta: { sight: 'desk' } },
  { path: '/live', name: 'live', component: () => import('@/views/Live.vue'), meta: { sight: 'live' } },
  { path: '/calls', name: 'calls', component: () => import('@/views/Calls.vue'), meta: { sight: 'calls' } },
  { path: '/callbacks', name: 'callbacks', component: () => import('@/views/Callbacks.vue'), meta: { sight: 'callbacks' } },
  { path: '/tickets', name: 'tickets', component: () => import('@/views/Tickets.vue'), meta: { sight: 'tickets' } },
  { path: '/tickets/:number', name: 'ticket', component: () => import('@/views/TicketPage.vue'), meta: { sight: 'case' } },
  { path: '/handling', name: 'handling', component: () => import('@/views/Handling.vue'), meta: { sight: 'handling' } },
  { path: '/reports', name: 'reports', component: () => import('@/views/Reports.vue'), meta: { sight: 'reports' } },
  { path: '/reports/:day', name: 'report', component: () => import('@/views/Reports.vue'), meta: { sight: 'reports' } },
  { path: '/ratings', name: 'ratings', component: () => import('@/views/Ratings.vue'), meta: { sight: 'ratings' } },
  { path: '/accounts', name: 'accounts', component: () => import('@/views/Accounts.vue'), meta: { sight: 'accounts' } },
  { path: '/audit', name: 'audit', component: () => import('@/views/Audit.vue'), meta: { sight: 'audit' } },
  { path: '/categories', name: 'categories', component: () => import('@/views/Categories.vue'), meta: { sight: 'categories' } },
  { path: '/callers', name: 'callers', component: () => import('@/views/Callers.vue'), meta: { sight: 'callers' } },
  { path: '/announcements', name: 'announcements', component: () => import('@/views/Announcements.vue'), meta: { sight: 'announcements' } },
  { path: '/rosters', name: 'rosters', component: () => import('@/views/Rosters.vue'), meta: { sight: 'rosters' } },
  { path: '/directory', name: 'directory', component: () => import('@/views/Directory.vue'), meta: { sight: 'directory' } },
  { path: '/messages', name: 'messages', component: () => import('@/views/Messages.vue'), meta: { sight: 'messages' } },
  { path: '/incidents', name: 'incidents', component: () => import('@/views/Incidents.vue'), meta: { sight: 'incidents' } },
  { path: '/openness', name: 'openness', component: () => import('@/views/Openness.vue'), meta: { sight: 'openness' } },
  { path: '/knowledge', name: 'knowledge', component: () => import('@/views/Knowledge.vue'), meta: { sight: 'knowledge' } },
  { path: '/handovers', name: 'handovers', component: () => import('@/views/Handovers.vue'), meta: { sight: 'handovers' } },
  { path: '/lines', name: 'lines', component: () => import('@/views/Lines.vue'), meta: { sight: 'lines' } },
]

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/sign-in', name: 'sign-in', component: () => import('@/views/SignIn.vue') },
    { path: '/password', name: 'password', component: () => import('@/views/Password.vue') },
    { path: '/m', name: 'mobile', component: () => import('@/views/Mobile.vue') },
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
    case 'handler':
      return 'handling'
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
  // The page for a phone brings its own sign-in: nothing else of the console fits there.
  if (to.name === 'mobile' && !session.me) return true
  if (!session.me) return { name: 'sign-in', query: to.name === 'home' ? {} : { back: to.fullPath } }
  if (session.me.must_change_password && to.name !== 'password') return { name: 'password' }
  if (to.name === 'mobile' && !session.sees.desk) return { name: home() }
  if (to.meta.sight && !session.sees[to.meta.sight]) return { name: home() }
  return true
})

/** After an upgrade a page that was not loaded yet is gone under its old name. A call may be going on: ask, do not reload. */
router.onError((error: unknown, to) => {
  if (error instanceof TypeError && /import/.test(error.message)) sayOutdated(() => { location.hash = to.fullPath; location.reload() })
})
