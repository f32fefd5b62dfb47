import { expect, test } from 'vitest'
import { type RejectedLine, rejectLines } from '../../../shared/exporting/reject-lines.ts'
import { retryExport } from '../../../shared/exporting/retry-export.ts'
import { returnExport } from '../../../shared/exporting/return-export.ts'
import { budgetCode } from '../../../shared/domain/budget-code.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { clinicOn, exportedOn } from './carried.ts'
import {
  accept,
  amounts,
  approver,
  close,
  command,
  concrete,
  earthwork,
  exporting,
  key,
  labor,
  poster,
  receipt,
  rejectSome,
  totals,
} from './clinic.ts'
import type { CycleMachine } from './machine.ts'

// What people say of a file, where it is not, or not any more, theirs to say.

const database = useMemoryDatabase()

const reject = async (machine: CycleMachine, lines: readonly RejectedLine[]) =>
  await rejectLines(machine, { by: poster }, { key, export: 1, part: 1, lines })

const refusedAs = (code: string, sentence?: string) => ({
  refusal: { code, ...(sentence !== undefined && { sentence }) },
})

test.each([
  [[budgetCode('', '99-1', 'S')], 'One line was not sent in this file.'],
  [[budgetCode('', '99-1', 'S'), budgetCode('', '99-2', 'S')], '2 lines were not sent in this file.'],
])('lines that were not sent are not rejected, and each is named: %j', async (codes, sentence) => {
  const machine = await exportedOn(database())
  const lines = [...codes, concrete.code].map((code) => ({ code }))
  await expect(reject(machine, lines)).rejects.toMatchObject({
    refusal: {
      code: 'LINE_NOT_SENT',
      sentence,
      places: codes.map(({ cost_code }) => ({
        code: 'LINE_NOT_SENT',
        sentence: `${cost_code}.S is not in this file.`,
      })),
    },
  })
})

test('history names the first fifty of the lines that Sage rejected, with their reasons', async () => {
  const machine = await exportedOn(database())
  const line = { code: concrete.code, reason: 'Closed.' }
  await reject(
    machine,
    Array.from({ length: 51 }, () => line),
  )
  const rows = await machine.store.history(key, { limit: 100 })
  const told = rows.find(({ event }) => event === 'lines_rejected')
  expect(JSON.stringify(told).match(/Closed\./g)).toHaveLength(50)
})

test('no line is called rejected that was not, nor none at all', async () => {
  const machine = await exportedOn(database())
  await rejectSome(machine, concrete)
  await receipt(machine)
  await expect(reject(machine, [])).rejects.toMatchObject(refusedAs('NOTHING_TO_CONFIRM'))
  await close(machine, { outcome: 'withdrawn' }, labor)
  await expect(reject(machine, [{ code: earthwork.code }])).rejects.toMatchObject(
    refusedAs('OTHER_EXPORT', 'Export 1 is settled; nothing of it is under way.'),
  )
})

test.each([
  ['stays with it', 'of some entries', [amounts([labor, earthwork])], 'partly'],
  ['is over', 'that nothing is in Sage any more', [amounts([labor]), []], undefined],
])(
  'what a reading showed of a file %s while its rejected lines travel: %s',
  async (_, __, readings, kind) => {
    const machine = await exportedOn(database())
    for (const rows of readings) await totals(machine, rows)
    await rejectSome(machine, concrete)
    expect((await exporting(machine)).parts[0]?.observation?.kind).toBe(kind)
  },
)

test('of an export while another is under way it is said which', async () => {
  const machine = await exportedOn(database())
  await close(machine, { outcome: 'withdrawn' }, labor)
  await command(machine, 'send')
  await accept(machine)
  await expect(reject(machine, [{ code: earthwork.code }])).rejects.toMatchObject(
    refusedAs('OTHER_EXPORT', 'Export 2 is under way, not export 1.'),
  )
})

test.each([1, 2])('a budget that was never exported has no export %i to retry or return', async (number) => {
  const machine = await clinicOn(database())
  const wanted = { key, export: number, reason: 'No.' }
  await expect(retryExport(machine, { by: approver }, wanted)).rejects.toMatchObject(refusedAs('NOT_FOUND'))
  await expect(returnExport(machine, { by: approver }, wanted)).rejects.toMatchObject(refusedAs('NOT_FOUND'))
})
