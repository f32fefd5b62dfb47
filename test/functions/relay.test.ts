import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBRecord } from 'aws-lambda'
import { describe, expect, test } from 'vitest'
import { deliver, executionOf, type Outside } from '../../functions/relay/deliver.ts'
import { relay, type Relay } from '../../functions/relay/index.ts'
import { sweep } from '../../functions/schedule/sweep.ts'
import { Instant, PersonId } from '../../shared/domain/ids.ts'
import { createOutbox } from '../../shared/store/outbox-table.ts'
import type { OutboxMessage, OutboxRow } from '../../shared/store/outbox.ts'
import type { Signal, Wait } from '../../shared/store/signals.ts'
import { documentWithFaults } from '../store/faults.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { useLocalDatabase } from '../store/use-local.ts'

const database = useLocalDatabase()

const input = { v: 1, company: 'northwind', project: 'clinic', cycle: 1, run: 1, asked: 'lock' } as const
const start: OutboxMessage = { kind: 'start', execution: 'run-1', input }
const signal: OutboxMessage = { kind: 'signal', cycle: 1, n: 1 }
const alias = 'arn:aws:states:us-east-1:000000000000:stateMachine:budget-cycle:live'
const at = '2026-01-05T09:00:00.000Z'

const rowOf = (message: OutboxMessage, sk = 'OUTBOX#000000001'): OutboxRow => ({
  pk: 'C#northwind#P#clinic',
  sk,
  company: 'northwind',
  project: 'clinic',
  message,
  at,
  due_pk: 'DUE#0',
  due_at: at,
})

const named = (name: string): Error => Object.assign(new Error(name), { name })

const wait: Wait = {
  cycle: 1,
  state: 'Wait to be sent',
  kinds: ['send'],
  execution: 'run-1',
  token: new Secret('the token'),
  order: at,
}
const stored: Signal = {
  cycle: 1,
  n: 1,
  kind: 'send',
  reference: {},
  carried_out: false,
  at: Instant.parse(at),
}

/** The outside world as lists; `answers` fail or answer by the name of a command. */
function outsideOf(
  answers: Readonly<Record<string, unknown>> = {},
  rows: { wait?: Wait | undefined; signals: readonly Signal[]; head?: object } = { wait, signals: [stored] },
) {
  const sent: { name: string; input: unknown }[] = []
  const client = {
    send: async (command: { constructor: { name: string }; input: unknown }) => {
      const { name } = command.constructor
      sent.push({ name, input: command.input })
      const answer = answers[name]
      if (answer instanceof Error) throw answer
      return await Promise.resolve(answer ?? {})
    },
  }
  const outside = {
    workflow: client,
    queue: client,
    store: {
      wait: async () => await Promise.resolve(rows.wait),
      signals: async () => await Promise.resolve(rows.signals),
      head: async () => await Promise.resolve(rows.head),
    },
    stateMachine: alias,
    mailQueue: 'http://queues/mail',
  } as unknown as Outside
  return { outside, sent }
}

test('a start names the execution, whose name and input make it one start however often it is told', async () => {
  const { outside, sent } = outsideOf({
    StartExecutionCommand: named('ExecutionAlreadyExists'),
    DescribeExecutionCommand: { status: 'RUNNING' },
  })
  expect(await deliver(outside, rowOf(start))).toBe('told')
  expect(sent.map(({ input: asked }) => asked)).toEqual([
    { stateMachineArn: alias, name: 'run-1', input: JSON.stringify(input) },
    { executionArn: executionOf(alias, 'run-1') },
  ])
})

test('a start that is new is told, and nothing else is asked', async () => {
  const { outside, sent } = outsideOf()
  expect(await deliver(outside, rowOf(start))).toBe('told')
  expect(sent.map(({ name }) => name)).toEqual(['StartExecutionCommand'])
})

test.each([
  ['it ended and the budget counts on it', 'ABORTED', 'run-1', 'without_workflow'],
  ['it runs', 'RUNNING', 'run-1', 'told'],
  ['the budget has moved on', 'SUCCEEDED', 'run-2', 'told'],
])(
  'of a start whose execution was there before, while %s, the relay says so',
  async (_, status, execution, said) => {
    const { outside } = outsideOf(
      {
        StartExecutionCommand: named('ExecutionAlreadyExists'),
        DescribeExecutionCommand: { status },
      },
      { signals: [], head: { execution } },
    )
    expect(await deliver(outside, rowOf(start))).toBe(said)
  },
)

