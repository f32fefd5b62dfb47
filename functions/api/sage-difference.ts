import * as z from 'zod'
import { sageDifferenceCsvHead, sageDifferenceCsvRow } from '../../shared/budget-files/difference-csv.ts'
import { ledgerPosition } from '../../shared/cycle/coming-export.ts'
import { CodeKey, keyOf } from '../../shared/domain/budget-code.ts'
import { type Cents, formatCents, minus, noCents, plus } from '../../shared/domain/cents.ts'
import { type SageDifference, sageDifferences, sageTotals } from '../../shared/domain/difference.ts'
import { type ProjectKey, Sha256 } from '../../shared/domain/ids.ts'
import { type LineItem, revisedEstimate } from '../../shared/domain/line-item.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { changedBetween, cursorOf, type Page, pageQuery, placeOf } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { segment } from '../../shared/http/request.ts'
import { codeShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { headOf } from './history.ts'
import { projectKey } from './input.ts'
import { fileQuery, pagedText } from './paged-text.ts'
import { type ComparedLines, Side, sideOf, sideShown } from './two-sides.ts'

/** After which code a page goes on, of which lines against which state of the ledger. */
const Place = z.strictObject({ after: CodeKey, lines: Sha256, ledger: Sha256.nullable() })

interface Compared {
  readonly key: ProjectKey
  readonly side: ComparedLines
  readonly ledger: Sha256 | null
  readonly totals: ReturnType<typeof sageTotals>
  /** All that differ, in key order. */
  readonly differences: readonly SageDifference[]
  /** Those that the page before did not give. */
  readonly rest: readonly SageDifference[]
}

async function compared(
  dependencies: ApiDependencies,
  ask: Ask,
  cursor: string | undefined,
): Promise<Compared> {
  const { store } = dependencies
  const key = projectKey(ask)
  const head = await headOf(store, key)
  const side = await sideOf(store, key, head, segment(ask.event, 'version', Side))
  const ledger = head.ledger ?? null
  const place = cursor === undefined ? undefined : placeOf(cursor, Place)
  if (place && (place.lines !== side.manifest || place.ledger !== ledger)) throw changedBetween()
  const [lines, position] = await Promise.all([
    store.lines(key, side.manifest),
    ledgerPosition(dependencies, key, head),
  ])
  const differences = sageDifferences(lines, position)
  const rest = place ? differences.filter(({ code }) => keyOf(code) > place.after) : differences
  return { key, side, ledger, totals: sageTotals(lines, position), differences, rest }
}

const placeAfter = ({ side, ledger }: Compared, { code }: SageDifference): z.infer<typeof Place> => ({
  after: keyOf(code),
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

const sageDifferenceShown = ({ code, line, held, due }: SageDifference) => ({
  ...codeShown(code),
  description: line?.description ?? null,
  in_sage: heldShown(held),
  ...dueShown(line ? revisedEstimate(line) : noCents, due),
})

async function showDifference(
  dependencies: ApiDependencies,
  ask: Ask,
  { limit, cursor }: Page,
): Promise<Answer> {
  const of = await compared(dependencies, ask, cursor)
  const page = of.rest.slice(0, limit)
  const last = page.at(-1)
  const { held, revised } = of.totals
  return ok({
    of: sideShown(of.side),
    in_sage: heldShown(held),
    ...dueShown(revised, minus(revised, plus(held.original, held.changes))),
    line_items: page.map(sageDifferenceShown),
    line_items_in_all: of.differences.length,
    next_cursor: of.rest.length > limit && last ? cursorOf(placeAfter(of, last)) : null,
  })
}

async function differenceCsv(
  dependencies: ApiDependencies,
  ask: Ask,
  { limit, cursor }: z.infer<typeof fileQuery>,
): Promise<Answer> {
  const of = await compared(dependencies, ask, cursor)
  const records = Iterator.from(of.rest).map((difference) => ({
    text: sageDifferenceCsvRow(difference),
    place: placeAfter(of, difference),
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
    path: `${difference}.csv`,
    operation: 'view_budget',
    query: fileQuery,
    handle: async (ask, { query }) => await differenceCsv(dependencies, ask, query),
  }),
]
