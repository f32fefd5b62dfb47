import { expect, test } from 'vitest'
import { comingExport } from '../../../shared/cycle/coming-export.ts'
import type { LineItem } from '../../../shared/domain/line-item.ts'
import { acknowledge } from '../../../shared/exporting/acknowledge.ts'
import { compareTotals } from '../../../shared/exporting/compare-totals.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { exportedOn } from './carried.ts'
import {
  accept,
  amounts,
  change,
  changedLines,
  clinicLines,
  close,
  command,
  concrete,
  declare,
  head,
  key,
  type Moved,
  poster,
  receipt,
  rejectSome,
  retry,
  sageId,
  totals,
} from './clinic.ts'
import { days } from './days.ts'
import { holds } from './invariants.ts'
import type { CycleMachine } from './machine.ts'

const database = useMemoryDatabase()
const byHand = ['', '31-2000', 'L', 12_300, 0] as const

/** A budget whose first export is posted, as Sage's totals show. */
async function verified(lines: readonly LineItem[] = clinicLines): Promise<CycleMachine> {
  const machine = await exportedOn(database(), lines)
  await totals(machine, amounts(lines))
  return machine
}

async function declared(lines: readonly LineItem[] = clinicLines): Promise<CycleMachine> {
  const machine = await exportedOn(database(), lines)
  await machine.pass(1_000)
  await declare(machine)
  return machine
}

const codes = async (machine: CycleMachine) =>
  (await comingExport(machine, key, await head(machine))).findings.map(({ code, budget_code }) =>
    budget_code ? `${code} ${budget_code.cost_code}.${budget_code.cost_type}` : code,
  )

const seen = async ({ store }: CycleMachine, number = 1) =>
  (await store.parts(key, number)).find(({ observation }) => observation)?.observation

const note = { export: 1, part: 1, note: 'Owner change order 7.' }

test('what is made in Sage after a settlement is drift: the state stays, and the next send is stopped', async () => {
  const machine = await verified()
  await totals(machine, [...amounts(clinicLines), byHand])
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  expect(await seen(machine)).toMatchObject({
    kind: 'drift',
    keys: [{ code: { cost_code: '31-2000', cost_type: 'L' }, expected: 0, original_moved: 12_300 }],
  })
  await change(machine, 1, 500)
  await command(machine, 'send')
  expect(await machine.store.lastCommand(key)).toMatchObject({
    outcome: 'refused',
    findings: [{ code: 'DRIFT_NOT_ACKNOWLEDGED' }],
  })
  await holds(machine)
})

test('posters are told of it once, however often Sage is read', async () => {
  const machine = await verified()
  for (let i = 0; i < 3; i += 1) await totals(machine, [...amounts(clinicLines), byHand])
  expect(machine.mails.filter(({ mail }) => mail === 'mismatch').map(({ to }) => to)).toEqual([poster])
  await holds(machine)
})

test('once acknowledged it joins the baseline, and the next export holds nothing to cancel it', async () => {
  const machine = await verified()
  const before = await codes(machine)
  await totals(machine, [...amounts(clinicLines), byHand])
  expect([before, await codes(machine)]).toEqual([
    ['NOTHING_TO_EXPORT'],
    ['NOTHING_TO_EXPORT', 'DRIFT_NOT_ACKNOWLEDGED 31-2000.L'],
  ])
  await acknowledge(machine, { by: poster }, { key, ...note })
  await totals(machine, [...amounts(clinicLines), byHand])
  expect([await codes(machine), await seen(machine)]).toEqual([['NOTHING_TO_EXPORT'], undefined])
  await change(machine, 1, 500)
  await command(machine, 'send')
  await accept(machine)
  await receipt(machine)
  await totals(machine, [
    ...amounts(clinicLines).map((row, i) => (i === 1 ? ([...row.slice(0, 4), 500] as never) : row)),
    byHand,
  ])
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified', export: 2 })
  await holds(machine)
})

test('what moved after it was acknowledged is drift again, by the difference alone', async () => {
  const machine = await verified()
  await totals(machine, [...amounts(clinicLines), byHand])
  await acknowledge(machine, { by: poster }, { key, ...note })
  await totals(machine, [...amounts(clinicLines), ['', '31-2000', 'L', 12_300, 7]])
  expect(await seen(machine)).toMatchObject({ keys: [{ original_moved: 0, changes_moved: 7 }] })
  await holds(machine)
})

test('what is put right in Sage needs nobody to acknowledge it', async () => {
  const machine = await verified()
  await totals(machine, [...amounts(clinicLines), byHand])
  await totals(machine, amounts(clinicLines))
  expect([await seen(machine), await codes(machine)]).toEqual([undefined, ['NOTHING_TO_EXPORT']])
  await holds(machine)
})

test('an entry reversed in Sage after it was verified is drift', async () => {
  const machine = await verified()
  await totals(machine, amounts(clinicLines).slice(1))
  expect(await seen(machine)).toMatchObject({ kind: 'drift', keys: [{ original_moved: -18_500_000 }] })
  await holds(machine)
})

