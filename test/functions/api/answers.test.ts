import { Logger } from '@aws-lambda-powertools/logger'
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { Environment, readEnvironment } from '../../../shared/config.ts'
import { Amount } from '../../../functions/api/input.ts'
import { Day, Instant, PersonId, Sha256 } from '../../../shared/domain/ids.ts'
import { refusal, type RefusalCode, refusalCodes, Refused } from '../../../shared/domain/refusal.ts'
import type { Answer } from '../../../shared/http/answer.ts'
import { etag, notMatching } from '../../../shared/http/conditional.ts'
import { cursorOf, pageQuery, placeOf } from '../../../shared/http/page.ts'
import { apiHandler } from '../../../shared/http/pipeline.ts'
import { problemFor, problemType, statusOf } from '../../../shared/http/problem.ts'
import { type ApiEvent, bodyBytes, jsonBody, parsed, pointerOf, query } from '../../../shared/http/request.ts'
import { Later } from '../../../shared/store/errors.ts'
import { personOf } from './acme.ts'

const event = (more: Partial<APIGatewayProxyEventV2>): ApiEvent =>
  ({ headers: {}, isBase64Encoded: false, ...more }) as ApiEvent

/** The refusal that a call comes to. */
function refused(call: () => unknown) {
  try {
    call()
  } catch (error) {
    if (error instanceof Refused) return error.refusal
    throw error
  }
  throw new Error('it was not refused')
}

describe('a problem document', () => {
  const expected: Readonly<Record<RefusalCode, number>> = {
    INVALID_INPUT: 400,
    FILE_NOT_READABLE: 422,
    TOO_LARGE: 413,
    NOT_SIGNED_IN: 401,
    NOT_ALLOWED: 403,
    NOT_FOUND: 404,
    LINK_UNKNOWN: 404,
    IF_MATCH_MISSING: 428,
    CHANGED_MEANWHILE: 412,
    IDEMPOTENCY_KEY_MISSING: 400,
    IDEMPOTENCY_KEY_REUSED: 422,
    BUSY: 503,
    COMMAND_PENDING: 409,
    BUDGET_LOCKED: 409,
    BUDGET_NOT_LOCKED: 409,
    NO_LINES: 409,
    LINE_INVALID: 422,
    LINE_IN_USE: 409,
    WITH_ACCOUNTING: 409,
    NOT_SENT: 409,
    FINDINGS: 422,
    LEDGER_NOT_EMPTY: 409,
    JOB_NOT_LINKED: 409,
    TOTALS_NOT_READ: 409,
    NO_ESTIMATE_IN_SAGE: 409,
    PROJECT_EXISTS: 409,
    JOB_LINK_FIXED: 409,
    JOB_TAKEN: 409,
    SAGE_FOLDER_TAKEN: 409,
    CHANGE_HELD: 409,
    CHANGE_STATUS: 409,
    CHANGE_NOT_BALANCED: 422,
    CHANGE_LINE_MISSING: 422,
    APPROVAL_ENDED: 409,
    NOT_ELIGIBLE: 403,
    SHOWN_IS_NOT_STORED: 409,
    REASON_MISSING: 422,
    TICK_MISSING: 422,
    DATE_NOT_ALLOWED: 422,
    CODE_MISSING: 422,
    CODE_NOT_VALID: 422,
    TOO_MANY_MAILS: 429,
    TOO_MANY_TODAY: 429,
    NOT_EXPORTING: 409,
    OTHER_EXPORT: 409,
    CLAIMED: 409,
    MAY_BE_IN_SAGE: 409,
    LINE_NOT_SENT: 422,
    READ_BACK_CONTRADICTS: 409,
    NOTHING_TO_CONFIRM: 409,
    FILE_POSTED_OR_NOT: 422,
    NO_CYCLE_OPEN: 409,
    NOTHING_TO_TELL: 409,
    EXECUTION_ENDED: 409,
    ENTRY_OPEN: 422,
  }

  test.each(refusalCodes)('of %s has its own type and status', (code) => {
    const { status, body } = problemFor(new Refused(refusal(code, 'No.', 'Do this.')), 'r1')
    expect({ status, body }).toMatchObject({
      status: expected[code],
      body: { type: `urn:sage-budget-export:problem:${code}`, status: expected[code] },
    })
  })

  test('says what happened, what to do, and which request it was', () => {
    const error = new Refused(refusal('BUDGET_LOCKED', 'The budget is locked.', 'Unlock it.'))
    expect(problemFor(error, 'r1').body).toEqual({
      type: problemType('BUDGET_LOCKED'),
      title: 'Budget locked',
      status: 409,
      detail: 'The budget is locked.',
      what_to_do: 'Unlock it.',
      instance: 'urn:request:r1',
    })
  })

  test('of a fault of ours tells nothing about it', () => {
    const { status, body } = problemFor(new Error('ValidationException: table secret'), 'r1')
    expect({ status, body }).toEqual({
      status: 500,
      body: { type: 'about:blank', title: 'Internal Server Error', status: 500, instance: 'urn:request:r1' },
    })
  })

  test('of an error with a status of its own, such as a client library’s, tells nothing either', () => {
    const error = Object.assign(new Error('Access denied to arn:aws:...'), { statusCode: 403, expose: true })
    expect(problemFor(error, 'r1').status).toBe(500)
  })

  test('names at most a thousand places, and how many there are', () => {
    const places = Array.from({ length: 1500 }, (_, i) => ({
      pointer: `/${String(i)}`,
      code: 'X',
      sentence: '',
    }))
    const { body } = problemFor(new Refused(refusal('LINE_INVALID', '', '', { places })), 'r1')
    const { errors, errors_in_all } = body as { errors: unknown[]; errors_in_all: number }
    expect([errors.length, errors_in_all]).toEqual([1000, 1500])
  })

  test('asks to come again when the budget is busy', () => {
    expect(problemFor(new Refused(refusal('BUSY', '', '')), 'r1').headers).toEqual({ 'retry-after': '1' })
  })

  test('exists for nothing that cannot happen', () => {
    expect(Object.keys(statusOf).toSorted()).toEqual(
      [...refusalCodes, 'STORED_DATA_ALTERED', 'WRONG_CONTENT_TYPE'].toSorted(),
    )
  })
})

