import type { Dependencies } from '../cycle/dependencies.ts'
import { mails, postersOf } from '../cycle/mails.ts'
import { type OpenExport, openExport } from '../cycle/open-export.ts'
import { firstReminder } from '../cycle/reminders.ts'
import type { BudgetHead } from '../domain/budget-head.ts'
import type { Observation } from '../domain/export.ts'
import type { Actor, ProjectKey } from '../domain/ids.ts'
import { type JobTotals, readerOf } from '../domain/sage-company.ts'
import { confirmPosted } from './confirm-posted.ts'
import { sentTogether } from './sent-together.ts'
import { settledTotals } from './settled-totals.ts'
import { withoutObservation } from './under-way.ts'
import { notSeenYet, wrongBoxSettled } from '../sage/observation-words.ts'
import { observe, sameObservation } from '../sage/reconciliation.ts'
import type { JobRead } from '../sage/sage-event.ts'
import type { Decided } from '../store/budget-store.ts'
import type { Compared } from './compare-totals.ts'

/**
 * Compares Sage's totals, as just read, with what the last export left there. Agreement makes a declared settlement
 * *verified*. Anything else is drift: kept with the export's last part, where it blocks the next send until a poster
 * acknowledges it or a later reading no longer shows it; the budget's state stays (domain: posting, read-back).
 */
export async function compareSettled(
  dependencies: Dependencies,
  key: ProjectKey,
  { company, sage_company, job }: JobRead,
): Promise<Compared> {
  const { store, companies } = dependencies
  let by: Actor = 'connector'
  const compared = await store.decide<Compared>(key, async (head) => {
    if (!head || head.open_export !== undefined || head.export === 0) return { answer: 'nothing_waits' }
    const found = await openExport(dependencies, key, { open_export: head.export })
    const totals = await companies.jobTotals(company, sage_company, job)
    by = readerOf(totals)
    return await conclude(dependencies, key, head, found, totals)
  })
  if (compared === 'posted') await verify(dependencies, key, by)
  return compared
}

/** The stronger word, where a person had confirmed the settlement. */
async function verify(dependencies: Dependencies, key: ProjectKey, by: Actor): Promise<void> {
  const head = await dependencies.store.head(key)
  if (head?.confirmed !== 'declared' || head.open_export !== undefined) return
  const { open, part } = await openExport(dependencies, key, { open_export: head.export })
  if (open.settled_as !== 'synced' || part.posted?.how !== 'declared' || part.posted.not_shown) return
  await confirmPosted(dependencies, { by }, { key, export: open.number, part: part.part, how: 'verified' })
}

async function conclude(
  dependencies: Dependencies,
  key: ProjectKey,
  head: BudgetHead,
  found: OpenExport,
  totals: JobTotals | undefined,
): Promise<Decided<Compared>> {
  const seen = totals && (await observeSettled(dependencies, key, found, totals))
  if (!totals || !seen) return { answer: 'not_comparable' }
  return seen.kind === 'drift'
    ? await drifted(dependencies, head, found, readerOf(totals), seen)
    : agreed(head, found, readerOf(totals))
}

/**
 * What Sage's totals show against what the last export left there: *posted* where they agree, or drift. Undefined
 * where no baseline could be read, and where it is too early to deny a person's word.
 */
export async function observeSettled(
  dependencies: Pick<Dependencies, 'objects' | 'companies' | 'clock'>,
  key: ProjectKey,
  found: OpenExport,
  totals: JobTotals,
): Promise<Observation | undefined> {
  const { part, parts } = found
  const expected = await settledTotals(dependencies, key, parts, part, totals)
  const at = dependencies.clock.now()
  const seen = observe({ mode: part.mode, entries: [], baseline: expected?.totals, totals, at })
  if (seen?.kind !== 'drift') return seen
  const denied = await againstWord(dependencies, key, found, totals, seen)
  return denied === 'too_early' ? undefined : (denied ?? seen)
}

/**
 * What a reading says where a person confirmed the file as posted and Sage never showed it: the entries may be missing,
 * or stand otherwise than they were sent, besides what others moved. A reading older than that word denies nothing, and
 * totals that have not moved, or only in part, may just be late, for as long as a file may wait before it is mentioned.
 */
async function againstWord(
  dependencies: Pick<Dependencies, 'objects' | 'companies'>,
  key: ProjectKey,
  { open, part, parts }: OpenExport,
  totals: JobTotals,
  drift: Observation,
): Promise<'too_early' | Observation | undefined> {
  if (part.posted?.how !== 'declared' || open.settled_as !== 'synced') return undefined
  if (Date.parse(totals.as_of) < Date.parse(part.posted.at)) return 'too_early'
  const { entries, baseline } = await sentTogether(dependencies, key, parts, part, totals)
  const seen = observe({ mode: part.mode, entries, baseline: baseline?.totals, totals, at: drift.at })
  if (seen === undefined || seen.kind === 'drift') return seen
  const { kind, sentence, what_to_do } = seen
  if (kind === 'posted_as_original' || kind === 'posted_as_change')
    return { ...drift, sentence, what_to_do: wrongBoxSettled(part.mode) }
  if (kind !== 'awaiting_posting' && kind !== 'partly') return { ...drift, sentence, what_to_do }
  const sage = await dependencies.companies.sageCompany(key.company, open.sage_company)
  return Date.parse(drift.at) < Date.parse(firstReminder(part.posted.at, sage))
    ? 'too_early'
    : { ...drift, ...notSeenYet(sentence) }
}

/** What a reading before had shown is gone: nobody has to acknowledge it any more. */
function agreed(head: BudgetHead, { open, part }: OpenExport, by: Actor): Decided<Compared> {
  if (!part.observation) return { answer: 'posted' }
  const detail = { export: open.number, part: part.part, observation: 'posted' }
  return {
    answer: 'posted',
    commit: {
      head,
      history: [{ event: 'read_back', by, detail }],
      parts: [withoutObservation(part)],
    },
  }
}

async function drifted(
  { companies }: Dependencies,
  head: BudgetHead,
  { open, part }: OpenExport,
  by: Actor,
  seen: Observation,
): Promise<Decided<Compared>> {
  if (sameObservation(part.observation, seen)) return { answer: 'unchanged' }
  const [people, sage] = await Promise.all([
    companies.people(head.company),
    companies.sageCompany(head.company, open.sage_company),
  ])
  const about = { export: open.number, part: part.part }
  return {
    answer: 'drift',
    commit: {
      head,
      history: [{ event: 'read_back', by, detail: { ...about, observation: 'drift' } }],
      parts: [{ ...part, observation: seen }],
      outbox: mails('mismatch', postersOf(people, sage), `${open.id}-drift-s${String(head.sequence)}`, {
        export: { number: open.number, part: part.part },
      }),
    },
  }
}