test('both parts of a first export count as settled', async () => {
  const machine = await verified(changedLines)
  await receipt(machine)
  await totals(machine, amounts(changedLines, 1, true))
  await totals(machine, amounts(changedLines, 1, true))
  expect([(await head(machine)).erp, await seen(machine)]).toEqual(['synced', undefined])
  await totals(machine, amounts(changedLines))
  expect(await seen(machine)).toMatchObject({ kind: 'drift', keys: [{ changes_moved: -1_500_000 }] })
  await holds(machine)
})

test('drift that shows while an approver decides fails the export until it is acknowledged', async () => {
  const machine = await verified()
  await change(machine, 1, 500)
  await command(machine, 'send')
  await totals(machine, [...amounts(clinicLines), byHand])
  await accept(machine)
  const failed = await head(machine)
  expect([failed.erp, failed.open_export]).toEqual(['export_failed', undefined])
  await acknowledge(machine, { by: poster }, { key, ...note })
  await retry(machine)
  expect(await head(machine)).toMatchObject({ erp: 'exporting', open_export: 2 })
  await holds(machine)
})

test('a closed export counts with what was taken of it', async () => {
  const machine = await exportedOn(database())
  await close(machine, { outcome: 'withdrawn' }, concrete)
  await totals(machine, amounts([concrete]))
  expect(await seen(machine)).toBeUndefined()
  await totals(machine, amounts(clinicLines))
  expect((await seen(machine))?.keys).toHaveLength(2)
  await holds(machine)
})

test.each([
  ['of one file', clinicLines],
  ['of two files', changedLines],
])(
  "what others made while a first export %s waited, and a poster acknowledged, is in nobody's way once that is withdrawn",
  async (_, lines) => {
    const machine = await exportedOn(database(), lines)
    await totals(machine, [byHand])
    await acknowledge(machine, { by: poster }, { key, ...note })
    await machine.settle()
    await close(machine, { outcome: 'withdrawn' })
    expect(await codes(machine)).toEqual([])
    await totals(machine, [[...byHand.slice(0, 4), 99] as unknown as typeof byHand])
    expect(await codes(machine)).toEqual(['SAGE_HAS_ESTIMATE', 'DRIFT_NOT_ACKNOWLEDGED 31-2000.L'])
    await holds(machine)
  },
)

test('what others make while a file is with accounting is a matter of that file, not of what was settled before', async () => {
  const machine = await exportedOn(database())
  await totals(machine, [byHand])
  expect([(await seen(machine))?.kind, await codes(machine)]).toEqual([
    'drift',
    ['SAGE_HAS_ESTIMATE', 'EARLIER_EXPORT_NOT_SETTLED'],
  ])
})

test('a reading older than the word of a poster denies nothing', async () => {
  const machine = await exportedOn(database())
  await totals(machine, [])
  await machine.pass(1_000)
  await declare(machine)
  await machine.pass(days(4))
  const job = { sage_company: sageId, job: '24-1007' }
  expect(await compareTotals(machine, { company: key.company, ...job })).toBe('not_comparable')
  expect(await seen(machine)).toBeUndefined()
  await holds(machine)
})

test('totals that have not moved may be late for three days; then they contradict the poster', async () => {
  const machine = await declared()
  await machine.pass(days(1))
  await totals(machine, [])
  expect(await seen(machine)).toBeUndefined()
  await machine.pass(days(2))
  await totals(machine, [])
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'declared' })
  expect(await seen(machine)).toMatchObject({
    kind: 'drift',
    sentence: expect.stringContaining('confirmed as posted all the same') as string,
  })
  await totals(machine, amounts(clinicLines))
  expect([await seen(machine), (await head(machine)).confirmed]).toEqual([undefined, 'verified'])
  await holds(machine)
})

test('that Sage stays without what a poster confirmed is acknowledged, and is never called checked in Sage', async () => {
  const machine = await declared()
  await machine.pass(days(3))
  await totals(machine, [])
  expect(await seen(machine)).toMatchObject({ kind: 'drift' })
  await acknowledge(machine, { by: poster }, { key, ...note })
  const before = await head(machine)
  await totals(machine, [])
  expect([before.confirmed, (await head(machine)).confirmed]).toEqual(['declared', 'declared'])
  await holds(machine)
})

test('what others moved is acknowledged apart from entries that a poster confirmed and Sage shows later', async () => {
  const machine = await declared()
  await totals(machine, [byHand])
  expect((await seen(machine))?.keys.map(({ expected }) => expected)).toEqual([
    0, 18_500_000, 32_500_000, 50_000_000,
  ])
  await acknowledge(machine, { by: poster }, { key, ...note })
  await totals(machine, [byHand])
  expect(await seen(machine)).toBeUndefined()
  await totals(machine, [...amounts(clinicLines), byHand])
  expect([await seen(machine), (await head(machine)).confirmed]).toEqual([undefined, 'verified'])
  await holds(machine)
})

