import type { Dependencies } from '../cycle/dependencies.ts'
import { type OpenExport, openExport } from '../cycle/open-export.ts'
import { keyOfTask } from '../cycle/task.ts'
import type { BudgetHead } from '../domain/budget-head.ts'
import type { Observation } from '../domain/export.ts'
import { type Actor, ProjectId, type ProjectKey } from '../domain/ids.ts'
import { type JobTotals, readerOf } from '../domain/sage-company.ts'
import { confirmed } from './confirm-posted.ts'
import { fileIsEnding } from './record.ts'
import { sentTogether } from './sent-together.ts'
import { observe, sameObservation } from '../sage/reconciliation.ts'
import type { JobRead } from '../sage/sage-event.ts'
import type { Commit, Decided } from '../store/budget-store.ts'
import { tellSignal } from '../store/workflow.ts'
import { compareSettled } from './compare-settled.ts'

/** What the comparison came to; `not_comparable` where Sage's totals were never read before the part was queued. */
export type Compared = 'nothing_waits' | 'not_comparable' | 'unchanged' | Observation['kind']

/**
 * Whether the part is with accounting. Its receipt may be stored and not carried out yet: what is compared then is
 * a signal that the next wait finds.
 */
const waitsForPosting = (head: BudgetHead, { open, part }: OpenExport): boolean =>
  head.erp === 'exported' ||
  head.erp === 'partly_posted' ||
  head.erp === 'mismatch' ||
  (head.erp === 'exporting' && part.receipt?.attempt === open.attempt)

/** Compares Sage's totals of a job, as last read, with the part that waits for posting there. */
export async function compareTotals(dependencies: Dependencies, of: JobRead): Promise<Compared> {
  const { company, sage_company, job } = of
  const project = await dependencies.companies.projectOfJob(company, sage_company, job)
  if (project === undefined) return 'nothing_waits'
  const key = keyOfTask({ company, project: ProjectId.parse(project) })
  const head = await dependencies.store.head(key)
  if (head?.open_export === undefined) return await compareSettled(dependencies, key, of)
  return await dependencies.store.decide<Compared>(key, async (now): Promise<Decided<Compared>> => {
    if (now?.open_export === undefined) return { answer: 'nothing_waits' }
    const found = await openExport(dependencies, key, now)
    if (!waitsForPosting(now, found)) return { answer: 'nothing_waits' }
    // The reading is kept, and is compared with the file that is due then.
    if (await fileIsEnding(dependencies.store, key, now)) return { answer: 'nothing_waits' }
    if (found.part.posted) return { answer: 'not_comparable' }
    const totals = await dependencies.companies.jobTotals(company, sage_company, job)
    const seen = await readBack(dependencies, key, found, totals)
    return conclude(key, now, found, readerOf(totals), seen)
  })
}

/** What Sage's totals show of the current part and of every part that it is compared together with. */
async function readBack(
  dependencies: Dependencies,
  key: ProjectKey,
  { part, parts }: OpenExport,
  totals: JobTotals | undefined,
): Promise<Observation | undefined> {
  const { entries, baseline } = await sentTogether(dependencies, key, parts, part, totals)
  if (!totals || !baseline) return undefined
  return observe({
    mode: part.mode,
    entries,
    baseline: baseline.totals,
    totals,
    at: dependencies.clock.now(),
  })
}

function conclude(
  key: ProjectKey,
  head: BudgetHead,
  found: OpenExport,
  by: Actor,
  seen: Observation | undefined,
): Decided<Compared> {
  const { open, part } = found
  if (seen === undefined) return { answer: 'not_comparable' }
  const { kind, at } = seen
  if (kind === 'posted') {
    const wanted = { key, export: open.number, part: part.part, how: 'verified' } as const
    const { answer: _, ...told } = confirmed({ by }, wanted, head, found, { by, how: 'verified', at })
    return { answer: kind, ...told }
  }
  if (kind === 'awaiting_posting' && part.observation === undefined && !showsOtherwise(head))
    return { answer: kind }
  if (kind === 'awaiting_posting' && stands(head, part.observation)) return { answer: 'unchanged' }
  if (sameObservation(part.observation, seen)) return { answer: 'unchanged' }
  const detail = { export: open.number, part: part.part, observation: kind }
  const told = tellSignal(key, head, 'observation', at, detail)
  const history: Commit['history'] = [{ event: 'read_back', by, detail }]
  return { answer: kind, commit: { ...told, history, parts: [{ ...part, observation: seen }] } }
}

/** What totals that have not moved leave as it is: that a file is stale, and that a person saw its import stop. */
const stands = (head: BudgetHead, observation: Observation | undefined): boolean =>
  observation?.kind === 'import_stopped' || (observation?.kind === 'stale' && !showsOtherwise(head))

/** After a note that a movement was made in Sage, the part has no observation and the state still tells of one. */
const showsOtherwise = ({ erp }: BudgetHead): boolean => erp === 'partly_posted' || erp === 'mismatch'