test('a signal is told to the wait that awaits its kind', async () => {
  const { outside, sent } = outsideOf()
  expect(await deliver(outside, rowOf(signal))).toBe('told')
  expect(sent).toEqual([
    { name: 'SendTaskSuccessCommand', input: { taskToken: 'the token', output: '{"signal":"send","n":1}' } },
  ])
})

test.each([
  ['no wait is stored', { wait: undefined, signals: [stored] }],
  ['no signal is stored', { wait, signals: [] }],
  [
    'the signal is carried out',
    {
      wait,
      signals: [
        { ...stored, carried_out: true },
        { ...stored, n: 2 },
      ],
    },
  ],
  ['the wait awaits other kinds', { wait: { ...wait, kinds: ['receipt' as const] }, signals: [stored] }],
])('nobody is told while %s', async (_, rows) => {
  const { outside, sent } = outsideOf({}, rows)
  expect(await deliver(outside, rowOf(signal))).toBe('moved_on')
  expect(sent).toEqual([])
})

const numbered = (n: number, kind: Signal['kind'], carried_out = false): Signal => ({
  ...stored,
  n,
  kind,
  carried_out,
})

test('the oldest signal that a wait awaits is told first, though its own row was not delivered', async () => {
  const signals = [
    numbered(1, 'posted', true),
    numbered(2, 'receipt'),
    numbered(3, 'observation'),
    numbered(4, 'close'),
  ]
  const kinds = ['observation' as const, 'close' as const]
  const { outside, sent } = outsideOf({}, { wait: { ...wait, kinds }, signals })
  expect(await deliver(outside, rowOf({ kind: 'signal', cycle: 1, n: 4 }))).toBe('told')
  expect(sent.map(({ input: told }) => (told as { output: string }).output)).toEqual([
    '{"signal":"observation","n":3}',
  ])
})

test.each(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])(
  'a wait that answers %s has moved on, and the next wait finds the signal',
  async (name) => {
    const { outside } = outsideOf({ SendTaskSuccessCommand: named(name) })
    expect(await deliver(outside, rowOf(signal))).toBe('moved_on')
  },
)

describe('where the wait is gone', () => {
  const gone = named('TaskDoesNotExist')

  test.each([
    ['the execution of the budget runs', wait.execution, 'RUNNING', 'moved_on'],
    ['it was stopped', wait.execution, 'ABORTED', 'without_workflow'],
    ['it failed', wait.execution, 'FAILED', 'without_workflow'],
    ['another run has taken over', 'run-2', 'ABORTED', 'moved_on'],
  ])('and %s', async (_, execution, status, delivery) => {
    const answers = { SendTaskSuccessCommand: gone, DescribeExecutionCommand: { status } }
    const { outside, sent } = outsideOf(answers, { wait, signals: [stored], head: { execution } })
    expect(await deliver(outside, rowOf(signal))).toBe(delivery)
    const asked = execution === wait.execution ? [{ executionArn: executionOf(alias, execution) }] : []
    expect(sent.slice(1).map(({ input: about }) => about)).toEqual(asked)
  })
})

test('where the execution is known to have ended and nothing waits, only a restart carries a signal out', async () => {
  const ended = { run: 1, status: 'FAILED', redrives: 0, at }
  const { outside } = outsideOf({}, { signals: [stored], head: { execution: 'run-1', run: 1, ended } })
  expect(await deliver(outside, rowOf(signal))).toBe('without_workflow')
})

const stop: OutboxMessage = { kind: 'stop', execution: 'run-1' }

test.each([
  ['start', start, 'StartExecutionCommand'],
  ['stop', stop, 'StopExecutionCommand'],
  ['signal', signal, 'SendTaskSuccessCommand'],
])('a %s whose call is throttled is not delivered', async (_, message, command) => {
  const { outside } = outsideOf({ [command]: named('ThrottlingException') })
  await expect(deliver(outside, rowOf(message))).rejects.toThrow('ThrottlingException')
})

