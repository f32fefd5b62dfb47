import * as z from 'zod'
import { BudgetCode } from './budget-code.ts'
import { Cents } from './cents.ts'
import { ExportMode } from './export.ts'
import { Day, Instant, PersonId, Sha256 } from './ids.ts'

/** One step of an approval policy. Approvers empty means: everyone with the role accounting_approver. */
export const PolicyStep = z.strictObject({
  name: z.string(),
  approvers: z.array(PersonId),
  /** How many must accept. */
  accepts: z.int().min(1),
  /** The step applies from this amount on; absent: always. */
  from_amount: Cents.optional(),
  /** Who has not decided is reminded after this time, and then as often as this; left out: once. ISO 8601 durations. */
  reminder: z.strictObject({ after: z.string(), every: z.string().optional() }).optional(),
  /** After this time the fallback approver may decide as well, and is mailed. */
  escalation: z.strictObject({ after: z.string(), to: PersonId }).optional(),
  /** After this time the step expires, in the place of the policy's. */
  expiry: z.string().optional(),
})
export type PolicyStep = z.infer<typeof PolicyStep>

export const ApprovalPolicy = z.strictObject({
  steps: z.array(PolicyStep).min(1),
  /** What the steps' and people's amounts are compared with. */
  amount: z.enum(['larger', 'revised_total', 'moved']),
  separation_of_duties: z.boolean(),
  /** ISO 8601 duration in weeks, days or hours (`P30D`), after which a step that nobody decides expires. */
  expiry: z.string(),
  /** An accept by a mailed link takes a mailed code from this amount on; absent: never. */
  code_from_amount: Cents.optional(),
})
export type ApprovalPolicy = z.infer<typeof ApprovalPolicy>

/** One step, any one approver, thirty days, sender and editors may not accept. */
export const defaultPolicy: ApprovalPolicy = {
  steps: [{ name: 'Accounting', approvers: [], accepts: 1 }],
  amount: 'larger',
  separation_of_duties: true,
  expiry: 'P30D',
}

/** What a part would hold, as the approver saw and accepts it. */
export const PartTotal = z.strictObject({
  part: z.int(),
  mode: ExportMode,
  entries: z.int(),
  total: Cents,
  /** Sum of the entries above zero; absent in what an earlier release stored. */
  increases: Cents.optional(),
  /** Hash of the canonical entries of this part. */
  sha256: Sha256,
})
export type PartTotal = z.infer<typeof PartTotal>

export const Decision = z.strictObject({
  person: PersonId,
  choice: z.enum(['accept', 'reject']),
  at: Instant,
  /** Present on reject. */
  reason: z.string().optional(),
  comments: z.array(z.strictObject({ code: BudgetCode, comment: z.string() })),
  /** Present on accept: the date that the entries will carry in Sage. */
  entry_date: Day.optional(),
  /** How the person was known: a mailed link, one with a code that was mailed to confirm it, or a sign-in. */
  by: z.enum(['link', 'link_and_code', 'sign_in']),
})
export type Decision = z.infer<typeof Decision>

/** To whom mails were sent that somebody asked for, and when. */
const AskedMails = z.array(z.strictObject({ to: PersonId, at: Instant }))
export type AskedMails = z.infer<typeof AskedMails>

/** A code that was mailed to confirm an accept: only its hash is stored, with the end of its ten minutes. */
export const ConfirmationCode = z.strictObject({ sha256: Sha256, until: Instant })
export type ConfirmationCode = z.infer<typeof ConfirmationCode>

/** One opened step of an approval: the policy as it was, what is to be decided, and what was decided. */
export const Approval = z.strictObject({
  version: z.int(),
  send: z.int(),
  /** 1-based number of the step in `steps`. */
  step: z.int(),
  steps: z.array(PolicyStep),
  separation_of_duties: z.boolean(),
  amount: Cents,
  /** People who may decide this step, as of opening (eligibility is checked again at decision). */
  approvers: z.array(PersonId),
  /** Sender and editors, who may not accept while separation of duties is on, but may reject. */
  sender: PersonId,
  editors: z.array(PersonId),
  opened_at: Instant,
  until: Instant,
  /** The policy's expiry as it was at send; absent in what an earlier release stored. */
  expiry: z.string().optional(),
  /** Number of reminders that were due and are written; absent: none. */
  reminded: z.int().optional(),
  /** When the fallback approver was added. */
  escalated_at: Instant.optional(),
  /** Since when fewer people could accept the step than must, as sender and company admins were told. */
  nobody_since: Instant.optional(),
  /** Mails that were asked for once more within the last hour, as of the last such request. */
  resent: AskedMails.optional(),
  /** As `resent`, of the mails with a code. */
  codes_mailed: AskedMails.optional(),
  /** From which amount on an accept by a mailed link takes a code; absent: it takes none. */
  code_from_amount: Cents.optional(),
  version_hash: Sha256,
  export_hash: Sha256,
  parts: z.array(PartTotal),
  first_export: z.boolean(),
  /** Ticks that an accept must carry. */
  ticks: z.array(z.enum(['import_from_sage_closes', 'job_has_no_estimate', 'create_job'])),
  /** Hash of the stored sheet that the review page shows. */
  sheet: Sha256,
  decisions: z.array(Decision),
  outcome: z.enum(['accepted', 'rejected', 'retrieved', 'expired']).optional(),
  ended_at: Instant.optional(),
})
export type Approval = z.infer<typeof Approval>

/** Which step of which approval. */
export const ApprovalStep = Approval.pick({ version: true, send: true, step: true })
export type ApprovalStep = z.infer<typeof ApprovalStep>

/** `<project>-v<version>-s<send>-<step>`: names an approval step in the logs. */
export const approvalId = (project: string, { version, send, step }: ApprovalStep): string =>
  `${project}-v${String(version)}-s${String(send)}-${String(step)}`
