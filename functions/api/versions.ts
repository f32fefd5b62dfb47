import * as z from 'zod'
import { CodeKey } from '../../shared/domain/budget-code.ts'
import type { BudgetVersion } from '../../shared/domain/budget-head.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { cursorOf, pageQuery, placeOf } from '../../shared/http/page.ts'
import type { Ask, Route } from '../../shared/http/pipeline.ts'
import { notFound, query, segment } from '../../shared/http/request.ts'
import { lineShown, versionShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { PathNumber, projectKey } from './input.ts'

async function listVersions({ store }: ApiDependencies, ask: Ask): Promise<Answer> {
  const { limit, cursor } = query(ask.event, pageQuery())
  const key = projectKey(ask)
  const [project, versions] = await Promise.all([store.project(key), store.versions(key)])
  if (!project) throw notFound('project')
  const before = cursor === undefined ? Infinity : placeOf(cursor, z.int())
  const older = versions.filter(({ number }) => number < before).toSorted((a, b) => b.number - a.number)
  const page = older.slice(0, limit)
  const last = page.at(-1)
  return ok({
    versions: page.map(versionShown),
    next_cursor: older.length > limit && last ? cursorOf(last.number) : null,
  })
}

async function versionAsked({ store }: ApiDependencies, ask: Ask): Promise<BudgetVersion> {
  const version = await store.version(projectKey(ask), segment(ask.event, 'version', PathNumber))
  if (!version) throw notFound('version')
  return version
}

const showVersion = async (dependencies: ApiDependencies, ask: Ask): Promise<Answer> =>
  ok(versionShown(await versionAsked(dependencies, ask)))

async function listVersionLines(dependencies: ApiDependencies, ask: Ask): Promise<Answer> {
  const { limit, cursor } = query(ask.event, pageQuery(1000))
  const { hash, number } = await versionAsked(dependencies, ask)
  const after = cursor === undefined ? undefined : placeOf(cursor, CodeKey)
  const { lines, next } = await dependencies.store.linePage(projectKey(ask), hash, {
    limit,
    ...(after !== undefined && { after }),
  })
  return ok({
    version: number,
    line_items: lines.map(lineShown),
    next_cursor: next === undefined ? null : cursorOf(next),
  })
}

const list = '/projects/{project}/budget/versions'

export const versionRoutes = (dependencies: ApiDependencies): Route[] => [
  {
    method: 'GET',
    path: list,
    operation: 'view_budget',
    handle: async (ask) => await listVersions(dependencies, ask),
  },
  {
    method: 'GET',
    path: `${list}/{version}`,
    operation: 'view_budget',
    handle: async (ask) => await showVersion(dependencies, ask),
  },
  {
    method: 'GET',
    path: `${list}/{version}/lines`,
    operation: 'view_budget',
    handle: async (ask) => await listVersionLines(dependencies, ask),
  },
]
