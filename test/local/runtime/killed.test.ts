import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anyPorts, choosePorts, type Ports } from '../../../local/runtime/ports.ts'
import { processEnvironment } from '../../../local/runtime/process-environment.ts'
import { type Runtime, startRuntime } from '../../../local/runtime/runtime.ts'
import { synthesizeFixture } from './fixture/assembly.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** What the child tells when it is up. */
interface Ready {
  readonly url: string
  readonly token: string
  readonly environment: Record<string, string>
  readonly pid: number
  readonly queues: Record<string, string>
}

const dataFolder = temporaryFolder('killed')
const file = { Bucket: 'data-files8e6940b8', Key: 'part-1.txt' }
let ports: Ports
let cdkOut = ''
let child: ChildProcess
let ready: Ready
let tablePid = 0
let refusedMeanwhile: unknown
let tableEnded: boolean
/** The stack that takes the place of the killed one. */
let runtime: Runtime

// One life and one death for all rules below: a stack in a process of its own is filled, killed, and started again.
beforeAll(async () => {
  cdkOut = await synthesizeFixture()
  ports = await choosePorts(anyPorts)
  await startChild()
  tablePid = (JSON.parse(readFileSync(join(dataFolder, 'table/pid'), 'utf8')) as { pid: number }).pid
  refusedMeanwhile = await startRuntime({ cdkOut, dataFolder, ports }).catch((error: unknown) => error)
  await fill()
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
  for (let tries = 0; tableRuns() && tries < 250; tries += 1) await sleep(20)
  tableEnded = !tableRuns()
  runtime = await startRuntime({ cdkOut, dataFolder, ports })
})

afterAll(async () => {
  child.kill('SIGKILL')
  await runtime.stop()
})

async function startChild(): Promise<void> {
  const script = join(import.meta.dirname, 'fixture/run.ts')
  child = spawn(process.execPath, [script, cdkOut, dataFolder, JSON.stringify(ports)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...processEnvironment },
  })
  for await (const line of createInterface({ input: child.stdout! })) {
    ready = JSON.parse(line) as Ready
    return
  }
}

function tableRuns(): boolean {
  try {
    return process.kill(tablePid, 0)
  } catch {
    return false
  }
}

const sdk = (endpoint: string | undefined) => ({
  endpoint: endpoint ?? '',
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
})

async function put(id: string, body: string): Promise<void> {
  const headers = { authorization: `Bearer ${ready.token}`, 'content-type': 'text/plain' }
  const { status } = await fetch(`${ready.url}/projects/${id}`, { method: 'PUT', body, headers })
  if (status !== 200) throw new Error(`a project was answered with ${String(status)}`)
}

async function fill(): Promise<void> {
  await put('p1', 'wait')
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_SQS } = ready.environment
  await new S3Client(sdk(AWS_ENDPOINT_URL_S3)).send(new PutObjectCommand({ ...file, Body: 'line' }))
  await new SQSClient({ ...sdk(AWS_ENDPOINT_URL_SQS), useQueueUrlAsEndpoint: false }).send(
    new SendMessageCommand({ QueueUrl: ready.queues['GivenUp'], MessageBody: 'kept' }),
  )
  await sendMail()
  // As late as can be: nobody has read this row from the stream when the process dies.
  await put('p2', 'late')
}

async function sendMail(): Promise<void> {
  const Simple = { Subject: { Data: 'before the end' }, Body: { Text: { Data: 'text' } } }
  const answer = await fetch(
    `${ready.environment['AWS_ENDPOINT_URL_SESV2'] ?? ''}/v2/email/outbound-emails`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'AWS4-HMAC-SHA256' },
      body: JSON.stringify({
        FromEmailAddress: 'a@example.com',
        Destination: { ToAddresses: ['b@example.com'] },
        Content: { Simple },
      }),
    },
  )
  if (!answer.ok) throw new Error(`a mail was answered with ${String(answer.status)}`)
}

const row = async (pk: string, sk: string) =>
  (
    await runtime.clients.table.send(
      new GetItemCommand({ TableName: runtime.tables[0]?.name, Key: { pk: { S: pk }, sk: { S: sk } } }),
    )
  ).Item

test('a data folder that a running stack has is refused by the number of its process', () => {
  expect(String(refusedMeanwhile)).toContain(`${dataFolder} is in use by the process ${String(ready.pid)}.`)
})

test('the table server ends with a killed stack by itself', () => {
  expect(tableEnded).toBe(true)
})

test('the ports of a killed stack are free at once', () => {
  expect(runtime.url).toBe(ready.url)
})

test('a token given out before the kill still counts', async () => {
  const answer = await fetch(`${runtime.url}/projects/p1`, {
    headers: { authorization: `Bearer ${ready.token}` },
  })
  expect(answer.status).toBe(200)
})

test('rows survive a kill', async () => {
  expect(await row('p1', 'PROJECT')).toBeDefined()
})

test('a row that was written just before the kill reaches the function of the stream', async () => {
  await expect.poll(async () => await row('p2', 'DELIVERED'), { timeout: 10_000 }).toBeDefined()
})

test('a waiting execution goes on waiting after a kill', async () => {
  await expect.poll(async () => await row('p1', 'TOKEN'), { timeout: 10_000 }).toBeDefined()
  const machine = [...runtime.resources.values()].find(({ part }) => part?.kind === 'stateMachine')
  const { executions } = runtime.engine.listExecutions({ stateMachineArn: machine!.ref })
  expect(executions).toMatchObject([{ name: 'p1', status: 'RUNNING' }])
})

test('objects survive a kill', async () => {
  const files = new S3Client(sdk(runtime.endpoints.queuesAndBuckets))
  expect(await (await files.send(new GetObjectCommand(file))).Body?.transformToString()).toBe('line')
})

test('messages survive a kill', async () => {
  const { Messages } = await runtime.clients.queues.send(
    new ReceiveMessageCommand({ QueueUrl: ready.queues['GivenUp'] }),
  )
  expect(Messages?.[0]?.Body).toBe('kept')
})

test('mails survive a kill', () => {
  expect(runtime.readMailbox()[0]?.subject).toBe('before the end')
})
