import { beforeAll, describe, expect, test } from 'vitest'
import { cents } from '../../../local/sage/amounts.ts'
import { comingExport } from '../../../shared/cycle/coming-export.ts'
import { acknowledge } from '../../../shared/exporting/acknowledge.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import {
  approver,
  changedLines,
  clinicLines,
  close,
  concrete,
  declare,
  earthwork,
  exporting,
  head,
  key,
  labor,
  line,
  poster,
  receipt,
  rejectSome,
  stop,
} from '../../statemachines/cycle/clinic.ts'
import { holds } from '../../statemachines/cycle/invariants.ts'
import {
  type ClinicAndSage,
  clinicAndSage,
  importAndPost,
  importFile,
  inSageNow,
  job,
  listsStillName,
  observed,
  send,
  sendAs,
} from './clinic-and-sage.ts'

// Every fault that the simulator can be switched to, and what becomes of a file of ours in it.

const database = useMemoryDatabase()
const date = '2026-01-06'

const state = async ({ machine }: ClinicAndSage) => (await head(machine)).erp

const verified = { erp: 'synced', confirmed: 'verified' }

describe('a file that waits at the desk', () => {
  let both: ClinicAndSage

  beforeAll(async () => {
    both = await clinicAndSage(database())
    await send(both)
  }, 60_000)

  test('stays where it is while no licence seat is free: nothing is imported, nothing is said of it', async () => {
    both.sage.setFaults({ noLicenceSeat: true })
    await expect(importFile(both)).rejects.toThrow('no Job Cost licence seat is free')
    await both.readBack()
    expect([await state(both), await observed(both)]).toEqual(['exported', undefined])
    both.sage.setFaults({ noLicenceSeat: false })
  })

  test('imported again after a crash in mid import, stands twice with what was kept: that is named, and reversed', async () => {
    both.sage.setFaults({ crashAfterRecords: 2 })
    await expect(importFile(both)).rejects.toThrow('stopped working after 2 records')
    expect(both.sage.newEntries()).toHaveLength(1)
    // Nobody looks at the unposted entries, and Sage does not know the file.
    await importAndPost(both)
    expect(await observed(both)).toMatchObject({
      kind: 'twice',
      sentence: "1 of 3 entries stand in Sage's totals twice.",
      keys: [{ code: { cost_code: '03-3000', cost_type: 'L' } }],
    })
    const reversal = { kind: 'original_estimate', date, amount: cents(-18_500_000) } as const
    both.sage.handEntry({ job, costCode: '03-3000', category: 'L', ...reversal })
    await both.readBack()
    expect(await head(both.machine)).toMatchObject(verified)
  })

  test('altered after it was posted, is drift of a settled budget by the difference, and none once it is put right', async () => {
    const { run, sequence, amount } = both.sage.tables().currentTransactions[0]!
    both.sage.editPosted({ run, sequence }, { amount: cents(18_400_000) })
    await both.readBack()
    expect([await state(both), await observed(both)]).toMatchObject([
      'synced',
      { kind: 'drift', keys: [{ original_moved: -100_000 }] },
    ])
    both.sage.editPosted({ run, sequence }, { amount })
    await both.readBack()
    expect([await state(both), await observed(both)]).toEqual(['synced', undefined])
    await holds(both.machine)
  })
})

describe('a file that is posted with an entry of another on one of its keys', () => {
  let both: ClinicAndSage

  beforeAll(async () => {
    both = await clinicAndSage(database())
    await send(both)
    const foreign = { kind: 'original_estimate', date, amount: cents(500) } as const
    both.sage.handEntry({ job, costCode: '03-3000', category: 'S', ...foreign })
    await importFile(both)
    both.sage.postEntries({ all: true })
  }, 60_000)

  test('is not judged by reports whose columns were renamed: they are not read, and that is told', async () => {
    both.sage.setFaults({ renamedFields: { Approved_Estimate_Changes: 'Change Orders' } })
    expect((await both.readBack()).join(' ')).toContain('Approved_Estimate_Changes')
    expect([await state(both), await observed(both)]).toEqual(['exported', undefined])
    both.sage.setFaults({ renamedFields: {} })
  })

  test('is a mismatch by that key alone, until the entry is acknowledged', async () => {
    await both.readBack()
    expect([await state(both), (await observed(both))?.keys]).toEqual([
      'mismatch',
      [expect.objectContaining({ expected: 32_500_000, original_moved: 32_500_500 })],
    ])
    const about = { key, export: 1, part: 1, note: 'A correction of Sage.', file_posted: true }
    const observed_at = (await observed(both))!.at
    await acknowledge(both.machine, { by: poster }, { ...about, observed_at })
    await both.readBack()
    expect(await head(both.machine)).toMatchObject(verified)
    await holds(both.machine)
  })
})

