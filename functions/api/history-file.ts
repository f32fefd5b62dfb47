import * as z from 'zod'
import { historyCsvHead, historyCsvRow } from '../../shared/budget-files/history-csv.ts'
import type { Answer } from '../../shared/http/answer.ts'
import { placeOf } from '../../shared/http/page.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import type { HistoryRow, Json } from '../../shared/store/budget-store.ts'
import { canonicalJson } from '../../shared/store/content-hash.ts'
import type { ApiDependencies } from './dependencies.ts'
import { budgetHistory, headOf, historyAfter, type ReadHistory } from './history.ts'
import { projectKey, Sequence } from './input.ts'
import { type FileRecord, fileQuery, pagedText } from './paged-text.ts'
import { type ToldChange, toldChangeShown } from './told-changes.ts'

/** After which row a page goes on, and how many records of the next row were given already. */
const Place = z.strictObject({ after: Sequence, given: z.int().min(0) })
type Place = z.infer<typeof Place>

/** Writes one row of the history, with the changes that it tells, as records of a file. */
type Write = (row: HistoryRow, changes: Iterable<ToldChange>) => Iterable<string>

async function* recordsFrom(
  read: ReadHistory,
  { after, given }: Place,
  write: Write,
): AsyncGenerator<FileRecord> {
  let skip = given
  for await (const row of historyAfter(read, after)) {
    let count = 0
    for (const text of write(row, await read.changes(row))) {
      count += 1
      if (count > skip) yield { text, place: { after: row.sequence - 1, given: count } satisfies Place }
    }
    skip = 0
  }
}

/** The row as it is chained, then each field that it altered: the lines with a hash alone are the chain. */
function* asJsonLines(row: HistoryRow, changes: Iterable<ToldChange>): Generator<string> {
  yield `${canonicalJson(row)}\n`
  for (const change of changes)
    yield `${JSON.stringify({ sequence: row.sequence, change: toldChangeShown(change) })}\n`
}

function* asCsv(row: HistoryRow, changes: Iterable<ToldChange>): Generator<string> {
  const { sequence, at, by, event, request = '', detail } = row
  // The old and new values have columns of their own.
  const { first: _first, before: _before, after: _after, ...rest } = detail
  const of = { sequence, at, by, event, request }
  let told = canonicalJson(rest)
  for (const { code, field, old_value, new_value } of changes) {
    const values = { old_value: asText(old_value), new_value: asText(new_value) }
    yield historyCsvRow({ ...of, code, field, ...values, detail: told })
    told = ''
  }
  if (told !== '') yield historyCsvRow({ ...of, field: '', old_value: '', new_value: '', detail: told })
}

function asText(value: Json): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : canonicalJson(value)
}

const kinds = {
  csv: { type: 'text/csv; charset=utf-8', head: historyCsvHead, write: asCsv },
  jsonl: { type: 'application/jsonl; charset=utf-8', head: '', write: asJsonLines },
} as const

/** What a history may be downloaded as. */
export const historyFileKinds = ['csv', 'jsonl'] as const

export async function historyFile(
  read: ReadHistory,
  of: string,
  { limit, cursor }: z.infer<typeof fileQuery>,
  kind: keyof typeof kinds,
): Promise<Answer> {
  const place = cursor === undefined ? { after: 0, given: 0 } : placeOf(cursor, Place)
  const { type, head, write } = kinds[kind]
  return await pagedText(recordsFrom(read, place, write), {
    type,
    name: `${of}-history.${kind}`,
    limit,
    before: cursor === undefined ? head : '',
  })
}

async function budgetHistoryFile(
  { store }: ApiDependencies,
  ask: Ask,
  query: z.infer<typeof fileQuery>,
  kind: keyof typeof kinds,
): Promise<Answer> {
  const key = projectKey(ask)
  await headOf(store, key)
  return await historyFile(budgetHistory(store, key), key.project, query, kind)
}

export const historyFileRoutes = (dependencies: ApiDependencies): Route[] =>
  historyFileKinds.map((kind) =>
    route({
      method: 'GET',
      path: `/projects/{project}/budget/history.${kind}`,
      operation: 'view_history',
      query: fileQuery,
      handle: async (ask, { query }) => await budgetHistoryFile(dependencies, ask, query, kind),
    }),
  )
