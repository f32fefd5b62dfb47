import { expect } from 'vitest'
import { entriesOf } from '../../../shared/cycle/export-parts.ts'
import { ledgerPosition } from '../../../shared/cycle/coming-export.ts'
import type { BudgetHead } from '../../../shared/domain/budget-head.ts'
import { settlementDiffers } from '../../../shared/domain/ledger.ts'
import { verifyHistory } from '../../../shared/store/history.ts'
import { head as headOf, key } from './clinic.ts'
import type { CycleMachine } from './machine.ts'

/** What holds whenever everything stands still, whatever happened before. */
export async function holds(machine: CycleMachine): Promise<void> {
  const head = await headOf(machine)
  await historyHolds(machine, head)
  await versionsAreDense(machine, head)
  await ledgerAgrees(machine, head)
  await oneDecisionASend(machine)
  expect(await machine.undelivered(), 'undelivered outbox rows').toEqual([])
}

async function historyHolds({ store }: CycleMachine, head: BudgetHead): Promise<void> {
  const rows = await store.history(key, { limit: 1000 })
  expect(verifyHistory(rows, head), 'history').toBeUndefined()
}

async function versionsAreDense({ store }: CycleMachine, head: BudgetHead): Promise<void> {
  const numbers = (await store.versions(key)).map(({ number }) => number).toSorted((a, b) => a - b)
  expect(numbers, 'versions').toEqual(Array.from({ length: head.version }, (_, i) => i + 1))
}

/** After a settled export: in Sage is the revised estimate of its version, less what was closed. */
async function ledgerAgrees(machine: CycleMachine, head: BudgetHead): Promise<void> {
  const settled = (await machine.store.exports(key)).filter(
    ({ version, settled_as }) => version === head.settled_version && settled_as !== 'returned',
  )
  const last = settled.toSorted((a, b) => b.number - a.number)[0]
  const version = last && (await machine.store.version(key, last.version))
  if (!last || !version || last.number !== head.export) return
  const parts = await machine.store.parts(key, last.number)
  const ended = await Promise.all(
    parts.map(async (part) => ({ ...part, entries: await entriesOf(machine, key, part) })),
  )
  const lines = await machine.store.lines(key, version.hash)
  expect(settlementDiffers(lines, await ledgerPosition(machine, key, head), ended), 'sums').toEqual([])
}

async function oneDecisionASend({ store }: CycleMachine): Promise<void> {
  const ends = new Map<number, number>()
  for (const { send, step, steps, outcome } of await store.approvals(key)) {
    const last = outcome !== undefined && (outcome !== 'accepted' || step === steps.length)
    ends.set(send, (ends.get(send) ?? 0) + (last ? 1 : 0))
  }
  for (const [send, count] of ends) expect([send, count <= 1]).toEqual([send, true])
}