test('of a file that a poster confirmed he need not say again that it was posted', async () => {
  const machine = await declared([concrete])
  const more = [['', '03-3000', 'S', concrete.original + 12_300, 0]] as const
  await totals(machine, more)
  expect(await seen(machine)).toMatchObject({ kind: 'drift' })
  await acknowledge(machine, { by: poster }, { key, ...note })
  await totals(machine, more)
  expect([await seen(machine), (await head(machine)).confirmed]).toEqual([undefined, 'verified'])
  await holds(machine)
})

test('of a file that a poster confirmed, what others took away again is theirs, and it is never called checked in Sage', async () => {
  const machine = await declared([concrete])
  const less = [['', '03-3000', 'S', concrete.original - 12_300, 0]] as const
  await totals(machine, less)
  await acknowledge(machine, { by: poster }, { key, ...note })
  await machine.pass(days(4))
  await totals(machine, less)
  expect([await seen(machine), await codes(machine), (await head(machine)).confirmed]).toEqual([
    undefined,
    ['NOTHING_TO_EXPORT'],
    'declared',
  ])
  await holds(machine)
})

test.each([
  ['of its original estimate', clinicLines, 1, 0],
  ['of its changes', changedLines, 2, 1],
] as const)(
  'a file that a poster confirmed is never called checked in Sage once others took away a part %s on one code',
  async (_, lines, part, inChanges) => {
    const machine = await exportedOn(database(), lines)
    if (part === 2) {
      await totals(machine, amounts(lines))
      await receipt(machine)
    }
    await machine.pass(1_000)
    await declare(machine)
    const less = amounts(lines, 1, true).map(([extra, code, category, original, changes]): Moved =>
      code === '03-3000' && category === 'S'
        ? [extra, code, category, original - (1 - inChanges) * 12_300, changes - inChanges * 12_300]
        : [extra, code, category, original, changes],
    )
    await totals(machine, less)
    await acknowledge(machine, { by: poster }, { key, ...note, part })
    await machine.pass(days(4))
    await totals(machine, less)
    expect([await seen(machine), (await head(machine)).confirmed]).toEqual([undefined, 'declared'])
    await holds(machine)
  },
)

test('of a file and its correction it is the correction, which was read, that is acknowledged as missing', async () => {
  const machine = await exportedOn(database())
  await rejectSome(machine, concrete)
  await receipt(machine)
  await declare(machine)
  await machine.pass(days(3))
  await totals(machine, [])
  await acknowledge(machine, { by: poster }, { key, ...note, part: 2 })
  const parts = await machine.store.parts(key, 1)
  expect(parts.map(({ posted }) => posted?.not_shown)).toEqual([undefined, true])
})

test('a poster who confirmed a file, and finds that it was not posted, says so: it is verified once Sage shows it', async () => {
  const machine = await declared([concrete])
  const byOthers = ['', '03-3000', 'S', concrete.original + 12_300, 0] as const
  await totals(machine, [byOthers])
  await acknowledge(machine, { by: poster }, { key, ...note, file_posted: false })
  await totals(machine, [byOthers])
  const before = (await head(machine)).confirmed
  await totals(machine, [byOthers, ...amounts([concrete])])
  expect([before, await seen(machine), (await head(machine)).confirmed]).toEqual([
    'declared',
    undefined,
    'verified',
  ])
  await holds(machine)
})

test('a file imported with the wrong box contradicts the poster, and is acknowledged as it stands', async () => {
  const machine = await declared()
  const wrong = clinicLines.map(
    ({ code, original }) => [code.sub_job, code.cost_code, code.cost_type, 0, original] as const,
  )
  await totals(machine, wrong)
  expect(await seen(machine)).toMatchObject({
    kind: 'drift',
    sentence: expect.stringContaining('the box was ticked') as string,
    what_to_do: expect.stringContaining('Or acknowledge with a note') as string,
  })
  await acknowledge(machine, { by: poster }, { key, ...note })
  await totals(machine, wrong)
  expect([await seen(machine), await codes(machine)]).toEqual([undefined, ['NOTHING_TO_EXPORT']])
  await holds(machine)
})

test('a file imported twice contradicts the poster at once', async () => {
  const machine = await declared()
  await totals(machine, amounts(clinicLines, 2))
  expect(await seen(machine)).toMatchObject({ kind: 'drift' })
  await holds(machine)
})

test('a second part that was queued before Sage showed the first is compared with the first in it', async () => {
  const machine = await exportedOn(database(), changedLines)
  await machine.pass(1_000)
  await declare(machine) // part 2 is queued now, with totals read before part 1 was posted
  await receipt(machine)
  await totals(machine, amounts(changedLines))
  expect([(await head(machine)).erp, await seen(machine)]).toEqual(['exported', undefined])
  await totals(machine, amounts(changedLines, 1, true))
  expect(await head(machine)).toMatchObject({ erp: 'synced' })
  await totals(machine, amounts(changedLines, 1, true))
  expect(await seen(machine)).toBeUndefined()
  await holds(machine)
})
