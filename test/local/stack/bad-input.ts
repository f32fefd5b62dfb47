import { randomUUID } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { company, people, subjectOf } from '../../../local/local-company.ts'
import { command, readBudget } from '../../../local/sample.ts'
import type { LocalStack } from '../../../local/stack.ts'
import { paulaOn, smallProject } from './small-project.ts'
import { sharedStack } from './shared-stack.ts'

// What the API says to what it must not take: real tokens, real HTTP, and nothing stored.

const budget = '/projects/depot/budget'
let stack: LocalStack

beforeAll(async () => {
  stack = await sharedStack(['24-4001', '24-4002'])
  await smallProject(stack, { id: 'depot', job: '24-4001', lines: { '03-3000.S': '1000.00' } })
  await smallProject(stack, { id: 'annex', job: '24-4002', lines: { '99-9999.S': '1000.00' } })
  await command(paulaOn(stack), 'lock', 'annex')
})

const tokenOf = async (groups: readonly string[], subject = subjectOf(people.paula), seconds = 600) =>
  await stack.runtime.issueToken({ subject, groups, expiresInSeconds: seconds })

const paulasGroups = people.paula.roles.map((role) => `${company}:${role}`)
const paulasToken = async (): Promise<string> => await tokenOf(paulasGroups)

interface Asked {
  readonly token?: string
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly type?: string
}

