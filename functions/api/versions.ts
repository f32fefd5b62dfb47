import * as z from 'zod'
import { CodeKey } from '../../shared/domain/budget-code.ts'
import type { BudgetVersion } from '../../shared/domain/budget-head.ts'
import { notInDescriptions } from '../../shared/domain/line-faults.ts'
import { totalsOf } from '../../shared/domain/line-item.ts'
import { namedVersion } from '../../shared/domain/named-version.ts'
import { isRefusal } from '../../shared/domain/refusal.ts'
import { told } from '../../shared/exporting/record.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { overtaken } from '../../shared/http/conditional.ts'
import { cursorOf, type Page, pageQuery, placeOf } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { notFound, segment } from '../../shared/http/request.ts'
import { Altered } from '../../shared/store/errors.ts'
import { keptFor } from '../../shared/store/idempotency.ts'
import { lineShown, totalsShown, versionShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { headOf } from './history.ts'
import { commander, PathNumber, projectKey } from './input.ts'

async function listVersions({ store }: ApiDependencies, ask: Ask, { limit, cursor }: Page): Promise<Answer> {
  const key = projectKey(ask)
  const head = await headOf(store, key)
  // Numbers are dense, so a page is a run of them; the newest comes first.
  const to = cursor === undefined ? head.version : Math.min(head.version, placeOf(cursor, z.int().min(1)) - 1)
  const from = Math.max(1, to - limit + 1)
  const versions = to < from ? [] : await store.versions(key, { from, to })
  return ok({
    versions: versions.toReversed().map(versionShown),
    next_cursor: from > 1 && versions.length > 0 ? cursorOf(from) : null,
  })
}

const NewVersion = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .refine((name) => !notInDescriptions.test(name), {
      error: 'The name holds a line break or another character that cannot be seen.',
    }),
})

/** Keeps the working copy as it is under a name: a constant number of writes, whatever its size. */
async function saveVersion(
  { store, clock }: ApiDependencies,
  ask: Ask,
  { name }: z.infer<typeof NewVersion>,
): Promise<Answer> {
  const key = projectKey(ask)
  const who = commander(ask)
  const version = await store.decide<BudgetVersion>(
    key,
    (head) => {
      if (!head) return notFound('project').refusal
      const stale = overtaken(ask.event, head.revision)
      if (stale) return stale
      const saved = namedVersion(head, name, who.by, clock.now())
      if (isRefusal(saved)) return saved
      const { number, hash } = saved
      return {
        answer: saved,
        commit: {
          head: { ...head, version: number },
          version: saved,
          costly: true,
          history: [{ ...told(who), event: 'version_saved', detail: { version: number, name, hash } }],
          ...keptFor(who, versionShown(saved), 201),
        },
      }
    },
    who.idempotency,
  )
  const location = `/projects/${key.project}/budget/versions/${String(version.number)}`
  return { status: 201, body: versionShown(version), headers: { location } }
}

async function versionAsked({ store }: ApiDependencies, ask: Ask): Promise<BudgetVersion> {
  const version = await store.version(projectKey(ask), segment(ask.event, 'version', PathNumber))
  if (!version) throw notFound('version')
  return version
}

const showVersion = async (dependencies: ApiDependencies, ask: Ask): Promise<Answer> =>
  ok(versionShown(await versionAsked(dependencies, ask)))

async function listVersionLines(
  dependencies: ApiDependencies,
  ask: Ask,
  { limit, cursor }: Page,
): Promise<Answer> {
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

/** Reads every line of the version and compares the hash of each stored piece with the one that names it. */
async function verifyVersion(dependencies: ApiDependencies, ask: Ask): Promise<Answer> {
  const version = await versionAsked(dependencies, ask)
  const { number, hash, lines, original, changes } = version
  const totals = totalsOf(await dependencies.store.lines(projectKey(ask), hash))
  if (totals.lines !== lines || totals.original !== original || totals.changes !== changes)
    throw new Altered(`Version ${String(number)} says other totals than its lines come to`)
  return ok({ version: number, hash, verified: true, ...totalsShown(totals) })
}

const list = '/projects/{project}/budget/versions'

export const versionRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: list,
    operation: 'view_budget',
    query: pageQuery(),
    handle: async (ask, { query }) => await listVersions(dependencies, ask, query),
  }),
  route({
    method: 'POST',
    path: list,
    operation: 'save_version',
    body: NewVersion,
    handle: async (ask, { body }) => await saveVersion(dependencies, ask, body),
  }),
  route({
    method: 'GET',
    path: `${list}/{version}`,
    operation: 'view_budget',
    handle: async (ask) => await showVersion(dependencies, ask),
  }),
  route({
    method: 'GET',
    path: `${list}/{version}/lines`,
    operation: 'view_budget',
    query: pageQuery(1000),
    handle: async (ask, { query }) => await listVersionLines(dependencies, ask, query),
  }),
  route({
    method: 'GET',
    path: `${list}/{version}/verify`,
    operation: 'view_budget',
    handle: async (ask) => await verifyVersion(dependencies, ask),
  }),
]
