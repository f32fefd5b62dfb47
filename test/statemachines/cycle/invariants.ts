import { expect } from 'vitest'
import { entriesOf } from '../../../shared/cycle/export-parts.ts'
import { ledgerPosition } from '../../../shared/cycle/coming-export.ts'
import { type CodeKey, keyOf } from '../../../shared/domain/budget-code.ts'
import type { BudgetHead } from '../../../shared/domain/budget-head.ts'
import type { ExportPart } from '../../../shared/domain/export.ts'
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

/** Whether a correction part carries again what was rejected of this part. */
const carriedAgain = (parts: readonly ExportPart[], { part }: ExportPart): boolean =>
  parts.some(({ corrects }) => corrects === part)

/** Entries of an export that were closed as rejected or withdrawn, in cents by key. */
async function closedOf(machine: CycleMachine, number: number): Promise<Map<CodeKey, number>> {
  const closed = new Map<CodeKey, number>()
  const parts = await machine.store.parts(key, number)
  for (const part of parts) {
    const exceptions = new Map(part.exceptions.map((each) => [keyOf(each.code), each.outcome]))
    for (const { code, cents } of await entriesOf(machine, key, part)) {
      const outcome = exceptions.get(keyOf(code)) ?? part.outcome
      if (outcome === 'taken' || (outcome === 'rejected' && carriedAgain(parts, part))) continue
      closed.set(keyOf(code), (closed.get(keyOf(code)) ?? 0) + cents)
    }
  }
  return closed
}

/** After a settled export: in Sage is the revised estimate of its version, less what was closed. */
async function ledgerAgrees(machine: CycleMachine, head: BudgetHead): Promise<void> {
  const settled = (await machine.store.exports(key)).filter(
    ({ version, settled_as }) => version === head.settled_version && settled_as !== 'returned',
  )
  const last = settled.toSorted((a, b) => b.number - a.number)[0]
  const version = last && (await machine.store.version(key, last.version))
  if (!last || !version || last.number !== head.export) return
  const closed = await closedOf(machine, last.number)
  const expected = new Map<CodeKey, number>()
  for (const { code, original, changes } of await machine.store.lines(key, version.hash))
    expected.set(keyOf(code), original + changes - (closed.get(keyOf(code)) ?? 0))
  const position = await ledgerPosition(machine, key, head)
  for (const { code, original, changes } of position)
    expect([code, original + changes]).toEqual([code, expected.get(keyOf(code)) ?? 0])
  const held = new Set(position.map(({ code }) => keyOf(code)))
  for (const [code, due] of expected) if (due !== 0) expect(held).toContain(code)
}

async function oneDecisionASend({ store }: CycleMachine): Promise<void> {
  const ends = new Map<number, number>()
  for (const { send, step, steps, outcome } of await store.approvals(key)) {
    const last = outcome !== undefined && (outcome !== 'accepted' || step === steps.length)
    ends.set(send, (ends.get(send) ?? 0) + (last ? 1 : 0))
  }
  for (const [send, count] of ends) expect([send, count <= 1]).toEqual([send, true])
}
