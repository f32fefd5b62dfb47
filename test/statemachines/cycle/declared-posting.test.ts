import { expect, test } from 'vitest'
import { addMilliseconds } from '../../../shared/domain/clock.ts'
import { acknowledge } from '../../../shared/exporting/acknowledge.ts'
import { jobFigures } from '../../../shared/exporting/job-figures.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { exportedOn } from './carried.ts'
import {
  accept,
  amounts,
  approver,
  change,
  changedLines,
  clinicLines,
  close,
  command,
  declare,
  declared,
  exporting,
  head,
  key,
  lastEvent,
  masterData,
  poster,
  receipt,
  sageId,
  totals,
} from './clinic.ts'
import { holds } from './invariants.ts'
import type { CycleMachine } from './machine.ts'

const database = useMemoryDatabase()

/** The next export of the settled budget, with 15,000.00 more on the first line, delivered. */
async function exportedAgain(machine: CycleMachine): Promise<void> {
  await change(machine, 0, 1_500_000)
  await masterData(machine)
  await command(machine, 'send')
  await accept(machine)
  await receipt(machine)
}

/** What Sage holds once the lines and the change above are posted. */
const postedAgain = amounts(
  clinicLines.map((line, i) => (i === 0 ? { ...line, changes: 1_500_000 as never } : line)),
  1,
  true,
)

test('a first file that was declared posted before Sage was read is no movement of the second', async () => {
  const machine = await exportedOn(database(), changedLines)
  await declare(machine)
  await receipt(machine)
  await totals(machine, amounts(changedLines))
  expect(await head(machine)).toMatchObject({ erp: 'exported' })
  expect(machine.mails.filter(({ mail }) => mail === 'mismatch')).toEqual([])
  await totals(machine, amounts(changedLines, 1, true))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('a first file that was declared posted and is missing where Sage shows the second is a mismatch', async () => {
  const machine = await exportedOn(database(), changedLines)
  await declare(machine)
  await receipt(machine)
  await totals(machine, [['', '03-3000', 'S', 0, 1_500_000]])
  expect(await head(machine)).toMatchObject({ erp: 'mismatch' })
  await holds(machine)
})

test('two declared files are verified together by one reading that shows both', async () => {
  const machine = await exportedOn(database(), changedLines)
  await declare(machine)
  await receipt(machine)
  await declare(machine)
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'declared' })
  await totals(machine, amounts(changedLines, 1, true))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('what a person declared and totals that a person uploaded show is verified by that person', async () => {
  const machine = await exportedOn(database())
  await declare(machine)
  await totals(machine, amounts(clinicLines), approver)
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  expect((await machine.store.parts(key, 1))[0]).toMatchObject({ posted: { how: 'verified', by: approver } })
  expect(await lastEvent(machine)).toMatchObject({
    event: 'posted_verified',
    by: approver,
  })
})

test('an export that was declared posted before Sage was read is no movement of the next', async () => {
  const machine = await exportedOn(database())
  await declare(machine)
  await exportedAgain(machine)
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'exported' })
  await totals(machine, postedAgain)
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('the report of a job tells what a person confirmed, and Sage does not show yet, from what it shows', async () => {
  const machine = await exportedOn(database())
  await machine.pass(1_000)
  await declare(machine)
  await exportedAgain(machine)
  const read = await machine.companies.jobTotals(key.company, sageId, '24-1007')
  const { before } = await jobFigures(machine, key, await head(machine), read)
  expect(before?.baseline.map(({ original }) => original)).toEqual(
    clinicLines.map(({ original }) => original),
  )
  expect(before?.asRead).toEqual([])
})

test('an export that was closed as taken before Sage was read is no movement of the next', async () => {
  const machine = await exportedOn(database())
  await close(machine, { outcome: 'taken' })
  await exportedAgain(machine)
  await totals(machine, postedAgain)
  expect(await head(machine)).toMatchObject({ erp: 'synced' })
  await holds(machine)
})

test('an export that was closed with nothing taken is no part of the baseline of the next', async () => {
  const machine = await exportedOn(database())
  await close(machine, { outcome: 'withdrawn' })
  await command(machine, 'lock')
  await command(machine, 'send')
  await accept(machine)
  await receipt(machine)
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('a declared export that Sage shows is not counted a second time in the baseline of the next', async () => {
  const machine = await exportedOn(database())
  await declare(machine)
  await totals(machine, [...amounts(clinicLines), ['', '31-2000', 'L', 500, 0]])
  await acknowledge(machine, { by: poster }, { key, export: 1, part: 1, note: 'Entered by hand.' })
  await exportedAgain(machine)
  await totals(machine, [...postedAgain, ['', '31-2000', 'L', 500, 0]])
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('a file whose own reading never was there leaves the next without a baseline, and nothing is denied', async () => {
  const machine = await exportedOn(database(), changedLines, { read: false })
  await declare(machine)
  await receipt(machine)
  expect((await exporting(machine)).part.baseline).toBeUndefined()
  await totals(machine, amounts(changedLines))
  expect(await head(machine)).toMatchObject({ erp: 'exported' })
})

test.each([
  ['older than the word of the poster', -1, false],
  ['of the same moment', 0, false],
  ['newer than that word', 1, true],
])(
  'after an export without a baseline a reading %s is the baseline of the next only if it shows what was posted',
  async (_, later, isBaseline) => {
    const machine = await exportedOn(database(), clinicLines, { read: false })
    await declare(machine)
    const [file] = await machine.store.parts(key, 1)
    await machine.pass(60_000)
    const as_of = addMilliseconds(file!.posted!.at, later)
    await machine.companies.putJobTotals(key.company, sageId, { job: '24-1007', as_of, totals: [] })
    await exportedAgain(machine)
    const { part } = await exporting(machine)
    expect(part.baseline !== undefined).toBe(isBaseline)
  },
)

test('a second file that a person declared is verified by the reading that shows it, after a verified first', async () => {
  const machine = await exportedOn(database(), changedLines)
  await totals(machine, amounts(changedLines))
  await receipt(machine)
  await declare(machine)
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'declared' })
  await totals(machine, amounts(changedLines, 1, true))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('a budget is not called checked in Sage while a reading has shown one of its two files', async () => {
  const machine = await exportedOn(database(), changedLines, { read: false })
  await declared(machine)
  await machine.time.advanceTo(machine.time.now() + 60_000)
  await totals(machine, amounts(changedLines))
  await receipt(machine)
  await declare(machine)
  await totals(machine, amounts(changedLines, 1, true))
  const files = await machine.store.parts(key, 1)
  expect(files.map(({ posted }) => posted?.how)).toEqual(['declared', 'verified'])
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'declared' })
  await holds(machine)
})