test('a stop names the execution, and why it ends', async () => {
  const { outside, sent } = outsideOf()
  expect(await deliver(outside, rowOf(stop))).toBe('told')
  expect(sent).toEqual([
    {
      name: 'StopExecutionCommand',
      input: { executionArn: executionOf(alias, 'run-1'), error: 'Superseded' },
    },
  ])
})

test('a stop of an execution that is gone has moved on', async () => {
  const { outside } = outsideOf({ StopExecutionCommand: named('ExecutionDoesNotExist') })
  expect(await deliver(outside, rowOf(stop))).toBe('moved_on')
})

const mailTo = (people: readonly string[]): OutboxMessage => ({
  kind: 'mail',
  mail: { id: 'posted/e1', mail: 'posted', to: people.map((id) => PersonId.parse(id)) },
})

const queued = (sent: readonly { input: unknown }[]) =>
  sent.map(
    ({ input: batch }) => batch as { QueueUrl: string; Entries: { Id: string; MessageBody: string }[] },
  )

test('a mail to two people is two messages of the mail queue, each under its own id, in one call', async () => {
  const { outside, sent } = outsideOf()
  const row = { ...rowOf(mailTo(['anna', 'bert'])), request: 'asked' }
  expect(await deliver(outside, row)).toBe('told')
  const [call, ...more] = queued(sent)
  expect([call?.QueueUrl, more]).toEqual(['http://queues/mail', []])
  expect(call?.Entries.map(({ Id }) => Id)).toEqual(['0', '1'])
  expect(call?.Entries.map(({ MessageBody }) => JSON.parse(MessageBody) as unknown)).toEqual(
    ['anna', 'bert'].map((to) => ({
      v: 1,
      company: 'northwind',
      project: 'clinic',
      request: 'asked',
      mail: { id: `posted/e1/${to}`, mail: 'posted', to },
    })),
  )
})

test('a hundred people are ten calls of the mail queue', async () => {
  const { outside, sent } = outsideOf()
  await deliver(outside, rowOf(mailTo(Array.from({ length: 100 }, (_, i) => `p${String(i)}`))))
  expect(queued(sent).map(({ Entries }) => Entries.length)).toEqual(Array.from({ length: 10 }, () => 10))
})

test('a mail that the queue does not take leaves the row undelivered', async () => {
  const { outside } = outsideOf({ SendMessageBatchCommand: { Failed: [{ Id: '0', Code: 'InternalError' }] } })
  await expect(deliver(outside, rowOf(mailTo(['anna'])))).rejects.toThrow('InternalError')
})

test('an execution is found beside the alias by its name', () => {
  expect(executionOf(alias, 'run-1')).toBe(
    'arn:aws:states:us-east-1:000000000000:execution:budget-cycle:run-1',
  )
})

const recordOf = (row: OutboxRow): DynamoDBRecord => ({
  eventName: 'INSERT',
  dynamodb: { NewImage: marshall(row) as NonNullable<DynamoDBRecord['dynamodb']>['NewImage'] & {} },
})

/** A relay over an outside; the rows that it took for delivered, and what it logged. */
function relayOf(outside: Outside) {
  const gone: string[] = []
  const logged: unknown[] = []
  const log = (level: string) => (message: string, about: object) => void logged.push([level, message, about])
  const parts = {
    ...outside,
    outbox: { delivered: async ({ sk }: OutboxRow) => await Promise.resolve(void gone.push(sk)) },
    logger: { info: log('info'), error: log('error') },
  } as unknown as Relay
  return { parts, gone, logged }
}

const about = { project: 'clinic', company: 'northwind', request: 'asked' }

test('a row that fails stays undelivered, and the rest of its batch goes on', async () => {
  const error = named('ThrottlingException')
  const { parts, gone, logged } = relayOf(outsideOf({ SendTaskSuccessCommand: error }).outside)
  const rows = [rowOf(signal, 'OUTBOX#1'), rowOf(start, 'OUTBOX#2')].map((row) => ({
    ...row,
    request: 'asked',
  }))
  // A row that was deleted, as one is that was delivered, has nothing to tell.
  await relay(parts, { Records: [{ eventName: 'REMOVE', dynamodb: {} }, {}, ...rows.map(recordOf)] })
  expect(gone).toEqual(['OUTBOX#2'])
  expect(logged).toEqual([
    ['error', 'outbox row not delivered', { ...about, kind: 'signal', row: 'OUTBOX#1', error }],
    ['info', 'outbox row delivered', { ...about, kind: 'start', row: 'OUTBOX#2', delivery: 'told' }],
  ])
})