async function ask(method: string, path: string, { token, body, type }: Asked = {}) {
  const answer = await fetch(`${stack.runtime.url}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(type !== undefined && { 'content-type': type }),
      'idempotency-key': randomUUID(),
      'if-match': `"${String(await revision())}"`,
    },
    ...(body !== undefined && { body }),
  })
  return {
    status: answer.status,
    type: answer.headers.get('content-type')?.split(';')[0],
    body: (await answer.json()) as Record<string, unknown>,
  }
}

async function revision(): Promise<number> {
  const { revision: found } = z.looseObject({ revision: z.int() }).parse(await paulaOn(stack).get(budget))
  return found
}

const line = { cost_code: '03-3000', cost_type: 'M', original_budget_amount: '10.00' }

/** A batch with one good line and this one. */
const batch = (second: Readonly<Record<string, unknown>>) => ({
  method: 'PATCH',
  path: `${budget}/line_items`,
  type: 'application/json',
  body: JSON.stringify({ upserts: [line, { ...line, cost_type: 'L', ...second }] }),
})

const heading = 'Cost Code,Cost Type,Budget Amount'
const file = (body: string | Uint8Array<ArrayBuffer>) => ({
  method: 'POST',
  path: `${budget}/import?mode=merge`,
  type: 'text/csv',
  body,
})
const lines = (...rows: readonly string[]) => file([heading, ...rows].join('\n'))

const broken = {
  'a field that is not known': {
    ...batch({ colour: 'red' }),
    place: { pointer: '/upserts/1/colour', code: 'UNKNOWN_FIELD' },
  },
  'a number where text is asked for': {
    ...batch({ original_budget_amount: 10.5 }),
    place: { pointer: '/upserts/1/original_budget_amount', code: 'INVALID_TYPE' },
  },
  'an amount with three decimals': {
    ...batch({ original_budget_amount: '10.005' }),
    place: { pointer: '/upserts/1/original_budget_amount', code: 'TOO_MANY_DECIMALS' },
  },
  'an amount with an exponent': {
    ...batch({ original_budget_amount: '1e5' }),
    place: { pointer: '/upserts/1/original_budget_amount', code: 'EXPONENT' },
  },
  'the same budget code twice in a batch': {
    ...batch({ cost_type: line.cost_type }),
    place: { pointer: '/upserts/1', sentence: expect.stringContaining('edited twice') as string },
  },
  'text that is not JSON': { ...batch({}), body: '{"upserts":[', place: { code: 'NOT_JSON' } },
  'a file with an amount with three decimals': {
    ...lines('06-1000,L,1.00', '06-1000,M,1.005'),
    place: { line: 3, column: 'Budget Amount', code: 'TOO_MANY_DECIMALS' },
  },
  'a file with an amount with an exponent': {
    ...lines('06-1000,L,1e5'),
    place: { line: 2, column: 'Budget Amount', code: 'EXPONENT' },
  },
  'a file with a budget code twice': {
    ...lines('06-1000,L,1.00', '06-1000,L,2.00'),
    place: { line: 3, column: 'Cost Code', code: 'DUPLICATE_BUDGET_CODE' },
  },
  'an empty file': { ...file(''), place: { line: 1, code: 'EMPTY' } },
  'a file with a quote that is not closed': {
    ...lines('06-1000,L,1.00', '"06-1000,M,1.00'),
    place: { line: 3, code: 'BROKEN_QUOTE' },
  },
  'a file in another encoding than the one it is sent as': {
    ...file(new Uint8Array(Buffer.from(`${heading}\n06-1000,L,1.00\n06-1000,\xc9,1.00\n`, 'latin1'))),
    place: { line: 3, code: 'WRONG_ENCODING' },
  },
  'a file with a heading that is not known': {
    ...file('Cost Code,Cost Type,Sum\n06-1000,L,1.00\n'),
    place: { line: 1, column: 'Sum', code: 'COLUMN_UNKNOWN' },
  },
}

describe.each(Object.entries(broken))('%s', (_name, { method, path, place, ...sent }) => {
  test('is refused by a problem document that names the place, and nothing is stored', async () => {
    const before = await revision()
    const answer = await ask(method, path, { ...sent, token: await paulasToken() })
    expect(answer).toMatchObject({
      status: expect.toSatisfy((status: number) => status === 400 || status === 422) as number,
      type: 'application/problem+json',
      body: { errors: [place], what_to_do: expect.stringMatching(/\w/) as string },
    })
    expect(await revision()).toBe(before)
  })
})

test('a file of 200,000 lines is refused with the limit, and nothing is stored', async () => {
  const before = await revision()
  const rows = Array.from({ length: 200_000 }, (_, index) => `${String(index)},L,1.00`)
  const answer = await ask('POST', `${budget}/import`, {
    token: await paulasToken(),
    type: 'text/csv',
    body: [heading, ...rows].join('\n'),
  })
  expect(answer).toMatchObject({
    status: 413,
    type: 'application/problem+json',
    body: { detail: 'The file has more than 100000 lines, which is the most that is read.' },
  })
  expect(await revision()).toBe(before)
})

test('a cost code that Sage does not know is found before sending, and named', async () => {
  const finding = { code: 'COST_CODE_NOT_IN_SAGE', severity: 'error', budget_code: '99-9999.S' }
  const token = await paulasToken()
  const precheck = await ask('GET', '/projects/annex/budget/precheck', { token })
  const sent = await ask('POST', '/projects/annex/budget/send', { token })
  expect(precheck.body['findings']).toEqual(expect.arrayContaining([expect.objectContaining(finding)]))
  expect(sent).toMatchObject({ status: 422, type: 'application/problem+json' })
  expect(sent.body['findings']).toEqual(expect.arrayContaining([expect.objectContaining(finding)]))
  expect((await readBudget(paulaOn(stack), 'annex')).erp_state).toBe('not_sent')
})

/** The same claims under the same key id, signed by a key of somebody else's making. */
async function signedByAnother(): Promise<string> {
  const token = await paulasToken()
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const { kid = '' } = { ...decodeProtectedHeader(token), ...(await exportJWK(privateKey)) }
  return await new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey)
}

async function unsigned(): Promise<string> {
  const [, claims = ''] = (await paulasToken()).split('.')
  return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`
}

describe('who asks', () => {
  test.each([
    ['without a token', () => undefined],
    ['with a token that somebody else signed', signedByAnother],
    ['with a token that nobody signed', unsigned],
    ['with a token that has run out', async () => await tokenOf(paulasGroups, undefined, -60)],
  ])('%s is not let in', async (_how, make) => {
    const token = await make()
    const { status } = await ask('GET', budget, { ...(token !== undefined && { token }) })
    expect(status).toBe(401)
  })

  test('without the role for it may not, and is told which role it needs', async () => {
    const groups = people.anna.roles.map((role) => `${company}:${role}`)
    const token = await tokenOf(groups, subjectOf(people.anna))
    expect(await ask('POST', `${budget}/lock`, { token })).toMatchObject({
      status: 403,
      type: 'application/problem+json',
      body: { detail: 'This needs the role project manager.' },
    })
  })

  test('with a role of the token that the directory does not give may not', async () => {
    const token = await tokenOf([`${company}:project_manager`], subjectOf(people.anna))
    expect((await ask('POST', `${budget}/lock`, { token })).status).toBe(403)
  })

  test('from another company finds no such project', async () => {
    const sue = 'local-sue'
    const token = await tokenOf(['southwind:company_admin'], sue)
    await firstPerson(token, { name: 'Sue', email: 'sue@southwind.example', subjects: [sue] })
    const foreign = await ask('GET', budget, { token })
    const none = await ask('GET', '/projects/nothing/budget', { token })
    expect(foreign).toMatchObject({ status: 404, body: { detail: 'There is no such project.' } })
    expect(foreign.body['detail']).toBe(none.body['detail'])
  })
})

/** Another company begins as every company does: its admin writes the first person, which is herself. */
async function firstPerson(token: string, person: object): Promise<void> {
  const authorization = `Bearer ${token}`
  const { headers } = await fetch(`${stack.runtime.url}/company/people`, { headers: { authorization } })
  const answer = await fetch(`${stack.runtime.url}/company/people/sue`, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json', 'if-match': headers.get('etag') ?? '' },
    body: JSON.stringify({ ...person, roles: ['company_admin'] }),
  })
  if (!answer.ok) throw new Error(`The first person was answered ${await answer.text()}`)
}

test('a command in the wrong state is refused with the reason and what to do', async () => {
  expect(await ask('POST', `${budget}/send`, { token: await paulasToken() })).toMatchObject({
    status: 409,
    type: 'application/problem+json',
    body: {
      type: 'urn:sage-budget-export:problem:BUDGET_NOT_LOCKED',
      detail: expect.stringMatching(/\w/) as string,
      what_to_do: expect.stringMatching(/[Ll]ock/) as string,
    },
  })
})
