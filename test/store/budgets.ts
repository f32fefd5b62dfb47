import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import type { Clock } from '../../shared/domain/clock.ts'
import { CompanyId, Instant, PersonId, ProjectId, type ProjectKey, Sha256 } from '../../shared/domain/ids.ts'
import type { BudgetStore, Commit, NextHead } from '../../shared/store/budget-store.ts'
import { newHead } from '../../shared/store/head-row.ts'

export const person = PersonId.parse('mia')
export const aHash = Sha256.parse('a'.repeat(64))

export const projectKey = (project: string, company = 'acme'): ProjectKey => ({
  company: CompanyId.parse(company),
  project: ProjectId.parse(project),
})

/** A clock that stands still until it is set. */
export function settableClock(start = '2026-11-22T19:38:31.000Z'): Clock & { set(instant: string): void } {
  let now = Instant.parse(start)
  return {
    now: () => now,
    set(instant) {
      now = Instant.parse(instant)
    },
  }
}

/** Sets a project up with an empty budget and returns its head. */
export async function newBudget(store: BudgetStore, key: ProjectKey, clock: Clock): Promise<BudgetHead> {
  const head = newHead(key, await store.emptyLines(key), clock.now())
  return await committed(store, key, undefined, {
    head,
    history: [{ event: 'project_created', by: person, detail: { before: null, after: {} } }],
  })
}

/** The smallest commit over a head: the next revision, and a history row. */
export function nextRevision(head: BudgetHead, more: Partial<Omit<Commit, 'head'>> = {}): Commit {
  return {
    head: { ...head, revision: head.revision + 1 },
    history: [{ event: 'waited', by: person, detail: {} }],
    ...more,
  }
}

export const changed = (head: BudgetHead, to: Partial<NextHead>, more: Partial<Commit> = {}): Commit => ({
  ...nextRevision(head),
  ...more,
  head: { ...head, ...to },
})

/** The head after a commit that must go through. */
export async function committed(
  store: BudgetStore,
  key: ProjectKey,
  before: BudgetHead | undefined,
  commit: Commit,
): Promise<BudgetHead> {
  const outcome = await store.commit(key, before, commit)
  if (outcome.outcome !== 'done') throw new Error(`The commit was not done: ${JSON.stringify(outcome)}`)
  return outcome.head
}
