import * as z from 'zod'
import type { ApprovalStep } from './approval.ts'
import { Cents } from './cents.ts'
import { Actor, CompanyId, Instant, PersonId, ProjectId, SageCompanyId, Sha256 } from './ids.ts'

export const EditState = z.enum(['unlocked', 'locked'])
export type EditState = z.infer<typeof EditState>

/** The last thing that happened with accounting; lock and unlock never change it. */
export const ErpState = z.enum([
  'not_sent',
  'sent',
  'retrieved',
  'rejected',
  'expired',
  'accepted',
  'exporting',
  'export_failed',
  'exported',
  'partly_posted',
  'mismatch',
  'synced',
  'update_pending',
])
export type ErpState = z.infer<typeof ErpState>

/** Commands that a step of the workflow carries out after they were recorded. */
export const StepCommand = z.enum(['lock', 'unlock', 'send', 'retrieve'])
export type StepCommand = z.infer<typeof StepCommand>

export const PendingCommand = z.strictObject({
  command: StepCommand,
  by: PersonId,
  at: Instant,
  /** Id of the request that asked for it. */
  request: z.string().optional(),
  /** Of an unlock: deletes them; absent, they are preserved. */
  budget_changes: z.literal('delete').optional(),
})
export type PendingCommand = z.infer<typeof PendingCommand>

/** How the execution of an open cycle ended without an outcome. A redrive makes it run again. */
export const EndedExecution = z.strictObject({
  /** Of the open cycle. */
  run: z.int(),
  status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
  /** How often it had been redriven by then. */
  redrives: z.int(),
  at: Instant,
  /** What the execution broke with. */
  error: z.string().optional(),
})
export type EndedExecution = z.infer<typeof EndedExecution>

/**
 * The head of a budget: the one small item (under 1 KB) that every command of a project is conditioned on.
 * `sequence` counts history rows and is what transactions compare; `revision` is the ETag of lines and settings.
 */
export const BudgetHead = z.strictObject({
  company: CompanyId,
  project: ProjectId,
  revision: z.int(),
  sequence: z.int(),
  /** Hash of the last history row; the next row carries it. */
  history_hash: z.string(),
  edit: EditState,
  erp: ErpState,
  erp_since: Instant,
  /** Manifest of the working copy and its totals. */
  manifest: Sha256,
  lines: z.int(),
  original: Cents,
  changes: Cents,
  last_change: z.int(),
  /** Last cycle opened; `execution` is present while it is open. */
  cycle: z.int(),
  run: z.int(),
  execution: z.string().optional(),
  /** Present once the cycle's execution ended without an outcome; gone when a wait shows that it was redriven. */
  ended: EndedExecution.optional(),
  /** Number of the last signal of this cycle. */
  signal: z.int(),
  pending: PendingCommand.optional(),
  /** Last version made, and the one last sent and last settled. */
  version: z.int(),
  send: z.int(),
  sent_version: z.int(),
  /** The step of the approval that is open, or was last, for this send. */
  approval_step: z.int().optional(),
  settled_version: z.int(),
  /** Last export number; `open_export` is present while it is not settled. */
  export: z.int(),
  open_export: z.int().optional(),
  /** What Sage holds of ours: hash of the ledger position object; absent while the ledger is empty. */
  ledger: Sha256.optional(),
  /** Whether the last settlement was declared by a person or verified by reading Sage back. */
  confirmed: z.enum(['declared', 'verified']).optional(),
  /** Mark of the last step carried out, so that a repeat returns the stored outcome. */
  done: z
    .strictObject({
      execution: z.string(),
      step: z.int(),
      state: z.string(),
      output: z.strictObject({
        outcome: z.string(),
        until: Instant.optional(),
        refused: z.string().optional(),
      }),
    })
    .optional(),
  /** Who stored the first line; told about decisions beside the sender. */
  creator: PersonId.optional(),
  /** The sender of the last send. */
  sender: PersonId.optional(),
})
export type BudgetHead = z.infer<typeof BudgetHead>

/** How the execution that the budget counts on ended; undefined while it runs, as far as anybody knows. */
export const endedOf = ({ ended, run, execution }: BudgetHead): EndedExecution | undefined =>
  execution !== undefined && ended?.run === run ? ended : undefined

/** The step of the approval that waits for a decision, or was decided last, for what was sent last. */
export const stepUnderWay = (
  head: Pick<BudgetHead, 'sent_version' | 'send' | 'approval_step'>,
): ApprovalStep => ({
  version: head.sent_version,
  send: head.send,
  step: head.approval_step ?? 1,
})

export const LastCommand = z.strictObject({
  command: z.string(),
  outcome: z.enum(['pending', 'done', 'refused']),
  by: Actor,
  at: Instant,
  /** Of an unlock that was asked to delete them. */
  budget_changes: z.literal('delete').optional(),
  /** Present on refusal. */
  code: z.string().optional(),
  sentence: z.string().optional(),
  what_to_do: z.string().optional(),
  findings: z.array(z.json()).optional(),
})
export type LastCommand = z.infer<typeof LastCommand>

/** A project: its name, its one job in Sage, and the settings a budget admin may change. */
/** Of a site, as Sage's job record takes it. */
export const Address = z.strictObject({
  street: z.string(),
  city: z.string(),
  state: z.string(),
  zip: z.string(),
})
export type Address = z.infer<typeof Address>

export const Project = z.strictObject({
  project: ProjectId,
  name: z.string(),
  job: z.strictObject({ sage_company: SageCompanyId, number: z.string() }).optional(),
  settings: z.strictObject({
    /** Lets a budget change alter the grand total (Procore: modify grand total). */
    one_sided_changes: z.boolean(),
  }),
  /** Sent with a job that the import sets up in Sage; absent: the job gets none. */
  address: Address.optional(),
  /** Sent with an extra that the import sets up in Sage; one that is not described goes by its code. */
  sub_jobs: z.array(z.strictObject({ sub_job: z.string(), description: z.string() })).optional(),
  created_by: Actor,
  created_at: Instant,
})
export type Project = z.infer<typeof Project>

/** A numbered, immutable snapshot of all lines. */
export const BudgetVersion = z.strictObject({
  number: z.int(),
  /** Manifest hash, which is the hash of the lines. */
  hash: Sha256,
  lines: z.int(),
  original: Cents,
  changes: Cents,
  by: Actor,
  at: Instant,
  why: z.enum(['lock', 'send', 'manual', 'named']),
  name: z.string().optional(),
})
export type BudgetVersion = z.infer<typeof BudgetVersion>
