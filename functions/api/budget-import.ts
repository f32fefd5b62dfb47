import * as z from 'zod'
import type { BudgetFile } from '../../shared/budget-files/budget-rows.ts'
import { readBudgetFile } from '../../shared/budget-files/file-in.ts'
import { mergeFile, type MergeMode } from '../../shared/budget-files/merge.ts'
import { looksLikeZip } from '../../shared/budget-files/zip-in.ts'
import { keyOf } from '../../shared/domain/budget-code.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import { touchedKeys } from '../../shared/domain/change-in-ledger.ts'
import type { ProjectKey } from '../../shared/domain/ids.ts'
import { allowed } from '../../shared/domain/lifecycle.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'
import type { Preview } from '../../shared/domain/preview.ts'
import { isRefusal, orRefuse, refusal, Refused, type Refusal } from '../../shared/domain/refusal.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { etag, notMatching } from '../../shared/http/conditional.ts'
import { keyGiven } from '../../shared/http/idempotency.ts'
import { WrongContentType } from '../../shared/http/problem.ts'
import { type ApiEvent, fileBody, notFound } from '../../shared/http/request.ts'
import { type Ask, fileRoute, type Route } from '../../shared/http/route.ts'
import type { Decided } from '../../shared/store/budget-store.ts'
import { keptFor } from '../../shared/store/idempotency.ts'
import { previewShown } from './preview-shown.ts'
import type { ApiDependencies } from './dependencies.ts'
import { edited, linesTold } from './edited-budget.ts'
import { workbookType } from './budget-download.ts'
import { projectKey } from './input.ts'
import { UploadId } from './uploads.ts'

const ImportQuery = z.strictObject({
  mode: z.enum(['merge', 'replace']).default('merge'),
  dry_run: z.enum(['true', 'false']).default('false'),
})

const shown = (preview: Preview, mode: MergeMode, revision: number, stored: boolean) => ({
  mode,
  ...previewShown(preview, revision, stored),
})
type Imported = ReturnType<typeof shown>

interface Import {
  readonly key: ProjectKey
  readonly file: BudgetFile
  readonly mode: MergeMode
}

interface Merged {
  readonly current: readonly LineItem[]
  readonly merge: Preview
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

// What browsers and spreadsheet programs call such files; on Windows a .csv is `vnd.ms-excel`. Which of them it is its
// bytes say. A gateway hands over as text only what is called text, so that other encodings than UTF-8 come as the rest.
export const fileTypes = [
  'text/csv',
  workbookType,
  'application/vnd.ms-excel',
  'application/octet-stream',
  'application/csv',
  'text/plain',
  'text/tab-separated-values',
] as const

const Uploaded = z.strictObject({ upload: UploadId })

/** The file that the request holds; a workbook that came as text was spoilt on its way, since its bytes are no text. */
function fileSent(event: ApiEvent): Uint8Array {
  const bytes = fileBody(event, fileTypes)
  if (event.isBase64Encoded || !looksLikeZip(bytes)) return bytes
  throw new WrongContentType([workbookType], 'The file is a workbook, but was sent as text.')
}

/** The file that the request holds, or that was uploaded before. */
async function fileAsked(
  { uploads }: ApiDependencies,
  { event, caller }: Ask,
  uploaded: z.infer<typeof Uploaded> | undefined,
): Promise<Uint8Array> {
  if (!uploaded) return fileSent(event)
  const bytes = await uploads.read(caller.company, uploaded.upload)
  if (bytes) return bytes
  throw new Refused(
    refusal(
      'NOT_FOUND',
      'There is no such upload: nothing was put there, or it was removed after a day.',
      'Ask for an upload (POST /uploads), put the file at its address, and import it then.',
    ),
  )
}

async function importFile(
  dependencies: ApiDependencies,
  ask: Ask,
  { mode, dry_run }: z.infer<typeof ImportQuery>,
  uploaded: z.infer<typeof Uploaded> | undefined,
): Promise<Answer> {
  const file = orRefuse(readBudgetFile(await fileAsked(dependencies, ask, uploaded)))
  const wanted: Import = { key: projectKey(ask), file, mode }
  const { store } = dependencies
  if (dry_run === 'true') {
    const head = await store.head(wanted.key)
    if (!head) throw notFound('project')
    const { merge } = orRefuse(await merged(dependencies, head, wanted))
    return ok(shown(merge, mode, head.revision, false), { etag: etag(head.revision) })
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
  if (merge.edits.size === 0) return { answer: shown(merge, wanted.mode, head.revision, true) }
  const { head: next, ...editors } = await edited(dependencies, wanted.key, head, caller, merge.edits)
  const answer = shown(merge, wanted.mode, next.revision, true)
  const before = new Map(current.map((line) => [keyOf(line.code), line]))
  const lines = linesTold(before, merge.edits, head.manifest, next.manifest)
  const detail = { mode: wanted.mode, counts: merge.counts, ...lines }
  const idempotency = keyGiven(event, caller)
  return {
    answer,
    commit: {
      head: next,
      ...editors,
      costly: true,
      history: [{ event: 'file_imported', by: caller.actor, request, detail }],
      ...keptFor({ idempotency }, answer, 200),
    },
  }
}

export const budgetImportRoutes = (dependencies: ApiDependencies): Route[] => [
  fileRoute({
    method: 'POST',
    path: '/projects/{project}/budget/import',
    operation: 'import_file',
    query: ImportQuery,
    body: Uploaded,
    handle: async (ask, { query, body }) => await importFile(dependencies, ask, query, body),
  }),
]
