import * as z from 'zod'
import { Instant } from '../../shared/domain/ids.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { type Page, pageOf, pageQuery, placeOf } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { notFound } from '../../shared/http/request.ts'
import type { LoggedMail } from '../../shared/store/mail-log.ts'
import type { ApiDependencies } from './dependencies.ts'
import { projectKey } from './input.ts'

const Place = z.strictObject({ first_at: Instant, id: z.string() })
type Place = z.infer<typeof Place>

/** The newest first; of one moment, by id. */
const newestFirst = (a: Place, b: Place): number =>
  b.first_at.localeCompare(a.first_at) || a.id.localeCompare(b.id)

const mailShown = ({ mail, to, attempts, first_at, sent_at, undelivered }: LoggedMail) => ({
  mail,
  to,
  fate: undelivered ? ('not_delivered' as const) : sent_at ? ('sent' as const) : ('unknown' as const),
  attempts,
  first_at,
  sent_at: sent_at ?? null,
  undelivered: undelivered ?? null,
})

/** Who was mailed what about a budget, and what is known to have become of it; nothing of what a mail says. */
async function listMails({ store }: ApiDependencies, ask: Ask, { limit, cursor }: Page): Promise<Answer> {
  const key = projectKey(ask)
  const [project, mails] = await Promise.all([store.project(key), store.mails(key)])
  if (!project) throw notFound('project')
  const last = cursor === undefined ? undefined : placeOf(cursor, Place)
  const left = mails.filter((mail) => !last || newestFirst(last, mail) < 0).toSorted(newestFirst)
  const { page, next_cursor } = pageOf(left, limit, ({ first_at, id }): Place => ({ first_at, id }))
  return ok({ mails: page.map(mailShown), next_cursor })
}

export const mailRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/projects/{project}/mails',
    operation: 'view_history',
    query: pageQuery(),
    handle: async (ask, { query }) => await listMails(dependencies, ask, query),
  }),
]
