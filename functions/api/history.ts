import * as z from 'zod'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import type { ProjectKey } from '../../shared/domain/ids.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { cursorOf, type Page, pageQuery, placeOf } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { notFound, segment } from '../../shared/http/request.ts'
import type { BudgetStore, HistoryRow } from '../../shared/store/budget-store.ts'
import type { ApiDependencies } from './dependencies.ts'
import { PathSequence, projectKey, Sequence } from './input.ts'
import { toldChanges, type ToldChange, toldChangeShown } from './told-changes.ts'

// A row that tells of a large budget change is some megabytes long: few are held at a time, and not many answered.
const atOnce = 25
const mostCharacters = 3_000_000

export const headOf = async (store: BudgetStore, key: ProjectKey): Promise<BudgetHead> => {
  const head = await store.head(key)
  if (!head) throw notFound('project')
  return head
}

/** A history as it is read: its rows after one, and every field that one of them says was altered. */
export interface ReadHistory {
  readonly rows: (page: { after: number; limit: number }) => Promise<readonly HistoryRow[]>
  readonly changes: (row: HistoryRow) => Promise<Iterable<ToldChange>>
}

export const budgetHistory = (store: BudgetStore, key: ProjectKey): ReadHistory => ({
  rows: async (page) => await store.history(key, page),
  changes: async (row) => await toldChanges(store, key, row),
})

/** The history on from a row. */
export async function* historyAfter(
  { rows: read }: ReadHistory,
  sequence: number,
): AsyncGenerator<HistoryRow> {
  let after = sequence
  for (;;) {
    // The next rows stand after the last of these
    const rows = await read({ after, limit: atOnce })
    yield* rows
    const last = rows.at(-1)
    if (!last || rows.length < atOnce) return
    after = last.sequence
  }
}

/** The rows as they are chained, so that whoever reads them can verify the chain. */
export async function historyPage(read: ReadHistory, { limit, cursor }: Page): Promise<Answer> {
  const after = cursor === undefined ? 0 : placeOf(cursor, Sequence)
  const history: HistoryRow[] = []
  let characters = 0
  for await (const row of historyAfter(read, after)) {
    const last = history.at(-1)
    characters += JSON.stringify(row).length
    if (last && (history.length >= limit || characters > mostCharacters))
      return ok({ history, next_cursor: cursorOf(last.sequence) })
    history.push(row)
  }
  return ok({ history, next_cursor: null })
}

async function showHistory({ store }: ApiDependencies, ask: Ask, page: Page): Promise<Answer> {
  const key = projectKey(ask)
  await headOf(store, key)
  return await historyPage(budgetHistory(store, key), page)
}

/** Every field that one row of the history says was altered, with its old and new value. */
async function showChanges({ store }: ApiDependencies, ask: Ask, { limit, cursor }: Page): Promise<Answer> {
  const key = projectKey(ask)
  const sequence = segment(ask.event, 'sequence', PathSequence)
  const skipped = cursor === undefined ? 0 : placeOf(cursor, z.int().min(0))
  const [row] = await store.history(key, { after: sequence - 1, limit: 1 })
  if (row?.sequence !== sequence) throw notFound('row of the history')
  const { event, by, at, request = null } = row
  const changes = [
    ...Iterator.from(await toldChanges(store, key, row))
      .drop(skipped)
      .take(limit + 1),
  ]
  return ok({
    sequence,
    event,
    by,
    at,
    request,
    changes: changes.slice(0, limit).map(toldChangeShown),
    next_cursor: changes.length > limit ? cursorOf(skipped + limit) : null,
  })
}

const VerifyQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(2000).default(2000),
  cursor: z.string().min(1).max(1000).optional(),
})

const VerifiedSoFar = z.strictObject({ sequence: Sequence, history_hash: z.string() })

/** Recomputes the chain of hashes from the first row, or from where the call before stopped, towards the head. */
async function verifyHistory(
  { store }: ApiDependencies,
  ask: Ask,
  { limit, cursor }: z.infer<typeof VerifyQuery>,
): Promise<Answer> {
  const key = projectKey(ask)
  const after = cursor === undefined ? undefined : placeOf(cursor, VerifiedSoFar)
  const head = await headOf(store, key)
  const { last, fault } = await store.verifyHistory(key, head, { limit, ...(after && { after }) })
  const complete = !fault && last.sequence === head.sequence
  return ok({
    verified: !fault,
    complete,
    rows: last.sequence,
    last_hash: last.history_hash,
    rows_in_all: head.sequence,
    fault: fault ?? null,
    next_cursor: fault || complete ? null : cursorOf(last),
  })
}

const list = '/projects/{project}/budget/history'

export const historyRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: list,
    operation: 'view_history',
    query: pageQuery(),
    handle: async (ask, { query }) => await showHistory(dependencies, ask, query),
  }),
  route({
    method: 'GET',
    path: `${list}/verify`,
    operation: 'view_history',
    query: VerifyQuery,
    handle: async (ask, { query }) => await verifyHistory(dependencies, ask, query),
  }),
  route({
    method: 'GET',
    path: `${list}/{sequence}/changes`,
    operation: 'view_history',
    query: pageQuery(1000),
    handle: async (ask, { query }) => await showChanges(dependencies, ask, query),
  }),
]
