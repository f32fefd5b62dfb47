import { reviewSheet } from '../../shared/approving/review-sheet.ts'
import { carryOut, earlier, type Standing } from '../../shared/cycle/carry-out.ts'
import { type ComingExport, comingExport } from '../../shared/cycle/coming-export.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { commandDone, commandRefused } from '../../shared/cycle/last-command.ts'
import { mails } from '../../shared/cycle/mails.ts'
import { openApprovalStep } from '../../shared/cycle/open-approval.ts'
import type { Approval, ApprovalPolicy, PolicyStep } from '../../shared/domain/approval.ts'
import type { Cents } from '../../shared/domain/cents.ts'
import type { BudgetVersion } from '../../shared/domain/budget-head.ts'
import { deadline } from '../../shared/domain/durations.ts'
import { peopleOf } from '../../shared/domain/editor.ts'
import { approvalAmount, noEligibleApprover, stepsThatApply } from '../../shared/domain/eligibility.ts'
import { exportHash, partTotals } from '../../shared/domain/entries.ts'
import { firstExport } from '../../shared/domain/ledger.ts'
import { newInSage } from '../../shared/domain/new-in-sage.ts'
import { type Finding, stops } from '../../shared/domain/finding.ts'
import type { PersonId } from '../../shared/domain/ids.ts'
import type { Person } from '../../shared/domain/person.ts'
import { refusal } from '../../shared/domain/refusal.ts'

/** Checks, makes a version if the lines changed, opens the first step of the approval and mails its approvers. */
export const sendToErp = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async (standing) => {
    const { key, head } = standing
    const { store, companies } = dependencies
    const [coming, policy, people, edited, last] = await Promise.all([
      comingExport(dependencies, key, head),
      companies.policy(key.company),
      companies.people(key.company),
      store.editors(key),
      store.version(key, head.version),
    ])
    const editors = peopleOf(edited)
    const sender = head.pending?.by
    if (sender === undefined) throw new Error('a send always has a sender: the pending command was lost')
    const amount = approvalAmount(policy, head, coming.parts)
    const steps = stepsThatApply(policy, amount)
    const opening = { coming, policy, people, editors, sender, amount, steps, last }
    const findings = [
      ...coming.findings,
      ...noEligibleApprover({
        steps,
        policy,
        people,
        sender,
        editors,
        amount,
        at: standing.at,
        timeZone: coming.sage?.time_zone,
      }),
    ]
    return stops(findings)
      ? refuseSend(standing, sender, findings)
      : await openApproval(dependencies, standing, opening)
  })

interface Opening {
  readonly coming: ComingExport
  readonly policy: ApprovalPolicy
  readonly people: readonly Person[]
  readonly editors: readonly PersonId[]
  readonly sender: PersonId
  readonly amount: Cents
  readonly steps: readonly PolicyStep[]
  readonly last: BudgetVersion | undefined
}

function refuseSend({ head, at, day300 }: Standing, sender: PersonId, findings: readonly Finding[]) {
  const refused = refusal(
    'FINDINGS',
    'The pre-check found errors, so the budget was not sent.',
    'Correct what the findings name, then send it again.',
    { findings },
  )
  return {
    commit: {
      head: { ...head, pending: undefined },
      history: [
        { event: 'send_refused', by: sender, detail: { code: 'FINDINGS', findings: findings.length } },
      ],
      last_command: commandRefused('send', head, at, refused),
      outbox: mails('command_refused', [sender], `send-c${String(head.cycle)}-n${String(head.signal)}`),
    },
    output: { outcome: 'refused', refused: 'Refused.Send', until: day300 },
  }
}

async function openApproval(
  { objects }: Dependencies,
  { key, head, at, day300 }: Standing,
  { coming, policy, people, editors, sender, amount, steps, last }: Opening,
) {
  const unchanged = last?.hash === head.manifest
  const number = unchanged ? head.version : head.version + 1
  const send = head.send + 1
  const { manifest, lines, original, changes } = head
  const sheet = await objects.putJson(key.company, reviewSheet(coming.lines, coming.position, coming.parts))
  const until = deadline(at, policy.expiry)
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
    output: { outcome: 'sent', until: earlier(until, day300) },
  }
}

/** What an accept of this export must be ticked for (domain: approval). */
function ticksAsked({ position, totals, master, project, parts, sage }: ComingExport): Approval['ticks'] {
  if (!firstExport(position)) return []
  const job = project?.job?.number ?? ''
  const isNew = sage && master ? newInSage({ sage, master, job, position, parts }).job : false
  return [
    'import_from_sage_closes',
    ...(totals === undefined && !isNew ? (['job_has_no_estimate'] as const) : []),
    ...(isNew ? (['create_job'] as const) : []),
  ]
}

export const handler = onLambda(sendToErp)
