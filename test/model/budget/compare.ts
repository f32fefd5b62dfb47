import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import { bob } from '../../functions/api/acme.ts'
import { keyOf } from '../../functions/api/workflow-by-hand.ts'
import {
  changeShown,
  lineShown,
  statesShown,
  totalsShown,
  versionShown,
} from '../../../functions/api/as-shown.ts'
import type { BudgetHead } from '../../../shared/domain/budget-head.ts'
import { chainFault } from '../../chain-of-history.ts'
import type { PlainBudget } from './plain-budget.ts'
import { done, listed, type RealBudget } from './real-budget.ts'

// Texts are compared first: walking two equal trees of hundreds of lines takes longer than the database.
function same(real: unknown, plain: unknown, what: string): void {
  if (JSON.stringify(real) !== JSON.stringify(plain)) expect({ [what]: real }).toEqual({ [what]: plain })
}

const versionsOf = (plain: PlainBudget) =>
  plain.versions.map(({ why, shown }, i) => ({ version: i + 1, why, line_items: shown.length }))

/** The lines under the head's hash; under the same hash stand the same lines. */
async function linesUnder({ api, project, seen }: RealBudget, { manifest }: BudgetHead): Promise<object[]> {
  if (seen.lines && seen.head?.manifest === manifest) return seen.lines
  return (await api.store.lines(keyOf(project), manifest)).map(lineShown)
}

/**
 * Compares everything that stands in the store: head, totals, every line, every change, every version. Where a
 * command left the head as it was, to the number of history rows, the rest is compared with the next one that did not.
 */
export async function compare(real: RealBudget, plain: PlainBudget): Promise<void> {
  const { api, project, seen } = real
  const head = (await api.store.head(keyOf(project)))!
  expect({ ...statesShown(head), totals: totalsShown(head), ...head }).toMatchObject({
    edit_state: plain.locked ? 'locked' : 'unlocked',
    erp_state: plain.erpState(),
    totals: plain.totals(),
    revision: plain.revision,
    sequence: plain.history,
    version: plain.versions.length,
    last_change: plain.changes.length,
  })
  expect(head.pending).toBeUndefined()
  if (isDeepStrictEqual(head, seen.head)) return
  const lines = await linesUnder(real, head)
  same(lines, plain.shownLines(), 'lines')
  // What neither the revision nor the number of versions tells to have moved is read with the next that does, or at rest.
  if (head.revision !== seen.head?.revision) {
    const changes = await api.store.changes(keyOf(project))
    expect(changes.map(changeShown), 'changes').toMatchObject(plain.shownChanges())
  }
  if (head.version !== seen.head?.version) {
    const versions = await api.store.versions(keyOf(project))
    expect(versions.map(versionShown), 'versions').toMatchObject(versionsOf(plain))
  }
  real.seen = { head, lines }
}

const mayBeGiven = (plain: PlainBudget) => ({
  edit_lines: !plain.locked,
  import_file: !plain.locked,
  restore_version: !plain.locked,
  import_from_sage: !plain.locked && plain.exports.length === 0,
  lock: !plain.locked && plain.lines.size > 0,
  unlock: plain.locked,
  unlock_deleting_changes: plain.locked && plain.inSage.size === 0,
  approve_change: plain.locked,
  add_zero_line: plain.locked,
  send: plain.locked && plain.lines.size > 0 && plain.erpState() !== 'synced',
})

/** Compares everything once more, and what the API shows at the end: budget and commands, lines, changes, every version, and a whole history. */
export async function compareAtRest(real: RealBudget, plain: PlainBudget): Promise<void> {
  const { api, project } = real
  await compare({ ...real, seen: {} }, plain)
  const path = `/projects/${project}/budget`
  const { json } = done(await api.call('GET', path, { as: bob }))
  expect(json).toMatchObject({
    totals: plain.totals(),
    revision: plain.revision,
    last_command: plain.lastCommand ?? null,
  })
  const allowed = Object.fromEntries(
    json.commands.map((each) => [each.command, 'allowed' in each && each.allowed]),
  )
  expect(allowed).toMatchObject(mayBeGiven(plain))
  same(await listed(api, `${path}/line_items`, 'line_items', 1000), plain.shownLines(), 'lines')
  expect(await listed(api, `/projects/${project}/budget_changes`, 'budget_changes', 100)).toMatchObject(
    plain.shownChanges().map(({ adjustment_line_items: { length }, ...summary }) => ({
      ...summary,
      adjustment_line_item_count: length,
    })),
  )
  for (const [index, { shown }] of plain.versions.entries()) {
    const lines = await listed(api, `${path}/versions/${String(index + 1)}/lines`, 'line_items', 1000)
    same(lines, shown, `lines of version ${String(index + 1)}`)
  }
  const rows = await listed(api, `${path}/history`, 'history', 100)
  expect(chainFault(rows)).toBeUndefined()
  expect(rows).toHaveLength(plain.history)
}
