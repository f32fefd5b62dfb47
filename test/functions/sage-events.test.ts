import { expect, test } from 'vitest'
import { ZodError } from 'zod'
import type { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { takeSageEvent } from '../../functions/sage-events/index.ts'
import { Instant } from '../../shared/domain/ids.ts'
import { reportSageEvent } from '../../shared/sage/report-sage-event.ts'
import { Later } from '../../shared/store/errors.ts'
import type { SageEvent } from '../../shared/sage/sage-event.ts'
import { exportedOn, sentOn } from '../statemachines/cycle/carried.ts'
import {
  accept,
  amounts,
  clinicLines,
  exporting,
  failure,
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

async function receiptOf(machine: CycleMachine) {
  const { open, part } = await exporting(machine)
  const about = { v: 1, ...key, export: open.number, part: part.part, attempt: open.attempt } as const
  return { ...about, kind: 'receipt', sha256: part.file_sha256, where: 'folder', by: 'agent' } as const
}

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
  const { v, company, project, export: number, part, attempt } = await receiptOf(machine)
  const event = {
    v,
    company,
    project,
    export: number,
    part,
    attempt,
    kind: 'failure',
    messages: ['No disk.'],
  }
  expect(await takeSageEvent(machine, event)).toBe('recorded')
  expect(await takeSageEvent(machine, event)).toBe('known')
  expect(await signalsOf(machine)).toEqual(['accepted', 'failure'])
})

test('a failure after the receipt of the same attempt changes nothing', async () => {
  const machine = await exportingMachine()
  const event = await receiptOf(machine)
  await takeSageEvent(machine, event)
  const before = await head(machine)
  const { v, company, project, export: number, part, attempt } = event
  const late = {
    v,
    company,
    project,
    export: number,
    part,
    attempt,
    kind: 'failure',
    messages: ['Too late.'],
  }
  expect(await takeSageEvent(machine, late)).toBe('late')
  expect(await head(machine)).toEqual(before)
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
