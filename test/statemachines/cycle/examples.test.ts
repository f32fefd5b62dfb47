import { expect, test } from 'vitest'
import { entriesOf } from '../../../shared/cycle/export-parts.ts'
import { ledgerPosition } from '../../../shared/cycle/coming-export.ts'
import { showCode } from '../../../shared/domain/budget-code.ts'
import { entriesToExport } from '../../../shared/domain/entries.ts'
import { inSage } from '../../../shared/domain/ledger.ts'
import { type LineItem, lineKey } from '../../../shared/domain/line-item.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { exportedOn } from './carried.ts'
import {
  accept,
  change,
  command,
  concrete,
  declare,
  earthwork,
  edit,
  exporting,
  head,
  key,
  labor,
  line,
  receipt,
  rejectSome,
} from './clinic.ts'
import { holds } from './invariants.ts'
import type { CycleMachine } from './machine.ts'

// The examples of domain.md, sections 4 and 5, in cents, through the whole cycle.

const database = useMemoryDatabase()

/** A budget whose first export is posted. */
async function posted(): Promise<CycleMachine> {
  const machine = await exportedOn(database())
  await declare(machine)
  return machine
}

/** Sends what stands and has it accepted; the entries of the one part that comes of it. */
async function sendAndExport(machine: CycleMachine) {
  await command(machine, 'send')
  await accept(machine)
  await receipt(machine)
  return await underWay(machine)
}

async function underWay(machine: CycleMachine) {
  const { part, parts } = await exporting(machine)
  const entries = await entriesOf(machine, key, part)
  return {
    parts: parts.length,
    kind: part.kind,
    mode: part.mode,
    cents: Object.fromEntries(entries.map(({ code, cents }) => [showCode(code), cents])),
  }
}

async function exportAfter(machine: CycleMachine, lines: readonly LineItem[]) {
  await command(machine, 'unlock')
  await edit(machine, lines)
  await command(machine, 'lock')
  return await sendAndExport(machine)
}

const held = async (machine: CycleMachine, of: LineItem) =>
  inSage(await ledgerPosition(machine, key, await head(machine))).get(lineKey(of))

const aChange = { parts: 1, kind: 'change', mode: 'approved_estimate_change' }

test('a line that was deleted goes down to zero, and added again comes back, both as approved changes', async () => {
  const machine = await posted()
  expect(await exportAfter(machine, [labor, earthwork])).toEqual({
    ...aChange,
    cents: { '03-3000.S': -32_500_000 },
  })
  await declare(machine)
  expect(await held(machine, concrete)).toBe(0)
  const again = line('', '03-3000', 'S', 33_000_000)
  expect(await exportAfter(machine, [labor, again, earthwork])).toEqual({
    ...aChange,
    cents: { '03-3000.S': 33_000_000 },
  })
  await declare(machine)
  expect(await held(machine, concrete)).toBe(33_000_000)
  await holds(machine)
})

test('a recoded line is another line: one key goes to zero, the other carries the amount, and the part sums to zero', async () => {
  const machine = await posted()
  const recoded = line('', '31-2000', 'S', 32_500_000)
  expect(await exportAfter(machine, [labor, recoded, earthwork])).toEqual({
    ...aChange,
    cents: { '03-3000.S': -32_500_000, '31-2000.S': 32_500_000 },
  })
  expect((await exporting(machine)).part.total).toBe(0)
  await declare(machine)
  await holds(machine)
})

test('a corrected original reaches Sage as an approved change with only the difference', async () => {
  const machine = await posted()
  const corrected = line('', '03-3000', 'S', 33_100_000)
  expect(await exportAfter(machine, [labor, corrected, earthwork])).toEqual({
    ...aChange,
    cents: { '03-3000.S': 600_000 },
  })
  await declare(machine)
  expect(await held(machine, concrete)).toBe(33_100_000)
  await holds(machine)
})

test('key 03-3000.S: 325,000.00 posted, a change of 15,000.00 rejected by Sage, sent again by the correction part and taken: 340,000.00, and nothing is due', async () => {
  const machine = await posted()
  await change(machine, 1, 1_500_000)
  expect(await sendAndExport(machine)).toEqual({ ...aChange, cents: { '03-3000.S': 1_500_000 } })
  await rejectSome(machine, concrete)
  await receipt(machine)
  expect(await underWay(machine)).toEqual({
    ...aChange,
    parts: 2,
    kind: 'correction',
    cents: { '03-3000.S': 1_500_000 },
  })
  expect(await held(machine, concrete)).toBe(32_500_000)
  await declare(machine)
  const { erp, manifest } = await head(machine)
  expect([erp, await held(machine, concrete)]).toEqual(['synced', 34_000_000])
  const lines = await machine.store.lines(key, manifest)
  expect(entriesToExport(lines, await ledgerPosition(machine, key, await head(machine)))).toEqual([])
  await holds(machine)
})