const match = (given: string | undefined) =>
  notMatching({ headers: given === undefined ? {} : { 'if-match': given } }, 12)?.code

describe('a query', () => {
  const schema = z.strictObject({ division: z.string(), mode: z.enum(['merge', 'replace']) })
  const asked = (rawQueryString: string, queryStringParameters: Record<string, string>) =>
    refused(() => query(event({ rawQueryString, queryStringParameters }), schema)).places

  test('names an option that is given twice', () => {
    const joined = { division: '03,05', mode: 'merge' }
    expect(asked('division=03&mode=merge&division=05', joined)).toEqual([
      { pointer: '/division', code: 'GIVEN_TWICE', sentence: 'This is given twice; give one value.' },
    ])
  })

  test.each([
    ['limit', '5000', 'TOO_BIG', 'This must be at most 200.'],
    ['limit', '0', 'TOO_SMALL', 'This must be at least 1.'],
    ['limit', '1.5', 'INVALID_TYPE', 'This must be a whole number.'],
    ['limit', 'all', 'INVALID_TYPE', 'This must be a number.'],
    ['cursor', '', 'TOO_SMALL', 'This must not be empty.'],
  ])('names the bound that an option passes: %s=%s', (option, value, code, sentence) => {
    const given = event({ rawQueryString: `${option}=${value}`, queryStringParameters: { [option]: value } })
    expect(refused(() => query(given, pageQuery())).places).toEqual([
      { pointer: `/${option}`, code, sentence },
    ])
  })

  test('names the values that an option may have, and one that is missing', () => {
    expect(asked('division=03&mode=append', { division: '03', mode: 'append' })).toMatchObject([
      { pointer: '/mode', sentence: 'This is none of: merge, replace.' },
    ])
    expect(asked('division=03', { division: '03' })).toMatchObject([
      { pointer: '/mode', sentence: 'This is missing.' },
    ])
  })
})

describe('If-Match', () => {
  test.each([
    ['the revision that stands', '"12"', undefined],
    ['a list that holds it', '"11", "12"', undefined],
    ['another revision', '"11"', 'CHANGED_MEANWHILE'],
    ['a weak tag', 'W/"12"', 'INVALID_INPUT'],
    ['a number without quotes', '12', 'INVALID_INPUT'],
    ['anything at all', '*', 'INVALID_INPUT'],
    ['nothing', undefined, 'IF_MATCH_MISSING'],
  ])('with %s', (_, given, code) => {
    expect(match(given)).toBe(code)
  })

  test('takes the tag that was given out', () => {
    expect(match(etag(12))).toBeUndefined()
  })
})

