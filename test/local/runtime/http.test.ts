import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { httpEvent } from '../../../local/runtime/api/http-event.ts'
import { functionAnswer } from '../../../local/runtime/api/http-response.ts'
import { routeFinder } from '../../../local/runtime/api/routes.ts'
import type { RoutePart } from '../../../local/runtime/resources/apis.ts'

const route = (routeKey: string): RoutePart => ({
  kind: 'route',
  id: 'Main/Route',
  apiId: 'api',
  routeKey,
  integrationId: 'integration',
  authorizerId: undefined,
  scopes: [],
})

const find = routeFinder(
  [
    '$default',
    'ANY /{proxy+}',
    'GET /pets/{proxy+}',
    'GET /pets/dog/{id}',
    'GET /pets/dog/1',
    'ANY /pets/dog/1',
  ].map(route),
)

test.each([
  ['GET', '/pets/dog/1', 'GET /pets/dog/1', {}],
  ['POST', '/pets/dog/1', 'ANY /pets/dog/1', {}],
  ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
  ['GET', '/pets/cat/a%20b', 'GET /pets/{proxy+}', { proxy: 'cat/a b' }],
  ['POST', '/pets/cat', 'ANY /{proxy+}', { proxy: 'pets/cat' }],
  ['GET', '/', '$default', {}],
])('%s %s goes to %s', (method, path, key, pathParameters) => {
  expect(find(method, path)).toEqual({ route: route(key), pathParameters })
})

test('a path that no route has is not found', () => {
  expect(routeFinder([route('GET /a/{b}')])('GET', '/a/')).toBeUndefined()
})

/** Sends a request over the wire and gives the event made of it. */
async function eventOf(path: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  return await new Promise((resolve) => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const event = httpEvent({
          request,
          body: Buffer.concat(chunks),
          match: { route: route('POST /a'), pathParameters: {} },
          claims: undefined,
          apiId: 'api',
          account: '000000000000',
          requestId: 'r',
          at: Date.parse('2026-11-22T19:46:00Z'),
        })
        response.end()
        server.close()
        resolve(event as Record<string, unknown>)
      })
    })
    server.listen(0, '127.0.0.1', () => {
      void fetch(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}${path}`, {
        method: 'POST',
        ...init,
      })
    })
  })
}

test('a JSON body is handed over as text', async () => {
  const event = await eventOf('/a', {
    body: '{"a":"ä"}',
    headers: { 'content-type': 'application/json; charset=utf-8' },
  })
  expect(event).toMatchObject({ body: '{"a":"ä"}', isBase64Encoded: false })
})

test('a form is handed over in base64, as API Gateway does', async () => {
  const event = await eventOf('/a', { body: new URLSearchParams({ choice: 'accept' }) })
  expect(event).toMatchObject({
    body: Buffer.from('choice=accept').toString('base64'),
    isBase64Encoded: true,
  })
})

test('a query is handed over raw and read, repeated names joined by commas', async () => {
  const event = await eventOf('/a?x=1&x=2&y=%20z')
  expect(event).toMatchObject({
    rawQueryString: 'x=1&x=2&y=%20z',
    queryStringParameters: { x: '1,2', y: ' z' },
  })
})

test('cookies stand apart from the headers, whose names are in lower case', async () => {
  const event = await eventOf('/a', { headers: { Cookie: 'a=1; b=2', 'X-Mixed': 'Yes' } })
  expect(event['cookies']).toEqual(['a=1', 'b=2'])
  expect(event['headers']).toMatchObject({ 'x-mixed': 'Yes' })
  expect(event['headers']).not.toHaveProperty('cookie')
})

test('the context tells method, path, time and who asks', async () => {
  const event = await eventOf('/a', { headers: { 'user-agent': 'agent/1' } })
  expect(event['requestContext']).toMatchObject({
    http: { method: 'POST', path: '/a', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'agent/1' },
    stage: '$default',
    time: '22/Nov/2026:19:46:00 +0000',
    timeEpoch: 1_795_376_760_000,
  })
})

test('an answer without a status is the body of a 200', () => {
  const { status, headers, body } = functionAnswer({ stored: 'a' })
  expect([status, headers['content-type'], body.toString()]).toEqual([
    200,
    'application/json',
    '{"stored":"a"}',
  ])
})

test('a base64 body goes out as the bytes it stands for', () => {
  const { body } = functionAnswer({ statusCode: 200, body: 'AAEC', isBase64Encoded: true })
  expect([...body]).toEqual([0, 1, 2])
})

test('cookies of an answer become headers of their own', () => {
  expect(functionAnswer({ statusCode: 204, cookies: ['a=1', 'b=2'] }).headers['set-cookie']).toEqual([
    'a=1',
    'b=2',
  ])
})

test('an answer that makes no sense is a 500', () => {
  expect(functionAnswer({ statusCode: 'soon' }).status).toBe(500)
})
