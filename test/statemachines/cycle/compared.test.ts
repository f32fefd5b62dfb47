import { expect, test } from 'vitest'
import { compareTotals } from '../../../shared/exporting/compare-totals.ts'
import { confirmPosted } from '../../../shared/exporting/confirm-posted.ts'
import { useMemoryDatabase } from '../../store/use-local.ts'
import { clinicOn, exportedOn, sentOn } from './carried.ts'
import {
  accept,
  amounts,
  change,
  changedLines,
  clinicLines,
  command,
  declare,
  declared,
  exporting,
  failure,
  head,
  key,
  labor,
  type Moved,
  read,
  receipt,
  sageId,
  stop,
  totals,
} from './clinic.ts'
import { days } from './days.ts'
import type { CycleMachine } from './machine.ts'

// What a reading of Sage's totals comes to, by where the budget stands then.

const database = useMemoryDatabase()
const job = { company: key.company, sage_company: sageId, job: '24-1007' }

async function declaredOn(): Promise<CycleMachine> {
  const machine = await exportedOn(database())
  await machine.pass(1_000)
  await declare(machine)
  return machine
}

/** A file with accounting, after something was said or read of it. */
const exportedAnd = async (then: (machine: CycleMachine) => Promise<void>): Promise<CycleMachine> => {
  const machine = await exportedOn(database())
  await then(machine)
  return machine
}

const twice = amounts(clinicLines, 2)
const some = amounts([labor])

test.each<[string, () => Promise<CycleMachine>, readonly Moved[], string]>([
  ['a budget that was never exported', async () => await clinicOn(database()), some, 'nothing_waits'],
  [
    'a file that is not delivered yet',
    async () => {
      const machine = await sentOn(database())
      await accept(machine)
      return machine
    },
    amounts(clinicLines),
    'nothing_waits',
  ],
  [
    'a file that came after its failure was told',
    async () => {
      const machine = await sentOn(database())
      await accept(machine)
      await failure(machine)
      await receipt(machine)
      return machine
    },
    amounts(clinicLines),
    'nothing_waits',
  ],
  [
    'a first file that a person confirmed just now',
    async () => {
      const machine = await exportedOn(database(), changedLines)
      await declared(machine)
      return machine
    },
    amounts(clinicLines),
    'nothing_waits',
  ],
  [
    'a file whose totals were never read before',
    async () => await exportedOn(database(), clinicLines, { read: false }),
    amounts(clinicLines),
    'not_comparable',
  ],
  ['a file of which nothing moved', async () => await exportedOn(database()), [], 'awaiting_posting'],
  [
    'a file whose import stopped, of which nothing moved',
    async () => await exportedAnd(stop),
    [],
    'unchanged',
  ],
  [
    'a stale file of which nothing moved',
    async () => await exportedAnd(async (machine) => await machine.pass(days(4))),
    [],
    'unchanged',
  ],
  ['a file of which some moved', async () => await exportedOn(database()), some, 'partly'],
  [
    'a file of which the same has moved as before',
    async () => await exportedAnd(async (machine) => await totals(machine, some)),
    some,
    'unchanged',
  ],
  [
    'a file that is out of Sage again',
    async () => await exportedAnd(async (machine) => await totals(machine, some)),
    [],
    'awaiting_posting',
  ],
  [
    'a file of which some had moved just before, and is out of Sage again',
    async () => await exportedAnd(async (machine) => void (await read(machine, some))),
    [],
    'awaiting_posting',
  ],
  [
    'a settled export whose totals were never read before',
    async () => {
      const machine = await exportedOn(database(), clinicLines, { read: false })
      await declare(machine)
      return machine
    },
    amounts(clinicLines),
    'not_comparable',
  ],
  ['a settled export that Sage shows', declaredOn, amounts(clinicLines), 'posted'],
  ['a settled export of which Sage shows some so far', declaredOn, some, 'not_comparable'],
  ['a settled export that Sage shows twice', declaredOn, twice, 'drift'],
  [
    'a settled export that Sage still shows twice',
    async () => {
      const machine = await declaredOn()
      await totals(machine, twice)
      return machine
    },
    twice,
    'unchanged',
  ],
])('a reading of %s is told as what it is', async (_, begin, rows, answer) => {
  const machine = await begin()
  expect(await read(machine, rows)).toBe(answer)
})

test('of a job that no project is linked to nothing is told', async () => {
  const machine = await exportedOn(database())
  expect(await compareTotals(machine, { ...job, job: '99-9999' })).toBe('nothing_waits')
})

test('a reading that comes while a further export is opened concludes nothing of the one before', async () => {
  const machine = await declaredOn()
  await change(machine, 1, 500)
  await command(machine, 'send')
  const before = await head(machine)
  await accept(machine)
  const store = { ...machine.store, head: async () => await Promise.resolve(before) }
  expect(await compareTotals({ ...machine, store }, job)).toBe('nothing_waits')
})

const readings = async ({ store }: CycleMachine) =>
  (await store.history(key, { limit: 100 })).flatMap(({ event, by, detail }) =>
    event === 'read_back' ? [{ by, ...detail }] : [],
  )

test('history keeps what a reading of a settled export showed, once, and that it is over', async () => {
  const machine = await declaredOn()
  const of = { export: 1, part: 1, by: 'connector' }
  await totals(machine, twice)
  await totals(machine, twice)
  expect(await readings(machine)).toEqual([{ ...of, observation: 'drift' }])
  await totals(machine, amounts(clinicLines))
  await totals(machine, amounts(clinicLines))
  expect(await readings(machine)).toEqual([
    { ...of, observation: 'drift' },
    { ...of, observation: 'posted' },
  ])
})