describe('a body', () => {
  const Line = z.strictObject({
    code: z.string(),
    nested: z.array(z.strictObject({ n: z.int() })).optional(),
  })
  const json = { 'content-type': 'application/json; charset=utf-8' }

  test('is read by its schema', () => {
    expect(jsonBody(event({ headers: json, body: '{"code":"a"}' }), Line)).toEqual({ code: 'a' })
  })

  test('may come in base64', () => {
    const body = Buffer.from('{"code":"ä"}').toString('base64')
    expect(jsonBody(event({ headers: json, body, isBase64Encoded: true }), Line)).toEqual({ code: 'ä' })
  })

  test('that is not JSON is refused', () => {
    const no = refused(() => jsonBody(event({ headers: json, body: '{"code":' }), Line))
    expect(no).toMatchObject({ code: 'INVALID_INPUT', places: [{ pointer: '', code: 'NOT_JSON' }] })
  })

  test('of another content type is refused before it is read', () => {
    const sent = event({ headers: { 'content-type': 'text/plain' }, body: '{' })
    expect(() => jsonBody(sent, Line)).toThrow('application/json')
  })

  test('over the limit is refused before it is decoded', () => {
    expect(refused(() => bodyBytes(event({ body: 'x'.repeat(11) }), 10)).code).toBe('TOO_LARGE')
  })

  test('at the limit is taken', () => {
    expect(bodyBytes(event({ body: 'x'.repeat(10) }), 10)).toHaveLength(10)
  })

  test('is measured in bytes, not letters', () => {
    expect(refused(() => bodyBytes(event({ body: 'ä'.repeat(6) }), 10)).code).toBe('TOO_LARGE')
  })

  test.each([
    ['an unknown field', { code: 'a', colour: 1 }, '/colour', 'UNKNOWN_FIELD'],
    ['an unknown field deep inside', { code: 'a', nested: [{ n: 1, m: 2 }] }, '/nested/0/m', 'UNKNOWN_FIELD'],
    ['a field of another type', { code: 7 }, '/code', 'INVALID_TYPE'],
    ['a missing field', {}, '/code', 'INVALID_TYPE'],
    [
      'a field that would reach the prototype',
      JSON.parse('{"code":"a","__proto__":{}}'),
      '/__proto__',
      'UNKNOWN_FIELD',
    ],
  ])('with %s is refused, and the place is named', (_, body, pointer, code) => {
    expect(refused(() => parsed(Line, body)).places).toMatchObject([{ pointer, code }])
  })

  test.each([
    ['a day', Day, '28.11.2026', 'INVALID_FORMAT', 'This is no day, written like 2026-11-28.'],
    [
      'an instant',
      Instant,
      '2026-11-28',
      'INVALID_FORMAT',
      'This is no instant in UTC, written like 2026-11-28T19:38:31.000Z.',
    ],
    ['a mail address', z.email(), 'rosa', 'INVALID_FORMAT', 'This is no mail address.'],
    [
      'an id',
      PersonId,
      'R. Diaz',
      'INVALID_FORMAT',
      'An id is 1 to 40 letters, digits, - and _, and begins with a letter or digit.',
    ],
    ['a hash', Sha256, 'ABC', 'INVALID_FORMAT', 'A SHA-256 is 64 digits and letters a to f.'],
    ['a list', z.array(z.int()).max(2), [1, 2, 3], 'TOO_BIG', 'This must have at most 2 entries.'],
    ['an amount', Amount, '1e5', 'EXPONENT', '1e5 is written with an exponent; write all its digits.'],
    ['a check of ours', z.string().refine(() => false, { error: 'No.' }), 'a', 'INVALID_VALUE', 'No.'],
  ])('with %s that is not so is told how it must be', (_, schema, value, code, sentence) => {
    const body = { at: value }
    expect(refused(() => parsed(z.strictObject({ at: schema }), body)).places).toEqual([
      { pointer: '/at', code, sentence },
    ])
  })

  test('that fits one of several forms almost is refused for what is missing to it', () => {
    const Forms = z.union([
      z.strictObject({ a: z.string(), b: z.string() }),
      z.strictObject({ c: z.string() }),
    ])
    expect(refused(() => parsed(Forms, { c: 7 })).places).toMatchObject([{ pointer: '/c' }])
  })

  test('nested ten thousand deep is refused like any other', () => {
    const body = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
    expect(refused(() => jsonBody(event({ headers: json, body }), Line)).code).toBe('INVALID_INPUT')
  })
})

test('a pointer escapes what a pointer is made of', () => {
  expect(pointerOf(['a/b', 'c~d', 3])).toBe('/a~1b/c~0d/3')
})

