import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deliverPart } from '../../functions/sage-connector/agent/deliver-part.ts'
import { openDeliveryLedger } from '../../functions/sage-connector/agent/delivery-ledger.ts'
import { type Gateway, handOver } from '../../functions/sage-connector/gateway/hand-over.ts'
import { deleteLetter, sendBack } from '../../local/dead-letters.ts'
import { insideOf } from '../functions/agent/inside-api.ts'
import { sentOn } from '../statemachines/cycle/carried.ts'
import {
  accept,
  command,
  declare,
  failure,
  giveBack,
  head,
  key,
  receipt,
  retry,
} from '../statemachines/cycle/clinic.ts'
import { holds } from '../statemachines/cycle/invariants.ts'
import type { CycleMachine } from '../statemachines/cycle/machine.ts'
import { useMemoryDatabase } from '../store/use-local.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { killAtTheEnd, runScript } from './stack/program.ts'

// The real consumers, gateway and agent, behind real queues with dead letters. What a consumer leaves comes again at once.

const database = useMemoryDatabase()
killAtTheEnd()

let server: FauxqsServer
let sqs: SQSClient
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const endpoint = () => `http://127.0.0.1:${String(server.port)}`

beforeAll(async () => {
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  sqs = new SQSClient({
    endpoint: endpoint(),
    region: 'us-east-1',
    credentials,
    useQueueUrlAsEndpoint: false,
  })
})
afterAll(async () => {
  sqs.destroy()
  await server.stop()
})

interface Site {
  readonly machine: CycleMachine
  /** Names of the queues. */
  readonly exports: string
  readonly agent: string
  /** The two consumers, each with all that lies in its queue; answers how each message ended. */
  gatewayServes(but?: Partial<Gateway>): Promise<string[]>
  agentServes(): Promise<string[]>
  /** Names of the files that the agent wrote. */
  files(): string[]
}

let sites = 0

/** A budget on its way to Sage, its message not sent yet, and the queues from there to a folder. */
async function exportingSite(): Promise<Site> {
  const machine = await sentOn(database())
  await accept(machine)
  sites += 1
  const exports = queue(`exports-${String(sites)}`, 5)
  const agent = queue(`agent-${String(sites)}`, 10)
  const gateway: Gateway = {
    ...machine,
    queue: sqs,
    sageEventsQueue: 'http://queues/events.fifo',
    agentQueues: { 'northwind/nw-main': urlOf(agent) },
  }
  const root = temporaryFolder('dead-letters')
  const delivery = {
    api: insideOf(machine),
    ledger: openDeliveryLedger(join(root, 'state', 'deliveries.jsonl')),
    company: key.company,
    sageCompany: 'nw-main',
    folder: root,
    now: () => machine.clock.now(),
    log: () => {},
  }
  return {
    machine,
    exports,
    agent,
    gatewayServes: async (but) =>
      await serve(exports, async (body) => await handOver({ ...gateway, ...but }, body)),
    agentServes: async () => await serve(agent, async (body) => await deliverPart(delivery, body)),
    files: () =>
      readdirSync(root, { recursive: true })
        .map(String)
        .filter((name) => name.endsWith('.jce')),
  }
}

const urlOf = (name: string): string => `${endpoint()}/000000000000/${name}`
const deadOf = (name: string): string => name.replace('.fifo', '-dead.fifo')

function queue(name: string, maxReceiveCount: number): string {
  const attributes = { FifoQueue: 'true' }
  const { queueArn } = server.createQueue(`${name}-dead.fifo`, { attributes })
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn, maxReceiveCount })
  return server.createQueue(`${name}.fifo`, { attributes: { ...attributes, RedrivePolicy } }).queueName
}

async function serve(name: string, one: (body: unknown) => Promise<string>): Promise<string[]> {
  const ended: string[] = []
  for (let message = await next(name); message; message = await next(name)) {
    const { ReceiptHandle, Body = '' } = message
    const of = { QueueUrl: urlOf(name), ReceiptHandle }
    try {
      ended.push(await one(JSON.parse(Body)))
      await sqs.send(new DeleteMessageCommand(of))
    } catch (error) {
      ended.push((error as Error).name)
      await sqs.send(new ChangeMessageVisibilityCommand({ ...of, VisibilityTimeout: 0 }))
    }
  }
  return ended
}

async function next(name: string): Promise<Message | undefined> {
  const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: urlOf(name) }))
  return message
}

let ids = 0

