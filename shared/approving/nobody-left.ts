import type { Dependencies } from '../cycle/dependencies.ts'
import { aboutApproval, mails, occasionOf, peopleWith } from '../cycle/mails.ts'
import type { Approval } from '../domain/approval.ts'
import { type BudgetHead, stepUnderWay } from '../domain/budget-head.ts'
import { anyEligible } from '../domain/eligibility.ts'
import type { CompanyId, Instant } from '../domain/ids.ts'
import { stepOver, timeIsUp } from '../domain/lifecycle.ts'
import type { Person } from '../domain/person.ts'
import type { Decided } from '../store/budget-store.ts'
import type { OutboxMessage } from '../store/outbox.ts'
import { sentBudgets } from '../store/sent-budgets.ts'

type Readers = Pick<Dependencies, 'store' | 'companies' | 'clock'>

/** The mail to sender and company admins about a step that fewer people could accept than must. */
export const nobodyCanAccept = (
  approval: Approval,
  people: readonly Person[],
  occasion: string,
): OutboxMessage[] =>
  mails(
    'nobody_can_accept',
    [approval.sender, ...peopleWith(people, 'company_admin')],
    occasion,
    aboutApproval(approval),
  )

/**
 * Looks at every open step of a company's sent budgets after its directory has changed, or time has: where fewer people
 * could accept than must, sender and company admins are told, once until somebody can again. Each budget is a transaction
 * of its own, so a call that failed halfway is made good by the next.
 */
export async function tellOfNobodyLeft(readers: Readers, company: CompanyId): Promise<void> {
  const people = await readers.companies.people(company)
  for await (const head of sentBudgets(readers.store, company)) await lookAt(readers, head, people)
}

async function lookAt(readers: Readers, found: BudgetHead, people: readonly Person[]): Promise<void> {
  const { store, companies, clock } = readers
  const project = await store.project(found)
  const sage = project?.job && (await companies.sageCompany(found.company, project.job.sage_company))
  const look = async (head: BudgetHead | undefined): Promise<Decided<undefined>> => {
    const approval = head?.erp === 'sent' ? await store.approval(head, stepUnderWay(head)) : undefined
    const at = clock.now()
    if (!head || !approval || stepOver(approval) || timeIsUp(approval, at)) return unchanged
    const nobody = !anyEligible({ people, approval, at, timeZone: sage?.time_zone })
    return nobody === (approval.nobody_since !== undefined)
      ? unchanged
      : changed(head, approval, people, nobody ? at : undefined)
  }
  // Most budgets have somebody: what there is to write is decided over the newest head.
  if ('commit' in (await look(found))) await store.decide(found, look)
}

const unchanged = { answer: undefined }

function changed(
  head: BudgetHead,
  approval: Approval,
  people: readonly Person[],
  nobody_since: Instant | undefined,
): Decided<undefined> {
  const { version, send, step } = approval
  const event = nobody_since === undefined ? 'can_be_accepted_again' : 'nobody_can_accept'
  const occasion = `${occasionOf(approval)}-h${String(head.sequence + 1)}`
  return {
    answer: undefined,
    commit: {
      head,
      history: [{ event, by: 'system', detail: { version, send, step } }],
      approvals: [{ ...approval, nobody_since }],
      outbox: nobody_since === undefined ? [] : nobodyCanAccept(approval, people, occasion),
    },
  }
}