test('each drift is a mail of its own, about the file that was read', async () => {
  const machine = await declaredOn()
  await totals(machine, twice)
  await totals(machine, amounts(clinicLines, 3))
  const mails = machine.mails.filter(({ mail }) => mail === 'mismatch')
  expect(mails.map((mail) => mail.export)).toEqual([
    { number: 1, part: 1 },
    { number: 1, part: 1 },
  ])
  expect(new Set(mails.map(({ id }) => id)).size).toBe(2)
})

/** The next export, of a change, is with accounting. */
async function exportedAgain(machine: CycleMachine): Promise<void> {
  await change(machine, 1, 500)
  await command(machine, 'send')
  await accept(machine)
  await receipt(machine)
}

/** An export of a change after a verified first, with accounting. */
async function changeExported(): Promise<CycleMachine> {
  const machine = await exportedOn(database())
  await totals(machine, amounts(clinicLines))
  await exportedAgain(machine)
  return machine
}

const changeInTheOtherBox = amounts(clinicLines).map(
  ([extra, code, category, original, changes], i): Moved => [
    extra,
    code,
    category,
    i === 1 ? original + 500 : original,
    changes,
  ],
)

test('a change that was confirmed and stands in the original estimate may be acknowledged as it stands', async () => {
  const machine = await changeExported()
  await machine.pass(1_000)
  await declare(machine)
  await totals(machine, changeInTheOtherBox)
  const [part] = await machine.store.parts(key, 2)
  expect(part?.observation).toMatchObject({
    kind: 'drift',
    what_to_do: expect.stringContaining('Or acknowledge with a note') as string,
  })
})

test.each<[string, () => Promise<CycleMachine>, readonly Moved[]]>([
  ['in part', async () => await exportedOn(database()), some],
  ['twice', async () => await exportedOn(database()), twice],
  [
    'in the changes',
    async () => await exportedOn(database()),
    amounts(clinicLines).map(([extra, code, category, original]): Moved => [
      extra,
      code,
      category,
      0,
      original,
    ]),
  ],
  ['in the original estimate', changeExported, changeInTheOtherBox],
  [
    'by other amounts',
    async () => await exportedOn(database()),
    amounts(clinicLines).map(([extra, code, category]): Moved => [extra, code, category, 7, 0]),
  ],
])('a file that Sage shows %s is not confirmed as posted', async (_, begin, rows) => {
  const machine = await begin()
  await totals(machine, rows)
  const { part } = await exporting(machine)
  await expect(declare(machine)).rejects.toMatchObject({
    refusal: {
      code: 'READ_BACK_CONTRADICTS',
      sentence: `Sage's totals say otherwise: ${part.observation!.sentence}`,
      what_to_do: part.observation!.what_to_do,
    },
  })
})

/** Two exports that a person confirmed; the second is not settled yet. */
async function twoDeclared(): Promise<CycleMachine> {
  const machine = await exportedOn(database(), clinicLines, { read: false })
  await declare(machine)
  await exportedAgain(machine)
  await declared(machine)
  return machine
}

test.each([
  ['declared', declare],
  [
    'verified',
    async (machine: CycleMachine) => {
      const rows =
        (await exporting(machine)).part.part === 1 ? amounts(clinicLines) : amounts(changedLines, 1, true)
      await totals(machine, rows)
    },
  ],
])('of two files, each keeps when it was %s', async (how, say) => {
  const machine = await exportedOn(database(), changedLines)
  await say(machine)
  await receipt(machine)
  const [first] = await machine.store.parts(key, 1)
  await machine.pass(1_000)
  await say(machine)
  const parts = await machine.store.parts(key, 1)
  expect(parts.map(({ posted }) => posted?.how)).toEqual([how, how])
  expect(parts[0]?.posted).toEqual(first?.posted)
  const rows = await machine.store.history(key, { limit: 100 })
  expect(rows.filter(({ event }) => event === `posted_${how}`)).toHaveLength(2)
})

const verify = async (machine: CycleMachine, number: number) =>
  await confirmPosted(machine, { by: 'connector' }, { key, export: number, part: 1, how: 'verified' })

test('an older export that is verified verifies no other, and is told once', async () => {
  const machine = await twoDeclared()
  await machine.settle()
  await verify(machine, 1)
  await verify(machine, 1)
  const told = (await machine.store.history(key, { limit: 100 })).flatMap(({ event, detail }) =>
    event === 'posted_verified' ? [detail] : [],
  )
  expect([(await head(machine)).confirmed, told]).toEqual(['declared', [{ export: 1, parts: [1] }]])
})

test('of two files that a person confirmed, the first alone is verified where only it is', async () => {
  const machine = await exportedOn(database(), changedLines)
  await declare(machine)
  const how = async () => (await machine.store.parts(key, 1)).map(({ posted }) => posted?.how)
  await verify(machine, 1)
  expect(await how()).toEqual(['verified', undefined])
  await receipt(machine)
  await declare(machine)
  await verify(machine, 1)
  expect(await how()).toEqual(['verified', 'declared'])
})

test('a reading that shows the first file says nothing of the second, which a person confirmed', async () => {
  const machine = await exportedOn(database(), changedLines)
  await declare(machine)
  await receipt(machine)
  await declare(machine)
  await verify(machine, 1)
  expect((await machine.store.parts(key, 1)).map(({ posted }) => posted?.how)).toEqual([
    'verified',
    'declared',
  ])
  expect((await head(machine)).confirmed).toBe('declared')
})

test('an export is verified once it is settled, and no sooner', async () => {
  const machine = await twoDeclared()
  await verify(machine, 2)
  const before = (await head(machine)).confirmed
  await machine.settle()
  expect([before, (await head(machine)).confirmed]).toEqual(['declared', 'verified'])
})
