import { reviewSheet } from '../../shared/approving/review-sheet.ts'
import { type CarriedOut, carryOut, earlier, type Standing } from '../../shared/cycle/carry-out.ts'
import { Broken } from '../../shared/store/errors.ts'
import { type CheckedSend, checkSend } from '../../shared/cycle/check-send.ts'
import { type ComingExport, jobIsNew } from '../../shared/cycle/coming-export.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { commandDone, commandRefused } from '../../shared/cycle/last-command.ts'
import { mails } from '../../shared/cycle/mails.ts'
import { openApprovalStep } from '../../shared/cycle/open-approval.ts'
import type { Approval } from '../../shared/domain/approval.ts'
import type { BudgetVersion } from '../../shared/domain/budget-head.ts'
import { deadline } from '../../shared/domain/durations.ts'
import { exportHash, partTotals } from '../../shared/domain/entries.ts'
import { firstExport } from '../../shared/domain/ledger.ts'
import type { PersonId } from '../../shared/domain/ids.ts'
import type { Refusal } from '../../shared/domain/refusal.ts'
import { nextStage } from '../../shared/domain/stages.ts'

/** Checks, makes a version if the lines changed, opens the first step of the approval and mails its approvers. */
export const sendToErp = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async (standing) => {
    const { key, head } = standing
    const sender = head.pending?.by
    if (sender === undefined)
      throw new Broken(
        'SenderMissing',
        `${key.project}: the send lost its pending command; send the budget again once the runbook workflow-failed is done.`,
      )
    const checked = await checkSend(dependencies, key, head, sender)
    if (checked.refused) return refuseSend(standing, sender, checked.refused)
    return await openApproval(dependencies, standing, { ...checked, sender })
  })

function refuseSend({ head, at, day300 }: Standing, sender: PersonId, refused: Refusal): CarriedOut {
  return {
    commit: {
      head: { ...head, pending: undefined },
      history: [
        {
          event: 'send_refused',
          by: sender,
          detail: { code: refused.code, findings: refused.findings?.length ?? 0 },
        },
      ],
      last_command: commandRefused('send', head, at, refused),
      outbox: mails('command_refused', [sender], `send-c${String(head.cycle)}-n${String(head.signal)}`),
    },
    output: { outcome: 'refused', refused: 'Refused.Send', until: day300 },
  }
}

async function openApproval(
  { objects, store }: Dependencies,
  { key, head, at, day300 }: Standing,
  {
    coming,
    findings,
    policy,
    people,
    editors,
    sender,
    amount,
    steps,
  }: CheckedSend & { readonly sender: PersonId },
): Promise<CarriedOut> {
  const last = await store.version(key, head.version)
  const unchanged = last?.hash === head.manifest
  const number = unchanged ? head.version : head.version + 1
  const send = head.send + 1
  const { manifest, lines, original, changes } = head
  const sheet = await objects.putJson(key.company, reviewSheet(coming, findings))
  const until = deadline(at, steps[0]?.expiry ?? policy.expiry)
  const { approval, outbox } = openApprovalStep(
    {
      version: number,
      send,
      sender,
      editors: [...editors],
      version_hash: manifest,
      export_hash: exportHash(coming.parts),
      parts: [...partTotals(coming.parts)],
      first_export: firstExport(coming.position),
      ticks: ticksAsked(coming),
      sheet,
      expiry: policy.expiry,
      code_from_amount: policy.code_from_amount,
      amount,
      steps,
    },
    1,
    policy,
    people,
    at,
    until,
    coming.sage?.time_zone,
  )
  const version: BudgetVersion = {
    number,
    hash: manifest,
    lines,
    original,
    changes,
    by: sender,
    at,
    why: 'send',
  }
  return {
    commit: {
      head: {
        ...head,
        erp: 'sent' as const,
        erp_since: at,
        version: number,
        send,
        sent_version: number,
        approval_step: 1,
        sender,
        pending: undefined,
      },
      history: [
        { event: 'sent', by: sender, detail: { version: number, send, export_hash: approval.export_hash } },
      ],
      ...(unchanged ? {} : { version }),
      approvals: [approval],
      last_command: commandDone('send', head, at),
      outbox,
    },
    // The approval outlives a run that ends on day 300: the next run goes on with it.
    output: { outcome: 'sent', until: earlier(nextStage(approval).at, day300) },
  }
}

/** What an accept of this export must be ticked for (domain: approval). */
function ticksAsked(coming: ComingExport): Approval['ticks'] {
  const { position, totals } = coming
  if (!firstExport(position)) return []
  const isNew = jobIsNew(coming)
  return [
    'import_from_sage_closes',
    ...(totals === undefined && !isNew ? (['job_has_no_estimate'] as const) : []),
    ...(isNew ? (['create_job'] as const) : []),
  ]
}

export const handler = onLambda(sendToErp)
