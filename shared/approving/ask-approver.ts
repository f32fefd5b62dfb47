import type { Dependencies } from '../cycle/dependencies.ts'
import { aboutApproval, mails, occasionOf } from '../cycle/mails.ts'
import type { Approval, ApprovalStep } from '../domain/approval.ts'
import { type BudgetHead, stepUnderWay } from '../domain/budget-head.ts'
import type { ProjectEvent } from '../domain/events/domain-event.ts'
import type { PersonId, ProjectKey } from '../domain/ids.ts'
import { allowed } from '../domain/lifecycle.ts'
import { askCode, type AskedOfStep, reachedInPlaceOf, reassign, resend } from '../domain/reassign.ts'
import { isRefusal, type Refusal } from '../domain/refusal.ts'
import { told, type Who } from '../exporting/record.ts'
import { noBudget } from '../exporting/under-way.ts'
import type { Decided } from '../store/budget-store.ts'
import { keptFor } from '../store/idempotency.ts'
import type { MailKind } from '../store/outbox.ts'
import { directoryFor } from './directory.ts'

type Readers = Pick<Dependencies, 'store' | 'companies' | 'clock'>

/** What was asked for about the open step of a sent budget, and by whom. */
interface Wanted extends Pick<AskedOfStep, 'by' | 'admin'> {
  readonly key: ProjectKey
}

/** The step that was asked of, and whom it waits for since: empty are all accounting approvers. */
export interface Asked extends ApprovalStep {
  readonly approvers: readonly PersonId[]
  readonly mailed: readonly PersonId[]
}

/**
 * Puts one approver in the place of another and mails the new one, in one transaction: from then on the old one's links
 * decide nothing. Throws what the rule refuses: NOT_SENT, APPROVAL_ENDED, NOT_ELIGIBLE, INVALID_INPUT.
 */
export const reassignApproval = async (
  readers: Readers,
  who: Who,
  wanted: Wanted & { readonly from: PersonId; readonly to: PersonId },
): Promise<Asked> =>
  await askOfStep(readers, who, wanted, {
    command: 'reassign',
    mail: 'reassigned',
    rule: (asked) => reassign(asked, wanted.from, wanted.to),
    told: (of) => ({ event: 'reassigned', detail: { ...of, from: wanted.from, to: wanted.to } }),
    to: wanted.to,
    reaches: reachedInPlaceOf,
  })

/** Mails an approver the request once more, with another reference to the same page. Throws also TOO_MANY_MAILS. */
export const resendMail = async (
  readers: Readers,
  who: Who,
  wanted: Wanted & { readonly to: PersonId },
): Promise<Asked> =>
  await askOfStep(readers, who, wanted, {
    command: 'resend_mail',
    mail: 'ready_for_review',
    rule: (asked) => resend(asked, wanted.to),
    told: (of) => ({ event: 'mail_resent', detail: { ...of, to: wanted.to } }),
    to: wanted.to,
    reaches: reachedInPlaceOf,
  })

/** Mails the approver who asks a code that confirms an accept; nobody stands in for it. Throws also TOO_MANY_MAILS. */
export const mailCode = async (
  readers: Readers,
  key: ProjectKey,
  of: ApprovalStep,
  by: PersonId,
): Promise<Asked> =>
  await askOfStep(
    readers,
    { by },
    { key, by, admin: false },
    {
      of,
      command: 'accept',
      mail: 'confirmation_code',
      rule: askCode,
      told: (detail) => ({ event: 'code_asked', detail }),
      to: by,
      reaches: (_, to) => [...to],
    },
  )

interface Act {
  /** The step that is asked about; left out: the one under way. */
  readonly of?: ApprovalStep
  readonly command: 'reassign' | 'resend_mail' | 'accept'
  readonly mail: MailKind
  readonly rule: (asked: AskedOfStep) => Approval | Refusal
  readonly told: (of: ApprovalStep) => ProjectEvent
  readonly to: PersonId
  /** Whom the mail goes to: as a rule also whoever stands in for that person. */
  readonly reaches: typeof reachedInPlaceOf
}

const askOfStep = async (readers: Readers, who: Who, { key, by, admin }: Wanted, act: Act): Promise<Asked> =>
  await readers.store.decide<Asked>(
    key,
    async (head) => {
      if (!head) return noBudget()
      const refused = allowed(head, act.command)
      if (refused) return refused
      const standing = await standingOf(readers, key, head, act.of)
      if (isRefusal(standing)) return standing
      const next = act.rule({ ...standing, by, admin })
      return isRefusal(next) ? next : committed(who, head, standing, next, act)
    },
    who.idempotency,
  )

async function standingOf(
  readers: Readers,
  key: ProjectKey,
  head: BudgetHead,
  of: ApprovalStep = stepUnderWay(head),
): Promise<Omit<AskedOfStep, 'by' | 'admin'> | Refusal> {
  const [approval, directory] = await Promise.all([
    readers.store.approval(key, of),
    directoryFor(readers, key),
  ])
  return approval ? { head, approval, ...directory, at: readers.clock.now() } : noBudget()
}

function committed(
  who: Who,
  head: BudgetHead,
  standing: Omit<AskedOfStep, 'by' | 'admin'>,
  next: Approval,
  act: Act,
): Decided<Asked> {
  const { mail, to, reaches } = act
  const { version, send, step } = next
  const mailed = reaches({ ...standing, approval: next }, [to])
  const answer: Asked = {
    version,
    send,
    step,
    approvers: next.steps[step - 1]?.approvers ?? [],
    mailed,
  }
  // The number of the history row tells this mail from every other of the step.
  const occasion = `${occasionOf(next)}-h${String(head.sequence + 1)}`
  return {
    answer,
    commit: {
      head,
      history: [{ ...told(who), ...act.told({ version, send, step }) }],
      approvals: [next],
      people: standing.people.filter(({ id }) => id === to),
      outbox: mails(mail, mailed, occasion, aboutApproval(next)),
      ...keptFor(who, answer, 200),
    },
  }
}