async function put(name: string, MessageBody: string, MessageGroupId = 'job'): Promise<void> {
  ids += 1
  const MessageDeduplicationId = `put-${String(ids)}`
  await sqs.send(
    new SendMessageCommand({ QueueUrl: urlOf(name), MessageBody, MessageGroupId, MessageDeduplicationId }),
  )
}

const bodiesIn = (name: string): string[] =>
  (server.inspectQueue(name)?.messages.ready ?? []).map(({ body }) => body)

const first = ({ machine }: Site): string => machine.messages[0]!.MessageBody

const redrive = async (name: string, most = 1): Promise<number> =>
  await sendBack(sqs, { queue: name, most }, () => {})

const eventsOf = async ({ machine }: Site): Promise<string[]> =>
  (await machine.store.history(key, { limit: 100 })).map(({ event }) => event)

const doesNotAnswer = async (): Promise<never> => await Promise.reject(new Error('SlowDown'))

/** Loses the connection when a letter was sent back and is not deleted yet; the letter is free again at once. */
const breaksOff: Pick<SQSClient, 'send'> = {
  send: async (asked: unknown) => {
    if (!(asked instanceof DeleteMessageCommand)) return await sqs.send(asked as ReceiveMessageCommand)
    await sqs.send(new ChangeMessageVisibilityCommand({ ...asked.input, VisibilityTimeout: 0 }))
    throw new Error('The connection is gone')
  },
}

describe('a message that was tried too often while its file is due', () => {
  let site: Site
  beforeAll(async () => {
    site = await exportingSite()
    await put(site.exports, first(site))
    const objects = { ...site.machine.objects, getFile: doesNotAnswer }
    await site.gatewayServes({ objects })
  }, 60_000)

  test('is redriven by the command and delivered once, though a redrive before it broke off half-way', async () => {
    const { machine, exports } = site
    await expect(sendBack(breaksOff, { queue: exports, most: 1 }, () => {})).rejects.toThrow('is gone')
    expect([bodiesIn(exports), bodiesIn(deadOf(exports))]).toEqual([[first(site)], [first(site)]])

    const program = runScript('local/redrive.ts', ['--queue', exports], {
      AWS_ENDPOINT_URL_SQS: endpoint(),
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    })
    expect(await program.ended).toBe(0)
    expect(program.output()).toMatch(
      /^sent back as message \S+: company northwind, export clinic-e1, file 1, attempt 1, SHA-256 \w{64}\n1 sent back to /,
    )
    expect([await site.gatewayServes(), await site.agentServes()]).toEqual([['to_agent'], ['written']])
    expect([(await head(machine)).erp, site.files(), bodiesIn(deadOf(exports))]).toEqual([
      'exported',
      [expect.stringContaining('24-1007_clinic-e1_part1_ORIGINAL.jce')],
      [],
    ])
  })

  test('is redriven once more, to either queue: nothing is written, and there is no second receipt', async () => {
    const { machine, exports, agent } = site
    const before = [site.files(), await eventsOf(site)]
    for (const name of [exports, agent]) await put(deadOf(name), first(site))
    expect([await redrive(exports), await redrive(agent)]).toEqual([1, 1])
    await site.gatewayServes()
    expect(new Set(await site.agentServes())).toEqual(new Set(['written_before']))
    expect([site.files(), await eventsOf(site)]).toEqual(before)
    await holds(machine)
  })

  test('and is no JSON, of another form or of another company goes back to the dead letters, and holds up no other', async () => {
    const { exports, agent } = site
    const foreign = JSON.stringify({ ...(JSON.parse(first(site)) as object), company: 'other' })
    const poison = ['no JSON', '{"v":2}']
    for (const body of poison) await put(deadOf(exports), body, body)
    for (const name of [exports, agent]) await put(deadOf(name), first(site), 'clinic')
    for (const body of [...poison, foreign]) await put(deadOf(agent), body, body)
    expect([await redrive(exports, 3), await redrive(agent, 4)]).toEqual([3, 4])
    expect((await site.gatewayServes()).filter((ended) => ended === 'to_agent')).toHaveLength(1)
    expect((await site.agentServes()).filter((ended) => ended === 'written_before')).toHaveLength(1)
    expect(bodiesIn(deadOf(exports)).toSorted()).toEqual(poison.toSorted())
    expect(bodiesIn(deadOf(agent)).toSorted()).toEqual([...poison, foreign].toSorted())
  })
})

type Happens = (machine: CycleMachine) => Promise<void>

const returned: Happens = async (machine) => {
  await failure(machine)
  await giveBack(machine)
}
const sentAnew: Happens = async (machine) => {
  await returned(machine)
  await command(machine, 'lock')
  await command(machine, 'send')
  await accept(machine)
}

