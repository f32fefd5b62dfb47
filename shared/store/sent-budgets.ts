import type { BudgetHead, ErpState } from '../domain/budget-head.ts'
import type { BudgetStore } from './budget-store.ts'

const pageLength = 100

/** Every budget of a company, or every one in a state, the longest waiting first; from the index, page by page. */
export async function* budgetsOf(
  store: Pick<BudgetStore, 'heads'>,
  company: string,
  erp?: ErpState,
): AsyncGenerator<BudgetHead> {
  let cursor: string | undefined
  do {
    // oxlint-disable-next-line no-await-in-loop -- each page begins where the one before ended
    const page = await store.heads(company, {
      limit: pageLength,
      ...(erp !== undefined && { erp }),
      ...(cursor !== undefined && { cursor }),
    })
    yield* page.heads
    ;({ cursor } = page)
  } while (cursor !== undefined)
}

/** Every budget of a company that waits for a decision, the longest waiting first. */
export const sentBudgets = (store: Pick<BudgetStore, 'heads'>, company: string): AsyncGenerator<BudgetHead> =>
  budgetsOf(store, company, 'sent')
