import type { BudgetHead } from '../domain/budget-head.ts'
import type { BudgetStore } from './budget-store.ts'

const pageLength = 100

/** Every budget of a company that waits for a decision, the longest waiting first; from the index, page by page. */
export async function* sentBudgets(
  store: Pick<BudgetStore, 'heads'>,
  company: string,
): AsyncGenerator<BudgetHead> {
  let cursor: string | undefined
  do {
    // oxlint-disable-next-line no-await-in-loop -- each page begins where the one before ended
    const page = await store.heads(company, {
      erp: 'sent',
      limit: pageLength,
      ...(cursor !== undefined && { cursor }),
    })
    yield* page.heads
    ;({ cursor } = page)
  } while (cursor !== undefined)
}