/** What happens to an export while its message lies among the dead letters. */
const overtaken: Readonly<Record<string, Happens>> = {
  'failed and is on its way again by a later message': async (machine) => {
    await failure(machine)
    await retry(machine)
  },
  'was returned': returned,
  'was returned, and a newer version is on its way': sentAnew,
  'was returned, and a newer version is posted': async (machine) => {
    await sentAnew(machine)
    await receipt(machine)
    await declare(machine)
  },
}

test.each(Object.entries(overtaken))(
  'a message whose export %s is refused as superseded by either consumer, and nothing is written',
  async (_, happens) => {
    const site = await exportingSite()
    const { machine, exports, agent } = site
    await happens(machine)
    const before = await eventsOf(site)
    for (const name of [exports, agent]) await put(deadOf(name), first(site))
    expect([await redrive(exports), await redrive(agent)]).toEqual([1, 1])
    expect([await site.gatewayServes(), await site.agentServes()]).toEqual([
      ['superseded'],
      ['not_ours_to_write'],
    ])
    expect([site.files(), await eventsOf(site)]).toEqual([[], before])
  },
  60_000,
)

test('a queue without an order is redriven as well, as many as asked for; one without dead letters is not', async () => {
  const { queueArn } = server.createQueue('mail-dead')
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn, maxReceiveCount: 5 })
  server.createQueue('mail', { attributes: { RedrivePolicy } })
  for (const mail of [1, 2]) server.sendMessage('mail-dead', JSON.stringify({ mail }))
  const told: string[] = []
  expect(await sendBack(sqs, { queue: 'mail', most: 1 }, (line) => told.push(line))).toBe(1)
  expect([told, bodiesIn('mail').length, bodiesIn('mail-dead').length]).toEqual([
    [expect.stringMatching(/^sent back as message \S+: \{"mail":\d\}$/)],
    1,
    1,
  ])
  await expect(redrive('mail-dead')).rejects.toThrow('mail-dead has no dead letters')
})

test('a queue that is not there is named, with those that are', async () => {
  const { exports } = await exportingSite()
  await expect(sendBack(sqs, { queue: 'elsewhere.fifo', most: 1 }, () => {})).rejects.toThrow(
    new RegExp(`^There is no queue elsewhere.fifo here. Those with dead letters: .*${exports}`),
  )
})

test('one dead letter is deleted by its number, from the middle of a queue, and the others stay', async () => {
  const name = queue('unreadable', 5)
  for (const body of ['first', 'no JSON', 'last']) await put(deadOf(name), body, body)
  const letters = server.inspectQueue(deadOf(name))?.messages.ready ?? []
  const message = letters.find(({ body }) => body === 'no JSON')?.messageId ?? ''
  expect(await deleteLetter(sqs, { queue: name, message })).toBe('no JSON')
  expect(bodiesIn(deadOf(name)).toSorted()).toEqual(['first', 'last'])
  await expect(deleteLetter(sqs, { queue: name, message })).rejects.toThrow(`has the number ${message}`)
  expect(bodiesIn(deadOf(name)).toSorted()).toEqual(['first', 'last'])
})

/** A FIFO queue's dead letters, all of one group, as SQS hands them over: together, and then none until they are let go. */
function oneGroup(numbers: string[]): Pick<SQSClient, 'send'> {
  let held: string[] = []
  const send = async (asked: unknown): Promise<unknown> => {
    if (asked instanceof GetQueueUrlCommand) return { QueueUrl: asked.input.QueueName }
    if (asked instanceof GetQueueAttributesCommand)
      return { Attributes: { RedrivePolicy: '{"deadLetterTargetArn":"arn:dead.fifo"}' } }
    if (asked instanceof DeleteMessageCommand) numbers.splice(numbers.indexOf(asked.input.ReceiptHandle!), 1)
    if (asked instanceof ChangeMessageVisibilityCommand)
      held = held.filter((number) => number !== asked.input.ReceiptHandle)
    if (!(asked instanceof ReceiveMessageCommand) || held.length > 0) return {}
    held = numbers.slice(0, asked.input.MaxNumberOfMessages)
    return { Messages: held.map((number) => ({ MessageId: number, ReceiptHandle: number, Body: number })) }
  }
  return { send: send as SQSClient['send'] }
}

test('a dead letter behind another of its group is deleted by its number as well', async () => {
  const numbers = ['one', 'two', 'three']
  expect(await deleteLetter(oneGroup(numbers), { queue: 'any.fifo', message: 'two' })).toBe('two')
  expect(numbers).toEqual(['one', 'three'])
})
