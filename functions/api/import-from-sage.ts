import * as z from 'zod'
import { ledgerPosition } from '../../shared/cycle/coming-export.ts'
import { keyOf } from '../../shared/domain/budget-code.ts'
import type { BudgetHead, Project } from '../../shared/domain/budget-head.ts'
import { Instant, type ProjectKey } from '../../shared/domain/ids.ts'
import { allowed } from '../../shared/domain/lifecycle.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'
import { isRefusal, orRefuse, type Refusal, refusal } from '../../shared/domain/refusal.ts'
import type { JobTotals } from '../../shared/domain/sage-company.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { etag, notMatching } from '../../shared/http/conditional.ts'
import { keyRequired } from '../../shared/http/idempotency.ts'
import { notFound } from '../../shared/http/request.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { budgetFromSage, type FromSage } from '../../shared/sage/budget-from-sage.ts'
import type { Decided, IdempotencyKey } from '../../shared/store/budget-store.ts'
import { keptFor } from '../../shared/store/idempotency.ts'
import type { ApiDependencies } from './dependencies.ts'
import { linesTold, withLines } from './edited-budget.ts'
import { projectKey } from './input.ts'
import { previewShown } from './preview-shown.ts'

const SageImportQuery = z.strictObject({
  dry_run: z.enum(['true', 'false']).default('false'),
  /** The reading that a preview was made from: no other is imported. */
  as_of: Instant.optional(),
})

type Job = NonNullable<Project['job']>

interface Read {
  readonly job: Job
  readonly totals: JobTotals
  readonly current: readonly LineItem[]
  readonly from: FromSage
}

/** What an import would do to the budget as it stands, or why there is none. */
async function readFromSage(
  dependencies: ApiDependencies,
  { caller }: Ask,
  key: ProjectKey,
  head: BudgetHead,
): Promise<Read | Refusal> {
  const { store, companies, clock } = dependencies
  const refused = allowed(head, 'import_from_sage')
  if (refused) return refused
  const job = (await store.project(key))?.job
  if (!job) return notLinked()
  const [totals, master, current, changes, position] = await Promise.all([
    companies.jobTotals(key.company, job.sage_company, job.number),
    companies.masterData(key.company, job.sage_company),
    store.lines(key, head.manifest),
    store.changes(key),
    ledgerPosition(dependencies, key, head),
  ])
  if (!totals) return notRead(job)
  const costCodes = master?.data.cost_codes ?? []
  const descriptions = new Map(costCodes.map(({ cost_code, description }) => [cost_code, description]))
  const doing = { by: caller.actor, at: clock.now() }
  const from = budgetFromSage({ head, current, changes, position, totals, descriptions, ...doing })
  return isRefusal(from) ? from : { job, totals, current, from }
}

const notLinked = (): Refusal =>
  refusal(
    'JOB_NOT_LINKED',
    'The project is not linked to a job in Sage, so there is nothing to import.',
    'Choose the Sage company and the job number in the project settings.',
  )

const notRead = ({ number, sage_company }: Job): Refusal =>
  refusal(
    'TOTALS_NOT_READ',
    `The totals of job ${number} (Sage company ${sage_company}) were never read from Sage.`,
    'Have accounting run the report of category totals for the agent to read, or report the totals of the job, then import again.',
  )

function shown({ totals, from }: Read, revision: number, stored: boolean) {
  return {
    ...previewShown(from.merge, revision, stored),
    job_totals: { job: totals.job, as_of: totals.as_of },
    opening_entries: from.position.length,
    kept_budget_changes: from.kept_changes,
  }
}
type Imported = ReturnType<typeof shown>

async function importFromSage(
  dependencies: ApiDependencies,
  ask: Ask,
  { dry_run, as_of }: z.infer<typeof SageImportQuery>,
): Promise<Answer> {
  const key = projectKey(ask)
  const { store } = dependencies
  if (dry_run === 'true') {
    const head = await store.head(key)
    if (!head) throw notFound('project')
    const read = orRefuse(await readFromSage(dependencies, ask, key, head))
    return ok(shown(read, head.revision, false), { etag: etag(head.revision) })
  }
  const idempotency = keyRequired(ask.event, ask.caller)
  const stored = await store.decide<Imported>(
    key,
    async (head) => {
      if (!head) return notFound('project').refusal
      const stale = notMatching(ask.event, head.revision)
      if (stale) return stale
      const read = await readFromSage(dependencies, ask, key, head)
      if (isRefusal(read)) return read
      return (
        readSince(read.totals, as_of) ?? (await storeImport(dependencies, ask, key, head, read, idempotency))
      )
    },
    idempotency,
  )
  return ok(stored, { etag: etag(stored.revision) })
}

const readSince = (totals: JobTotals, seen: Instant | undefined): Refusal | undefined =>
  seen === undefined || seen === totals.as_of
    ? undefined
    : refusal(
        'CHANGED_MEANWHILE',
        `Sage was read again since: the totals of ${totals.as_of} stand now, not those of ${seen}.`,
        'Look at the preview again, then import what it shows.',
      )

/** Lines, the change From Sage and the opening entries in one commit. An import does not make its caller an editor. */
async function storeImport(
  dependencies: ApiDependencies,
  { caller, request }: Ask,
  key: ProjectKey,
  head: BudgetHead,
  read: Read,
  idempotency: IdempotencyKey,
): Promise<Decided<Imported>> {
  const { merge, change, position } = read.from
  // A budget from which Sage took everything away is one that was never imported: its next export is the first.
  const ledger = position.length === 0 ? undefined : await dependencies.objects.putJson(key.company, position)
  if (merge.edits.size === 0 && !change && ledger === head.ledger)
    return { answer: shown(read, head.revision, true) }
  const lined = await withLines(dependencies, key, head, caller, merge.edits)
  const next = { ...lined, ledger, last_change: Math.max(head.last_change, change?.number ?? 0) }
  const answer = shown(read, next.revision, true)
  const before = new Map(read.current.map((line) => [keyOf(line.code), line]))
  const detail = {
    job: { ...read.job },
    as_of: read.totals.as_of,
    counts: merge.counts,
    opening_entries: position.length,
    ledger: { before: head.ledger ?? null, after: ledger ?? null },
    change: change ? { number: change.number, status: change.status, lines: change.lines.length } : null,
    ...linesTold(before, merge.edits, head.manifest, next.manifest),
  }
  return {
    answer,
    commit: {
      head: next,
      costly: true,
      ...(change && { changes: [change] }),
      history: [{ event: 'imported_from_sage', by: caller.actor, request, detail }],
      ...keptFor({ idempotency }, answer, 200),
    },
  }
}

export const importFromSageRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'POST',
    path: '/projects/{project}/budget/import_from_sage',
    operation: 'import_from_sage',
    query: SageImportQuery,
    handle: async (ask, { query }) => await importFromSage(dependencies, ask, query),
  }),
]
