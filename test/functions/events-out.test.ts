import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBRecord } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventsOut } from '../../functions/events-out/index.ts'
import type { PublishedEvent } from '../../functions/events-out/published-event.ts'
import { sendEvents } from '../../functions/events-out/send-events.ts'
import { type EventBuses, startEventBuses } from '../../local/runtime/event-buses.ts'
import { deliverBatch, sequenceNumber } from '../../local/runtime/event-sources/stream-batch.ts'
import type { StreamRecord } from '../../local/runtime/event-sources/stream-record.ts'
import type { Invocation } from '../../local/runtime/functions.ts'
import type { EventBusPart } from '../../local/runtime/resources/event-buses.ts'
import { CompanyId, PersonId } from '../../shared/domain/ids.ts'
import type { HistoryEvent } from '../../shared/store/budget-store.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import { createCompanyStore } from '../../shared/store/company-table.ts'
import type { Row } from '../../shared/store/row-body.ts'
import { memoryObjects } from '../statemachines/cycle/memory-objects.ts'
import { committed, newBudget, nextRevision, person, projectKey, settableClock } from '../store/budgets.ts'
import { useLocalDatabase } from '../store/use-local.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const database = useLocalDatabase()
const clock = settableClock()
const folder = temporaryFolder('events')
const bus: EventBusPart = { kind: 'eventBus', id: 'Main/Bus', name: 'exports', arn: 'arn:exports' }
let buses: EventBuses
let client: EventBridgeClient
let table: string