test('a row whose execution has ended is delivered, and the line that asks for a restart says which', async () => {
  const answers = {
    SendTaskSuccessCommand: named('TaskDoesNotExist'),
    DescribeExecutionCommand: { status: 'FAILED' },
  }
  const { outside } = outsideOf(answers, { wait, signals: [stored], head: { execution: wait.execution } })
  const { parts, gone, logged } = relayOf(outside)
  await relay(parts, { Records: [recordOf({ ...rowOf(signal, 'OUTBOX#1'), request: 'asked' })] })
  expect(gone).toEqual(['OUTBOX#1'])
  expect(logged).toEqual([
    ['error', 'recorded without a workflow', { ...about, kind: 'signal', row: 'OUTBOX#1' }],
  ])
})

const clockAt = (now: string) => ({ now: () => Instant.parse(now) })

test('an overdue row is written anew for the relay, once, and only when it is overdue', async () => {
  const { document } = database()
  const table = await database().createTable()
  const outbox = createOutbox({ document, table })
  await document.send(new PutCommand({ TableName: table, Item: rowOf(start) }))
  const warned: unknown[] = []
  const logger = { warn: (...line: unknown[]) => void warned.push(line) }
  expect(await sweep({ outbox, logger, clock: clockAt('2026-01-05T08:59:59.000Z') })).toEqual({ overdue: 0 })
  expect(warned).toEqual([])
  expect(await sweep({ outbox, logger, clock: clockAt('2026-01-05T09:10:00.000Z') })).toEqual({ overdue: 1 })
  const late = { company: 'northwind', project: 'clinic', row: 'OUTBOX#000000001', at }
  expect(warned).toEqual([['outbox row overdue', late]])
  const rows = await outbox.overdue(Instant.parse('2027-01-01T00:00:00.000Z'))
  expect(rows.map(({ message, at: since }) => [message, since])).toEqual([[start, at]])
  expect(rows[0]?.sk).toContain('#again-')
})

test('a row that was delivered meanwhile does not hold up the rows behind it', async () => {
  const { document } = database()
  const table = await database().createTable()
  const outbox = createOutbox({ document, table })
  const [gone, kept] = [rowOf(start, 'OUTBOX#1'), rowOf(start, 'OUTBOX#2')]
  await document.send(new PutCommand({ TableName: table, Item: kept }))
  const seen = { ...outbox, overdue: async () => await Promise.resolve([gone, kept]) }
  const clock = clockAt('2026-01-05T09:10:00.000Z')
  await sweep({ outbox: seen, logger: { warn: () => {} }, clock })
  const rows = await outbox.overdue(Instant.parse('2027-01-01T00:00:00.000Z'))
  expect(rows.map(({ sk }) => sk.split('#again-')[0])).toEqual(['OUTBOX#2'])
  expect(rows[0]?.sk).toContain('#again-')
})

test('a row that another transaction holds is left for the next sweep, and the rows behind it go on', async () => {
  const { document } = database()
  const table = await database().createTable()
  const conflicts = documentWithFaults(database(), async ({ name, input: asked, through }) => {
    if (name.startsWith('TransactWrite') && JSON.stringify(asked).includes('"OUTBOX#1"'))
      throw new TransactionCanceledException({
        message: 'held',
        $metadata: {},
        CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
      })
    return await through()
  })
  const outbox = createOutbox({ document: conflicts, table })
  for (const sk of ['OUTBOX#1', 'OUTBOX#2'])
    await document.send(new PutCommand({ TableName: table, Item: rowOf(start, sk) }))
  const clock = clockAt('2026-01-05T09:10:00.000Z')
  await sweep({ outbox, logger: { warn: () => {} }, clock })
  const rows = await outbox.overdue(Instant.parse('2027-01-01T00:00:00.000Z'))
  expect(rows.map(({ sk }) => sk).toSorted()).toEqual([
    'OUTBOX#1',
    expect.stringContaining('OUTBOX#2#again-'),
  ])
})
