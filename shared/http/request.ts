import { gunzipSync } from 'node:zlib'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import * as z from 'zod'
import { type FaultyPlace, refusal, Refused } from '../domain/refusal.ts'
import { WrongContentType } from './problem.ts'

export type ApiEvent = APIGatewayProxyEventV2

// A batch of 1,000 lines is about 400 KB; twice that and more is not a batch.
export const largestJson = 1_048_576
/** Lambda takes at most 6 MB a call, base64 included (Lambda quotas, invocation payload). */
export const largestFile = 4_400_000
/** What a gzipped body may come to: the totals of a job of 100,000 lines are half of it. */
export const largestUnpacked = 33_554_432

const tooLarge = (limit: number): Refused =>
  new Refused(
    refusal(
      'TOO_LARGE',
      `The body is larger than ${String(limit)} bytes.`,
      'Send it in smaller parts: at most 1,000 items a batch, or a file without the rows that do not change.',
    ),
  )

export const contentType = (event: ApiEvent): string =>
  (event.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''

/** The raw body; TOO_LARGE past the limit in bytes, looked at before anything is decoded. */
export function bodyBytes(event: ApiEvent, limit: number): Uint8Array {
  const body = event.body ?? ''
  if (body.length > limit * 2) throw tooLarge(limit)
  const bytes = Buffer.from(body, event.isBase64Encoded ? 'base64' : 'utf8')
  if (bytes.byteLength > limit) throw tooLarge(limit)
  return bytes
}

/** The bytes of a file sent as one of the named content types. */
export function fileBody(event: ApiEvent, types: readonly [string, ...string[]]): Uint8Array {
  if (!types.includes(contentType(event))) throw new WrongContentType(types)
  return bodyBytes(event, largestFile)
}

const invalid = (places: readonly FaultyPlace[]): Refused =>
  new Refused(
    refusal(
      'INVALID_INPUT',
      places.length === 1
        ? 'One place of the input is not as it must be.'
        : `${String(places.length)} places of the input are not as they must be.`,
      'Correct what `errors` names and send it again.',
      { places },
    ),
  )

/** Refuses the input for one place of it. */
export const faulty = (pointer: string, code: string, sentence: string): Refused =>
  invalid([{ pointer, code, sentence }])

const escaped = (name: PropertyKey): string => String(name).replaceAll('~', '~0').replaceAll('/', '~1')

/** RFC 6901. */
export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((name) => `/${escaped(name)}`).join('')

const forms: Readonly<Record<string, string>> = {
  date: 'This is no day, written like 2026-11-28.',
  datetime: 'This is no instant in UTC, written like 2026-11-28T19:38:31.000Z.',
  email: 'This is no mail address.',
}

const types: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

const counted: Readonly<Record<string, string>> = { string: 'characters', array: 'entries' }

type Issue = z.core.$ZodIssue

function wrongType({ expected, input }: z.core.$ZodIssueInvalidType): string {
  if (input === undefined) return 'This is missing.'
  // Amounts and quantities are text, since a number of JSON may lose a cent on its way.
  if (expected === 'string' && typeof input === 'number')
    return 'This is a number where text is needed: write it in quotes, like "100.00".'
  return `This must be ${types[expected] ?? 'of another type'}.`
}

function sentenceOf(issue: Issue): string {
  // Our own checks say it themselves, as do our own forms; zod's words are for programmers.
  if (issue.code === 'custom') return issue.message
  if (issue.code === 'invalid_format') return forms[issue.format] ?? issue.message
  if (issue.code === 'too_big') return bounded('at most', issue.maximum, issue.origin)
  if (issue.code === 'too_small') return bounded('at least', issue.minimum, issue.origin)
  if (issue.code === 'invalid_type') return wrongType(issue)
  if (issue.code === 'invalid_value')
    return issue.input === undefined ? 'This is missing.' : `This is none of: ${issue.values.join(', ')}.`
  return 'This is not as it must be.'
}

function bounded(bound: string, number: number | bigint, origin: string): string {
  const of = counted[origin]
  if (of !== undefined && bound === 'at least' && Number(number) === 1) return 'This must not be empty.'
  return of === undefined
    ? `This must be ${bound} ${String(number)}.`
    : `This must have ${bound} ${String(number)} ${of}.`
}

/** A check of ours may name its code; any other says that the value may not be. */
function codeOf(issue: Issue): string {
  if (issue.code !== 'custom') return issue.code.toUpperCase()
  const code: unknown = issue.params?.['code']
  return typeof code === 'string' ? code : 'INVALID_VALUE'
}

function placesOf(issue: Issue): FaultyPlace[] {
  const pointer = pointerOf(issue.path)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      pointer: `${pointer}/${escaped(key)}`,
      code: 'UNKNOWN_FIELD',
      sentence: 'This field is not known here; nothing is ignored silently.',
    }))
  if (issue.code === 'invalid_union') {
    // The form that fits best is the one that was meant.
    const [nearest] = issue.errors.toSorted((a, b) => a.length - b.length)
    if (nearest)
      return nearest.flatMap((inner) => placesOf({ ...inner, path: [...issue.path, ...inner.path] }))
  }
  return [{ pointer, code: codeOf(issue), sentence: sentenceOf(issue) }]
}

