import { beforeAll, describe, expect, test } from 'vitest'
import { comingExport } from '../../../shared/cycle/coming-export.ts'
import type { Finding } from '../../../shared/domain/finding.ts'
import { allowed } from '../../../shared/domain/lifecycle.ts'
import { acknowledge } from '../../../shared/exporting/acknowledge.ts'
import { cents } from '../../../local/sage/amounts.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import {
  change,
  close,
  command,
  concrete,
  earthwork,
  head,
  key,
  labor,
  line,
  poster,
  sageSettings,
} from '../../statemachines/cycle/clinic.ts'
import { days, second } from '../../statemachines/cycle/days.ts'
import { holds } from '../../statemachines/cycle/invariants.ts'
import {
  type ClinicAndSage,
  clinicAndSage,
  handIn,
  importAndPost,
  importFile,
  inSageNow,
  job,
  listsStillName,
  observed,
  records,
  send,
  sendAs,
} from './clinic-and-sage.ts'

// What section 11 of the research asks of product and Sage together, by files and reports alone. Proved elsewhere:
//   a change with the box left empty, an original with it ticked, a file imported twice: local/stack/wrong-in-sage.ts
//   one file of a message that comes twice, an agent killed between receive and delete: functions/agent
//   the worked examples: worked-examples.test.ts; faults of Sage itself: faults-of-sage.test.ts

const database = useMemoryDatabase()
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

const verified = { erp: 'synced', confirmed: 'verified' }

let both: ClinicAndSage

describe('a file that is posted, and what others do in Sage after it', () => {
  beforeAll(async () => {
    both = await clinicAndSage(database())
    await send(both)
  }, 60_000)

  test('posted in part, no second version is sent; once the rest is posted, nothing stands in its way', async () => {
    const { acceptedLines } = await importFile(both)
    both.sage.postEntries({ ids: [acceptedLines[0]!.entry] })
    await both.readBack()
    expect([await state(both), (await observed(both))?.sentence]).toEqual([
      'partly_posted',
      "1 of 3 entries stand in Sage's totals. 2 did not move.",
    ])
    const before = await standsInTheWay(both)
    both.sage.postEntries({ all: true })
    await both.readBack()
    expect(await head(both.machine)).toMatchObject(verified)
    await change(both.machine, 1, 500)
    expect(before).toEqual(expect.arrayContaining(['WITH_ACCOUNTING', 'EARLIER_EXPORT_NOT_SETTLED']))
    expect(await standsInTheWay(both)).toEqual([undefined])
  })

  test('an owner change order and a hand entry stop the next send until they are acknowledged, and it cancels none of them', async () => {
    const orders = [{ costCode: '03-3000', category: 'S', amount: cents(700) }]
    both.sage.ownerChangeOrder({ job, number: '7', date, lines: orders })
    const byHand = { kind: 'original_estimate', date, amount: cents(12_300) } as const
    both.sage.handEntry({ job, extra: 'SITE', costCode: '31-2000', category: 'L', ...byHand })
    await both.readBack()
    const moved = (await observed(both))?.keys.map((row) => [row.original_moved, row.changes_moved])
    expect(moved).toEqual([
      [0, 700],
      [12_300, 0],
    ])
    await command(both.machine, 'send')
    expect(await refusedBy(both)).toEqual(['DRIFT_NOT_ACKNOWLEDGED', 'DRIFT_NOT_ACKNOWLEDGED'])
    const about = { key, export: 1, part: 1, note: 'Owner change order 7.' }
    await acknowledge(both.machine, { by: poster }, about)
    await send(both)
    expect(await records(both)).toEqual(['"*","24-1007"', expect.stringContaining('"S",01052026,,"",5.00')])
  })

  test('its entries deleted in Sage, it is stale after three days and posters are mailed every day; imported again, it is settled', async () => {
    const { acceptedLines } = await importFile(both)
    for (const { entry } of acceptedLines) both.sage.deleteEntry(entry)
    await both.machine.pass(days(3) + second)
    const reminders = () => both.machine.mails.filter(({ mail }) => mail === 'not_posted').map(({ to }) => to)
    expect([(await observed(both))?.kind, reminders()]).toEqual(['stale', [poster]])
    await both.machine.pass(days(2))
    await both.readBack()
    expect([await state(both), (await observed(both))?.kind]).toEqual(['exported', 'stale'])
    expect(reminders()).toEqual([poster, poster, poster])
    expect((await importFile(both)).outcome).toBe('already imported')
    await importAndPost(both, { again: true })
    expect(await head(both.machine)).toMatchObject(verified)
    expect(inSageNow(both)).toMatchObject({
      '03-3000.S': [32_500_000, 1_200],
      'SITE.31-2000.L': [12_300, 0],
    })
    await holds(both.machine)
  })
})

