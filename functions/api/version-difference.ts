import * as z from 'zod'
import { differenceCsvHead, differenceCsvRow } from '../../shared/budget-files/difference-csv.ts'
import { CodeKey, codeOfKey } from '../../shared/domain/budget-code.ts'
import { countKinds, deltaOf, deltasBy, fieldChanges, kindOf } from '../../shared/domain/difference.ts'
import { type ProjectKey, Sha256 } from '../../shared/domain/ids.ts'
import { LineGroup } from '../../shared/domain/line-filter.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { changedBetween, comesAfter, pageOf, pageQuery, placeOf } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { segment } from '../../shared/http/request.ts'
import type { LineDifference } from '../../shared/store/budget-store.ts'
import { amountsShown, codeShown, lineShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { headOf } from './history.ts'
import { projectKey } from './input.ts'
import { fileQuery, pagedText } from './paged-text.ts'
import { placeBy, subtotalsPage } from './subtotals.ts'
import { type ComparedLines, Side, sideOf, sideShown } from './two-sides.ts'

/** After which line a page goes on, and between which sets of lines: the working copy may move on meanwhile. */
const Place = z.strictObject({ after: CodeKey, from: Sha256, to: Sha256 })

type AnyPlace = Omit<z.infer<typeof Place>, 'after'> & { readonly after: string }

interface Compared {
  readonly key: ProjectKey
  readonly from: ComparedLines
  readonly to: ComparedLines
  /** All that differ, in key order. */
  readonly differences: readonly LineDifference[]
  /** The last that the page before gave. */
  readonly after: string | undefined
}

async function compared(
  { store }: ApiDependencies,
  ask: Ask,
  asked: { readonly from: Side; readonly cursor?: string | undefined },
  places: z.ZodType<AnyPlace> = Place,
): Promise<Compared> {
  const key = projectKey(ask)
  const version = segment(ask.event, 'version', Side)
  const head = await headOf(store, key)
  const [from, to] = await Promise.all([
    sideOf(store, key, head, asked.from),
    sideOf(store, key, head, version),
  ])
  const place = asked.cursor === undefined ? undefined : placeOf(asked.cursor, places)
  if (place && (place.from !== from.manifest || place.to !== to.manifest)) throw changedBetween()
  const differences = await store.differences(key, from.manifest, to.manifest)
  return { key, from, to, differences, after: place?.after }
}

/** Those that the page before did not give. */
const linesLeft = ({ differences, after }: Compared) =>
  differences.filter(({ key }) => comesAfter(key, after))

const placeAfter = ({ from, to }: Compared, after: string): AnyPlace => ({
  after,
  from: from.manifest,
  to: to.manifest,
})

const lineDifferenceShown = (difference: LineDifference) => ({
  kind: kindOf(difference),
  ...codeShown(codeOfKey(difference.key)),
  fields: fieldChanges(difference).map(({ field }) => field),
  before: difference.before ? lineShown(difference.before) : null,
  after: difference.after ? lineShown(difference.after) : null,
  delta: amountsShown(deltaOf(difference)),
})

const DifferenceQuery = z.strictObject({ ...pageQuery(1000).shape, from: Side })
const SubtotalQuery = z.strictObject({ ...DifferenceQuery.shape, by: LineGroup })
const FileQuery = z.strictObject({ ...fileQuery.shape, from: Side })

async function showDifference(
  dependencies: ApiDependencies,
  ask: Ask,
  { limit, ...asked }: z.infer<typeof DifferenceQuery>,
): Promise<Answer> {
  const of = await compared(dependencies, ask, asked)
  const { page, next_cursor } = pageOf(linesLeft(of), limit, ({ key }) => placeAfter(of, key))
  return ok({
    from: sideShown(of.from),
    to: sideShown(of.to),
    counts: countKinds(of.differences),
    delta: amountsShown(deltaOf({ before: of.from, after: of.to })),
    line_items: page.map(lineDifferenceShown),
    next_cursor,
  })
}

async function showSubtotals(
  dependencies: ApiDependencies,
  ask: Ask,
  { limit, by, ...asked }: z.infer<typeof SubtotalQuery>,
): Promise<Answer> {
  const of = await compared(dependencies, ask, asked, placeBy(Place, by))
  const coded = of.differences.map((difference) => ({ ...difference, code: codeOfKey(difference.key) }))
  const all = deltasBy(by, coded)
  return ok({
    by,
    from: sideShown(of.from),
    to: sideShown(of.to),
    ...subtotalsPage(
      all,
      { by, limit, after: of.after },
      (name) => placeAfter(of, name),
      ({ counts, original, changes }) => ({ counts, delta: amountsShown({ original, changes }) }),
    ),
    counts: countKinds(of.differences),
    delta: amountsShown(deltaOf({ before: of.from, after: of.to })),
  })
}

async function differenceCsv(
  dependencies: ApiDependencies,
  ask: Ask,
  { limit, ...asked }: z.infer<typeof FileQuery>,
): Promise<Answer> {
  const of = await compared(dependencies, ask, asked)
  const records = Iterator.from(linesLeft(of)).map((difference) => ({
    text: differenceCsvRow(difference),
    place: placeAfter(of, difference.key),
  }))
  const sides = `${String(of.from.version ?? 'current')}-to-${String(of.to.version ?? 'current')}`
  return await pagedText(records, {
    type: 'text/csv; charset=utf-8',
    name: `${of.key.project}-difference-${sides}.csv`,
    limit,
    before: asked.cursor === undefined ? differenceCsvHead : '',
  })
}

const difference = '/projects/{project}/budget/versions/{version}/diff'

export const versionDifferenceRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: difference,
    operation: 'view_budget',
    query: DifferenceQuery,
    handle: async (ask, { query }) => await showDifference(dependencies, ask, query),
  }),
  route({
    method: 'GET',
    path: `${difference}/subtotals`,
    operation: 'view_budget',
    query: SubtotalQuery,
    handle: async (ask, { query }) => await showSubtotals(dependencies, ask, query),
  }),
  route({
    method: 'GET',
    path: `${difference}.csv`,
    operation: 'view_budget',
    query: FileQuery,
    handle: async (ask, { query }) => await differenceCsv(dependencies, ask, query),
  }),
]
