import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsCommandOutput,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn'
import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs'
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anyPorts } from '../../../local/runtime/ports.ts'
import { type Runtime, startRuntime } from '../../../local/runtime/runtime.ts'
import { synthesizeFixture } from './fixture/assembly.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

let runtime: Runtime
const dataFolder = temporaryFolder('stack')
const credentials = { accessKeyId: 'any', secretAccessKey: 'any' }

beforeAll(async () => {
  const people = [{ subject: 'u1', name: 'Una', email: 'una@example.com', groups: ['acme:viewer'] }]
  runtime = await startRuntime({ cdkOut: await synthesizeFixture(), dataFolder, people, ports: anyPorts })
})

afterAll(async () => {
  await runtime.stop()
})

const get = async (path: string, token?: string, init: RequestInit = {}): Promise<Response> =>
  await fetch(`${runtime.url}${path}`, {
    ...init,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(init.headers as Record<string, string> | undefined),
    },
  })

const put = async (id: string, body: string): Promise<Response> =>
  await get(`/projects/${id}`, await runtime.issueToken({ subject: 'u1' }), {
    method: 'PUT',
    body,
    headers: { 'content-type': 'text/plain' },
  })

/** The value that a function of the fixture stored, once it is there. */
async function stored(pk: string, sk: string): Promise<unknown> {
  const TableName = runtime.tables[0]?.name
  const Key = { pk: { S: pk }, sk: { S: sk } }
  const read = async () => (await runtime.clients.table.send(new GetItemCommand({ TableName, Key }))).Item
  await expect.poll(read, { timeout: 10_000 }).toBeDefined()
  return JSON.parse((await read())?.['value']?.S ?? 'null')
}

/** A function's name by its construct. */
const functionNamed = (name: string): string => {
  const found = [...runtime.resources.values()].find(
    ({ id, part }) => part?.kind === 'function' && new RegExp(`/${name}[0-9A-F]{8}$`).test(id),
  )
  return `${found?.ref ?? name}:live`
}

const invoke = async (name: string, payload: unknown) => await runtime.invoke(functionNamed(name), payload)
const queue = (name: string) => runtime.queues.find((each) => each.id.startsWith(`Data/${name}`))!

test('a signed-in caller reaches a route, and its function gets the claims as text', async () => {
  const token = await runtime.issueToken({
    subject: 'u1',
    email: 'a@example.com',
    groups: ['acme:viewer', 'acme:estimator'],
  })
  const answer = await get('/projects/p%2F1', token)
  const { event } = (await answer.json()) as { event: { requestContext: { authorizer: unknown } } }
  expect(event).toMatchObject({ routeKey: 'GET /projects/{id}', pathParameters: { id: 'p/1' } })
  expect(event.requestContext.authorizer).toMatchObject({
    jwt: {
      claims: { sub: 'u1', email: 'a@example.com', 'cognito:groups': '[acme:viewer acme:estimator]' },
      scopes: null,
    },
  })
})

test('status, headers and cookies go out as the function gave them', async () => {
  const answer = await get('/review/abc')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('x-number')).toBe('7')
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
})

test('an integration on an alias calls the function by that alias', async () => {
  const { function: arn } = (await (await get('/review/abc')).json()) as { function: string }
  expect(arn).toMatch(/:live$/)
})

test('a request without a token is 401, in the words of API Gateway', async () => {
  const answer = await get('/projects/p1')
  expect([answer.status, await answer.json()]).toEqual([401, { message: 'Unauthorized' }])
})

/** Claims that are right in everything, to be made wrong in one thing. */
async function rightClaims(): Promise<JWTPayload> {
  const [, payload = ''] = (await runtime.issueToken({ subject: 'u1' })).split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as JWTPayload
}

const ownKey = async () => {
  const key: unknown = JSON.parse(readFileSync(join(dataFolder, 'issuer/key.json'), 'utf8'))
  return key as JWK & { kid: string }
}

async function signed(claims: JWTPayload, key: JWK): Promise<string> {
  const { kid } = await ownKey()
  return await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(key)
}

const now = (): number => Math.floor(Date.now() / 1000)

