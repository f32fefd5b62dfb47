import * as z from 'zod'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { cursorOf, pageQuery, placeOf } from '../../shared/http/page.ts'
import type { Ask, Route } from '../../shared/http/pipeline.ts'
import { notFound, query } from '../../shared/http/request.ts'
import type { ApiDependencies } from './dependencies.ts'
import { projectKey } from './input.ts'

/** The rows as they are chained, so that whoever reads them can verify the chain. */
async function showHistory({ store }: ApiDependencies, ask: Ask): Promise<Answer> {
  const { limit, cursor } = query(ask.event, pageQuery())
  const key = projectKey(ask)
  const after = cursor === undefined ? undefined : placeOf(cursor, z.int())
  const [project, history] = await Promise.all([
    store.project(key),
    store.history(key, { limit, ...(after !== undefined && { after }) }),
  ])
  if (!project) throw notFound('project')
  const last = history.at(-1)
  return ok({ history, next_cursor: history.length === limit && last ? cursorOf(last.sequence) : null })
}

export const historyRoutes = (dependencies: ApiDependencies): Route[] => [
  {
    method: 'GET',
    path: '/projects/{project}/budget/history',
    operation: 'view_history',
    handle: async (ask) => await showHistory(dependencies, ask),
  },
]
