import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { SendEmailCommand } from '@aws-sdk/client-sesv2'
import type { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { Logger } from '@aws-lambda-powertools/logger'
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { apiRoutes } from '../../../functions/api/routes.ts'
import type { SageDependencies } from '../../../functions/api/dependencies.ts'
import { sendMail } from '../../../functions/mailer/send-mail.ts'
import { executionOf } from '../../../functions/relay/deliver.ts'
import { relay, type Relay } from '../../../functions/relay/index.ts'
import { review } from '../../../functions/review/index.ts'
import { handOver } from '../../../functions/sage-connector/gateway/hand-over.ts'
import { takeSageEvent } from '../../../functions/sage-events/index.ts'
import { dailySummary } from '../../../functions/schedule/daily-summary.ts'
import { nightlyCheck } from '../../../functions/schedule/nightly-check.ts'
import { sweep } from '../../../functions/schedule/sweep.ts'
import { workflowEnded } from '../../../functions/schedule/workflow-ended.ts'
import { fakeClock, type FakeClock } from '../../../local/engine/clock.ts'
import { createEngine, type Engine } from '../../../local/engine/engine.ts'
import { type Journal, memoryJournal } from '../../../local/engine/journal.ts'
import type { CallOutcome } from '../../../local/engine/service-calls.ts'
import type { Dependencies } from '../../../shared/cycle/dependencies.ts'
import { Instant } from '../../../shared/domain/ids.ts'
import { apiHandler } from '../../../shared/http/pipeline.ts'
import { reportSageEvent } from '../../../shared/sage/report-sage-event.ts'
import { createBudgetStore } from '../../../shared/store/budget-table.ts'
import { createCompanyStore } from '../../../shared/store/company-table.ts'
import { Broken, Later } from '../../../shared/store/errors.ts'
import { createMailLog } from '../../../shared/store/mail-log.ts'
import { createNights } from '../../../shared/store/nightly-table.ts'
import type { Objects } from '../../../shared/store/objects.ts'
import { createOutbox } from '../../../shared/store/outbox-table.ts'
import { createSummaries } from '../../../shared/store/summary-table.ts'
import { projectSk } from '../../../shared/store/keys.ts'
import { byState } from '../../../shared/store/table.ts'
import { clinic, key, sageId } from '../../statemachines/cycle/clinic.ts'
import { aliasArn, definition, failure, machineArn, steps } from '../../statemachines/cycle/machine.ts'
import { type MemoryObjects, memoryObjects } from '../../statemachines/cycle/memory-objects.ts'
import type { CycleMachine } from '../../statemachines/cycle/machine.ts'
import type { DrawsByStep } from './draws-by-step.ts'
import { MemoryTable } from '../../store/memory-table.ts'
import { type MailSent, takeMail } from './mail.ts'
import { Killed, Outside } from './outside.ts'
import { Queue, type QueueKept } from './queue.ts'

export const publicUrl = 'https://budgets.example.com'
const table = 'budgets'

/** What a write made of the budget's head: `locked sent` of `locked synced`. */
interface HeadChange {
  readonly from: string | undefined
  readonly to: string
}

const stateOf = (head: Record<string, AttributeValue>): string =>
  `${head['edit']?.S ?? ''} ${head[byState.sk]?.S?.split('#')[0] ?? ''}`

const quarterHour = 15 * 60_000

/** What serves queues, streams and the clock. */
export type Served = 'relay' | 'gateway' | 'events' | 'mailer' | 'sweep' | 'summary' | 'night' | 'ended'

/** The whole product in memory, over services that may fail, with time that is moved by hand. */
export interface World {
  readonly draws: DrawsByStep
  readonly outside: Outside
  readonly table: MemoryTable
  readonly time: FakeClock
  readonly engine: Engine
  /** What reads the table without any fault: for whoever checks. */
  readonly calm: Dependencies
  readonly objects: MemoryObjects
  readonly exports: Queue
  readonly events: Queue
  readonly mail: Queue
  readonly agent: Queue
  readonly stream: Record<string, AttributeValue>[]
  /** Every write of the budget's head, as states, since the last look. */
  readonly changes: HeadChange[]
  readonly mailbox: MailSent[]
  readonly logged: unknown[]
  /** What was seen broken where nobody could throw it on. */
  readonly found: Set<string>
  /** Executions that ended without an outcome, and that nobody has been told of. */
  readonly ended: object[]
  readonly api: (event: unknown) => Promise<APIGatewayProxyStructuredResultV2>
  readonly page: typeof review
  /** One turn of each of what serves queues, streams and the clock, under its own name. */
  readonly serve: Readonly<Record<Served, () => Promise<unknown>>>
  /** Lets these go on together, and what the workflow does meanwhile, until all stand still. */
  readonly together: (...acts: (() => Promise<unknown>)[]) => Promise<void>
  readonly arnOf: (execution: string) => string
  /** Everything as it is now, at rest: another world goes on from it. */
  readonly kept: () => Kept
}

const queueNames = ['exports', 'events', 'mail', 'agent'] as const

export interface Kept {
  readonly now: number
  readonly items: ReturnType<MemoryTable['kept']>
  readonly journal: Journal
  readonly objects: MemoryObjects
  readonly stream: World['stream']
  readonly queues: Readonly<Record<(typeof queueNames)[number], QueueKept>>
  readonly mailbox: readonly MailSent[]
  readonly ended: readonly object[]
}

const nameOf = (command: object): string => command.constructor.name.replace(/Command$/, '')

/** `Get BUDGET`, `TransactWrite`, `Query HISTORY`: what is asked of the table, without ids. */
function placeOf(command: { constructor: { name: string }; input: Record<string, unknown> }): string {
  const {
    Key,
    Item,
    ExpressionAttributeValues: values,
    IndexName,
  } = command.input as {
    Key?: { sk: string }
    Item?: { sk: string }
    ExpressionAttributeValues?: Record<string, string>
    IndexName?: string
  }
  const sk = IndexName ?? Key?.sk ?? Item?.sk ?? values?.[':begins'] ?? values?.[':from'] ?? ''
  return `${nameOf(command)} ${sk.split('#')[0] ?? ''}`.trim()
}

const failed = (error: unknown): CallOutcome =>
  error instanceof Killed ? { error: 'Sandbox.Timedout', cause: '{}' } : failure(error)

export async function makeWorld(draws: DrawsByStep, from?: Kept): Promise<World> {
  const outside = new Outside(draws)
  const time = fakeClock({ patience: Number.POSITIVE_INFINITY, ...(from && { start: from.now }) })
  const skews = new Map<string, number>()
  const isSkewed = draws.whole(1, 3) === 1
  /** How far the clock of a function's machine is from the time: up to a quarter of an hour, in one world of three. */
  const skew = (name: string | undefined): number => {
    if (!isSkewed || name === undefined) return 0
    const known = skews.get(name) ?? draws.whole(-quarterHour, quarterHour)
    skews.set(name, known)
    return known
  }
  const clock = {
    now: () => Instant.parse(new Date(time.now() + skew(outside.at)).toISOString()),
  }
  const changes: HeadChange[] = []
  const stream = [...(from?.stream ?? [])]
  const rows = new MemoryTable({
    onInsert: (item) => {
      if (item['sk']?.S?.startsWith('OUTBOX#')) stream.push({ ...item })
    },
    onChange: (before, after) => {
      if (after?.['sk']?.S !== projectSk.head || !after['pk']?.S?.includes(key.company)) return
      changes.push({ from: before && stateOf(before), to: stateOf(after) })
    },
  })
  if (from) rows.restore(from.items)
  const bucket = memoryObjects(from?.objects)
  const logged: unknown[] = []
  const logger = {
    info: () => undefined,
    warn: (...line: unknown[]) => void logged.push(line),
    error: (...line: unknown[]) => void logged.push(line),
  }
  const pause = async (): Promise<void> => {
    await outside.turn()
  }
  const over = (document: DynamoDBDocumentClient, objects: Objects): Dependencies => ({
    store: createBudgetStore({ document, table, clock, pause }),
    companies: createCompanyStore({ document, table, clock, objects, pause }),
    objects,
    clock,
    logger,
  })
  const document = {
    send: async (command: never) =>
      await outside.call(placeOf(command), async () => await rows.document.send(command)),
  } as unknown as DynamoDBDocumentClient
  const objects = faultyObjects(outside, bucket)
  const product = over(document, objects)
  const calm = over(rows.document, bucket)
  const now = () => time.now()
  const queues = {
    exports: new Queue('sage-exports', draws, now),
    events: new Queue('sage-events', draws, now),
    mail: new Queue('mail', draws, now),
    agent: new Queue('agent', draws, now),
  }
  for (const name of queueNames) if (from) queues[name].restore(from.queues[name])
  const found = new Set<string>()
  const mailbox = [...(from?.mailbox ?? [])]
  const ended = [...(from?.ended ?? [])]
  const journal = memoryJournal(from?.journal)

  const functions: Record<string, (dependencies: Dependencies, input: unknown) => Promise<object>> = steps
  const engine = createEngine({
    clock: time,
    journal,
    random: () => draws.whole(0, 999_999) / 1_000_000,
    invokeLambda: async (name, payload) => {
      const step = functions[name]
      if (!step) return failed(new Error(`no function ${name}`))
      try {
        const answer = await outside.invoke(name, async () => await step(product, payload))
        return { payload: JSON.parse(JSON.stringify(answer)) as unknown }
      } catch (error) {
        return failed(error)
      }
    },
    sendSqsMessage: async ({ MessageBody, MessageGroupId: group, MessageDeduplicationId: id }) => {
      try {
        await outside.invoke('Queue for Sage', async () => {
          await outside.call('SendMessage sage-exports', async () => {
            queues.exports.send(MessageBody, { group, id })
            await Promise.resolve()
          })
        })
        return { payload: { MessageId: 'm', MD5OfMessageBody: 'x' } }
      } catch {
        return { error: 'SQS.SdkClientException', cause: 'The queue did not answer.' }
      }
    },
    onStatusChange: ({ status, executionArn }) => {
      if (status !== 'FAILED' && status !== 'TIMED_OUT' && status !== 'ABORTED') return
      const { name, input, error } = engine.describeExecution({ executionArn })
      ended.push({ detail: { name, status, input, error } })
    },
  })
  engine.addStateMachine({
    arn: machineArn,
    name: 'budget-cycle',
    definition: definition(),
    aliasArns: [aliasArn],
  })

  const workflow = {
    send: async (command: { input: never }) =>
      await outside.call(nameOf(command), async () => {
        const name = nameOf(command)
        const action = `${name.charAt(0).toLowerCase()}${name.slice(1)}` as keyof Engine
        await Promise.resolve()
        return (engine[action] as (input: never) => unknown)(command.input)
      }),
  } as unknown as Relay['workflow']
  const byUrl = new Map(Object.values(queues).map((queue) => [`http://queues/${queue.name}`, queue]))
  const sqs = {
    send: async ({ input }: SendMessageCommand | SendMessageBatchCommand) => {
      const queue = byUrl.get(input.QueueUrl ?? '')
      return await outside.call(`SendMessage ${queue?.name ?? ''}`, async () => {
        await Promise.resolve()
        const entries = 'Entries' in input ? (input.Entries ?? []) : [input]
        for (const { MessageBody, MessageGroupId: group, MessageDeduplicationId: id } of entries)
          queue?.send(MessageBody ?? '', { group, id })
        return {}
      })
    },
  } as unknown as Relay['queue']
  const ses = {
    send: async (command: SendEmailCommand) =>
      await outside.call('SendEmail', async () => {
        takeMail(mailbox, command)
        await Promise.resolve()
      }),
  }

  const outbox = createOutbox({ document, table })
  const summaries = createSummaries({ document, table })
  const sage: SageDependencies = {
    ...product,
    roleClaim: 'cognito:groups',
    logger: new Logger({ logLevel: 'SILENT' }),
    report: async (event) => {
      await reportSageEvent(sqs, 'http://queues/sage-events', event)
    },
    fileUrl: async (fileKey) => await Promise.resolve(`https://files.example/${fileKey}`),
    uploads: { offer: notHere, read: notHere },
  }
  const handler = apiHandler(sage, apiRoutes(sage))
  const mailer = {
    ...product,
    ses: ses as never,
    log: createMailLog({ document, table, clock }),
    from: 'budgets@example.com',
    publicUrl,
    settings: 'budget-mails',
  }
  const gateway = {
    ...product,
    queue: sqs,
    sageEventsQueue: 'http://queues/sage-events',
    agentQueues: { [`${key.company}/${sageId}`]: 'http://queues/agent' },
  }
  const toRelay = {
    store: product.store,
    workflow,
    queue: sqs,
    stateMachine: aliasArn,
    mailQueue: 'http://queues/mail',
    outbox,
    logger,
  } as unknown as Relay

  const serve = {
    relay: async () => {
      const batch = stream.splice(0, draws.whole(1, 5))
      const Records = batch.map((NewImage) => ({ eventName: 'INSERT' as const, dynamodb: { NewImage } }))
      // A batch whose call was lost comes again; here the sweep finds its rows.
      await outside.invoke('relay', async () => await relay(toRelay, { Records } as never)).catch(ignored)
    },
    gateway: async () => {
      await queues.exports.deliver(async (body) => {
        await outside.invoke('sage-gateway', async () => await handOver(gateway, JSON.parse(body)))
      })
    },
    events: async () => {
      await queues.events.deliver(async (body) => {
        await outside.invoke('sage-events', async () => await takeSageEvent(product, JSON.parse(body)))
      })
    },
    mailer: async () => {
      await queues.mail.deliver(async (body) => {
        await outside.invoke('mailer', async () => await sendMail(mailer, JSON.parse(body)))
      })
    },
    sweep: async () => {
      await outside.invoke('sweep', async () => await sweep({ outbox, clock, logger })).catch(ignored)
    },
    summary: async () => {
      await outside
        .invoke('daily-summary', async () => await dailySummary({ ...product, summaries }))
        .catch(ignored)
    },
    night: async () => {
      const nights = createNights({ document, table })
      await outside
        .invoke('nightly-check', async () => await nightlyCheck({ ...product, summaries, nights }))
        .catch(ignored)
    },
    ended: async () => {
      const event = ended.shift()
      if (!event) return
      // EventBridge tells again until it is heard.
      await outside
        .invoke('workflow-ended', async () => await workflowEnded(product, event))
        .catch(() => void ended.push(event))
    },
  }

  const world: World = {
    draws,
    outside,
    table: rows,
    time,
    engine,
    calm,
    objects: bucket,
    ...queues,
    stream,
    changes,
    mailbox,
    logged,
    found,
    ended,
    api: async (event) =>
      await outside
        .invoke('api', async () => await handler(event as never, {} as Context))
        // What a client sees of a function that ended without an answer.
        .catch((error: unknown) => {
          if (!(error instanceof Killed)) found.add(`S31: the API throws ${String(error)}`)
          return { statusCode: 503, body: '{}' }
        }),
    page: async (_, event) =>
      await outside
        .invoke('review', async () => await review(product, event))
        .catch((error: unknown) => {
          if (!isFaultMade(error)) found.add(`S31: a page throws ${String(error)}`)
          return { statusCode: 500, body: '' }
        }),
    serve,
    together: async (...acts) => {
      await outside.until([...acts.map(async (act) => await act()), time.settle()])
      await outside.until([time.settle()])
    },
    arnOf: (execution) => executionOf(aliasArn, execution),
    kept: () => ({
      now: time.now(),
      items: rows.kept(),
      journal: memoryJournal(journal),
      objects: memoryObjects(bucket),
      stream: [...stream],
      queues: {
        exports: queues.exports.kept(),
        events: queues.events.kept(),
        mail: queues.mail.kept(),
        agent: queues.agent.kept(),
      },
      mailbox: [...mailbox],
      ended: [...ended],
    }),
  }
  if (from) return world
  await clinic({ ...calm, settle: async () => await Promise.resolve() } as unknown as CycleMachine)
  return world
}

/** A fault of this simulation, as a function that has no answer for it ends with it. */
const isFaultMade = (error: unknown): boolean =>
  error instanceof Killed ||
  error instanceof Later ||
  (error instanceof Error && ['TimeoutError', 'ThrottlingException'].includes(error.name))

const notHere = async (): Promise<never> => await Promise.reject(new Error('No file comes by address here'))

const ignored = (): undefined => undefined

/** The bucket behind the same line; what is lost there is `Later` to the product, as its own client says it. */
function faultyObjects(outside: Outside, bucket: MemoryObjects): Objects {
  const later = async <T>(what: string, through: () => Promise<T>): Promise<T> =>
    await outside.call(what, through).catch((error: unknown) => {
      const { name } = error as Error
      if (name === 'TimeoutError' || name === 'ThrottlingException') throw new Later(name)
      throw error
    })
  return {
    putJson: async (company, value) =>
      await later('PutObject json', async () => await bucket.putJson(company, value)),
    getJson: async (company, hash) =>
      await later('GetObject json', async () => await bucket.getJson(company, hash)),
    putFile: async (fileKey, bytes) => {
      await later('PutObject file', async () => {
        const there = bucket.files.get(fileKey)
        if (there && !Buffer.from(there).equals(Buffer.from(bytes)))
          throw new Broken('OtherFile', `The file ${fileKey} is there already, with other bytes`)
        await bucket.putFile(fileKey, bytes)
      })
    },
    getFile: async (fileKey, hash) =>
      await later('GetObject file', async () => await bucket.getFile(fileKey, hash)),
  }
}
