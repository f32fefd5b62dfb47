import { expect, test } from 'vitest'
import { ZodError } from 'zod'
import type { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { takeSageEvent } from '../../functions/sage-events/index.ts'
import { Instant } from '../../shared/domain/ids.ts'
import { reportSageEvent } from '../../shared/sage/report-sage-event.ts'
import { claimPart } from '../../shared/exporting/claim-part.ts'
import { retryExport } from '../../shared/exporting/retry-export.ts'
import { Later } from '../../shared/store/errors.ts'
import type { SageEvent } from '../../shared/sage/sage-event.ts'
import { exportedOn, sentOn } from '../statemachines/cycle/carried.ts'
import {
  accept,
  amounts,
  approver,
  clinicLines,
  exporting,
  failure,
  giveBack,
  head,
  key,
  sageId,
} from '../statemachines/cycle/clinic.ts'
import { type CycleMachine, cycleMachine } from '../statemachines/cycle/machine.ts'
import { useMemoryDatabase } from '../store/use-local.ts'

const database = useMemoryDatabase()

const totalsEvent = {
  v: 1,
  kind: 'totals',
  company: key.company,
  sage_company: sageId,
  job: '24-1007',
} as const

async function aboutOf(machine: CycleMachine) {
  const { open, part } = await exporting(machine)
  return { v: 1, ...key, export: open.number, part: part.part, attempt: open.attempt } as const
}

async function receiptOf(machine: CycleMachine) {
  const { file_sha256: sha256 } = (await exporting(machine)).part
  return { ...(await aboutOf(machine)), kind: 'receipt', sha256, where: 'folder', by: 'agent' } as const
}

const failureOf = async (machine: CycleMachine) =>
  ({ ...(await aboutOf(machine)), kind: 'failure', messages: ['No disk.'] }) as const

async function exportingMachine(): Promise<CycleMachine> {
  const machine = await sentOn(database())
  await accept(machine)
  return machine
}

const signalsOf = async ({ store }: CycleMachine) =>
  (await store.signals(key, 1)).map(({ kind }) => kind).filter((kind) => kind !== 'send')

test('a receipt that comes twice is one receipt and one signal', async () => {
  const machine = await exportingMachine()
  const event = await receiptOf(machine)
  expect(await takeSageEvent(machine, event)).toBe('recorded, awaiting_posting')
  expect(await takeSageEvent(machine, event)).toBe('known')
  expect(await signalsOf(machine)).toEqual(['accepted', 'receipt'])
})

test('a failure that comes twice is one failure and one signal', async () => {
  const machine = await exportingMachine()
  const event = await failureOf(machine)
  expect(await takeSageEvent(machine, event)).toBe('recorded')
  expect(await takeSageEvent(machine, event)).toBe('known')
  expect(await signalsOf(machine)).toEqual(['accepted', 'failure'])
})

test('a failure after the receipt of the same attempt changes nothing', async () => {
  const machine = await exportingMachine()
  await takeSageEvent(machine, await receiptOf(machine))
  const before = await kept(machine)
  expect(await takeSageEvent(machine, await failureOf(machine))).toBe('late')
  expect(await kept(machine)).toEqual(before)
})

/** What is stored of the budget, its parts and its history. */
const kept = async (machine: CycleMachine) => [
  await head(machine),
  await machine.store.parts(key, 1),
  await machine.store.history(key, { limit: 1000 }),
]

const toldLast = async ({ store }: CycleMachine) => ({
  history: (await store.history(key, { limit: 1000 })).at(-1),
  signal: (await store.signals(key, 1)).at(-1),
})

/** A second attempt, after the failure of one that an agent had taken or had not. */
async function retried(request: string, taken = false): Promise<CycleMachine> {
  const machine = await exportingMachine()
  if (taken) await claimed(machine)
  await failure(machine)
  await retryExport(machine, { by: approver, request }, { key, export: 1 })
  await machine.settle()
  return machine
}

const claimed = async (machine: CycleMachine) => {
  const { attempt } = (await exporting(machine)).open
  await claimPart(machine, { by: 'connector' }, { key, export: 1, part: 1, attempt, agent: 'agent' })
}

const second = { export: 1, part: 1, attempt: 2 }

test('a receipt is kept with its file, in the history and for the workflow, as it was told', async () => {
  const machine = await retried('asked-again')
  await takeSageEvent(machine, await receiptOf(machine))
  const told = { attempt: 2, where: 'folder', by: 'agent' }
  expect((await exporting(machine)).part.receipt).toEqual({ ...told, at: machine.clock.now() })
  expect(await toldLast(machine)).toMatchObject({
    history: { event: 'receipt', by: 'connector', request: 'asked-again', detail: { ...second, ...told } },
    signal: { kind: 'receipt', reference: second },
  })
})

test('a failure is kept with its file, in the history and for the workflow, as it was told', async () => {
  const machine = await retried('asked-again')
  const said = {
    messages: ['No disk.', 'No tape.'],
    lines: [{ code: clinicLines[0]!.code, message: 'It is closed.' }],
    nothing_written: true,
  }
  await takeSageEvent(machine, { ...(await failureOf(machine)), ...said })
  const { failure: stored } = (await exporting(machine)).part
  expect(stored).toEqual({ ...said, attempt: 2, at: machine.clock.now(), by: 'connector' })
  const detail = { ...second, messages: 2, nothing_written: true }
  expect(await toldLast(machine)).toMatchObject({
    history: { event: 'failure', by: 'connector', request: 'asked-again', detail },
    signal: { kind: 'failure', reference: second },
  })
})

test.each([
  ['that does not say whether anything was written', 'stays', false, undefined],
  ['that wrote nothing', 'is gone', false, true],
  ['that wrote nothing, after one that does not say so', 'stays', true, true],
])('after a failure %s the claim of the file %s', async (_, claim, before, nothing_written) => {
  const machine = await retried('asked-again', before)
  await claimed(machine)
  const event = await failureOf(machine)
  await takeSageEvent(machine, { ...event, ...(nothing_written && { nothing_written }) })
  const { part } = await exporting(machine)
  expect(part.failure?.nothing_written).toBe(nothing_written === true)
  expect(part.claim?.attempt).toBe(claim === 'stays' ? 2 : undefined)
})

test.each([
  [1, undefined, true],
  [1, 1, true],
  [1, 0, false],
  [2, undefined, false],
  [2, 1, false],
  [2, 2, true],
])('where claim %i stands, nothing written of claim %s is believed: %s', async (claims, claim, believed) => {
  const machine = await exportingMachine()
  for (let n = 0; n < claims; n += 1) await claimed(machine)
  await takeSageEvent(machine, {
    ...(await failureOf(machine)),
    nothing_written: true,
    ...(claim !== undefined && { claim }),
  })
  const { part } = await exporting(machine)
  expect([part.failure?.nothing_written, part.claim === undefined]).toEqual([believed, believed])
})

test('that a file was never handed to an agent again says nothing of an attempt before, which one had claimed', async () => {
  const machine = await exportingMachine()
  await claimed(machine)
  await takeSageEvent(machine, await failureOf(machine))
  await machine.settle()
  await retryExport(machine, { by: approver }, { key, export: 1 })
  await machine.settle()
  await takeSageEvent(machine, { ...(await failureOf(machine)), nothing_written: true, claim: 0 })
  const { part } = await exporting(machine)
  expect([part.failure?.nothing_written, part.claim?.attempt]).toEqual([true, 1])
})

test('a receipt that comes before its failure was carried out is kept, and told to nobody', async () => {
  const machine = await exportingMachine()
  const event = await receiptOf(machine)
  await takeSageEvent(machine, await failureOf(machine))
  expect(await takeSageEvent(machine, event)).toBe('late')
  expect((await exporting(machine)).part.receipt).toMatchObject({ attempt: 1 })
  expect(await signalsOf(machine)).toEqual(['accepted', 'failure'])
})

test.each(['receipt', 'failure'] as const)(
  'a %s of a budget that is not exporting is late, whatever is stored of its file',
  async (kind) => {
    const machine = await exportingMachine()
    const event = await (kind === 'receipt' ? receiptOf(machine) : failureOf(machine))
    await machine.store.decide(key, (standing) => ({
      answer: undefined,
      commit: {
        head: { ...standing!, erp: 'exported' },
        history: [{ event: 'waited', by: 'clock', detail: { export: 1, attempt: 1 } }],
      },
    }))
    expect(await takeSageEvent(machine, event)).toBe('late')
    expect(await signalsOf(machine)).toEqual(['accepted'])
  },
)

test.each(['receipt', 'failure'] as const)(
  'a %s of a budget that is not there, or of another file or attempt than is due, changes nothing',
  async (kind) => {
    const machine = await retried('asked-again')
    const [event, otherFile] =
      kind === 'receipt'
        ? [await receiptOf(machine), [{ sha256: 'a'.repeat(64) }]]
        : [await failureOf(machine), []]
    const before = await kept(machine)
    for (const wrong of [{ project: 'none' }, { export: 2 }, { part: 2 }, { attempt: 1 }, ...otherFile])
      expect(await takeSageEvent(machine, { ...event, ...wrong })).toBe('superseded')
    expect(await kept(machine)).toEqual(before)
  },
)

async function withdrawnOf(machine: CycleMachine) {
  const event = await receiptOf(machine)
  await takeSageEvent(machine, await failureOf(machine))
  await machine.settle()
  await giveBack(machine)
  return { ...event, kind: 'withdrawn', where: 'folder/withdrawn' } as const
}

test('that a withdrawn file lies in its folder no more is kept once, as it was told', async () => {
  const machine = await exportingMachine()
  const event = await withdrawnOf(machine)
  expect(await takeSageEvent(machine, event)).toBe('recorded')
  const after = await kept(machine)
  const [part] = await machine.store.parts(key, 1)
  expect(part).toMatchObject({ outcome: 'withdrawn', withdrawn_from_folder: machine.clock.now() })
  expect((await toldLast(machine)).history).toMatchObject({
    event: 'file_withdrawn',
    by: 'connector',
    detail: { export: 1, part: 1, attempt: 1, where: 'folder/withdrawn', by: 'agent' },
  })
  await machine.pass(1_000)
  expect(await takeSageEvent(machine, event)).toBe('known')
  expect(await kept(machine)).toEqual(after)
})

test('a file that somebody may still import, or another than was withdrawn, is not taken for withdrawn', async () => {
  const machine = await exportingMachine()
  const due = { ...(await receiptOf(machine)), kind: 'withdrawn' } as const
  expect(await takeSageEvent(machine, due)).toBe('superseded')
  const event = await withdrawnOf(machine)
  const before = await kept(machine)
  for (const wrong of [{ project: 'none' }, { export: 2 }, { part: 2 }, { sha256: 'a'.repeat(64) }])
    expect(await takeSageEvent(machine, { ...event, ...wrong })).toBe('superseded')
  expect(await kept(machine)).toEqual(before)
})

test('Sage read before the receipt came is compared as soon as it comes', async () => {
  const machine = await exportingMachine()
  await machine.companies.putJobTotals(key.company, sageId, {
    job: '24-1007',
    as_of: Instant.parse('2026-01-06T00:00:00.000Z'),
    totals: amounts(clinicLines).map(([extra, cost_code, category, original]) => ({
      extra,
      cost_code,
      category,
      original: original as never,
      changes: 0 as never,
    })),
  })
  expect(await takeSageEvent(machine, await receiptOf(machine))).toBe('recorded, posted')
  await machine.settle()
  expect(await head(machine)).toMatchObject({ erp: 'synced', confirmed: 'verified' })
})

test('totals of a job that no project is linked to wait for nothing', async () => {
  const machine = await cycleMachine(database())
  expect(await takeSageEvent(machine, { ...totalsEvent, job: '99-9999' })).toBe('nothing_waits')
})

test('totals read while nothing is with accounting change nothing', async () => {
  const machine = await exportingMachine()
  await failure(machine)
  const before = await head(machine)
  expect(await takeSageEvent(machine, totalsEvent)).toBe('nothing_waits')
  expect(await head(machine)).toEqual(before)
})

test('a report that is not understood is refused', async () => {
  const machine = await exportedOn(database())
  for (const wrong of [{}, { ...totalsEvent, more: 1 }, { ...totalsEvent, v: 2 }])
    await expect(takeSageEvent(machine, wrong)).rejects.toThrow(ZodError)
})

async function messageOf(event: SageEvent) {
  const sentNow: SendMessageCommand['input'][] = []
  const queue = {
    send: async ({ input }: SendMessageCommand) => await Promise.resolve(void sentNow.push(input)),
  } as unknown as SQSClient
  await reportSageEvent(queue, 'http://queues/events', event)
  return sentNow[0]!
}

const reading = (as_of?: string): SageEvent => ({
  ...totalsEvent,
  ...(as_of !== undefined && { as_of: Instant.parse(as_of) }),
})

test('one reading of totals is one message however often it is sent, and the next reading is another', async () => {
  const [first, again, next] = await Promise.all(
    ['2026-01-05T09:00:00.000Z', '2026-01-05T09:00:00.000Z', '2026-01-05T09:05:00.000Z'].map(
      async (as_of) => await messageOf(reading(as_of)),
    ),
  )
  expect(again?.MessageDeduplicationId).toBe(first?.MessageDeduplicationId)
  expect(next?.MessageDeduplicationId).not.toBe(first?.MessageDeduplicationId)
})

test('totals of one job keep their order, beside those of another job', async () => {
  const one = await messageOf(reading())
  const other = await messageOf({ ...reading(), job: '24-1008' } as SageEvent)
  expect((await messageOf(reading())).MessageGroupId).toBe(one.MessageGroupId)
  expect(other.MessageGroupId).not.toBe(one.MessageGroupId)
})

test('a queue that does not answer is told to come later, as a busy table is', async () => {
  const silent = Object.assign(new Error('It did not answer.'), { name: 'TimeoutError' })
  const queue = { send: async () => await Promise.reject(silent) } as unknown as SQSClient
  await expect(reportSageEvent(queue, 'http://queues/events', totalsEvent)).rejects.toBeInstanceOf(Later)
})
