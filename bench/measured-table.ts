import { startLocalDatabase } from '../test/store/local-database.ts'
import { type Measured, measuredDocument } from '../test/store/write-units.ts'
import { systemClock } from '../shared/domain/clock.ts'
import { CompanyId, PersonId, ProjectId, type ProjectKey } from '../shared/domain/ids.ts'
import type { BudgetHead } from '../shared/domain/budget-head.ts'
import type { LineItem } from '../shared/domain/line-item.ts'
import type { BudgetStore, Commit } from '../shared/store/budget-store.ts'
import { createBudgetStore } from '../shared/store/budget-table.ts'
import { newHead } from '../shared/store/head-row.ts'
import type { CodeKey } from '../shared/domain/budget-code.ts'

const estimator = PersonId.parse('ed')

/** A budget in a table that counts what is written. */
export interface MeasuredBudget {
  readonly store: BudgetStore
  readonly key: ProjectKey
  readonly since: () => Measured
  /** What storing the lines cost, the head's commit included. */
  readonly stored: Measured
  /** Edits lines as the API does, and commits; gives the new manifest. */
  readonly edit: (edits: ReadonlyMap<CodeKey, LineItem>) => Promise<BudgetHead>
  readonly head: () => BudgetHead
}

/** Stores lines in a database of its own, which is gone when the work is done. */
export async function withMeasuredBudget<T>(
  lines: readonly LineItem[],
  work: (budget: MeasuredBudget) => Promise<T>,
): Promise<T> {
  const database = await startLocalDatabase()
  try {
    return await work(await storedBudget(database, lines))
  } finally {
    database.stop()
  }
}

async function storedBudget(
  database: Awaited<ReturnType<typeof startLocalDatabase>>,
  lines: readonly LineItem[],
): Promise<MeasuredBudget> {
  const table = await database.createTable()
  const { document, since } = measuredDocument(database)
  const store = createBudgetStore({ document, table, clock: systemClock })
  const key = { company: CompanyId.parse('acme-builders'), project: ProjectId.parse('tower') }
  let head = await committed(store, key, undefined, {
    head: newHead(key, await store.emptyLines(key), systemClock.now()),
    history: [{ event: 'project_created', by: estimator, detail: { before: null, after: {} } }],
  })
  const write = async (saved: Awaited<ReturnType<BudgetStore['saveLines']>>): Promise<BudgetHead> => {
    const { manifest, totals } = saved
    const { revision, manifest: from } = head
    head = await committed(store, key, head, {
      head: { ...head, manifest, ...totals, revision: revision + 1 },
      history: [
        { event: 'lines_edited', by: estimator, detail: { lines: 1, from, to: manifest, first: [] } },
      ],
      editors: [{ person: estimator, send: 0 }],
    })
    return head
  }
  since()
  await write(await store.saveLines(key, lines))
  return {
    store,
    key,
    since,
    stored: since(),
    head: () => head,
    edit: async (edits) => await write(await store.editLines(key, head.manifest, edits)),
  }
}

async function committed(
  store: BudgetStore,
  key: ProjectKey,
  before: BudgetHead | undefined,
  commit: Commit,
): Promise<BudgetHead> {
  const came = await store.commit(key, before, commit)
  if (came.outcome !== 'done') throw new Error(`Not stored: ${came.outcome}`)
  return came.head
}
