/** Ratings (评价) of the mock hall: made up, dissatisfied callers first. */
import { hall, iso } from './hall.mjs'

const WAYS = ['key', 'key', 'link', 'call_back']
const rows = () => made ??= hall.log.filter((one) => one.answered_at).slice(0, 24).map((one, n) => {
  const low = n === 3 || n === 9
  const scores = { attitude: low ? 2 : 5, efficiency: low ? 1 : 4, skill: low ? 3 : 5, policy: n % 4 === 1 ? null : 4 }
  const given = Object.values(scores).filter((score) => score !== null)
  const mean = given.reduce((all, score) => all + score, 0) / given.length
  return {
    id: n + 1, call: one.id, ticket: one.ticket, way: WAYS[n % 4], caller: one.caller, offered_at: one.offered_at, queue: one.queue, queue_label: one.queue_label, operator: 'acc-1002',
    operator_name: one.operator_name ?? '陈志远', work_number: '1002', at: iso(Date.parse(one.offered_at) + 900e3), scores, mean, satisfied: mean >= 4, has_comment: low || n === 5,
    followed_at: n === 9 ? iso() : null, followed_by: n === 9 ? '何班长' : '', to_follow_up: n === 3, comment: low ? '等了很久才接通，话没说完就被挂断了。' : n === 5 ? '谢谢律师，讲得很清楚。' : '',
    note: n === 9 ? '已致歉，并预约当面咨询。' : '',
  }
})
let made

const plain = ({ comment, note, ...rest }) => rest
const part = (key, label, answered, rated, satisfied) => ({ key, label, answered, invited: answered - 4, rated, rating_rate: rated / answered, satisfied, satisfaction: satisfied / rated })
const figure = (id, formula, numerator, denominator) => ({ id, label: '', formula, wording: '', numerator, denominator, value: numerator / denominator })

export const ratingRoutes = (paged) => [
  ['GET', /^\/ratings$/, (m, b, query) => paged(rows().filter((one) => (!query.way || one.way === query.way) && (!query.satisfied || String(one.satisfied) === query.satisfied) && (!query.to_follow_up || one.to_follow_up)).sort((a, b2) => b2.to_follow_up - a.to_follow_up).map(plain), query)],
  ['GET', /^\/ratings\/figures$/, (m, b, query) => ({
    first: query.from, last: query.to,
    figures: [
      figure('rating_rate', 'rated/answered', 5821, 10184), figure('satisfaction', 'satisfied/rated', 5742, 5821), figure('rating_response', 'rated/invited', 5821, 9630),
      ...['attitude', 'efficiency', 'skill', 'policy'].map((one, n) => figure(`score_${one}`, `score:${one}`, 27900 - 300 * n, 5800)),
    ],
    days: Array.from({ length: 12 }, (_, n) => { const day = iso(Date.now() - n * 864e5).slice(0, 10); return part(day, day, 340 + n * 7, 190 + n * 3, 186 + n * 3) }),
    operators: [part('acc-1001', '1001 周敏', 812, 466, 461), part('acc-1002', '1002 陈志远', 765, 402, 391)], queues: [part('general', '综合咨询', 4120, 2301, 2280), part('labour', '劳动争议', 3022, 1800, 1766)],
  })],
  ['GET', /^\/ratings\/own$/, (m, b, query) => ({
    month: query.month, over: true, enough: true, fewest: 5, rated: 128, overall: { mean: 4.71, scores: 128 },
    means: { attitude: { mean: 4.9, scores: 128 }, efficiency: { mean: 4.52, scores: 126 }, skill: { mean: 4.7, scores: 121 } },
  })],
  ['GET', /^\/ratings\/(\d+)$/, (m) => rows()[m[1] - 1]],
  ['POST', /^\/ratings\/(\d+)\/follow-up$/, (m, body) => Object.assign(rows()[m[1] - 1], { note: body.note, followed_at: iso(), followed_by: '何班长', to_follow_up: false })],
  ['POST', /^\/calls\/([\w-]+)\/rating$/, () => ({ id: 99 })],
  ['POST', /^\/tickets\/([\w-]+)\/rating-link$/, () => ({ address: 'https://12348.example.gov.cn/rate/wQx2v8ZBqT0mS1pYk3LrNA7f5hJdGc9e', expires_at: iso(Date.now() + 7 * 864e5) })],
]
