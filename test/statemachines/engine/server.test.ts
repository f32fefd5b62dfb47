import {
  CreateActivityCommand,
  DescribeExecutionCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type EngineServer, startEngineServer } from '../../../local/engine/server.ts'
import { bench, type Bench, machineArn, ok, wait } from './engine-under-test.ts'

let under: Bench
let server: EngineServer
let client: SFNClient

beforeAll(async () => {
  under = await bench({ A: wait({ TimeoutSeconds: 86_400 }) }, { open: () => ok({}) })
  server = await startEngineServer({ engine: under.engine, port: 0 })
  client = new SFNClient({
    endpoint: `http://127.0.0.1:${String(server.port)}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
})
afterAll(async () => {
  client.destroy()
  await server.close()
  under.engine.close()
})

let number = 0
async function started(input = '{"a":1}'): Promise<{ executionArn: string; name: string }> {
  const name = `e${String((number += 1))}`
  const answer = await client.send(new StartExecutionCommand({ stateMachineArn: machineArn, name, input }))
  await under.clock.settle()
  return { executionArn: answer.executionArn!, name }
}

async function errorName(send: () => Promise<unknown>): Promise<string> {
  try {
    await send()
  } catch (error) {
    return (error as Error).name
  }
  return 'no error'
}

describe('an SDK client', () => {
  test('starts an execution and reads when', async () => {
    const answer = await client.send(new StartExecutionCommand({ stateMachineArn: `${machineArn}:live` }))
    expect(answer.executionArn).toContain(':execution:Cycle:')
    expect(answer.startDate).toEqual(new Date(under.clock.now()))
  })

  test('answers a wait by its token', async () => {
    const { executionArn } = await started()
    await client.send(new SendTaskHeartbeatCommand({ taskToken: under.token() }))
    await client.send(new SendTaskSuccessCommand({ taskToken: under.token(), output: '{"signal":"send"}' }))
    await under.clock.settle()
    const description = await client.send(new DescribeExecutionCommand({ executionArn }))
    expect(description).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"signal":"send"}',
      input: '{"a":1}',
      stopDate: new Date(under.clock.now()),
    })
  })

  test('fails a wait, and redrives it', async () => {
    const { executionArn } = await started()
    await client.send(new SendTaskFailureCommand({ taskToken: under.token(), error: 'Broken', cause: 'why' }))
    await under.clock.settle()
    const failed = await client.send(new DescribeExecutionCommand({ executionArn }))
    expect(failed).toMatchObject({
      status: 'FAILED',
      error: 'Broken',
      cause: 'why',
      redriveStatus: 'REDRIVABLE',
    })
    const { redriveDate } = await client.send(new RedriveExecutionCommand({ executionArn }))
    await under.clock.settle()
    expect(redriveDate).toEqual(new Date(under.clock.now()))
    const running = await client.send(new DescribeExecutionCommand({ executionArn }))
    expect(running).toMatchObject({ status: 'RUNNING', redriveCount: 1 })
  })

  test('stops an execution', async () => {
    const { executionArn } = await started()
    const { stopDate } = await client.send(new StopExecutionCommand({ executionArn, error: 'Superseded' }))
    expect(stopDate).toEqual(new Date(under.clock.now()))
  })

  test('reads a history with dates and details', async () => {
    const { executionArn } = await started()
    const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 3 }))
    expect(events!.map(({ type }) => type)).toEqual(['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled'])
    expect(events![0]!.timestamp).toEqual(new Date(under.clock.now()))
    expect(events![1]!.stateEnteredEventDetails).toMatchObject({ name: 'A', input: '{"a":1}' })
    expect(events![2]!.taskScheduledEventDetails).toMatchObject({ timeoutInSeconds: 86_400 })
  })

  test('lists executions in pages', async () => {
    await started()
    await started()
    const first = await client.send(new ListExecutionsCommand({ stateMachineArn: machineArn, maxResults: 1 }))
    const second = await client.send(
      new ListExecutionsCommand({ stateMachineArn: machineArn, maxResults: 1, nextToken: first.nextToken }),
    )
    expect(first.executions![0]!.executionArn).not.toBe(second.executions![0]!.executionArn)
  })

  test('reads state machines and aliases', async () => {
    const { executionArn } = await started()
    const machine = await client.send(new DescribeStateMachineCommand({ stateMachineArn: machineArn }))
    const of = await client.send(new DescribeStateMachineForExecutionCommand({ executionArn }))
    const alias = await client.send(
      new DescribeStateMachineAliasCommand({ stateMachineAliasArn: `${machineArn}:live` }),
    )
    const { stateMachines } = await client.send(new ListStateMachinesCommand({}))
    expect(of.definition).toBe(machine.definition)
    expect(alias.routingConfiguration).toEqual([{ stateMachineVersionArn: `${machineArn}:1`, weight: 100 }])
    expect(stateMachines![0]!.creationDate).toEqual(machine.creationDate)
  })

  test.each([
    ['InvalidToken', () => client.send(new SendTaskSuccessCommand({ taskToken: 'x', output: '{}' }))],
    [
      'InvalidName',
      () => client.send(new StartExecutionCommand({ stateMachineArn: machineArn, name: 'a b' })),
    ],
    ['InvalidArn', () => client.send(new StartExecutionCommand({ stateMachineArn: 'x' }))],
    [
      'InvalidExecutionInput',
      () => client.send(new StartExecutionCommand({ stateMachineArn: machineArn, input: '{' })),
    ],
    [
      'StateMachineDoesNotExist',
      () => client.send(new DescribeStateMachineCommand({ stateMachineArn: `${machineArn}x` })),
    ],
    [
      'ExecutionDoesNotExist',
      () =>
        client.send(
          new DescribeExecutionCommand({ executionArn: machineArn.replace('stateMachine', 'execution') }),
        ),
    ],
    [
      'ResourceNotFound',
      () => client.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn: `${machineArn}:x` })),
    ],
  ])('meets the error %s by its name', async (name, send) => {
    expect(await errorName(send)).toBe(name)
  })

  test('meets TaskTimedOut when it uses a token twice', async () => {
    await started()
    const twice = new SendTaskSuccessCommand({ taskToken: under.token(), output: '{}' })
    await client.send(twice)
    expect(await errorName(async () => await client.send(twice))).toBe('TaskTimedOut')
  })

  test('meets InvalidOutput and may then send a better one', async () => {
    await started()
    const taskToken = under.token()
    const bad = new SendTaskSuccessCommand({ taskToken, output: '{' })
    expect(await errorName(async () => await client.send(bad))).toBe('InvalidOutput')
    await client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }))
  })

  test('meets ExecutionAlreadyExists and ExecutionNotRedrivable', async () => {
    const { executionArn, name } = await started()
    const other = new StartExecutionCommand({ stateMachineArn: machineArn, name, input: '{}' })
    const early = new RedriveExecutionCommand({ executionArn })
    expect(await errorName(async () => await client.send(other))).toBe('ExecutionAlreadyExists')
    expect(await errorName(async () => await client.send(early))).toBe('ExecutionNotRedrivable')
  })

  test('is refused an action that is not supported, by the name of the action', async () => {
    const unsupported = client.send(new CreateActivityCommand({ name: 'a' }))
    await expect(unsupported).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: "the action 'CreateActivity' is not supported by the local engine",
    })
  })

  test('is refused a field that is not supported', async () => {
    const traced = new StartExecutionCommand({ stateMachineArn: machineArn, traceHeader: 'Root=1' })
    await expect(client.send(traced)).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'request: Unrecognized key: "traceHeader"',
    })
  })
})

const post = async (target: string, body: string) =>
  await fetch(`http://127.0.0.1:${String(server.port)}/`, {
    method: 'POST',
    headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' },
    body,
  })

describe('a request that is not the protocol', () => {
  test.each([
    ['another service', 'DynamoDB_20120810.GetItem', '{}', 'UnknownOperationException'],
    ['no JSON', 'AWSStepFunctions.ListStateMachines', '{', 'ValidationException'],
    ['a missing field', 'AWSStepFunctions.DescribeExecution', '{}', 'ValidationException'],
    [
      'more than 1 MB',
      'AWSStepFunctions.ListStateMachines',
      `"${'x'.repeat(1_048_577)}"`,
      'ValidationException',
    ],
  ])('because of %s is refused with 400', async (_what, target, body, type) => {
    const response = await post(target, body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ __type: type })
  })
})
