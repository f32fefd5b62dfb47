import { expect, onTestFinished, test, vi } from 'vitest'
import { createApi } from '../../../functions/sage-connector/agent/api-client.ts'
import { content, message, sha256 } from './api-server.ts'

const address = 'https://files.example.com/clinic-e1-p1.txt'

/** An API that answers one call after the other so, and what it was sent. */
function answering(...answers: readonly (readonly [status: number, body: string])[]) {
  const left = [...answers]
  const sent: { url: string; method?: string; headers: Headers }[] = []
  const fetched = vi
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async (url, { method, headers, signal } = {}) => {
      signal?.throwIfAborted()
      sent.push({
        url: new Request(url).url,
        headers: new Headers(headers),
        ...(method !== undefined && { method }),
      })
      const [status, body] = left.shift() ?? [500, '']
      return await Promise.resolve(new Response(status === 204 ? null : body, { status }))
    })
  onTestFinished(() => {
    fetched.mockRestore()
  })
  return { api: createApi({ url: 'https://api', company: 'northwind', token: () => 'token' }), sent }
}

const receipt = { part: 1, attempt: 1, sha256, where: 'folder' }
const claimed = JSON.stringify({ message: message(), file: { name: 'clinic.txt', url: address } })

test('a file too large for an answer is taken from the address that the answer names', async () => {
  const { api, sent } = answering([200, claimed], [200, content.toString('latin1')])
  const { bytes, fileName } = await api.claim('clinic-e1', { part: 1, attempt: 1 })
  expect([Buffer.from(bytes), fileName]).toEqual([content, 'clinic.txt'])
  expect(sent.map(({ url }) => url)).toEqual(['https://api/exports/clinic-e1/claim', address])
})

test('what stands at an address that is no more good is no file', async () => {
  const { api } = answering([200, claimed], [403, '<Error>Request has expired</Error>'])
  await expect(api.claim('clinic-e1', { part: 1, attempt: 1 })).rejects.toMatchObject({
    status: 403,
    code: '403',
    message: 'The file could not be downloaded.',
  })
})

test('a file that takes too long is given up', async () => {
  const { api } = answering([200, claimed], [200, ''])
  const given = vi.spyOn(AbortSignal, 'timeout')
  onTestFinished(() => {
    given.mockRestore()
  })
  given.mockReturnValueOnce(new AbortController().signal)
  given.mockReturnValueOnce(AbortSignal.abort(new Error('It takes too long.')))
  await expect(api.claim('clinic-e1', { part: 1, attempt: 1 })).rejects.toThrow('It takes too long.')
})

test.each([
  [200, ''],
  [204, ''],
])('an answer of %i without a body is an answer', async (status, body) => {
  const { api } = answering([status, body])
  await api.receipt('clinic-e1', receipt)
})

test('a call says what it sends, and carries a key only where it has one', async () => {
  const seen = JSON.stringify({ settled_as: null, parts: [] })
  const { api, sent } = answering([200, '{}'], [200, '{}'], [200, seen])
  await api.receipt('clinic-e1', receipt)
  await api.rejects('clinic-e1', { part: 1, bytes: content, key: 'once' })
  await api.seen('clinic-e1')
  expect(
    sent.map(({ method, headers }) => [method, headers.get('content-type'), headers.get('idempotency-key')]),
  ).toEqual([
    ['POST', 'application/json', null],
    ['POST', 'application/json', 'once'],
    ['GET', null, null],
  ])
})

const told = { what_to_do: 'Wait.', detail: 'It is busy.', type: 'urn:problem:BUSY' }

test.each<[string, unknown, object]>([
  [
    'with all that it can say',
    { ...told, errors: [{ line: 3, sentence: 'Not sent.' }, { sentence: 'Too long.' }, { line: 4 }] },
    { code: 'BUSY', message: 'It is busy.', whatToDo: 'Wait.', places: ['Line 3: Not sent.', 'Too long.'] },
  ],
  ['without places', told, { code: 'BUSY', places: [] }],
  ['with places of another form', { ...told, errors: 'many' }, { code: 'BUSY', places: [] }],
  ['with places of another kind', { ...told, errors: [{ sentence: 5 }] }, { code: 'BUSY', places: [] }],
  ['without a type', { detail: 'It is busy.' }, { code: '503', message: 'It is busy.' }],
  ['of another form', { ...told, detail: 5 }, { code: '503', whatToDo: undefined, places: [] }],
  [
    'of a proxy',
    '<html>',
    { code: '503', message: 'POST /exports/clinic-e1/receipt: 503', whatToDo: undefined, places: [] },
  ],
])('a refusal %s is told as far as it is understood', async (_, body, refusal) => {
  const { api } = answering([503, typeof body === 'string' ? body : JSON.stringify(body)])
  const refused = { name: 'ApiRefused', status: 503, ...refusal }
  await expect(api.receipt('clinic-e1', receipt)).rejects.toMatchObject(refused)
})

const part = { part: 1, file_sha256: sha256, outcome: 'open', exceptions: [], posted: null }

test.each([
  ['an end', { parts: [part] }],
  ['a part', { settled_as: null, parts: [{}] }],
  ['its parts', { settled_as: null }],
])('an answer that lacks %s says nothing of an export', async (_, body) => {
  const { api } = answering([200, JSON.stringify(body)])
  await expect(api.seen('clinic-e1')).rejects.toThrow('Invalid input')
})
