import * as z from 'zod'
import { ApprovalStep } from '../domain/approval.ts'
import { PersonId } from '../domain/ids.ts'

/** The mails of the trade, by the event that sends them. */
export const MailKind = z.enum([
  'ready_for_review',
  'daily_summary',
  'reminder',
  'escalation',
  'reassigned',
  'confirmation_code',
  'nobody_can_accept',
  'mail_not_delivered',
  'accepted',
  'rejected',
  'expired',
  'retrieved',
  'returned',
  'closed',
  'command_refused',
  'file_ready',
  'do_not_import',
  'export_failed',
  'receipt_overdue',
  'mismatch',
  'not_posted',
  'posted',
])
export type MailKind = z.infer<typeof MailKind>

/** Mails about one budget; the summary is about all that wait. */
export const BudgetMailKind = MailKind.exclude(['daily_summary'])
export type BudgetMailKind = z.infer<typeof BudgetMailKind>

/** A mail that did not arrive: it came back, its reader's program called it spam, or SES would not send it. */
export const Undelivered = z.strictObject({
  mail: MailKind,
  to: PersonId,
  why: z.enum(['bounced', 'complained', 'refused']),
})
export type Undelivered = z.infer<typeof Undelivered>

/** One mail to one person. `id` is derived from what it tells, so that a repeat is the same mail. */
export const MailRequest = z.strictObject({
  id: z.string(),
  mail: MailKind,
  to: PersonId,
  /** The approval step it is about: version, send, step. */
  approval: ApprovalStep.optional(),
  /** The export, and part, it is about. */
  export: z.strictObject({ number: z.int(), part: z.int() }).optional(),
  /** The mail it is about. */
  undelivered: Undelivered.optional(),
})
export type MailRequest = z.infer<typeof MailRequest>

/** The same mail to everyone whom an event concerns: one row of a transaction, however many they are. */
export const MailToAll = MailRequest.extend({ to: z.array(PersonId).min(1) })
export type MailToAll = z.infer<typeof MailToAll>

/** The mail to each of them; its id is that of the event with the person's. */
export const mailToEach = ({ to, ...mail }: MailToAll): MailRequest[] =>
  to.map((person) => ({ ...mail, id: `${mail.id}/${person}`, to: person }))

/** The input of an execution: ids and numbers that never vary for one name. */
export const CycleInput = z.strictObject({
  v: z.literal(1),
  company: z.string(),
  project: z.string(),
  cycle: z.int(),
  run: z.int(),
  /** `lock`, `unlock`, `send`, or the name of the state in which a restarted cycle goes on. */
  asked: z.string(),
})
export type CycleInput = z.infer<typeof CycleInput>

/** What the relay has to deliver after a transaction. */
export const OutboxMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('start'), execution: z.string(), input: CycleInput }),
  z.strictObject({ kind: z.literal('stop'), execution: z.string() }),
  z.strictObject({ kind: z.literal('signal'), cycle: z.int(), n: z.int() }),
  z.strictObject({ kind: z.literal('mail'), mail: MailToAll }),
])
export type OutboxMessage = z.infer<typeof OutboxMessage>

/** An outbox row as the stream shows it: undelivered until it is deleted. What a later release added goes along. */
export const OutboxRow = z.looseObject({
  pk: z.string(),
  sk: z.string(),
  company: z.string(),
  project: z.string(),
  message: OutboxMessage,
  at: z.string(),
  /** Id of the request that led to it. */
  request: z.string().optional(),
  due_pk: z.string().optional(),
  due_at: z.string().optional(),
})
export type OutboxRow = z.infer<typeof OutboxRow>
