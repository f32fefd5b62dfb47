import * as z from 'zod'
import { keyOf } from '../../shared/domain/budget-code.ts'
import type { BudgetHead, BudgetVersion } from '../../shared/domain/budget-head.ts'
import { touchedKeys } from '../../shared/domain/change-in-ledger.ts'
import type { ProjectKey } from '../../shared/domain/ids.ts'
import { allowed } from '../../shared/domain/lifecycle.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'
import type { Preview } from '../../shared/domain/preview.ts'
import { isRefusal, orRefuse, type Refusal } from '../../shared/domain/refusal.ts'
import { previewRestore } from '../../shared/domain/restore.ts'
import { told, type Who } from '../../shared/exporting/record.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { etag, notMatching } from '../../shared/http/conditional.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { notFound, segment } from '../../shared/http/request.ts'
import type { Decided } from '../../shared/store/budget-store.ts'
import { keptFor } from '../../shared/store/idempotency.ts'
import type { ApiDependencies } from './dependencies.ts'
import { edited, linesTold } from './edited-budget.ts'
import { headOf } from './history.ts'
import { commander, PathNumber, projectKey } from './input.ts'
import { previewShown } from './preview-shown.ts'

const RestoreQuery = z.strictObject({ dry_run: z.enum(['true', 'false']).default('false') })

const restoreShown = (preview: Preview, version: number, revision: number, stored: boolean) => ({
  version,
  ...previewShown(preview, revision, stored),
})
type Restored = ReturnType<typeof restoreShown>

interface Wanted {
  readonly version: BudgetVersion
  readonly restore: Preview
  /** The lines that stand now, of those that differ. */
  readonly current: readonly LineItem[]
}

/** What the restore would do to the budget as it stands; only chunks that differ are read. */
async function restoreOf(
  { store }: ApiDependencies,
  key: ProjectKey,
  head: BudgetHead,
  number: number,
): Promise<Wanted | Refusal> {
  const refused = allowed(head, 'restore_version')
  if (refused) return refused
  const version = await store.version(key, number)
  if (!version) return notFound('version').refusal
  const [differences, changes] = await Promise.all([
    store.differences(key, head.manifest, version.hash),
    store.changes(key),
  ])
  const touched = touchedKeys(changes)
  const current = differences.flatMap(({ before }) => before ?? [])
  const then = differences.flatMap(({ after }) => after ?? [])
  const restore = previewRestore(head, current, then, (code) => touched.has(code))
  return isRefusal(restore) ? restore : { version, current, restore }
}

async function restoreVersion(
  dependencies: ApiDependencies,
  ask: Ask,
  { dry_run }: z.infer<typeof RestoreQuery>,
): Promise<Answer> {
  const key = projectKey(ask)
  const number = segment(ask.event, 'version', PathNumber)
  const { store } = dependencies
  if (dry_run === 'true') {
    const head = await headOf(store, key)
    const { restore } = orRefuse(await restoreOf(dependencies, key, head, number))
    return ok(restoreShown(restore, number, head.revision, false), { etag: etag(head.revision) })
  }
  const who = commander(ask)
  const stored = await store.decide<Restored>(
    key,
    async (head) =>
      head ? await storeRestore(dependencies, ask, head, number, who) : notFound('project').refusal,
    who.idempotency,
  )
  return ok(stored, { etag: etag(stored.revision) })
}

async function storeRestore(
  dependencies: ApiDependencies,
  { event, caller }: Ask,
  head: BudgetHead,
  number: number,
  who: Who,
): Promise<Decided<Restored>> {
  const stale = notMatching(event, head.revision)
  if (stale) return stale
  const wanted = await restoreOf(dependencies, head, head, number)
  if (isRefusal(wanted)) return wanted
  const { restore, current, version } = wanted
  if (restore.edits.size === 0) return { answer: restoreShown(restore, number, head.revision, true) }
  const { head: next, ...editors } = await edited(dependencies, head, head, caller, restore.edits)
  const answer = restoreShown(restore, number, next.revision, true)
  const before = new Map(current.map((line) => [keyOf(line.code), line]))
  const lines = linesTold(before, restore.edits, head.manifest, next.manifest)
  const detail = { version: number, name: version.name ?? null, counts: restore.counts, ...lines }
  return {
    answer,
    commit: {
      head: next,
      ...editors,
      costly: true,
      history: [{ ...told(who), event: 'version_restored', detail }],
      ...keptFor(who, answer, 200),
    },
  }
}

export const restoreVersionRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'POST',
    path: '/projects/{project}/budget/versions/{version}/restore',
    operation: 'restore_version',
    query: RestoreQuery,
    handle: async (ask, { query }) => await restoreVersion(dependencies, ask, query),
  }),
]