test.each<[string, (claims: JWTPayload) => JWTPayload]>([
  ['has expired', (claims) => ({ ...claims, exp: now() - 1 })],
  ['does not expire', ({ exp: _exp, ...claims }) => claims],
  ['is not valid yet', (claims) => ({ ...claims, nbf: now() + 60 })],
  ['comes from the future', (claims) => ({ ...claims, iat: now() + 60 })],
  ['is of another issuer', (claims) => ({ ...claims, iss: `${claims.iss ?? ''}x` })],
  ['is for another client', (claims) => ({ ...claims, aud: 'somebody-else' })],
  ['is for nobody', ({ aud: _aud, ...claims }) => claims],
])('a token that %s is 401', async (_what, change) => {
  const key = await ownKey()
  const right = await rightClaims()
  expect((await get('/projects/p1', await signed(right, key))).status).toBe(200)
  expect((await get('/projects/p1', await signed(change(right), key))).status).toBe(401)
})

test('a token signed by a key of somebody else is 401', async () => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const foreign = await exportJWK(privateKey)
  expect((await get('/projects/p1', await signed(await rightClaims(), foreign))).status).toBe(401)
})

test('a token without a signature is 401', async () => {
  const header = Buffer.from('{"alg":"none"}').toString('base64url')
  const payload = Buffer.from(JSON.stringify(await rightClaims())).toString('base64url')
  expect((await get('/projects/p1', `${header}.${payload}.`)).status).toBe(401)
})

test("a token without the route's scope is 403, and one with it tells the function", async () => {
  const key = await ownKey()
  const claims = await rightClaims()
  expect((await get('/scoped', await signed(claims, key))).status).toBe(403)
  const answer = await get('/scoped', await signed({ ...claims, scope: 'a budgets/write' }, key))
  expect(await answer.json()).toMatchObject({
    event: { requestContext: { authorizer: { jwt: { scopes: ['a', 'budgets/write'] } } } },
  })
})

// What follows is about the pages of a user pool.
const verifier = 'v'.repeat(43)
const callback = 'https://example.com'

const pool = async (): Promise<string> => {
  const { iss = '' } = await rightClaims()
  return iss
}
const clientId = async (): Promise<string> => String((await rightClaims()).aud)

type Fields = Readonly<Record<string, string>>

const asked = async (over: Fields = {}): Promise<string> => {
  const fields = {
    response_type: 'code',
    client_id: await clientId(),
    redirect_uri: callback,
    scope: 'openid',
    state: 'seen',
    nonce: 'once',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...over,
  }
  return new URLSearchParams(fields).toString()
}
const authorize = async (over?: Fields): Promise<Response> =>
  await fetch(`${await pool()}/oauth2/authorize?${await asked(over)}`, { redirect: 'manual' })
const choose = async (person: string, over?: Fields): Promise<Response> =>
  await fetch(`${await pool()}/login?${await asked(over)}`, {
    method: 'POST',
    body: new URLSearchParams({ person }),
    redirect: 'manual',
  })
const code = async (): Promise<string> =>
  new URL((await choose('u1')).headers.get('location') ?? '').searchParams.get('code') ?? ''

