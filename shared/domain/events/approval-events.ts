import * as z from 'zod'
import { event, number, ofApproval, ofSend, ofStep } from './event-schema.ts'

const ofVersion = { version: number, ...ofSend }

const decision = {
  ...ofApproval,
  version_hash: z.string().describe('SHA-256 of the lines that were decided on'),
  export_hash: z.string().describe('SHA-256 of what the export would hold'),
  by: z.string(),
  entry_date: z.string().optional().describe('Accounting date of the entries, where the approver chose it'),
  reason: z.string().optional(),
  decided_from: z
    .object({
      family: z.enum(['IPv4', 'IPv6', 'unknown']),
      network: z.string().optional(),
      agent: z.string(),
    })
    .optional()
    .describe(
      'The network that the request came from, /24 or /48, and what its browser or program says it is',
    ),
}

const mailedTo = z.array(z.string()).describe('Ids of the people who were mailed')

/** Of a budget on its way through accounting's decision. */
export const approvalEvents = {
  send_asked: event('A person asked to send the budget to accounting.', {}),
  sent: event('The budget waits for accounting: its approvers were mailed.', {
    version: number,
    ...ofSend,
    export_hash: z.string(),
  }),
  send_refused: event('The budget was not sent.', {
    code: z.string(),
    findings: number.describe('How many findings the pre-check names'),
  }),
  retrieve_asked: event('A person asked to take the budget back from accounting.', {}),
  retrieved: event('The budget was taken back from accounting before a decision.', ofSend),
  reminded: event('Approvers who had not decided were mailed again.', {
    ...ofStep,
    to: mailedTo,
    number: number.describe('Which reminder of this step it was'),
  }),
  escalated: event('The fallback approver was added and mailed.', { ...ofStep, to: mailedTo }),
  reassigned: event('An approver was put in the place of another.', {
    ...ofApproval,
    from: z.string(),
    to: z.string(),
  }),
  mail_resent: event('An approver was mailed the request once more.', { ...ofApproval, to: z.string() }),
  code_asked: event('An approver had a code mailed that confirms an accept.', ofApproval),
  nobody_can_accept: event('Nobody is left who could accept the step under way.', ofApproval),
  can_be_accepted_again: event('Somebody can accept the step under way again.', ofApproval),
  decision_accept: event('An approver accepted.', decision),
  decision_reject: event('An approver rejected, with a reason.', decision),
  approval_step_opened: event('The next step of the approval was opened.', ofStep),
  accepted: event('Every step accepted: the export is prepared.', ofVersion),
  accepted_again: event('An accept that stands leads to an export once more.', ofVersion),
  rejected: event('The budget went back to the project, unlocked, with the reason.', {
    ...ofApproval,
    reason: z.string(),
  }),
  expired: event('Nobody decided in time.', ofStep),
  given_back_expired: event('The budget went back to the project after its approval expired.', ofSend),
}
