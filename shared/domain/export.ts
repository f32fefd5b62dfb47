import * as z from 'zod'
import { BudgetCode } from './budget-code.ts'
import { Cents } from './cents.ts'
import { Actor, Day, Instant, PersonId, SageCompanyId, Sha256 } from './ids.ts'

/** In Sage the two differ only by a tick box at import, so a part holds one mode. */
export const ExportMode = z.enum(['original_estimate', 'approved_estimate_change'])
export type ExportMode = z.infer<typeof ExportMode>

/** What a wrong box makes of a mode. */
export const otherMode: Readonly<Record<ExportMode, ExportMode>> = {
  original_estimate: 'approved_estimate_change',
  approved_estimate_change: 'original_estimate',
}

/** An amount of one key in one part. */
export const ExportEntry = z.strictObject({ code: BudgetCode, cents: Cents })
export type ExportEntry = z.infer<typeof ExportEntry>

/** What one export file holds: entries of one mode, sorted by key, one per key, none zero. */
export interface PartEntries {
  readonly mode: ExportMode
  readonly entries: readonly ExportEntry[]
}

/** Outcome of an entry in the ledger; `taken` with the mode in which Sage took it. */
export const EntryOutcome = z.enum(['open', 'taken', 'rejected', 'withdrawn'])
export type EntryOutcome = z.infer<typeof EntryOutcome>

/** What Sage holds of ours for one key: taken cents by mode, opening entries included. */
export const LedgerRow = z.strictObject({ code: BudgetCode, original: Cents, changes: Cents })
export type LedgerRow = z.infer<typeof LedgerRow>

/** What read-back or a person saw of a part in Sage. */
export const ObservationKind = z.enum([
  'awaiting_posting',
  'stale',
  'posted',
  'partly',
  'twice',
  'posted_as_original',
  'posted_as_change',
  'drift',
  'import_stopped',
])
export type ObservationKind = z.infer<typeof ObservationKind>

export const Observation = z.strictObject({
  kind: ObservationKind,
  at: Instant,
  /** When the totals were read in Sage that show it; absent where none do, and in what an earlier release stored. */
  read_at: Instant.optional(),
  /** Who told it; absent for a reading, and in what an earlier release stored. */
  by: Actor.optional(),
  sentence: z.string(),
  what_to_do: z.string(),
  /** Keys that did not move as sent, at most 200, with what was expected and what moved, in cents by mode. */
  keys: z.array(
    z.strictObject({
      code: BudgetCode,
      expected: Cents,
      original_moved: Cents,
      changes_moved: Cents,
    }),
  ),
})
export type Observation = z.infer<typeof Observation>

/** Whether a file still waits to be imported and posted, as far as anybody saw: nothing of it has moved in Sage. */
export const waitsStill = (observation: Observation | undefined): boolean =>
  observation === undefined || observation.kind === 'awaiting_posting' || observation.kind === 'stale'

/** An entry of a part whose outcome differs from that of the part. */
export const EntryException = z.strictObject({
  code: BudgetCode,
  outcome: EntryOutcome,
  mode: ExportMode.optional(),
  reason: z.string().optional(),
})
export type EntryException = z.infer<typeof EntryException>

/** What a connector says of one line. */
export const LineMessage = z.strictObject({ code: BudgetCode, message: z.string() })
export type LineMessage = z.infer<typeof LineMessage>

