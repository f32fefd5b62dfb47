import * as z from 'zod'
import { CodeKey } from '../../shared/domain/budget-code.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import type { ProjectKey } from '../../shared/domain/ids.ts'
import { filtered, LineFilter, LineGroup, subtotalsBy } from '../../shared/domain/line-filter.ts'
import { type LineItem, lineKey, totalsOf } from '../../shared/domain/line-item.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { etag } from '../../shared/http/conditional.ts'
import { changedBetween, comesAfter, cursorOf, pageQuery, placeOf } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { notFound } from '../../shared/http/request.ts'
import { lineShown, totalsShown } from './as-shown.ts'
import { placeBy, subtotalsPage } from './subtotals.ts'
import type { ApiDependencies } from './dependencies.ts'
import { PathNumber, projectKey } from './input.ts'

/** Lines by parts of their code, and by whether they were added or changed after a version was made. */
const Which = z.strictObject({ ...LineFilter.shape, changed_since: PathNumber.optional() })

const ListQuery = z.strictObject({ ...pageQuery(1000).shape, ...Which.shape })
const SubtotalQuery = z.strictObject({ ...ListQuery.shape, by: LineGroup })

interface Budget {
  readonly key: ProjectKey
  readonly head: BudgetHead
}

async function budgetAsked({ store }: ApiDependencies, ask: Ask): Promise<Budget> {
  const key = projectKey(ask)
  const head = await store.head(key)
  if (!head) throw notFound('project')
  return { key, head }
}

async function linesThatDiffer(
  { store }: ApiDependencies,
  { key, head }: Budget,
  since: number,
): Promise<readonly LineItem[]> {
  const version = await store.version(key, since)
  if (!version) throw notFound('version')
  const differences = await store.differences(key, version.hash, head.manifest)
  return differences.flatMap(({ after }) => after ?? [])
}

async function linesAsked(
  dependencies: ApiDependencies,
  budget: Budget,
  { changed_since, ...filter }: z.infer<typeof Which>,
): Promise<readonly LineItem[]> {
  const lines =
    changed_since === undefined
      ? await dependencies.store.lines(budget.key, budget.head.manifest)
      : await linesThatDiffer(dependencies, budget, changed_since)
  return filtered(lines, filter)
}

interface Page {
  readonly lines: readonly LineItem[]
  readonly next?: CodeKey
  /** How many lines there are on all pages. */
  readonly inAll: number
}

/** Without a filter, only the chunks of the page are read. */
async function pageAsked(
  dependencies: ApiDependencies,
  budget: Budget,
  which: z.infer<typeof Which>,
  page: { readonly limit: number; readonly after?: CodeKey },
): Promise<Page> {
  const { key, head } = budget
  if (Object.keys(which).length === 0)
    return { ...(await dependencies.store.linePage(key, head.manifest, page)), inAll: head.lines }
  const { after, limit } = page
  const all = await linesAsked(dependencies, budget, which)
  const rest = all.filter((line) => comesAfter(lineKey(line), after))
  const lines = rest.slice(0, limit)
  const last = lines.at(-1)
  return { lines, inAll: all.length, ...(rest.length > limit && last && { next: lineKey(last) }) }
}

const Place = z.strictObject({ after: CodeKey, revision: z.int() })

/** Where a page begins; CHANGED_MEANWHILE when the lines are no longer those of the page before. */
function begin<After extends string>(
  cursor: string | undefined,
  revision: number,
  places: z.ZodType<{ readonly after: After; readonly revision: number }>,
): After | undefined {
  if (cursor === undefined) return undefined
  const place = placeOf(cursor, places)
  if (place.revision === revision) return place.after
  throw changedBetween()
}

async function listLines(
  dependencies: ApiDependencies,
  ask: Ask,
  { limit, cursor, ...which }: z.infer<typeof ListQuery>,
): Promise<Answer> {
  const budget = await budgetAsked(dependencies, ask)
  const { revision } = budget.head
  const after = begin(cursor, revision, Place)
  const { lines, next, inAll } = await pageAsked(dependencies, budget, which, {
    limit,
    ...(after !== undefined && { after }),
  })
  return ok(
    {
      line_items: lines.map(lineShown),
      line_items_in_all: inAll,
      next_cursor: next === undefined ? null : cursorOf({ after: next, revision }),
    },
    { etag: etag(revision) },
  )
}

async function showSubtotals(
  dependencies: ApiDependencies,
  ask: Ask,
  { by, limit, cursor, ...which }: z.infer<typeof SubtotalQuery>,
): Promise<Answer> {
  const budget = await budgetAsked(dependencies, ask)
  const { revision } = budget.head
  const lines = await linesAsked(dependencies, budget, which)
  const after = begin(cursor, revision, placeBy(Place, by))
  const place = (name: string) => ({ after: name, revision })
  return ok(
    {
      by,
      ...subtotalsPage(subtotalsBy(by, lines), { by, limit, after }, place, totalsShown),
      totals: totalsShown(totalsOf(lines)),
    },
    { etag: etag(revision) },
  )
}

export const lineListRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/projects/{project}/budget/line_items',
    operation: 'view_budget',
    query: ListQuery,
    handle: async (ask, { query }) => await listLines(dependencies, ask, query),
  }),
  route({
    method: 'GET',
    path: '/projects/{project}/budget/subtotals',
    operation: 'view_budget',
    query: SubtotalQuery,
    handle: async (ask, { query }) => await showSubtotals(dependencies, ask, query),
  }),
]
