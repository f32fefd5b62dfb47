import { describe, expect, test } from 'vitest'
import type { LineItem } from '../../../shared/domain/line-item.ts'
import { acknowledge } from '../../../shared/exporting/acknowledge.ts'
import { closeExport, type EntryEnd } from '../../../shared/exporting/close-export.ts'
import { ledgerPosition } from '../../../shared/cycle/coming-export.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { exportedOn } from './carried.ts'
import {
  amounts,
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
  lastEvent,
  type Moved,
  poster,
  receipt,
  rejectSome,
  totals,
} from './clinic.ts'
import { days } from './days.ts'
import { holds } from './invariants.ts'
import type { CycleMachine } from './machine.ts'

const database = useMemoryDatabase()

const messageOf = ({ messages }: CycleMachine, index: number) =>
  JSON.parse(messages[index]?.MessageBody ?? '{}') as {
    attempt: number
    parts: [{ part: number; entries: number }]
  }

test('the second part is queued when the first is posted, and both settle the budget', async () => {
  const machine = await exportedOn(database(), changedLines)
  expect(machine.messages).toHaveLength(1)
  await totals(machine, amounts(changedLines))
  expect(await head(machine)).toMatchObject({ erp: 'exporting' })
  expect(messageOf(machine, 1)).toMatchObject({ attempt: 2, parts: [{ part: 2, entries: 1 }] })
  await receipt(machine)
  await totals(machine, amounts(changedLines, 1, true))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('rejected lines travel again in a correction with only those, compared together with the rest', async () => {
  const machine = await exportedOn(database())
  await rejectSome(machine, concrete)
  const { part } = await exporting(machine)
  expect(part).toMatchObject({ part: 2, kind: 'correction', corrects: 1, entries: 1, total: 32_500_000 })
  await receipt(machine)
  await totals(machine, amounts([labor, earthwork]))
  expect(await head(machine)).toMatchObject({ erp: 'partly_posted' })
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('a correction of a correction is compared with everything that it corrects', async () => {
  const machine = await exportedOn(database())
  await rejectSome(machine, concrete, earthwork)
  await receipt(machine)
  await rejectSome(machine, earthwork)
  await receipt(machine)
  expect((await exporting(machine)).part).toMatchObject({ part: 3, corrects: 2, entries: 1 })
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('a correction that a person declared is verified by the reading that shows it with the next file', async () => {
  const machine = await exportedOn(database(), changedLines)
  await rejectSome(machine, concrete)
  await receipt(machine)
  await declare(machine)
  await receipt(machine)
  await totals(machine, amounts(changedLines, 1, true))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('what Sage shows otherwise writes the line that the dashboard counts', async () => {
  const machine = await exportedOn(database())
  await totals(machine, amounts(clinicLines, 2))
  expect(machine.logged).toMatchObject([['sage shows otherwise', { part: 1, observation: 'twice' }]])
})

test('a file that was imported twice is a mismatch until the second entries are reversed', async () => {
  const machine = await exportedOn(database())
  await totals(machine, amounts(clinicLines, 2))
  expect(await head(machine)).toMatchObject({ erp: 'mismatch' })
  expect((await exporting(machine)).part.observation).toMatchObject({ kind: 'twice' })
  expect(machine.mails.filter(({ mail }) => mail === 'mismatch').map(({ to }) => to)).toEqual([
    'anna',
    'peter',
    'otto',
  ])
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced' })
  await holds(machine)
})

test('the same reading again is told once', async () => {
  const machine = await exportedOn(database())
  await totals(machine, amounts(clinicLines, 2))
  const before = await head(machine)
  await totals(machine, amounts(clinicLines, 2))
  expect(await head(machine)).toEqual(before)
})

test('entries that were taken out of Sage again leave the file waiting for posting', async () => {
  const machine = await exportedOn(database())
  await totals(machine, amounts([labor]))
  expect(await head(machine)).toMatchObject({ erp: 'partly_posted' })
  await totals(machine, [])
  expect(await head(machine)).toMatchObject({ erp: 'exported' })
  expect(machine.logged).toMatchObject([['sage shows otherwise', { observation: 'partly' }]])
  await declare(machine)
  expect(await head(machine)).toMatchObject({ erp: 'synced' })
  await holds(machine)
})

test('a movement that was made in Sage on purpose is acknowledged, and the rest still counts', async () => {
  const machine = await exportedOn(database())
  const byHand = ['', '31-2000', 'L', 12_300, 0] as const
  await totals(machine, [byHand])
  expect(await head(machine)).toMatchObject({ erp: 'mismatch' })
  await acknowledge(machine, { by: poster }, { key, export: 1, part: 1, note: 'An owner change order.' })
  await totals(machine, [byHand])
  expect(await head(machine)).toMatchObject({ erp: 'exported' })
  await totals(machine, [byHand, ...amounts(clinicLines)])
  expect(await head(machine)).toMatchObject({ erp: 'synced' })
  await holds(machine)
})

test('once a movement is acknowledged, what Sage already shows of the file counts without another reading', async () => {
  const machine = await exportedOn(database())
  const byHand = ['', '31-2000', 'L', 12_300, 0] as const
  const note = { key, export: 1, part: 1, note: 'An owner change order.' }
  await totals(machine, [byHand, ...amounts(clinicLines)])
  expect(await head(machine)).toMatchObject({ erp: 'mismatch' })
  await acknowledge(machine, { by: poster }, note)
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

// The file sends one line; a hand entry on its code is larger.
const byOthers = ['', labor.code.cost_code, labor.code.cost_type, labor.original + 500_00, 0] as const
const asked = { key, export: 1, part: 1, note: 'Entered by hand.' }

const wrongBox = ({ code, original }: LineItem) => ['', code.cost_code, code.cost_type, 0, original] as const

const saying = (text: string) => expect.stringContaining(text) as string

// However the code that was sent moved, the file may stand in it.
const unclear: readonly (readonly [string, readonly Moved[]])[] = [
  ['others made more than was sent', [byOthers]],
  ['others took some away', [['', '03-3000', 'L', labor.original - 100_00, 0]]],
  ['others took away more than was sent', [['', '03-3000', 'L', -100_00, 0]]],
  ['it stands in the other box, and another code moved', [wrongBox(labor), ['', '31-2000', 'L', 12_300, 0]]],
  ['it stands in both boxes in part', [['', '03-3000', 'L', labor.original - 100_00, 100_00]]],
]

describe.each(unclear)('where %s', (_, shown) => {
  test('whether the file was posted is asked, and nothing is recorded until it is said', async () => {
    const machine = await exportedOn(database(), [labor])
    await totals(machine, shown)
    const { part } = await exporting(machine)
    const { at, read_at } = part.observation!
    const code = 'FILE_POSTED_OR_NOT'
    const places = [
      { pointer: '/file_posted', code, sentence: saying(`read at ${read_at!}.`) },
      { pointer: '/observed_at', code, sentence: saying(at) },
    ]
    await expect(acknowledge(machine, { by: poster }, asked)).rejects.toMatchObject({
      refusal: { code: 'FILE_POSTED_OR_NOT', places },
    })
    expect(await exporting(machine)).toMatchObject({ part })
  })

  test('a file that was posted is verified by what is left, and is not asked for again', async () => {
    const machine = await exportedOn(database(), [labor])
    await totals(machine, shown)
    await acknowledge(machine, { by: poster }, { ...asked, file_posted: true })
    await machine.settle()
    expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
    await totals(machine, shown)
    expect((await machine.store.parts(key, 1))[0]).not.toHaveProperty('observation')
    await holds(machine)
  })

  test('a file that was not posted waits on, and is verified once it stands there besides', async () => {
    const machine = await exportedOn(database(), [labor])
    await totals(machine, shown)
    await acknowledge(machine, { by: poster }, { ...asked, file_posted: false })
    await machine.settle()
    expect(await head(machine)).toMatchObject({ erp: 'exported' })
    await totals(machine, [...shown, ...amounts([labor])])
    expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
    await holds(machine)
  })
})

test('an answer to what one reading showed is refused where another stands, and records nothing', async () => {
  const machine = await exportedOn(database(), [labor])
  await totals(machine, [byOthers])
  const before = (await exporting(machine)).part.observation!.at
  await machine.pass(1_000)
  await totals(machine, [byOthers, ...amounts([labor])])
  const { part } = await exporting(machine)
  for (const file_posted of [true, false, undefined])
    await expect(
      acknowledge(machine, { by: poster }, { ...asked, file_posted, observed_at: before }),
    ).rejects.toMatchObject({
      refusal: {
        code: 'CHANGED_MEANWHILE',
        sentence: expect.stringContaining(part.observation!.at) as string,
      },
    })
  expect(await exporting(machine)).toMatchObject({ part })
  await acknowledge(
    machine,
    { by: poster },
    { ...asked, file_posted: true, observed_at: part.observation!.at },
  )
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
})

describe('a close that Sage’s totals contradict is refused', () => {
  const refused = { refusal: { code: 'READ_BACK_CONTRADICTS' } }

  test('of an entry that stands as it was sent beside those of the wrong box', async () => {
    const machine = await exportedOn(database())
    await totals(machine, [...amounts([labor, earthwork]), wrongBox(concrete)])
    const inOther = { outcome: 'taken', mode: 'approved_estimate_change' } as const
    const entries = [{ part: 1, code: concrete.code, ...inOther }]
    const wanted = { key, export: 1, reason: 'Given up.', entries }
    const end = async (others: EntryEnd) => await closeExport(machine, { by: poster }, { ...wanted, others })
    for (const others of [{ outcome: 'withdrawn' } as const, inOther])
      await expect(end(others)).rejects.toMatchObject(refused)
    await end({ outcome: 'taken' })
  })

  test('of an entry of the file that was corrected, as the correction’s reading shows it', async () => {
    const machine = await exportedOn(database())
    await rejectSome(machine, concrete)
    await receipt(machine)
    await totals(machine, [...amounts([labor, earthwork]), wrongBox(concrete)])
    const entries = [
      { part: 2, code: concrete.code, outcome: 'taken', mode: 'approved_estimate_change' },
    ] as const
    const wanted = { key, export: 1, reason: 'Given up.', entries }
    const end = async (others: EntryEnd) => await closeExport(machine, { by: poster }, { ...wanted, others })
    await expect(end({ outcome: 'withdrawn' })).rejects.toMatchObject(refused)
    await end({ outcome: 'taken' })
  })

  test('of an entry that has not moved, and is said to be taken', async () => {
    const machine = await exportedOn(database())
    await totals(machine, amounts([labor]))
    await expect(close(machine, { outcome: 'taken' })).rejects.toMatchObject(refused)
    await close(machine, { outcome: 'withdrawn' }, labor)
  })

  test('of an entry of a change that stands in the original estimate', async () => {
    const machine = await exportedOn(database(), changedLines)
    await totals(machine, amounts(changedLines))
    await receipt(machine)
    const change = ['', '03-3000', 'S', concrete.original + 1_500_000, 0] as const
    await totals(machine, [...amounts([labor, earthwork]), change])
    await expect(close(machine, { outcome: 'taken' })).rejects.toMatchObject(refused)
    await close(machine, { outcome: 'taken', mode: 'original_estimate' })
    expect((await machine.store.parts(key, 1))[1]?.exceptions).toMatchObject([{ mode: 'original_estimate' }])
  })

  test('of an entry of a file that Sage shows as posted, while its other file may be closed', async () => {
    const machine = await exportedOn(database(), changedLines)
    await totals(machine, amounts(changedLines))
    await receipt(machine)
    await expect(close(machine, { outcome: 'withdrawn' }, labor)).rejects.toMatchObject(refused)
    await close(machine, { outcome: 'withdrawn' })
    expect((await machine.store.parts(key, 1)).map(({ outcome }) => outcome)).toEqual(['taken', 'withdrawn'])
  })
})

test('an entry that moved by another amount than was sent may be closed as a person says', async () => {
  const machine = await exportedOn(database())
  await totals(machine, [['', '03-3000', 'S', 12_300, 0]])
  await close(machine, { outcome: 'withdrawn' }, concrete)
  expect((await machine.store.parts(key, 1))[0]).toMatchObject({
    outcome: 'withdrawn',
    exceptions: [{ code: concrete.code, outcome: 'taken' }],
  })
})

test('posting that a person declares settles the budget, and says so', async () => {
  const machine = await exportedOn(database())
  await declare(machine)
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'declared', settled_version: 1 })
  const posted = machine.mails.filter(({ mail }) => mail === 'posted').map(({ to }) => to)
  expect(posted.toSorted()).toEqual(['anna', 'paula'])
  await holds(machine)
})

test('a declared settlement that Sage’s totals agree with becomes verified', async () => {
  const machine = await exportedOn(database())
  await declare(machine)
  await totals(machine, amounts(clinicLines))
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
  await holds(machine)
})

test('an export closed with nothing taken goes back unlocked, and its posters hear do not import', async () => {
  const machine = await exportedOn(database())
  await close(machine, { outcome: 'withdrawn' })
  expect(await head(machine)).toMatchObject({ erp: 'rejected', edit: 'unlocked' })
  expect(machine.mails.filter(({ mail }) => mail === 'do_not_import')).toMatchObject([{ to: poster }])
  await holds(machine)
})

test('posters hear do not import of a file and of its correction, each once', async () => {
  const machine = await exportedOn(database())
  await rejectSome(machine, concrete)
  await receipt(machine)
  await close(machine, { outcome: 'withdrawn' })
  const mails = machine.mails.filter(({ mail }) => mail === 'do_not_import')
  expect(mails).toMatchObject([
    { to: poster, export: { number: 1, part: 1 } },
    { to: poster, export: { number: 1, part: 2 } },
  ])
  expect(new Set(mails.map(({ id }) => id)).size).toBe(2)
})

test('an export closed with some lines taken stays locked, and the next export holds the rest', async () => {
  const machine = await exportedOn(database())
  await close(machine, { outcome: 'withdrawn' }, concrete)
  const after = await head(machine)
  expect(after).toMatchObject({ erp: 'update_pending', edit: 'locked', settled_version: 1 })
  const position = await ledgerPosition(machine, key, after)
  expect(position.map(({ code, original }) => [code.cost_type, original])).toEqual([['S', 32_500_000]])
  await holds(machine)
})

test('an export closed with every line taken is synced, and stands as closed', async () => {
  const machine = await exportedOn(database())
  await close(machine, { outcome: 'taken' })
  expect(await head(machine)).toMatchObject({ erp: 'synced', edit: 'locked' })
  expect(await machine.store.export(key, 1)).toMatchObject({ settled_as: 'closed' })
  const { event } = (await lastEvent(machine))!
  expect(event).toBe('closed')
  await holds(machine)
})

test('an export closed as taken in the other mode counts in that mode', async () => {
  const machine = await exportedOn(database())
  await close(machine, { outcome: 'taken', mode: 'approved_estimate_change' })
  const position = await ledgerPosition(machine, key, await head(machine))
  expect(position.every(({ original, changes }) => original === 0 && changes !== 0)).toBe(true)
  await holds(machine)
})

test('posters are reminded from day three on, once a day', async () => {
  const machine = await exportedOn(database())
  await machine.pass(days(3) - 1_000)
  expect(machine.mails.filter(({ mail }) => mail === 'not_posted')).toHaveLength(0)
  await machine.pass(days(2) + 2_000)
  const told = machine.mails.filter(({ mail }) => mail === 'not_posted')
  expect([told.length, new Set(told.map(({ id }) => id)).size]).toEqual([3, 3])
  await holds(machine)
})