async function exchange(over: Fields = {}) {
  const fields = {
    grant_type: 'authorization_code',
    client_id: await clientId(),
    code: await code(),
    code_verifier: verifier,
    redirect_uri: callback,
    ...over,
  }
  const answer = await fetch(`${await pool()}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(fields),
  })
  return { code: fields.code, status: answer.status, json: (await answer.json()) as Record<string, string> }
}

describe('the pages of a user pool', () => {
  test('are found by the description of their issuer', async () => {
    const description = await (await fetch(`${await pool()}/.well-known/openid-configuration`)).json()
    expect(description).toMatchObject({
      issuer: await pool(),
      authorization_endpoint: `${await pool()}/oauth2/authorize`,
      token_endpoint: `${await pool()}/oauth2/token`,
      end_session_endpoint: `${await pool()}/logout`,
    })
  })

  test('lead through a page of the people to the client, with a code and its state', async () => {
    const login = (await authorize()).headers.get('location') ?? ''
    expect(await (await get(login)).text()).toContain('Una')
    expect((await choose('u1')).headers.get('location')).toMatch(
      /^https:\/\/example\.com\/\?code=[\w-]+&state=seen$/,
    )
  })

  test('give a token for a code, once', async () => {
    const first = await exchange()
    const [, payload = ''] = first.json['id_token']?.split('.') ?? []
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      sub: 'u1',
      aud: await clientId(),
      nonce: 'once',
      'cognito:groups': ['acme:viewer'],
    })
    const again = await exchange({ code: first.code })
    expect([again.status, again.json]).toEqual([400, { error: 'invalid_grant' }])
  })

  test.each<[string, Fields]>([
    ['invalid_client', { client_id: 'unknown' }],
    ['unsupported_grant_type', { grant_type: 'client_credentials' }],
    ['invalid_grant', { code_verifier: 'w'.repeat(43) }],
    ['invalid_grant', { redirect_uri: 'https://elsewhere.example' }],
    ['invalid_grant', { code: 'guessed' }],
  ])('refuse a code with %s for %j', async (error, over) => {
    const { status, json } = await exchange(over)
    expect([status, json]).toEqual([400, { error }])
  })

  test.each<[string, Fields]>([
    ['invalid_client', { client_id: 'unknown' }],
    ['redirect_mismatch', { redirect_uri: 'https://elsewhere.example' }],
  ])('send nobody anywhere: %s', async (error, over) => {
    const answer = await authorize(over)
    expect([answer.status, await answer.text()]).toEqual([400, error])
    expect((await choose('u1', over)).status).toBe(400)
  })

  test.each<[string, Fields]>([
    ['unsupported_response_type', { response_type: 'password' }],
    ['invalid_scope', { scope: 'openid everything' }],
    ['invalid_request', { code_challenge_method: 'plain' }],
  ])('tell the client: %s', async (error, over) => {
    const { searchParams } = new URL((await authorize(over)).headers.get('location') ?? '')
    expect([searchParams.get('error'), searchParams.get('state')]).toEqual([error, 'seen'])
    expect((await choose('u1', over)).status).toBe(400)
  })

  test('let nobody in who is not there', async () => {
    expect((await choose('nobody')).status).toBe(400)
  })

  test('lead nowhere at the end but to the client', async () => {
    const fields = new URLSearchParams({ client_id: await clientId(), logout_uri: callback })
    expect((await fetch(`${await pool()}/logout?${fields.toString()}`)).status).toBe(400)
  })
})

test('the issuer serves its keys where its tokens say', async () => {
  const { iss } = await rightClaims()
  const discovery = (await (await fetch(`${iss ?? ''}/.well-known/openid-configuration`)).json()) as {
    jwks_uri: string
  }
  const { keys } = (await (await fetch(discovery.jwks_uri)).json()) as { keys: JWK[] }
  expect(keys).toHaveLength(1)
  expect(keys[0]).not.toHaveProperty('d')
})

test('a path that no route has is 404, in the words of API Gateway', async () => {
  const answer = await get('/nothing')
  expect([answer.status, await answer.json()]).toEqual([404, { message: 'Not Found' }])
})

test('a body of more than 10 MB is 413', async () => {
  const answer = await get('/review/abc', undefined, {
    method: 'POST',
    body: Buffer.alloc(10 * 1024 * 1024 + 1),
  })
  expect(answer.status).toBe(413)
})

test('a function that fails is 500 and says nothing of why', async () => {
  const answer = await get('/trouble', undefined, { method: 'POST', body: '{}' })
  expect([answer.status, await answer.json()]).toEqual([500, { message: 'Internal Server Error' }])
})

test('why a function failed is in the log of problems', async () => {
  await get('/trouble', undefined, { method: 'POST', body: '{}' })
  expect(readFileSync(join(dataFolder, 'logs/problems.log'), 'utf8')).toContain(
    'Error: a reason for the log only',
  )
})

test('the access log names the route and never the path', async () => {
  await get('/review/secret-reference')
  const log = readFileSync(join(dataFolder, 'logs/access.log'), 'utf8')
  expect(log).toContain('GET /review/{reference}')
  expect(log).not.toContain('secret-reference')
})

test('what is mounted comes before the routes', async () => {
  runtime.mount('/desk', (_request: IncomingMessage, response: ServerResponse) => {
    response.end('desk')
  })
  expect(await (await get('/desk/mails')).text()).toBe('desk')
})

test('a new outbox row reaches the function of the stream, binary values as base64', async () => {
  await put('stream-1', 'a budget')
  expect(await stored('stream-1', 'DELIVERED')).toEqual({
    eventName: 'INSERT',
    bytes: Buffer.from('hi').toString('base64'),
  })
})

async function deadLetters(): Promise<readonly (string | undefined)[] | undefined> {
  const command = new ReceiveMessageCommand({ QueueUrl: queue('Dead').url, VisibilityTimeout: 0 })
  return (await runtime.clients.queues.send(command)).Messages?.map(({ Body }) => Body)
}

/** What the consumer of the fixture stored, in the order of arrival. */
async function consumed(): Promise<readonly string[] | undefined> {
  const { Items } = await runtime.clients.table.send(
    new QueryCommand({
      TableName: runtime.tables[0]?.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'QUEUE' } },
    }),
  )
  return Items?.map((item) => item['sk']?.S?.split('#')[1] ?? '').filter((body) =>
    ['one', 'bad', 'two'].includes(body),
  )
}

test('the messages of a group arrive in order, and one that fails ends as a dead letter', async () => {
  // With a thread that is up, no message comes again for having waited for it.
  await invoke('consumer', { Records: [] })
  for (const [id, body] of ['one', 'bad', 'two'].entries())
    await invoke('send', { group: 'g', body, id: `order-${String(id)}` })
  await expect.poll(deadLetters, { timeout: 20_000, interval: 200 }).toEqual(['bad'])
  await expect.poll(consumed, { timeout: 5000 }).toEqual(['one', 'two'])
})

test('an execution started by the relay waits for its token and goes on with the answer', async () => {
  await put('cycle-1', 'wait')
  const token = await stored('cycle-1', 'TOKEN')
  await invoke('answerWait', { token, output: { word: 'answered' } })
  const states = new SFNClient({
    endpoint: runtime.endpoints.stateMachines,
    region: 'us-east-1',
    credentials,
  })
  const machine = runtime.resources.get(
    [...runtime.resources.keys()].find((id) => id.startsWith('Cycle/Machine') && !id.includes('Role'))!,
  )!
  const executionArn = `${machine.ref.replace(':stateMachine:', ':execution:')}:cycle-1`
  const status = async () => (await states.send(new DescribeExecutionCommand({ executionArn }))).status
  await expect.poll(status, { timeout: 10_000 }).toBe('SUCCEEDED')
})

test('an execution that failed is told to the function of the rule, with its error', async () => {
  await put('cycle-2', 'fail')
  expect(await stored('cycle-2', 'ENDED')).toMatchObject({ status: 'FAILED', error: 'RangeError' })
})

const putEvents = async (Entries: PutEventsRequestEntry[]): Promise<PutEventsCommandOutput> => {
  const client = new EventBridgeClient({
    endpoint: runtime.endpoints.events,
    region: 'us-east-1',
    credentials,
  })
  return await client.send(new PutEventsCommand({ Entries }))
}
const lines = () => readFileSync(join(dataFolder, 'events.jsonl'), 'utf8').trimEnd().split('\n')

describe('an event that is put on an own bus', () => {
  const entry = { EventBusName: 'moves', Source: 'cranes', DetailType: 'Crane moved' }
  const moved = (crane: string, up = true) => ({ ...entry, Detail: JSON.stringify({ crane, up }) })
  test('is a line of a file when its sender has the answer, and is told to the rules that match it', async () => {
    const Time = new Date('2026-11-22T10:00:00Z')
    const { Entries } = await putEvents([
      { ...moved('east'), Time, Resources: ['site'] },
      moved('west', false),
    ])
    const written = lines().map((line) => JSON.parse(line) as unknown)
    expect(written).toEqual([
      {
        version: '0',
        id: Entries?.[0]?.EventId,
        'detail-type': 'Crane moved',
        source: 'cranes',
        account: '000000000000',
        time: '2026-11-22T10:00:00Z',
        region: 'us-east-1',
        resources: ['site'],
        detail: { crane: 'east', up: true },
      },
      expect.objectContaining({ detail: { crane: 'west', up: false } }),
    ])
    expect(await stored('east', 'MOVED')).toEqual(written[0])
  })

  test.each<[string, PutEventsRequestEntry, string]>([
    ['without a source', { ...moved('x'), Source: undefined }, 'InvalidArgument'],
    ['without a detail', entry, 'InvalidArgument'],
    ['whose detail is no object', { ...entry, Detail: '[1]' }, 'MalformedDetail'],
    ['whose detail is no JSON', { ...entry, Detail: '{' }, 'MalformedDetail'],
    ['for a bus that is not there', { ...moved('x'), EventBusName: 'others' }, 'ResourceNotFoundException'],
    ['for the bus of the account', { ...moved('x'), EventBusName: undefined }, 'ResourceNotFoundException'],
  ])('%s is refused alone: the others of its call are taken', async (_, refused, ErrorCode) => {
    const before = lines().length
    const { FailedEntryCount, Entries } = await putEvents([refused, moved('north', false)])
    expect(FailedEntryCount).toBe(1)
    expect(Entries).toMatchObject([{ ErrorCode }, { EventId: expect.any(String) as string }])
    expect(lines()).toHaveLength(before + 1)
  })

  test('is refused with all of its call where they are more than ten, or too large together', async () => {
    const before = lines().length
    await expect(putEvents(Array.from({ length: 11 }, () => moved('x')))).rejects.toThrow(/Entries/)
    await expect(putEvents([moved('x'.repeat(150_000)), moved('x'.repeat(120_000))])).rejects.toThrow(
      'Total size of the entries in the request is over the limit.',
    )
    expect(lines()).toHaveLength(before)
  })
})

test('a mail sent with the SDK lies in the mailbox when the sender has its answer', async () => {
  const sent = await invoke('mailer', { to: 'approver@example.com' })
  expect(runtime.readMailbox()[0]).toMatchObject({
    id: 'payload' in sent ? sent.payload : '',
    from: 'budgets@example.com',
    to: ['approver@example.com'],
    subject: 'Budget ready for review',
    text: 'Total: 10.00',
    html: '<p>Total: 10.00</p>',
    headers: { 'x-kind': 'review' },
  })
})

test('an object that is put can be got, by an address of this machine', async () => {
  const files = new S3Client({
    endpoint: runtime.endpoints.queuesAndBuckets,
    region: 'us-east-1',
    credentials,
  })
  const object = { Bucket: runtime.buckets[0]?.name, Key: 'c/acme/part-1.txt' }
  await files.send(new PutObjectCommand({ ...object, Body: 'line' }))
  expect(await (await files.send(new GetObjectCommand(object))).Body?.transformToString()).toBe('line')
})

test('a message given back at once is not lost, and its receipts are counted', async () => {
  const { url: QueueUrl } = queue('GivenUp')
  await runtime.clients.queues.send(new SendMessageCommand({ QueueUrl, MessageBody: 'again' }))
  const receive = async () =>
    (
      await runtime.clients.queues.send(
        new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['All'] }),
      )
    ).Messages?.[0]
  const first = await receive()
  await runtime.clients.queues.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl,
      ReceiptHandle: first?.ReceiptHandle,
      VisibilityTimeout: 0,
    }),
  )
  expect(await receive()).toMatchObject({ Body: 'again', Attributes: { ApproximateReceiveCount: '2' } })
})

test('a function runs in UTC', async () => {
  const { payload } = (await invoke('trouble', { kind: 'none' })) as { payload: { zone: number } }
  expect(payload.zone).toBe(0)
})

/** Addresses that somebody listens on, as Linux lists them (state 0A): in hexadecimal, least byte first. */
const listening = (): [string, number][] =>
  ['tcp', 'tcp6']
    .flatMap((kind) => readFileSync(`/proc/net/${kind}`, 'utf8').split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A')
    .map(([_number, local = '']) => [
      local.split(':')[0] ?? '',
      Number.parseInt(local.split(':')[1] ?? '', 16),
    ])

test('nothing listens beyond this machine', () => {
  const { table, queuesAndBuckets, mail, stateMachines } = runtime.endpoints
  const ports = [runtime.url, table, queuesAndBuckets, mail, stateMachines].map((url) =>
    Number(new URL(url).port),
  )
  const ours = listening().filter(([, port]) => ports.includes(port))
  expect(ours).toHaveLength(5)
  expect(new Set(ours.map(([address]) => address))).toEqual(new Set(['0100007F']))
})

test('a resource is found by its id, its name and its ARN', () => {
  const [table] = runtime.tables
  expect([table!.id, table!.name, table!.arn].map((name) => runtime.resource(name).ref)).toEqual(
    Array.from({ length: 3 }, () => table!.name),
  )
})

test('rows of the stream that no filter wants do not hold up those it wants', async () => {
  const TableName = runtime.tables[0]?.name
  for (let at = 0; at < 30; at += 1)
    await runtime.clients.table.send(
      new PutItemCommand({ TableName, Item: { pk: { S: 'noise' }, sk: { S: String(at) } } }),
    )
  await put('stream-2', 'after noise')
  expect(await stored('stream-2', 'DELIVERED')).toMatchObject({ eventName: 'INSERT' })
})
