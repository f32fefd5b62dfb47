import * as z from 'zod'
import { sageDifferenceCsvHead, sageDifferenceCsvRow } from '../../shared/budget-files/difference-csv.ts'
import { ledgerPosition } from '../../shared/cycle/coming-export.ts'
import { CodeKey, keyOf } from '../../shared/domain/budget-code.ts'
import { type Cents, formatCents, minus, noCents, plus } from '../../shared/domain/cents.ts'
import {
  type SageDifference,
  sageDifferences,
  type SageTotals,
  sageTotals,
  sageTotalsBy,
} from '../../shared/domain/difference.ts'
import type { LedgerRow } from '../../shared/domain/export.ts'
import { type ProjectKey, Sha256 } from '../../shared/domain/ids.ts'
import { LineGroup } from '../../shared/domain/line-filter.ts'
import { type LineItem, revisedEstimate } from '../../shared/domain/line-item.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { changedBetween, comesAfter, type Page, pageOf, pageQuery, placeOf } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { segment } from '../../shared/http/request.ts'
import { codeShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { headOf } from './history.ts'
import { projectKey } from './input.ts'
import { fileQuery, pagedText } from './paged-text.ts'
import { placeBy, subtotalsPage } from './subtotals.ts'
import { type ComparedLines, Side, sideOf, sideShown } from './two-sides.ts'

/** After which code a page goes on, of which lines against which state of the ledger. */
const Place = z.strictObject({ after: CodeKey, lines: Sha256, ledger: Sha256.nullable() })

type AnyPlace = Omit<z.infer<typeof Place>, 'after'> & { readonly after: string }

interface Compared {
  readonly key: ProjectKey
  readonly side: ComparedLines
  readonly ledger: Sha256 | null
  readonly lines: readonly LineItem[]
  readonly position: readonly LedgerRow[]
  /** The last that the page before gave. */
  readonly after: string | undefined
}

async function compared(
  dependencies: ApiDependencies,
  ask: Ask,
  cursor: string | undefined,
  places: z.ZodType<AnyPlace> = Place,
): Promise<Compared> {
  const { store } = dependencies
  const key = projectKey(ask)
  const head = await headOf(store, key)
  const side = await sideOf(store, key, head, segment(ask.event, 'version', Side))
  const ledger = head.ledger ?? null
  const place = cursor === undefined ? undefined : placeOf(cursor, places)
  if (place && (place.lines !== side.manifest || place.ledger !== ledger)) throw changedBetween()
  const [lines, position] = await Promise.all([
    store.lines(key, side.manifest),
    ledgerPosition(dependencies, key, head),
  ])
  return { key, side, ledger, lines, position, after: place?.after }
}

/** Those that the page before did not give. */
const codesLeft = (differences: readonly SageDifference[], after: string | undefined) =>
  differences.filter(({ code }) => comesAfter(keyOf(code), after))

const placeAfter = ({ side, ledger }: Compared, after: string): AnyPlace => ({
  after,
  lines: side.manifest,
  ledger,
})

const heldShown = ({ original, changes }: Pick<LineItem, 'original' | 'changes'>) => ({
  original_estimate: formatCents(original),
  approved_estimate_changes: formatCents(changes),
  total: formatCents(plus(original, changes)),
})

const dueShown = (revised: Cents, due: Cents) => ({
  revised_estimate: formatCents(revised),
  difference_to_send: formatCents(due),
})

const totalsShown = ({ held, revised }: SageTotals) => ({
  in_sage: heldShown(held),
  ...dueShown(revised, minus(revised, plus(held.original, held.changes))),
})

const sageDifferenceShown = ({ code, line, held, due }: SageDifference) => ({
  ...codeShown(code),
  description: line?.description ?? null,
  in_sage: heldShown(held),
  ...dueShown(line ? revisedEstimate(line) : noCents, due),
})

const SubtotalQuery = z.strictObject({ ...pageQuery(1000).shape, by: LineGroup })

async function showDifference(
  dependencies: ApiDependencies,
  ask: Ask,
  { limit, cursor }: Page,
): Promise<Answer> {
  const of = await compared(dependencies, ask, cursor)
  const differences = sageDifferences(of.lines, of.position)
  const left = codesLeft(differences, of.after)
  const { page, next_cursor } = pageOf(left, limit, ({ code }) => placeAfter(of, keyOf(code)))
  return ok({
    of: sideShown(of.side),
    ...totalsShown(sageTotals(of.lines, of.position)),
    line_items: page.map(sageDifferenceShown),
    line_items_in_all: differences.length,
    next_cursor,
  })
}

async function showSubtotals(
  dependencies: ApiDependencies,
  ask: Ask,
  { limit, cursor, by }: z.infer<typeof SubtotalQuery>,
): Promise<Answer> {
  const of = await compared(dependencies, ask, cursor, placeBy(Place, by))
  const all = sageTotalsBy(by, of.lines, of.position)
  return ok({
    by,
    of: sideShown(of.side),
    ...subtotalsPage(all, { by, limit, after: of.after }, (name) => placeAfter(of, name), totalsShown),
    ...totalsShown(sageTotals(of.lines, of.position)),
  })
}

async function differenceCsv(
  dependencies: ApiDependencies,
  ask: Ask,
  { limit, cursor }: z.infer<typeof fileQuery>,
): Promise<Answer> {
  const of = await compared(dependencies, ask, cursor)
  const left = codesLeft(sageDifferences(of.lines, of.position), of.after)
  const records = Iterator.from(left).map((difference) => ({
    text: sageDifferenceCsvRow(difference),
    place: placeAfter(of, keyOf(difference.code)),
  }))
  return await pagedText(records, {
    type: 'text/csv; charset=utf-8',
    name: `${of.key.project}-${String(of.side.version ?? 'current')}-against-sage.csv`,
    limit,
    before: cursor === undefined ? sageDifferenceCsvHead : '',
  })
}

const difference = '/projects/{project}/budget/versions/{version}/against_sage'

export const sageDifferenceRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: difference,
    operation: 'view_budget',
    query: pageQuery(1000),
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
    query: fileQuery,
    handle: async (ask, { query }) => await differenceCsv(dependencies, ask, query),
  }),
]
