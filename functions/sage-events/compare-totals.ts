import type { Dependencies } from '../../shared/cycle/dependencies.ts'
import { entriesOf, partThatRemains, withoutExceptions } from '../../shared/cycle/export-parts.ts'
import { type OpenExport, openExport } from '../../shared/cycle/open-export.ts'
import { keyOfTask } from '../../shared/cycle/task.ts'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import type { ExportEntry, ExportPart, Observation } from '../../shared/domain/export.ts'
import { ProjectId, type ProjectKey } from '../../shared/domain/ids.ts'
import { JobTotals } from '../../shared/domain/sage-company.ts'
import { observe } from '../../shared/sage/reconciliation.ts'
import type { TotalsEvent } from '../../shared/sage/sage-event.ts'
import type { Decided } from '../../shared/store/budget-store.ts'
import { tellSignal } from '../../shared/store/workflow.ts'

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

/** Compares Sage's totals of a job, as just read, with the part that waits for posting there. */
export async function compareTotals(dependencies: Dependencies, event: TotalsEvent): Promise<Compared> {
  const { company, sage_company, job } = event
  const project = await dependencies.companies.projectOfJob(company, sage_company, job)
  if (project === undefined) return 'nothing_waits'
  const key = keyOfTask({ company, project: ProjectId.parse(project) })
  return await dependencies.store.decide<Compared>(key, async (head): Promise<Decided<Compared>> => {
    if (head?.open_export === undefined) return { answer: 'nothing_waits' }
    const found = await openExport(dependencies, key, head)
    if (!waitsForPosting(head, found)) return { answer: 'nothing_waits' }
    const totals = await dependencies.companies.jobTotals(company, sage_company, job)
    const baseline = baselineOf(found)
    if (found.part.posted || !totals || baseline === undefined) return { answer: 'not_comparable' }
    const before = JobTotals.parse(await dependencies.objects.getJson(company, baseline))
    const seen = observe({
      mode: found.part.mode,
      entries: await expectedEntries(dependencies, key, found),
      baseline: before.totals,
      totals,
      at: dependencies.clock.now(),
    })
    return conclude(key, head, found, seen)
  })
}

const corrected = ({ part, parts }: OpenExport): ExportPart | undefined =>
  parts.find((candidate) => candidate.part === part.corrects)

/** A correction keeps the baseline of the part that it corrects; the two are compared together. */
const baselineOf = (found: OpenExport): ExportPart['baseline'] =>
  found.part.baseline ?? corrected(found)?.baseline

async function expectedEntries(
  dependencies: Dependencies,
  key: ProjectKey,
  found: OpenExport,
): Promise<readonly ExportEntry[]> {
  const parts = [corrected(found), found.part].filter((part) => part !== undefined)
  const entries = await Promise.all(
    parts.map(async (part) => withoutExceptions(await entriesOf(dependencies, key, part), part)),
  )
  return entries.flat()
}

function conclude(
  key: ProjectKey,
  head: BudgetHead,
  found: OpenExport,
  seen: Observation | undefined,
): Decided<Compared> {
  const { open, part, parts } = found
  if (seen === undefined) return { answer: 'not_comparable' }
  const { kind, at } = seen
  if (kind === 'awaiting_posting' && part.observation === undefined) return { answer: kind }
  if (same(part.observation, seen)) return { answer: 'unchanged' }
  const detail = { export: open.number, part: part.part, observation: kind }
  const history = [{ event: 'read_back', by: 'connector' as const, detail }]
  const observed = { ...part, observation: seen }
  if (kind !== 'posted') {
    const told = tellSignal(key, head, 'observation', detail)
    return { answer: kind, commit: { ...told, history, parts: [observed] } }
  }
  const posted = { how: 'verified', by: 'connector', at } as const
  const both = [corrected(found), observed].filter((each) => each !== undefined)
  const told = tellSignal(key, head, partThatRemains(parts) ? 'part_posted' : 'posted', detail)
  return { answer: kind, commit: { ...told, history, parts: both.map((each) => ({ ...each, posted })) } }
}

const same = (before: Observation | undefined, now: Observation): boolean =>
  before !== undefined && before.kind === now.kind && JSON.stringify(before.keys) === JSON.stringify(now.keys)
