import {
  DescribeExecutionCommand,
  type SFNClient,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn'
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { keyOfTask } from '../../shared/cycle/task.ts'
import { endedOf } from '../../shared/domain/budget-head.ts'
import { CompanyId, ProjectId, type ProjectKey } from '../../shared/domain/ids.ts'
import type { BudgetStore } from '../../shared/store/budget-store.ts'
import { oldestOpen, type Wait } from '../../shared/store/signals.ts'
import { type CycleInput, type MailToAll, mailToEach, type OutboxRow } from '../../shared/store/outbox.ts'
import { inPieces } from '../../shared/store/rows.ts'

export interface Outside {
  readonly workflow: SFNClient
  readonly queue: SQSClient
  readonly store: BudgetStore
  /** The alias of the state machine; executions are found beside it by name. */
  readonly stateMachine: string
  readonly mailQueue: string
}

/**
 * What became of a row, which is delivered either way: told; the workflow had moved on, and its next wait finds it; or
 * the execution that should hear of it has ended, and only a restart carries it out.
 */
export type Delivery = 'told' | 'moved_on' | 'without_workflow'

/** Delivers one outbox row. The only code that starts, stops or answers executions. */
export async function deliver(outside: Outside, row: OutboxRow): Promise<Delivery> {
  const key = keyOfTask({ company: CompanyId.parse(row.company), project: ProjectId.parse(row.project) })
  const { message } = row
  switch (message.kind) {
    case 'start':
      return await start(outside, key, message)
    case 'stop':
      return await stop(outside, message.execution)
    case 'signal':
      return await tell(outside, key, message.cycle, message.n)
    case 'mail':
      return await mail(outside, key, message.mail, row.request)
  }
}

/**
 * The name is the idempotency key: an execution of that name is the same start. One that ended while the budget still
 * counts on it was told before, as of a row that a restore brought back.
 */
async function start(
  outside: Outside,
  key: ProjectKey,
  { execution: name, input }: { readonly execution: string; readonly input: CycleInput },
): Promise<Delivery> {
  const { workflow, stateMachine } = outside
  try {
    await workflow.send(
      new StartExecutionCommand({ stateMachineArn: stateMachine, name, input: JSON.stringify(input) }),
    )
    return 'told'
  } catch (error) {
    if (!named(error, ['ExecutionAlreadyExists'])) throw error
    const executionArn = executionOf(stateMachine, name)
    const { status } = await workflow.send(new DescribeExecutionCommand({ executionArn }))
    return status !== 'RUNNING' && (await countsOn(outside, key, name)) ? 'without_workflow' : 'told'
  }
}

async function stop({ workflow, stateMachine }: Outside, name: string): Promise<Delivery> {
  try {
    await workflow.send(
      new StopExecutionCommand({ executionArn: executionOf(stateMachine, name), error: 'Superseded' }),
    )
    return 'told'
  } catch (error) {
    if (named(error, ['ExecutionDoesNotExist'])) return 'moved_on'
    throw error
  }
}

/**
 * Reads the wait and the signals as they are now, and answers only a wait of this cycle that awaits this kind. It is told
 * the oldest that it awaits, which is another one where that one's row was not delivered.
 */
async function tell(outside: Outside, key: ProjectKey, cycle: number, n: number): Promise<Delivery> {
  const { store, workflow } = outside
  const [wait, signals] = await Promise.all([store.wait(key, cycle), store.signals(key, cycle)])
  if (!wait) return await movedOn(store, key)
  const oldest = oldestOpen(signals, wait.kinds)
  const told = oldestOpen(
    signals.filter((signal) => signal.n === n),
    wait.kinds,
  )
  if (!oldest || !told) return await movedOn(store, key)
  try {
    const output = JSON.stringify({ signal: oldest.kind, n: oldest.n })
    await workflow.send(new SendTaskSuccessCommand({ taskToken: wait.token.open(), output }))
    return 'told'
  } catch (error) {
    if (!named(error, ['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])) throw error
    return (await hasEnded(outside, key, wait)) ? 'without_workflow' : 'moved_on'
  }
}

/** Nothing waits for the signal: a step is under way, whose wait finds it, or the execution is known to have ended. */
async function movedOn(store: Outside['store'], key: ProjectKey): Promise<Delivery> {
  const head = await store.head(key)
  return head && endedOf(head) ? 'without_workflow' : 'moved_on'
}

const countsOn = async ({ store }: Outside, key: ProjectKey, execution: string): Promise<boolean> =>
  (await store.head(key))?.execution === execution

/** Whether the execution that the budget counts on is this wait's, and runs no more. */
async function hasEnded(outside: Outside, key: ProjectKey, { execution }: Wait): Promise<boolean> {
  const { workflow, stateMachine } = outside
  if (!(await countsOn(outside, key, execution))) return false
  const executionArn = executionOf(stateMachine, execution)
  return (await workflow.send(new DescribeExecutionCommand({ executionArn }))).status !== 'RUNNING'
}

const mostInBatch = 10 // Entries of one call (API_SendMessageBatch)

/**
 * One message for each person, so that nobody's mail waits for another's. A row that failed halfway is delivered whole
 * again; the mail log keeps each mail to one.
 */
async function mail(
  { queue, mailQueue }: Outside,
  key: ProjectKey,
  toAll: MailToAll,
  request: string | undefined,
): Promise<Delivery> {
  const bodies = mailToEach(toAll).map((each) => JSON.stringify({ v: 1, ...key, request, mail: each }))
  for (const batch of inPieces(bodies, mostInBatch)) {
    const Entries = batch.map((MessageBody, i) => ({ Id: String(i), MessageBody }))
    // oxlint-disable-next-line no-await-in-loop -- a hundred people are ten calls, and a busy queue is not pressed
    const { Failed = [] } = await queue.send(new SendMessageBatchCommand({ QueueUrl: mailQueue, Entries }))
    if (Failed[0]) throw new Error(`${String(Failed.length)} mails were not queued: ${Failed[0].Code ?? ''}`)
  }
  return 'told'
}

const named = (error: unknown, names: readonly string[]): boolean =>
  error instanceof Error && names.includes(error.name)

/** `arn:...:stateMachine:NAME:ALIAS` and an execution's name give the execution's ARN. */
export function executionOf(stateMachineAlias: string, name: string): string {
  const [arn, partition, service, region, account, , machine] = stateMachineAlias.split(':')
  return [arn, partition, service, region, account, 'execution', machine, name].join(':')
}