test('a replica that is an hour late makes nothing of ours a movement of another, though people declare ahead of it', async () => {
  const both = await clinicAndSage(database(), { lines: changedLines, jobInSage: false })
  const { machine, sage } = both
  sage.setFaults({ replicaLagSeconds: 3_600 })
  await send(both)
  await importAndPost(both)
  expect([await state(both), await observed(both)]).toEqual(['exported', undefined])
  await declare(machine)
  await receipt(machine)
  await importAndPost(both)
  expect([await state(both), await observed(both)]).toEqual(['exported', undefined])
  await machine.pass(3_600_000)
  await both.readBack()
  expect(await head(machine)).toMatchObject(verified)
  expect(inSageNow(both)['03-3000.S']).toEqual([32_500_000, 1_500_000])
  await holds(machine)
})

const other = line('', '09-9000', 'O', 4_200_000)
const equipment = line('', '31-2000', 'E', 900_000)
const withOther = [...clinicLines, other]
const changed = [line('', '03-3000', 'L', 18_500_000, 500), concrete, equipment, earthwork, other]

/** Of a file in which Sage stops at the category O, and of the next, in which it stops at E. */
const whatSageKeeps = [
  ['nothing kept', { missing: withOther, kept: [] }],
  ['earlier lines kept', { missing: [other, earthwork], kept: [labor] }],
] as const

describe.each(whatSageKeeps)('an import that Sage stops at a category, %s,', (manner, { missing, kept }) => {
  let both: ClinicAndSage

  beforeAll(async () => {
    both = await clinicAndSage(database(), { lines: withOther })
    both.sage.changeSettings({ onNonStandardCategory: manner })
    await listsStillName(both, 'O')
    await send(both)
  }, 60_000)

  test('is told by the poster; the lines that are missing go in a correction, and all of it is settled', async () => {
    expect((await importFile(both)).outcome).toBe('stopped')
    expect(both.sage.newEntries()).toHaveLength(withOther.length - missing.length)
    await stop(both.machine)
    await both.readBack()
    expect([await state(both), (await observed(both))?.kind]).toEqual(['mismatch', 'import_stopped'])
    const told = both.machine.mails.filter(({ mail }) => mail === 'mismatch')
    expect(told.map(({ to }) => to)).toEqual([approver, poster, 'otto'])
    both.sage.setUp({ standardCategories: [{ category: 'O' }] })
    await rejectSome(both.machine, ...missing)
    await receipt(both.machine)
    expect((await exporting(both.machine)).part).toMatchObject({ corrects: 1, entries: missing.length })
    await importAndPost(both)
    expect(await head(both.machine)).toMatchObject(verified)
    expect(inSageNow(both)).toEqual({
      '03-3000.L': [18_500_000, 0],
      '03-3000.S': [32_500_000, 0],
      '09-9000.O': [4_200_000, 0],
      'SITE.31-2000.S': [50_000_000, 0],
    })
    await holds(both.machine)
  })

  test('is closed with an outcome for each line, and what Sage did not keep is due again', async () => {
    await both.readBack()
    await listsStillName(both, 'E')
    await sendAs(both, changed)
    expect((await importFile(both)).outcome).toBe('stopped')
    await stop(both.machine)
    if (kept.length > 0) both.sage.postEntries({ all: true })
    await close(both.machine, { outcome: 'withdrawn' }, ...kept)
    await both.readBack()
    expect([await observed(both), inSageNow(both)['03-3000.L']]).toEqual([
      undefined,
      [18_500_000, kept.length > 0 ? 500 : 0],
    ])
    const { parts } = await comingExport(both.machine, key, await head(both.machine))
    const due = parts.flatMap(({ entries }) => entries.map(({ cents: amount }) => amount))
    expect(due).toEqual(kept.length > 0 ? [900_000] : [500, 900_000])
    await holds(both.machine)
  })
})