beforeAll(async () => {
  buses = await startEventBuses({
    folder: { path: (...names) => join(folder, ...names), release: () => {} },
    port: 0,
    buses: [bus],
    account: '000000000000',
    region: 'us-east-1',
  })
  client = new EventBridgeClient({
    endpoint: buses.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
})
afterAll(async () => {
  client.destroy()
  await buses.stop()
})
beforeEach(async () => {
  table = await database().createTable()
})

interface Line {
  readonly source: string
  readonly 'detail-type': string
  readonly time: string
  readonly detail: PublishedEvent
}

let seen = 0
/** What came to the bus since this was asked last. */
function came(): Line[] {
  const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').trimEnd().split('\n')
  return lines.splice(seen).map((line) => {
    seen += 1
    return JSON.parse(line) as Line
  })
}

// Lambda hands bytes over in base64.
const asInLambda = (value: AttributeValue): unknown =>
  value.B === undefined ? value : { B: Buffer.from(value.B).toString('base64') }

const recordOf = (row: Row): DynamoDBRecord => ({
  eventName: 'INSERT',
  dynamodb: {
    SequenceNumber: row.sk,
    Keys: { pk: { S: row.pk }, sk: { S: row.sk } },
    NewImage: Object.fromEntries(
      Object.entries(marshall(row)).map(([name, value]) => [name, asInLambda(value)]),
    ) as NonNullable<DynamoDBRecord['dynamodb']>['NewImage'],
  },
})

/** The history of a table as its stream has it. */
async function historyOf(): Promise<DynamoDBRecord[]> {
  const rows = await database().rowsOf(table)
  return rows
    .filter(({ sk }) => sk.startsWith('HISTORY#'))
    .toSorted((a, b) => (a.sk < b.sk ? -1 : 1))
    .map(recordOf)
}

const logged: unknown[] = []
const logger = {
  info: () => {},
  error: (...line: unknown[]) => void logged.push(line),
}
const send = async (Records: DynamoDBRecord[], name = bus.name) =>
  await eventsOut({ bus: { client, name }, logger }, { Records })

async function budgetWith(history: readonly HistoryEvent[]): Promise<void> {
  const store = createBudgetStore({ document: database().document, table, clock })
  const key = projectKey('clinic')
  const head = await newBudget(store, key, clock)
  await committed(store, key, head, nextRevision(head, { history }))
}

const waited = (attempt: number): HistoryEvent => ({ event: 'waited', by: 'clock', detail: { attempt } })

describe('a row of history', () => {
  test('comes to the bus as it is written, without the hashes that chain it', async () => {
    await budgetWith([
      { event: 'locked', by: person, request: 'r-1', detail: { version: 1, hash: 'h', project: 'clinic' } },
    ])
    expect(await send(await historyOf())).toEqual({ batchItemFailures: [] })
    const [, locked] = came()
    expect(locked).toMatchObject({ source: 'sage-budget-export', 'detail-type': 'locked' })
    expect(locked?.detail).toEqual({
      v: 1,
      id: 'acme/clinic/2',
      company: 'acme',
      project: 'clinic',
      sequence: 2,
      at: clock.now(),
      by: person,
      request: 'r-1',
      event: 'locked',
      detail: { version: 1, hash: 'h', project: 'clinic' },
    })
  })

  test('of a decision does not tell from where it was made', async () => {
    const decision = { version: 1, send: 1, step: 1, version_hash: 'v', export_hash: 'e', by: 'link' }
    const decided_from = { family: 'IPv4', network: '203.0.113.0/24', agent: 'browser' } as const
    await budgetWith([{ event: 'decision_accept', by: person, detail: { ...decision, decided_from } }])
    await send(await historyOf())
    const [, accepted] = came()
    expect(accepted?.detail.detail).toEqual(decision)
  })

  test('of a company’s set-up names no project', async () => {
    const companies = createCompanyStore({
      document: database().document,
      table,
      clock,
      objects: memoryObjects(),
    })
    const ada = { id: PersonId.parse('ada'), name: 'Ada', email: 'ada@example.com', subjects: [] }
    await companies.putPerson(CompanyId.parse('acme'), { ...ada, roles: [], active: true }, person)
    await send(await historyOf())
    const [added] = came()
    expect(added?.detail).toMatchObject({ id: 'acme/1', sequence: 1, event: 'person_added' })
    expect(added?.detail).not.toHaveProperty('project')
  })

  test('that the store compressed comes in full', async () => {
    const name = 'n'.repeat(5_000)
    await budgetWith([{ event: 'version_saved', by: person, detail: { version: 1, name, hash: 'h' } }])
    await send(await historyOf())
    expect(came()[1]?.detail.detail).toEqual({ version: 1, name, hash: 'h' })
  })

  test('that is larger than an entry may be comes without its detail, and says so', async () => {
    const name = 'n'.repeat(300_000)
    await budgetWith([
      { event: 'version_saved', by: person, detail: { version: 1, name, hash: 'h' } },
      waited(2),
    ])
    expect(await send(await historyOf())).toEqual({ batchItemFailures: [] })
    const [, large, next] = came()
    expect(large?.detail).toMatchObject({ id: 'acme/clinic/2', event: 'version_saved', left_out: 'detail' })
    expect(large?.detail).not.toHaveProperty('detail')
    expect(next?.detail).toMatchObject({ id: 'acme/clinic/3', detail: { attempt: 2 } })
  })
})

test('any number of rows come in their order, each once, whatever room they need', async () => {
  const name = 'n'.repeat(60_000)
  const history = Array.from({ length: 25 }, (_, i): HistoryEvent =>
    i % 3 === 0 ? { event: 'version_saved', by: person, detail: { version: i, name, hash: 'h' } } : waited(i),
  )
  await budgetWith(history)
  expect(await send(await historyOf())).toEqual({ batchItemFailures: [] })
  expect(came().map(({ detail }) => detail.sequence)).toEqual(Array.from({ length: 26 }, (_, i) => i + 1))
})

describe('what is not sent', () => {
  test('is the whole batch where its first row is not: the call fails, so that the batch is halved', async () => {
    await budgetWith([waited(2)])
    await expect(send(await historyOf(), 'no-such-bus')).rejects.toThrow('There is no event bus')
    expect(logged.at(-1)).toEqual([
      'event not sent',
      {
        row: 'C#acme#P#clinic HISTORY#000000001',
        company: 'acme',
        project: 'clinic',
        error: new Error('ResourceNotFoundException: There is no event bus "no-such-bus".'),
      },
    ])
  })

  test('because its row cannot be read is given up alone: all before and behind it is sent', async () => {
    await budgetWith(Array.from({ length: 6 }, (_, i) => waited(i)))
    const records = await historyOf()
    const broken = recordOf({ pk: 'C#acme#P#clinic', sk: 'HISTORY#000000003', event: 'waited' })
    const givenUp: string[] = []
    await deliverBatch(records.with(2, broken) as unknown as StreamRecord[], {
      source: { bisect: true, reportsFailures: true, retries: 2 },
      signal: new AbortController().signal,
      pause: () => 0,
      invoke: async (batch) =>
        await send(batch as unknown as DynamoDBRecord[]).then(
          (payload) => ({ outcome: 'returned', requestId: 'r', payload }) as unknown as Invocation,
          () =>
            ({ outcome: 'failed', requestId: 'r', failure: { errorType: 'Error' } }) as unknown as Invocation,
        ),
      giveUp: async (given) => {
        givenUp.push(...given.records.map(sequenceNumber))
        await Promise.resolve()
      },
    })
    expect(givenUp).toEqual(['HISTORY#000000003'])
    expect(new Set(came().map(({ detail }) => detail.sequence))).toEqual(new Set([1, 2, 4, 5, 6, 7]))
  })

  test('because its row cannot be read keeps back what is behind it, and nothing before it', async () => {
    await budgetWith([waited(2), waited(3)])
    const [first, second, third] = await historyOf()
    const broken = recordOf({ pk: 'C#acme#P#clinic', sk: 'HISTORY#000000002', event: 'waited' })
    expect(await send([first!, broken, third!])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'HISTORY#000000002' }],
    })
    expect(came().map(({ detail }) => detail.sequence)).toEqual([1])
    await send([second!, third!])
    expect(came().map(({ detail }) => detail.sequence)).toEqual([2, 3])
  })

  test('in the second call of a batch leaves the third unsent', async () => {
    const calls: string[][] = []
    const failsOnce = {
      send: async ({ input }: { input: { Entries: { Detail: string }[] } }) => {
        calls.push(input.Entries.map(({ Detail }) => (JSON.parse(Detail) as PublishedEvent).id))
        const Entries = input.Entries.map((_, i) =>
          calls.length === 2 && i === 3 ? { ErrorCode: 'InternalFailure' } : { EventId: 'e' },
        )
        return await Promise.resolve({ Entries })
      },
    } as never
    const events = Array.from({ length: 25 }, (_, i): PublishedEvent => ({
      v: 1,
      id: String(i),
      company: CompanyId.parse('acme'),
      sequence: i + 1,
      at: clock.now(),
      by: 'clock',
      event: 'waited',
      detail: {},
    }))
    const { count, error } = await sendEvents({ client: failsOnce, name: 'any' }, events)
    expect([count, error?.message, calls.length]).toEqual([13, 'InternalFailure: ', 2])
  })

  test('because nothing answers is all of it', async () => {
    await budgetWith([waited(2)])
    const nowhere = new EventBridgeClient({
      endpoint: 'http://127.0.0.1:1',
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    })
    const out = { bus: { client: nowhere, name: bus.name }, logger }
    await expect(eventsOut(out, { Records: await historyOf() })).rejects.toThrow('ECONNREFUSED')
  })
})
