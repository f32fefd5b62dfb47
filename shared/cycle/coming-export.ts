import * as z from 'zod'
import type { BudgetHead, Project } from '../domain/budget-head.ts'
import { entriesToExport } from '../domain/entries.ts'
import { type ExportPart, LedgerRow, type Observation, type PartEntries } from '../domain/export.ts'
import type { Finding } from '../domain/finding.ts'
import type { Day, ProjectKey, Sha256 } from '../domain/ids.ts'
import { firstExport } from '../domain/ledger.ts'
import type { LineItem } from '../domain/line-item.ts'
import { newInSage } from '../domain/new-in-sage.ts'
import { precheck } from '../domain/precheck.ts'
import { JobTotals, type MasterData, type SageCompany, type SageTotal } from '../domain/sage-company.ts'
import { importAgain } from '../sage/observation-words.ts'
import { joinBaseline, observe } from '../sage/reconciliation.ts'
import type { Dependencies } from './dependencies.ts'

/** What the next export of a budget would hold, and what stands in its way. */
export interface ComingExport {
  readonly project: Project | undefined
  readonly lines: readonly LineItem[]
  /** What Sage holds of ours; empty before the first export. */
  readonly position: readonly LedgerRow[]
  readonly parts: readonly PartEntries[]
  readonly findings: readonly Finding[]
  readonly sage: SageCompany | undefined
  readonly master: MasterData | undefined
  readonly totals: JobTotals | undefined
}

/** Whether Sage would set the job up at the import, as its lists were last read. */
export function jobIsNew({ project, sage, master, position, parts }: ComingExport): boolean {
  const job = project?.job?.number
  if (job === undefined || !sage || !master) return false
  return newInSage({ sage, master, job, position, parts }).job
}

type Readers = Pick<Dependencies, 'store' | 'companies' | 'objects' | 'clock'>

const LedgerRows = z.array(LedgerRow)

/** The ledger's position: taken cents by key and mode, opening entries included. */
export async function ledgerPosition(
  { objects }: Pick<Readers, 'objects'>,
  key: ProjectKey,
  head: Pick<BudgetHead, 'ledger'>,
): Promise<readonly LedgerRow[]> {
  return head.ledger === undefined ? [] : LedgerRows.parse(await objects.getJson(key.company, head.ledger))
}

interface Asked {
  /** The lines compared; those that stand now where it is left out. */
  readonly manifest?: Sha256
  /** The date that the entries would carry, where one is chosen. */
  readonly entryDate?: Day | undefined
}

/**
 * Compares a set of lines (the working copy, or the version that was sent) with what Sage holds of ours.
 * The same at a look, at send, and when the export is prepared.
 */
export async function comingExport(
  readers: Readers,
  key: ProjectKey,
  head: BudgetHead,
  { manifest = head.manifest, entryDate }: Asked = {},
): Promise<ComingExport> {
  const { store, companies } = readers
  const [project, lines, position, before] = await Promise.all([
    store.project(key),
    store.lines(key, manifest),
    ledgerPosition(readers, key, head),
    partsBefore(readers, key, head),
  ])
  const job = project?.job
  const [sage, master, totals] =
    job === undefined
      ? []
      : await Promise.all([
          companies.sageCompany(key.company, job.sage_company),
          companies.masterData(key.company, job.sage_company),
          companies.jobTotals(key.company, job.sage_company, job.number),
        ])
  const parts = entriesToExport(lines, position)
  const drift = driftSeen(readers, head, before, position, totals)
  const findings = precheck({
    head,
    project,
    lines,
    position,
    parts,
    sage,
    master: master?.data,
    jobTotals: totals,
    acknowledged: totals && firstExport(position) ? await leftInSage(readers, key, before) : undefined,
    drift,
    entryDate,
    now: readers.clock.now(),
  })
  return { project, lines, position, parts, findings, sage, master: master?.data, totals }
}

/** The parts of the last export. What is observed of one under way stands in its own way, not in that of the next send. */
const partsBefore = async (
  { store }: Pick<Readers, 'store'>,
  key: ProjectKey,
  { open_export, export: last }: BudgetHead,
): Promise<readonly ExportPart[]> =>
  open_export === undefined && last > 0 ? await store.parts(key, last) : []

/** Sage's totals of the job as an export left them of which nothing was taken: made by others, and acknowledged. */
async function leftInSage(
  { objects }: Pick<Readers, 'objects'>,
  key: ProjectKey,
  parts: readonly ExportPart[],
): Promise<readonly SageTotal[]> {
  const baseline = parts.findLast((part) => part.baseline !== undefined)?.baseline
  return baseline === undefined ? [] : JobTotals.parse(await objects.getJson(key.company, baseline)).totals
}

/**
 * What was changed in Sage since the last settlement and no poster has acknowledged: kept with the last export. Before
 * any export it is what moved since the import from Sage, and another import answers for it.
 */
function driftSeen(
  { clock }: Pick<Readers, 'clock'>,
  { export: last }: BudgetHead,
  before: readonly ExportPart[],
  opening: readonly LedgerRow[],
  totals: JobTotals | undefined,
): Observation | undefined {
  if (last > 0) return driftOf(before)?.observation
  if (opening.length === 0 || !totals) return undefined
  const seen = observe({
    mode: 'approved_estimate_change',
    entries: [],
    baseline: joinBaseline([], opening),
    totals,
    at: clock.now(),
  })
  return seen?.kind === 'drift' ? { ...seen, what_to_do: importAgain } : undefined
}

/** The part of a settled export that keeps a drift. */
export const driftOf = (parts: readonly ExportPart[]): ExportPart | undefined =>
  parts.find(({ observation }) => observation?.kind === 'drift')