describe('a file with a category that Sage’s list lost since it was read', () => {
  const other = line('', '09-9000', 'O', 4_200_000)
  const equipment = line('', '31-2000', 'E', 900_000)

  beforeAll(async () => {
    both = await clinicAndSage(database(), { lines: [labor, earthwork, other] })
    await listsStillName(both, 'O')
    await send(both)
  }, 60_000)

  test('stops in Sage, which keeps nothing of it, and waits', async () => {
    expect([(await importFile(both)).outcome, both.sage.newEntries()]).toEqual(['stopped', []])
    await both.readBack()
    expect(await state(both)).toBe('exported')
  })

  test('is imported as it is once the category is there; of a line that Sage rejects then, that line alone travels again', async () => {
    both.sage.setUp({ standardCategories: [{ category: 'O' }] })
    both.sage.setUp({ jobs: [{ job, extras: [{ extra: 'SITE', closed: true }] }] })
    const report = await importFile(both)
    expect(report.rejectedLines.map(({ reason }) => reason)).toEqual(['Extra "SITE" is closed'])
    both.sage.postEntries({ all: true })
    await both.readBack()
    expect(await state(both)).toBe('partly_posted')
    await handIn(both, report)
    expect(await records(both)).toEqual(['"*","24-1007"', expect.stringMatching(/^"C","31-2000".*"SITE"$/)])
    both.sage.setUp({ jobs: [{ job, extras: [{ extra: 'SITE', closed: false }] }] })
    await importAndPost(both)
    expect(await head(both.machine)).toMatchObject(verified)
  })

  test('whose earlier lines Sage keeps ends as Sage has it: closed line by line, the rest is still to be sent', async () => {
    both.sage.changeSettings({ onNonStandardCategory: 'earlier lines kept' })
    await listsStillName(both, 'E')
    await sendAs(both, [labor, concrete, earthwork, other, equipment])
    const { outcome, acceptedLines } = await importFile(both)
    expect([outcome, acceptedLines.length]).toEqual(['stopped', 1])
    both.sage.postEntries({ all: true })
    await both.readBack()
    expect(await state(both)).toBe('partly_posted')
    await close(both.machine, { outcome: 'withdrawn' }, concrete)
    const { parts } = await comingExport(both.machine, key, await head(both.machine))
    expect([await state(both), parts.flatMap(({ entries }) => entries)]).toEqual([
      'update_pending',
      [{ code: equipment.code, cents: 900_000 }],
    ])
    await holds(both.machine)
  })
})

describe('a job that Sage does not know, and a budget of 5,000 lines for it', () => {
  const names = ['Stair "A", level 2', '; Béton armé – façade', 'Earthwork, +', '+', '"', ';']
  const codes = Array.from({ length: 1_667 }, (_, i) => `44-${String(1_000 + i)}`)
  const lines = codes
    .flatMap((code, i) => ['L', 'M', 'S'].map((type) => line(i === 0 ? 'SITE' : '', code, type, i + 1)))
    .slice(0, 4_998)
    .concat([line('', '99-0001', 'L', 9_999_999_999), line('', '99-0001', 'S', -9_999_999_999)])
  const costCodes = Object.fromEntries(
    [...codes, '99-0001'].map((code, i) => [code, names[i % names.length]!]),
  )

  beforeAll(async () => {
    const tooMuch = [line('', '99-0001', 'L', 10_000_000_000)]
    const project = { name: '; "Zürich", phase 2 +' }
    both = await clinicAndSage(database(), { jobInSage: false, project, costCodes, lines: tooMuch })
  }, 60_000)

  test('the job, and an amount of 100,000,000.00, are refused before there is any file', async () => {
    await sageSettings(both.machine)
    await command(both.machine, 'lock')
    await command(both.machine, 'send')
    expect(await refusedBy(both)).toEqual(expect.arrayContaining(['AMOUNT_RANGE', 'JOB_NOT_IN_SAGE']))
    expect(both.machine.messages).toEqual([])
  })

  test('Sage, which creates any job that a file names, takes names of any kind and amounts of 99,999,999.99 either way', async () => {
    await sageSettings(both.machine, { jobs_may_be_created: true, extras_may_be_created: true })
    await sendAs(both, lines)
    const report = await importFile(both)
    expect([report.rejectedLines, report.created]).toEqual([[], expect.arrayContaining([`Job ${job}`])])
    expect(report.acceptedLines).toHaveLength(5_000)
  })

  test('posted, every line stands in Sage and the budget is settled by that', async () => {
    both.sage.postEntries({ all: true })
    await both.readBack()
    expect(await head(both.machine)).toMatchObject(verified)
    const sage = inSageNow(both)
    expect(Object.keys(sage)).toHaveLength(5_000)
    expect(sage).toMatchObject({ '99-0001.L': [9_999_999_999, 0], '99-0001.S': [-9_999_999_999, 0] })
    await holds(both.machine)
  })
})
