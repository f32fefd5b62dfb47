import type { Dependencies } from '../cycle/dependencies.ts'
import { aboutApproval, mails, occasionOf, peopleWith } from '../cycle/mails.ts'
import type { Approval } from '../domain/approval.ts'
import { type BudgetHead, stepUnderWay } from '../domain/budget-head.ts'
import { anyEligible } from '../domain/eligibility.ts'
import type { CompanyId, Instant } from '../domain/ids.ts'
import type { Person } from '../domain/person.ts'
import type { Decided } from '../store/budget-store.ts'
import type { OutboxMessage } from '../store/outbox.ts'
import { isOpen, waitingBudgets } from './waiting-budgets.ts'

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
  const { store, companies, clock } = readers
  const [people, sageCompanies] = await Promise.all([
    companies.people(company),
    companies.sageCompanies(company),
  ])
  const isNews = (approval: Approval, timeZone: string | undefined): boolean =>
    anyEligible({ people, approval, at: clock.now(), timeZone }) === (approval.nobody_since !== undefined)
  for await (const { head: found, approval: open, timeZone } of waitingBudgets(
    readers,
    company,
    people,
    sageCompanies,
  )) {
    // Most budgets have somebody: what there is to write is decided over the newest head.
    if (!isNews(open, timeZone)) continue
    await store.decide(found, async (head) => {
      const approval = head?.erp === 'sent' ? await store.approval(head, stepUnderWay(head)) : undefined
      const at = clock.now()
      return head && approval && isOpen(approval, at) && isNews(approval, timeZone)
        ? changed(head, approval, people, approval.nobody_since === undefined ? at : undefined)
        : unchanged
    })
  }
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
