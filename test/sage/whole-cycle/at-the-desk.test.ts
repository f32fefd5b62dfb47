import { expect, test } from 'vitest'
import { comingExport } from '../../../shared/cycle/coming-export.ts'
import type { Finding } from '../../../shared/domain/finding.ts'
import { allowed } from '../../../shared/domain/lifecycle.ts'
import { acknowledge } from '../../../shared/exporting/acknowledge.ts'
import { cents } from '../../../local/sage/amounts.ts'
import { useLocalDatabase } from '../../store/use-local.ts'
import {
  change,
  clinicLines,
  close,
  command,
  head,
  key,
  line,
  poster,
  sageId,
  sageSettings,
} from '../../statemachines/cycle/clinic.ts'
import { days } from '../../statemachines/cycle/days.ts'
import { holds } from '../../statemachines/cycle/invariants.ts'
import {
  type ClinicAndSage,
  clinicAndSage,
  handIn,
  importAndPost,
  importFile,
  inSageNow,
  job,
  observed,
  records,
  send,
  sendAs,
} from './clinic-and-sage.ts'

// What section 11 of the research asks of product and Sage together, by files and reports alone. Proved elsewhere:
//   a change with the box left empty, an original with it ticked, a file imported twice: local/stack/wrong-in-sage.ts
//   one file of a message that comes twice, an agent killed between receive and delete: functions/agent
//   the worked examples: worked-examples.test.ts; faults of Sage itself: faults-of-sage.test.ts

const database = useLocalDatabase()
const [labor, concrete, earthwork] = clinicLines as [
  (typeof clinicLines)[0],
  (typeof clinicLines)[0],
  (typeof clinicLines)[0],
]
const date = '2026-01-06'

const state = async ({ machine }: ClinicAndSage) => (await head(machine)).erp

/** Codes of the findings for which the last send was refused. */
const refusedBy = async ({ machine }: ClinicAndSage) =>
  ((await machine.store.lastCommand(key))?.findings as readonly Finding[] | undefined)?.map(
    ({ code }) => code,
  )

const standsInTheWay = async ({ machine }: ClinicAndSage) => {
  const now = await head(machine)
  const { findings } = await comingExport(machine, key, now)
  return [allowed(now, 'send')?.code, ...findings.map(({ code }) => code)]
}

/** The lists from Sage, as the product knows them, go on naming a category that Sage does not have. */
async function listsStillName({ machine }: ClinicAndSage, category: string): Promise<void> {
  const { companies, clock } = machine
  const { data } = (await companies.masterData(key.company, sageId))!
  const categories = [...data.categories, { category, description: category, accumulate_as: 'Other' }]
  await companies.putMasterData(key.company, sageId, { ...data, categories, as_of: clock.now() }, 'connector')
}