/** Parses what came in; INVALID_INPUT with a pointer per place. `under` is put before each pointer. */
export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  throw invalid(result.error.issues.flatMap(placesOf))
}

/** JSON text as a value; undefined where it is not JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw faulty('', 'NOT_JSON', 'The body is not well-formed JSON.')
  }
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'

/** What a gzipped body holds; TOO_LARGE before more is unpacked than may be. */
function unpacked(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: largestUnpacked })
  } catch (error) {
    throw isTooLarge(error)
      ? tooLarge(largestUnpacked)
      : faulty('', 'NOT_GZIP', 'The body is sent as application/gzip, and is not gzipped.')
  }
}

/** How a JSON body may come. */
export interface JsonTaken {
  /** In bytes; a megabyte if nothing is said. */
  readonly largest?: number | undefined
  /** As `application/gzip`, too: what is larger than a call may carry. */
  readonly gzipped?: boolean | undefined
}

/** The JSON body, read by a schema. WRONG_CONTENT_TYPE, TOO_LARGE or INVALID_INPUT otherwise. */
export function jsonBody<Schema extends z.ZodType>(
  event: ApiEvent,
  schema: Schema,
  { largest = largestJson, gzipped = false }: JsonTaken = {},
): z.output<Schema> {
  const type = contentType(event)
  const isZipped = gzipped && type === 'application/gzip'
  if (type !== 'application/json' && !isZipped)
    throw new WrongContentType(gzipped ? ['application/json', 'application/gzip'] : ['application/json'])
  const bytes = bodyBytes(event, largest)
  return parsed(schema, jsonOf(Buffer.from(isZipped ? unpacked(bytes) : bytes).toString('utf8')))
}

const nothing = z.strictObject({})

/** The body of a request that needs none: absent, or an empty object. */
export const noBody = (event: ApiEvent): z.output<typeof nothing> =>
  (event.body ?? '') === '' ? {} : jsonBody(event, nothing)

/** The query, read by a strict schema: a misspelt option is refused, not ignored, and so is one that is given twice. */
export function query<Schema extends z.ZodType>(event: ApiEvent, schema: Schema): z.output<Schema> {
  // The gateway joins the values of a repeated name by commas, and no value would be found by that.
  const names = [...new URLSearchParams(event.rawQueryString).keys()]
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined)
    throw faulty(`/${escaped(twice)}`, 'GIVEN_TWICE', 'This is given twice; give one value.')
  return parsed(schema, event.queryStringParameters ?? {})
}

export const notFound = (what: string): Refused =>
  new Refused(refusal('NOT_FOUND', `There is no such ${what}.`, 'Look at the list again for what there is.'))

/** A segment of the path; one that could never be an id looks like one that is not there. */
export function segment<Schema extends z.ZodType>(
  event: ApiEvent,
  name: string,
  schema: Schema,
): z.output<Schema> {
  const result = schema.safeParse(event.pathParameters?.[name])
  if (!result.success) throw notFound(name.replaceAll('_', ' '))
  return result.data
}