describe('a cursor', () => {
  const Place = z.strictObject({ after: z.string() })

  test('says what it was made of', () => {
    expect(placeOf(cursorOf({ after: 'x' }), Place)).toEqual({ after: 'x' })
  })

  test.each(['', 'nonsense', Buffer.from('{"after":7}').toString('base64url')])(
    '%j is none of ours',
    (cursor) => {
      expect(refused(() => placeOf(cursor, Place)).code).toBe('INVALID_INPUT')
    },
  )
})

describe('the pipeline', () => {
  const vera = { ...personOf('vera', ['viewer']) }
  const claims = { sub: 'sub-vera', 'cognito:groups': ['acme:viewer'] }

  /** The API with one route that does this. */
  const logger = new Logger({ logLevel: 'SILENT' })
  const now = Instant.parse('2026-11-22T19:38:31.000Z')

  const apiOf = (handle: () => Promise<Answer>) =>
    apiHandler(
      {
        companies: {
          personOfSubject: async () => await Promise.resolve(vera),
          people: async () => await Promise.resolve([vera]),
        },
        roleClaim: 'cognito:groups',
        logger,
        clock: { now: () => now },
      },
      [{ method: 'GET', path: '/there', operation: 'view_budget', handle }],
    )

  const get = async (
    handle: () => Promise<Answer>,
    path = '/there',
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const requestContext = {
      requestId: 'r1',
      http: { method: 'GET', path },
      authorizer: { jwt: { claims } },
    }
    const sent = event({
      version: '2.0',
      rawPath: path,
      headers,
      requestContext,
    } as unknown as APIGatewayProxyEventV2)
    return await apiOf(handle)(sent, {} as Context)
  }

  test('answers what the operation answers', async () => {
    const came = await get(async () => await Promise.resolve({ status: 200, body: { fine: true } }))
    expect([came.statusCode, came.body]).toEqual([200, '{"fine":true}'])
  })

  test('answers an address that is not there with NOT_FOUND', async () => {
    const came = await get(async () => await Promise.reject(new Error('not asked')), '/elsewhere')
    expect(JSON.parse(came.body!)).toMatchObject({ type: problemType('NOT_FOUND'), status: 404 })
  })

  test('answers a table that is too busy with BUSY', async () => {
    const came = await get(async () => await Promise.reject(new Later('12 times')))
    expect(JSON.parse(came.body!)).toMatchObject({ type: problemType('BUSY'), status: 503 })
  })

  test('answers a fault with 500 and not a word of it', async () => {
    const came = await get(async () => await Promise.reject(new Error('secret')))
    expect([came.statusCode, came.body?.includes('secret')]).toEqual([500, false])
  })

  test.each([
    ['an answer', async () => await Promise.resolve({ status: 200, body: {} })],
    ['a problem', async () => await Promise.reject(new Error('x'))],
  ])('forbids to keep or to guess %s', async (_, handle) => {
    expect((await get(handle)).headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
    })
  })

  test.each([
    ['2026-11-22T19:33:30.000Z', [[{ seconds: -301 }]]],
    ['2026-11-22T19:43:32.000Z', [[{ seconds: 301 }]]],
    ['2026-11-22T19:33:31.000Z', []],
    ['soon', []],
  ])('compares the time that a caller says, %s, with its own', async (theirs, lines) => {
    const warned = vi.spyOn(logger, 'warn')
    await get(async () => await Promise.resolve({ status: 200, body: {} }), '/there', {
      'x-client-time': theirs,
    })
    expect(warned.mock.calls).toEqual(lines.map((about) => ['clock differs', ...about]))
    warned.mockRestore()
  })

  test('writes problems as problem documents', async () => {
    const came = await get(async () => await Promise.reject(new Error('x')))
    expect(came.headers?.['content-type']).toBe('application/problem+json')
  })
})

describe('the environment', () => {
  const Wanted = Environment.pick({ TABLE: true, ROLE_CLAIM: true })

  test('is read once, with Cognito’s groups as the role claim', () => {
    expect(readEnvironment(Wanted, { TABLE: 'budgets' })).toEqual({
      TABLE: 'budgets',
      ROLE_CLAIM: 'cognito:groups',
    })
  })

  test('that lacks a variable is named without its value', () => {
    const Both = Environment.pick({ TABLE: true, PUBLIC_URL: true })
    expect(() => readEnvironment(Both, { PUBLIC_URL: 'nope' })).toThrow(
      /^The environment lacks, or holds malformed: TABLE, PUBLIC_URL$/,
    )
  })
})