/** One Sage import file of an export. */
export const ExportPart = z.strictObject({
  export: z.int(),
  part: z.int(),
  kind: z.enum(['original', 'change', 'correction']),
  /** The part whose rejected keys a correction carries again. */
  corrects: z.int().optional(),
  mode: ExportMode,
  entries: z.int(),
  total: Cents,
  /** Sum of the entries above zero; absent in what an earlier release stored. */
  increases: Cents.optional(),
  /** Hash, and object key, of the canonical entries. */
  entries_sha256: Sha256,
  file_name: z.string(),
  file_key: z.string(),
  file_sha256: Sha256,
  /** Outcome of every entry that has no exception. */
  outcome: EntryOutcome,
  exceptions: z.array(EntryException),
  /** Attempt under which this part was last queued; absent until then. */
  attempt: z.int().optional(),
  /** Sage's totals per key before the part was queued; absent where they could not be read. */
  baseline: Sha256.optional(),
  /** Ledger rows in the baseline that were said to be posted before, and that the reading did not show yet. */
  ahead: Sha256.optional(),
  /** Which connector took it to write it; gone once it says that nothing was written. */
  claim: z
    .strictObject({
      attempt: z.int(),
      by: z.string(),
      at: Instant,
      /** Which claim of its attempt it is; absent in what an earlier release stored: the first. */
      number: z.int().optional(),
      /** That an earlier attempt was taken too, of which nobody has said that nothing was written. */
      earlier: z.literal(true).optional(),
    })
    .optional(),
  receipt: z.strictObject({ attempt: z.int(), by: z.string(), at: Instant, where: z.string() }).optional(),
  failure: z
    .strictObject({
      attempt: z.int(),
      at: Instant,
      messages: z.array(z.string()),
      /** What was wrong with single lines, where the connector says so. */
      lines: z.array(LineMessage).optional(),
      /** Who says so; absent in what an earlier release stored. */
      by: Actor.optional(),
      /** That the connector is sure to have written nothing that somebody could import; absent: nobody said so. */
      nothing_written: z.boolean().optional(),
    })
    .optional(),
  /** The report of the lines that Sage rejected: their number, who told it and when. */
  rejected: z.strictObject({ lines: z.int(), by: Actor, at: Instant }).optional(),
  /** When the agent moved the file, which nobody is to import any more, out of its drop folder. */
  withdrawn_from_folder: Instant.optional(),
  /** `by`: who declared it; for `verified`, the connector, or who uploaded the totals that show it. */
  posted: z
    .strictObject({
      how: z.enum(['declared', 'verified']),
      by: Actor,
      at: Instant,
      /** A poster acknowledged that Sage stays without what was declared: no later reading verifies it. */
      not_shown: z.literal(true).optional(),
    })
    .optional(),
  observation: Observation.optional(),
})
export type ExportPart = z.infer<typeof ExportPart>

/**
 * Whether a part is with accounting under its present attempt. A receipt that comes after the failure, or of an attempt
 * before, counts for nothing: the connector is asked for that file again, and nobody could say that this one was posted.
 */
export const isDelivered = ({ attempt, receipt, failure }: ExportPart): boolean =>
  receipt !== undefined && receipt.attempt === attempt && failure?.attempt !== attempt

/** What one accepted version makes Sage take. */
export const BudgetExport = z.strictObject({
  /** `<project>-e<number>`. */
  id: z.string(),
  number: z.int(),
  version: z.int(),
  version_hash: Sha256,
  export_hash: Sha256,
  first: z.boolean(),
  sage_company: SageCompanyId,
  job: z.string(),
  create_job: z.boolean(),
  entry_date: Day,
  accepted_by: z.array(PersonId),
  /** Grows with every message: next part, correction, retry. */
  attempt: z.int(),
  /** Number of parts made so far, corrections included. */
  parts: z.int(),
  /** The part that is due or under way. */
  current_part: z.int(),
  opened_at: Instant,
  /** Id of the request that led to what was last done about it. */
  request: z.string().optional(),
  settled_at: Instant.optional(),
  settled_as: z.enum(['synced', 'returned', 'closed']).optional(),
})
export type BudgetExport = z.infer<typeof BudgetExport>

/** The message on the export queue: ids, hashes and totals, never lines and never a token. */
export const ExportMessage = z.strictObject({
  v: z.literal(1),
  company: z.string(),
  project: z.string(),
  exportId: z.string(),
  attempt: z.int(),
  /** Id of the request that led to it: the same in every log, and in the budget's history. */
  request: z.string().optional(),
  /** The one part now due, never a later one. */
  parts: z.tuple([
    z.strictObject({
      part: z.int(),
      mode: ExportMode,
      key: z.string(),
      sha256: Sha256,
      entries: z.int(),
      total: z.string(),
    }),
  ]),
})
export type ExportMessage = z.infer<typeof ExportMessage>