test('while a file is posted in part no second version is sent; once the rest is posted, nothing stands in the way', async () => {
  const both = await clinicAndSage(database())
  await send(both)
  const { acceptedLines } = await importFile(both)
  both.sage.postEntries({ ids: [acceptedLines[0]!.entry] })
  await both.readBack()
  expect([await state(both), (await observed(both))?.sentence]).toEqual([
    'partly_posted',
    "1 of 3 entries stand in Sage's totals. 2 did not move.",
  ])
  expect(await standsInTheWay(both)).toEqual(
    expect.arrayContaining(['WITH_ACCOUNTING', 'EARLIER_EXPORT_NOT_SETTLED']),
  )
  both.sage.postEntries({ all: true })
  await both.readBack()
  expect(await head(both.machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await change(both.machine, 1, 500)
  expect(await standsInTheWay(both)).toEqual([undefined])
  await holds(both.machine)
})

test('what an owner change order and a hand moved in Sage stops the next send until it is acknowledged; the next file cancels none of it', async () => {
  const both = await clinicAndSage(database())
  await send(both)
  await importAndPost(both)
  const orders = [{ costCode: '03-3000', category: 'S', amount: cents(700) }]
  both.sage.ownerChangeOrder({ job, number: '7', date, lines: orders })
  const byHand = { kind: 'original_estimate', date, amount: cents(12_300) } as const
  both.sage.handEntry({ job, extra: 'SITE', costCode: '31-2000', category: 'L', ...byHand })
  await both.readBack()
  const moved = (await observed(both))?.keys.map((row) => [
    row.code.cost_code,
    row.original_moved,
    row.changes_moved,
  ])
  expect(moved).toEqual([
    ['03-3000', 0, 700],
    ['31-2000', 12_300, 0],
  ])
  await change(both.machine, 1, 500)
  await command(both.machine, 'send')
  expect(await refusedBy(both)).toEqual(['DRIFT_NOT_ACKNOWLEDGED', 'DRIFT_NOT_ACKNOWLEDGED'])
  await acknowledge(both.machine, { by: poster }, { key, export: 1, part: 1, note: 'Owner change order 7.' })
  await send(both)
  expect(await records(both)).toEqual(['"*","24-1007"', expect.stringContaining('"S",01052026,,"",5.00')])
  await importAndPost(both)
  expect(await head(both.machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  expect(inSageNow(both)).toMatchObject({ '03-3000.S': [32_500_000, 1_200], 'SITE.31-2000.L': [12_300, 0] })
  await holds(both.machine)
})

test('entries that were deleted in Sage leave the file waiting; the same file, imported again, settles it', async () => {
  const both = await clinicAndSage(database())
  await send(both)
  const { acceptedLines } = await importFile(both)
  for (const { entry } of acceptedLines) both.sage.deleteEntry(entry)
  await both.machine.pass(days(3))
  await both.readBack()
  expect(await state(both)).toBe('exported')
  expect(both.machine.mails.some(({ mail }) => mail === 'not_posted')).toBe(true)
  expect((await importFile(both)).outcome).toBe('already imported')
  await importAndPost(both, { again: true })
  expect(await head(both.machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(both.machine)
})

test('of a file with one line that Sage rejects, that line alone travels again, corrected in Sage, and both settle together', async () => {
  const both = await clinicAndSage(database())
  both.sage.setUp({ jobs: [{ job, extras: [{ extra: 'SITE', closed: true }] }] })
  await send(both)
  const report = await importFile(both)
  expect(report.rejectedLines.map(({ reason }) => reason)).toEqual(['Extra "SITE" is closed'])
  both.sage.postEntries({ all: true })
  await both.readBack()
  expect(await state(both)).toBe('partly_posted')
  await handIn(both, report)
  expect(await records(both)).toEqual(['"*","24-1007"', expect.stringMatching(/^"C","31-2000".*"SITE"$/)])
  both.sage.setUp({ jobs: [{ job, extras: [{ extra: 'SITE', closed: false }] }] })
  await importAndPost(both)
  expect(await head(both.machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(both.machine)
})

test('a category that Sage’s list lost since it was read stops the import: whatever was kept of it, the budget ends as Sage has it', async () => {
  const other = line('', '09-9000', 'O', 4_200_000)
  const both = await clinicAndSage(database(), { lines: [labor, earthwork, other] })
  const { machine, sage } = both
  await listsStillName(both, 'O')
  await send(both)
  // Nothing is kept: the same file again, once the category is there.
  expect([(await importFile(both)).outcome, sage.newEntries()]).toEqual(['stopped', []])
  await both.readBack()
  expect(await state(both)).toBe('exported')
  sage.setUp({ standardCategories: [{ category: 'O' }] })
  await importAndPost(both)
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  // Earlier lines are kept, and posted: the export is closed line by line, and the next one holds the rest.
  sage.changeSettings({ onNonStandardCategory: 'earlier lines kept' })
  await listsStillName(both, 'E')
  const equipment = line('', '31-2000', 'E', 900_000)
  await sendAs(both, [labor, concrete, earthwork, other, equipment])
  expect((await importFile(both)).acceptedLines).toHaveLength(1)
  sage.postEntries({ all: true })
  await both.readBack()
  expect(await state(both)).toBe('partly_posted')
  await close(machine, { outcome: 'withdrawn' }, concrete)
  await sendAs(both, [labor, concrete, earthwork, other, line('', '31-2000', 'M', 900_000)])
  expect(await records(both)).toEqual(['"*","24-1007"', expect.stringContaining('"31-2000","Earthwork","M"')])
  await importAndPost(both)
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('a job that Sage does not know and an amount of 100,000,000.00 are refused before any file; names of any kind and 99,999,999.99 are taken', async () => {
  const costCodes = {
    '03-3000': 'Stair "A", level 2',
    '09-9000': '; Béton armé – façade',
    '31-2000': 'Earthwork, +',
  }
  const most = line('', '03-3000', 'S', 9_999_999_999)
  const lines = [labor, most, line('SITE', '31-2000', 'S', -9_999_999_999), line('', '09-9000', 'M', 1)]
  const tooMuch = [labor, line('', '03-3000', 'S', 10_000_000_000)]
  const both = await clinicAndSage(database(), {
    jobInSage: false,
    project: '; "Zürich", phase 2 +',
    costCodes,
    lines: tooMuch,
  })
  const { machine, sage } = both
  await sageSettings(machine)
  await command(machine, 'lock')
  await command(machine, 'send')
  expect(await refusedBy(both)).toEqual(expect.arrayContaining(['AMOUNT_RANGE', 'JOB_NOT_IN_SAGE']))
  expect(machine.messages).toEqual([])
  await sageSettings(machine, { jobs_may_be_created: true, extras_may_be_created: true })
  await sendAs(both, lines)
  const report = await importFile(both)
  // Sage itself would have set up any job that a file names.
  expect([report.rejectedLines, report.created]).toEqual([[], expect.arrayContaining([`Job ${job}`])])
  sage.postEntries({ all: true })
  await both.readBack()
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  expect(inSageNow(both)).toMatchObject({
    '03-3000.S': [9_999_999_999, 0],
    'SITE.31-2000.S': [-9_999_999_999, 0],
  })
  await holds(machine)
})

test('a budget of 5,000 lines is taken by Sage whole and settled', async () => {
  const types = ['L', 'M', 'S']
  const lines = Array.from({ length: 5_000 }, (_, i) =>
    line('', `44-${String(1_000 + Math.floor(i / 3))}`, types[i % 3]!, i + 1),
  )
  const codes = [...new Set(lines.map(({ code }) => code.cost_code))]
  const both = await clinicAndSage(database(), {
    lines,
    costCodes: Object.fromEntries(codes.map((code) => [code, code])),
  })
  await send(both)
  await importAndPost(both)
  expect(await head(both.machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  expect(Object.keys(inSageNow(both))).toHaveLength(5_000)
})
