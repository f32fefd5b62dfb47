import type { Project } from '../budget-head.ts'
import type { ExportEntry, LedgerRow, Observation, PartEntries } from '../export.ts'
import type { Day, Instant } from '../ids.ts'
import type { LineItem } from '../line-item.ts'
import type { JobTotals, MasterData, SageCompany, SageTotal } from '../sage-company.ts'

/** What is checked. What is absent is not known, and what hangs on it is not checked unless a code says so. */
export interface PrecheckInput {
  readonly head: { readonly open_export?: number | undefined }
  readonly project?: Pick<Project, 'name' | 'job'> | undefined
  readonly lines: readonly LineItem[]
  /** What Sage holds of ours; empty before the first export. */
  readonly position: readonly LedgerRow[]
  /** What the export would hold: `entriesToExport(lines, position)`. */
  readonly parts: readonly PartEntries[]
  /** The Sage company of the project's job. */
  readonly sage?: SageCompany | undefined
  readonly master?: MasterData | undefined
  /** Sage's posted totals of the job, where they can be read. */
  readonly jobTotals?: JobTotals | undefined
  /** What of those totals others made, as a poster has acknowledged, while an export waited of which nothing was taken. */
  readonly acknowledged?: readonly SageTotal[] | undefined
  readonly now: Instant
  /** What was changed in Sage after the last settlement, or after an import from Sage, and nobody has answered for. */
  readonly drift?: Observation | undefined
  /** When the export is prepared, and where somebody asks: the date that the entries would carry. */
  readonly entryDate?: Day | undefined
}

/** An input whose job is linked to a Sage company that is set up. */
export interface LinkedInput extends PrecheckInput {
  readonly project: Pick<Project, 'name' | 'job'>
  readonly sage: SageCompany
  readonly job: string
}

export const entriesOf = (parts: readonly PartEntries[]): readonly ExportEntry[] =>
  parts.flatMap(({ entries }) => entries)
