import * as z from 'zod'
import type { BudgetFile } from '../../shared/budget-files/budget-rows.ts'
import { readBudgetCsv } from '../../shared/budget-files/csv-in.ts'
import { writeBudgetCsv } from '../../shared/budget-files/csv-out.ts'
import { type Merge, mergeFile, type MergeMode, type PreviewRow } from '../../shared/budget-files/merge.ts'
import { keyOf, showCode } from '../../shared/domain/budget-code.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import { touchedKeys } from '../../shared/domain/change-in-ledger.ts'
import { formatCents } from '../../shared/domain/cents.ts'
import type { ProjectKey } from '../../shared/domain/ids.ts'
import { allowed } from '../../shared/domain/lifecycle.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'
import { isRefusal, orRefuse, type Refusal } from '../../shared/domain/refusal.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { etag, notMatching } from '../../shared/http/conditional.ts'
import { keyGiven } from '../../shared/http/idempotency.ts'
import type { Ask, Route } from '../../shared/http/pipeline.ts'
import { fileBody, notFound, query } from '../../shared/http/request.ts'
import type { Decided } from '../../shared/store/budget-store.ts'
import { lineShown } from './as-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { edited, linesTold } from './edited-budget.ts'
import { projectKey } from './input.ts'

const ImportQuery = z.strictObject({
  mode: z.enum(['merge', 'replace']).default('merge'),
  dry_run: z.enum(['true', 'false']).default('false'),
})

// A preview is for looking at; the counts are of the whole file.
const previewed = 500

const rowShown = (row: PreviewRow) => ({
  kind: row.kind,
  budget_code: showCode(row.code),
  before: 'before' in row ? lineShown(row.before) : null,
  after: 'after' in row ? lineShown(row.after) : null,
  ...(row.kind === 'keep' && { sentence: row.sentence, what_to_do: row.what_to_do }),
})

/** A preview, or what was stored, as the API shows it; rows that stay as they are only count. */
export function mergeShown(
  { rows, counts, original }: Merge,
  mode: MergeMode,
  revision: number,
  stored: boolean,
) {
  const told = rows.filter(({ kind }) => kind !== 'unchanged')
  return {
    stored,
    mode,
    revision,
    counts,
    original_budget_amount: { before: formatCents(original.before), after: formatCents(original.after) },
    line_items: told.slice(0, previewed).map(rowShown),
    line_items_in_all: told.length,
  }
}
type Imported = ReturnType<typeof mergeShown>

interface Import {
  readonly key: ProjectKey
  readonly file: BudgetFile
  readonly mode: MergeMode
}

interface Merged {
  readonly current: readonly LineItem[]
  readonly merge: Merge
}

/** What the file would do to the budget as it stands. */
async function merged(
  { store }: ApiDependencies,
  head: BudgetHead,
  { key, file, mode }: Import,
): Promise<Merged | Refusal> {
  const refused = allowed(head, 'import_file')
  if (refused) return refused
  const [current, changes] = await Promise.all([store.lines(key, head.manifest), store.changes(key)])
  const touched = touchedKeys(changes)
  const merge = mergeFile({ current, file, mode, changesTouching: (code) => touched.has(code) })
  return isRefusal(merge) ? merge : { current, merge }
}

async function importFile(dependencies: ApiDependencies, ask: Ask): Promise<Answer> {
  const { mode, dry_run } = query(ask.event, ImportQuery)
  const file = orRefuse(readBudgetCsv(fileBody(ask.event, ['text/csv'])))
  const wanted: Import = { key: projectKey(ask), file, mode }
  const { store } = dependencies
  if (dry_run === 'true') {
    const head = await store.head(wanted.key)
    if (!head) throw notFound('project')
    const { merge } = orRefuse(await merged(dependencies, head, wanted))
    return ok(mergeShown(merge, mode, head.revision, false), { etag: etag(head.revision) })
  }
  const stored = await store.decide<Imported>(
    wanted.key,
    async (head) => (head ? await storeImport(dependencies, ask, head, wanted) : notFound('project').refusal),
    keyGiven(ask.event, ask.caller),
  )
  return ok(stored, { etag: etag(stored.revision) })
}

async function storeImport(
  dependencies: ApiDependencies,
  { event, caller, request }: Ask,
  head: BudgetHead,
  wanted: Import,
): Promise<Decided<Imported>> {
  const stale = notMatching(event, head.revision)
  if (stale) return stale
  const found = await merged(dependencies, head, wanted)
  if (isRefusal(found)) return found
  const { merge, current } = found
  if (merge.edits.size === 0) return { answer: mergeShown(merge, wanted.mode, head.revision, true) }
  const { head: next, ...editors } = await edited(dependencies, wanted.key, head, caller, merge.edits)
  const answer = mergeShown(merge, wanted.mode, next.revision, true)
  const before = new Map(current.map((line) => [keyOf(line.code), line]))
  const lines = linesTold(before, merge.edits, head.manifest, next.manifest)
  const detail = { mode: wanted.mode, counts: merge.counts, ...lines }
  const idempotency = keyGiven(event, caller)
  return {
    answer,
    commit: {
      head: next,
      ...editors,
      history: [{ event: 'file_imported', by: caller.actor, request, detail }],
      ...(idempotency && {
        idempotency: { ...idempotency, answer: { status: 200, body: JSON.stringify(answer) } },
      }),
    },
  }
}

async function exportCsv({ store }: ApiDependencies, ask: Ask): Promise<Answer> {
  const key = projectKey(ask)
  const head = await store.head(key)
  if (!head) throw notFound('project')
  const lines = await store.lines(key, head.manifest)
  return {
    status: 200,
    type: 'text/csv; charset=utf-8',
    text: writeBudgetCsv(lines),
    headers: {
      etag: etag(head.revision),
      'content-disposition': `attachment; filename="${key.project}-budget.csv"`,
    },
  }
}

export const budgetFileRoutes = (dependencies: ApiDependencies): Route[] => [
  {
    method: 'POST',
    path: '/projects/{project}/budget/import',
    operation: 'import_file',
    handle: async (ask) => await importFile(dependencies, ask),
  },
  {
    method: 'GET',
    path: '/projects/{project}/budget/export.csv',
    operation: 'view_budget',
    handle: async (ask) => await exportCsv(dependencies, ask),
  },
]
