import { readFileSync } from 'node:fs'
import type { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { type Gateway, handOver } from '../../functions/sage-connector/gateway/hand-over.ts'
import { Altered } from '../../shared/store/errors.ts'
import type { SageCompany } from '../../shared/domain/sage-company.ts'
import { sentOn } from '../statemachines/cycle/carried.ts'
import { accept, exporting, failure, giveBack, key, retry, sageId } from '../statemachines/cycle/clinic.ts'
import type { CycleMachine } from '../statemachines/cycle/machine.ts'
import { useMemoryDatabase } from '../store/use-local.ts'

const database = useMemoryDatabase()

const agentQueue = 'http://queues/agent.fifo'
const eventsQueue = 'http://queues/events.fifo'

function gatewayOf(machine: CycleMachine, agentQueues = { 'northwind/nw-main': agentQueue }) {
  const told: SendMessageCommand['input'][] = []
  const queue = {
    send: async ({ input }: SendMessageCommand) => await Promise.resolve(void told.push(input)),
  } as unknown as SQSClient
  const logged: unknown[] = []
  const write = (...line: unknown[]) => void logged.push(line)
  const logger = { info: write, warn: write, error: write }
  const gateway: Gateway = { ...machine, queue, sageEventsQueue: eventsQueue, agentQueues, logger }
  return { gateway, told, logged }
}

async function exportingMachine(but: Partial<SageCompany> = {}): Promise<CycleMachine> {
  const machine = await sentOn(database())
  const sage = await machine.companies.sageCompany(key.company, sageId)
  await machine.companies.putSageCompany(key.company, { ...sage!, ...but }, 'system')
  await accept(machine)
  return machine
}

const bodyOf = ({ messages }: CycleMachine, index = 0): { [key: string]: unknown } =>
  JSON.parse(messages[index]?.MessageBody ?? '{}') as { [key: string]: unknown }

test('a message goes to its Sage company’s own agent, under one id however often it comes', async () => {
  const machine = await exportingMachine()
  const { gateway, told } = gatewayOf(machine)
  expect(await handOver(gateway, bodyOf(machine))).toBe('to_agent')
  expect(await handOver(gateway, bodyOf(machine))).toBe('to_agent')
  const asItCame = {
    QueueUrl: agentQueue,
    MessageBody: JSON.stringify(bodyOf(machine)),
    MessageGroupId: 'nw-main',
    MessageDeduplicationId: 'northwind-clinic-e1-1',
  }
  expect(told).toEqual([asItCame, asItCame])
})

/** What the gateway reports of the first file, as the budget hears it. */
const reported = ({ MessageBody = '' }: { MessageBody?: string | undefined } = {}): unknown =>
  JSON.parse(MessageBody)
const firstFile = { v: 1, ...key, export: 1, part: 1, attempt: 1 }
const failed = (why: string) => ({
  ...firstFile,
  kind: 'failure',
  messages: [why],
  nothing_written: true,
  claim: 0,
})

test('a file drop is received at once: its file waits on the posting page', async () => {
  const machine = await exportingMachine({ connector: 'file_drop' })
  const { gateway, told, logged } = gatewayOf(machine)
  expect(await handOver(gateway, bodyOf(machine))).toBe('file_drop')
  const sha256 = (await exporting(machine)).part.file_sha256
  expect(told.map(reported)).toEqual([
    { ...firstFile, kind: 'receipt', sha256, where: 'the posting page', by: 'file drop' },
  ])
  expect(told[0]?.QueueUrl).toBe(eventsQueue)
  const line = { outcome: 'file_drop', ...key, export: 'clinic-e1', attempt: 1, part: 1, sha256 }
  expect(logged).toEqual([['export message handed over', line]])
})

test('a file drop needs no queue of an agent', async () => {
  const machine = await exportingMachine({ connector: 'file_drop' })
  const { gateway } = gatewayOf(machine, {} as never)
  expect(await handOver(gateway, bodyOf(machine))).toBe('file_drop')
})

const notSetUp = 'No connector is set up for nw-main. Set one up and retry.'

test('a Sage company whose agent has no queue fails, and says what to set up', async () => {
  const machine = await exportingMachine()
  const { gateway, told } = gatewayOf(machine, {} as never)
  expect(await handOver(gateway, bodyOf(machine))).toBe('failed')
  expect(told.map(({ QueueUrl }) => QueueUrl)).toEqual([eventsQueue])
  expect(told.map(reported)).toEqual([failed(notSetUp)])
})

test('a Sage company that is there no more fails, and says what to set up', async () => {
  const machine = await exportingMachine()
  const { gateway, told } = gatewayOf(machine)
  const companies = { ...gateway.companies, sageCompany: async () => await Promise.resolve(undefined) }
  expect(await handOver({ ...gateway, companies }, bodyOf(machine))).toBe('failed')
  expect(told.map(reported)).toEqual([failed(notSetUp)])
})

/** The message with this in its one part. */
function withPart(machine: CycleMachine, but: object): object {
  const body = bodyOf(machine) as { parts: [object] }
  return { ...body, parts: [{ ...body.parts[0], ...but }] }
}

test.each([
  ['project', (machine: CycleMachine) => ({ ...bodyOf(machine), project: 'none' })],
  ['export', (machine: CycleMachine) => ({ ...bodyOf(machine), exportId: 'clinic-e2' })],
  ['part', (machine: CycleMachine) => withPart(machine, { part: 2 })],
  ['file', (machine: CycleMachine) => withPart(machine, { sha256: 'a'.repeat(64) })],
])('a message of another %s than is exporting is superseded, and delivers nothing', async (_, body) => {
  const machine = await exportingMachine()
  const { gateway, told } = gatewayOf(machine)
  expect(await handOver(gateway, body(machine))).toBe('superseded')
  expect(told).toEqual([])
})

const unreadable = (gateway: Gateway, error: Error): Gateway => ({
  ...gateway,
  objects: { ...gateway.objects, getFile: async () => await Promise.reject(error) },
})

test('a file that is not stored any more as it was accepted fails at once, and nothing is delivered', async () => {
  const machine = await exportingMachine()
  const { gateway, told, logged } = gatewayOf(machine)
  const error = new Altered('The bytes are not those that were put')
  const altered = unreadable(gateway, error)
  expect(await handOver(altered, bodyOf(machine))).toBe('failed')
  expect(told.map(({ QueueUrl }) => QueueUrl)).toEqual([eventsQueue])
  expect(told.map(reported)).toEqual([
    failed(
      'File 1 is not stored any more as it was accepted. Nothing was delivered; return the export, and send the budget again.',
    ),
  ])
  expect(logged[0]).toEqual(['stored data altered', { ...key, export: 'clinic-e1', part: 1, error }])
})

test('a bucket that cannot be read now is asked again, and nothing is reported', async () => {
  const machine = await exportingMachine()
  const { gateway, told } = gatewayOf(machine)
  const busy = unreadable(gateway, new Error('SlowDown'))
  await expect(handOver(busy, bodyOf(machine))).rejects.toThrow('SlowDown')
  expect(told).toEqual([])
})

test('a message of an earlier attempt delivers nothing', async () => {
  const machine = await exportingMachine()
  await failure(machine)
  await retry(machine)
  const { gateway, told } = gatewayOf(machine)
  expect(await handOver(gateway, bodyOf(machine, 0))).toBe('superseded')
  expect(told).toEqual([])
  expect(await handOver(gateway, bodyOf(machine, 1))).toBe('to_agent')
})

test('a message of an export that was returned delivers nothing', async () => {
  const machine = await exportingMachine()
  await failure(machine)
  await giveBack(machine)
  const { gateway, told } = gatewayOf(machine)
  expect(await handOver(gateway, bodyOf(machine))).toBe('superseded')
  expect(told).toEqual([])
})

test('a superseded message is logged with the file that it was for, in the words that its runbook asks for', async () => {
  const machine = await exportingMachine()
  const sha256 = (await exporting(machine)).part.file_sha256
  await failure(machine)
  await retry(machine)
  const { gateway, logged } = gatewayOf(machine)
  await handOver(gateway, bodyOf(machine, 0))
  const file = { ...key, export: 'clinic-e1', attempt: 1, part: 1, sha256 }
  expect(logged).toEqual([['export message superseded', { outcome: 'superseded', ...file }]])
  expect(readFileSync('docs/runbooks/sage-exports-not-delivered.md', 'utf8')).toContain(
    'filter message = "export message superseded"',
  )
})

test.each([{ v: 2 }, { token: 'x' }, { parts: [] }, { company: 'other-company' }])(
  'a message with %j is refused or delivers nothing',
  async (wrong) => {
    const machine = await exportingMachine()
    const { gateway, told } = gatewayOf(machine)
    await handOver(gateway, { ...bodyOf(machine), ...wrong }).catch(() => undefined)
    expect(told).toEqual([])
  },
)
