import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import * as z from 'zod'

// Requests drawn from the description of the API: well-formed ones, and the same with something wrong in them.

const Schema = z.record(z.string(), z.json())
type Schema = z.infer<typeof Schema>
const Schemas = z.record(z.string(), Schema)
const Examples = z.record(z.string(), z.object({ value: z.json() })).default({})
const Content = z.record(z.string(), z.object({ schema: Schema.optional(), examples: Examples }))
const Parameter = z.object({ name: z.string(), in: z.enum(['path', 'query', 'header']), schema: Schema })
const Operation = z.object({
  parameters: z.array(Parameter),
  requestBody: z.object({ content: Content }).optional(),
})
const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: Schemas }),
})
const { paths, components } = Document.parse(JSON.parse(readFileSync('docs/openapi.json', 'utf8')))

/** What no person means by a text, and what a program may trip over. */
const hostile = [
  '',
  ' ',
  '\u0000',
  '\ud83d',
  '\u202e03-3000',
  'é\u0301'.repeat(60),
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '%00%ff',
  "=cmd|' /C calc'!A0",
  '<script>alert(1)</script>',
  'a\r\nBcc: all@example.com',
  '1e400',
  '-0',
  'NaN',
  '99999999999999999999',
  '0'.repeat(5_000),
  'x'.repeat(60_000),
]

/** Words that stand for something in the budgets of these tests. */
const ofTheTrade = [
  '03-3000',
  '05-1200',
  'S',
  'M',
  'L',
  '325000.00',
  '-1.00',
  '0',
  'ann',
  'pat',
  'east',
  'Later',
]

const anyText = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...ofTheTrade) },
  { weight: 2, arbitrary: fc.constantFrom(...hostile) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
)

const numberIn = (schema: Schema, name: string, otherwise: number): number => {
  const value = schema[name]
  return typeof value === 'number' ? value : otherwise
}

const listIn = (schema: Schema, name: string): Schema[] | undefined => {
  const list = z.array(Schema).safeParse(schema[name])
  return list.success ? list.data : undefined
}

function textOf(schema: Schema): fc.Arbitrary<unknown> {
  const { pattern, format } = schema
  if (format === 'date') return fc.constantFrom('2026-11-22', '2026-12-31', '2024-02-29')
  if (format === 'date-time') return fc.constantFrom('2026-11-22T12:00:00.000Z', '2026-11-22T12:00:00Z')
  if (format === 'email') return fc.constantFrom('ann@acme.example', "o'hara+tag@acme.example")
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern))
  const longest = numberIn(schema, 'maxLength', 100)
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...ofTheTrade).map((text) => text.slice(0, longest)) },
    { weight: 1, arbitrary: fc.string({ minLength: numberIn(schema, 'minLength', 0), maxLength: longest }) },
  )
}

/** Values that a schema of the description takes. */
function valueOf(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const { $ref, type, enum: values, const: only } = schema
  if (typeof $ref === 'string')
    return depth > 8
      ? fc.constant(null)
      : valueOf(components.schemas[$ref.split('/').at(-1) ?? ''] ?? {}, depth + 1)
  if (only !== undefined) return fc.constant(only)
  if (Array.isArray(values)) return fc.constantFrom(...values)
  const either = listIn(schema, 'anyOf') ?? listIn(schema, 'oneOf')
  if (either) return fc.oneof(...either.map((each) => valueOf(each, depth + 1)))
  if (type === 'object') return objectOf(schema, depth)
  if (type === 'array')
    return fc.array(valueOf(Schema.parse(schema['items'] ?? {}), depth + 1), {
      minLength: numberIn(schema, 'minItems', 0),
      maxLength: Math.min(4, numberIn(schema, 'maxItems', 4)),
    })
  if (type === 'string') return textOf(schema)
  if (type === 'integer' || type === 'number')
    return fc.integer({ min: numberIn(schema, 'minimum', -5), max: numberIn(schema, 'maximum', 5_000) })
  return type === 'boolean' ? fc.boolean() : fc.jsonValue()
}

function objectOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const properties = Object.entries(Schemas.parse(schema['properties'] ?? {}))
  const needed = z.array(z.string()).parse(schema['required'] ?? [])
  return fc.record(Object.fromEntries(properties.map(([name, each]) => [name, valueOf(each, depth + 1)])), {
    requiredKeys: needed,
  })
}

/** What can stand where something else should. */
const misfit = fc.oneof(
  anyText,
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, 2 ** 53, [], {}, [[]], { $ref: 'x' }),
  fc.jsonValue({ maxDepth: 2 }),
)

interface Cut {
  readonly at: number
  readonly how: 'replace' | 'leave out' | 'add' | 'double'
  readonly by: unknown
}

type Path = readonly string[]

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !isList(value)

/** Every place in a value, the outermost first. */
const placesIn = (value: unknown, path: Path = []): Path[] => [
  path,
  ...(isList(value) || isObject(value)
    ? Object.entries(value).flatMap(([name, each]) => placesIn(each, [...path, name]))
    : []),
]

function altered(value: unknown, [next, ...rest]: Path, cut: Cut): unknown {
  const { how, by } = cut
  if (next === undefined) {
    if (how === 'add' && isObject(value)) return { ...value, [String(by)]: by }
    return how === 'double' && isList(value) ? [...value, ...value] : by
  }
  if (isList(value)) return value.map((each, n) => (String(n) === next ? altered(each, rest, cut) : each))
  if (!isObject(value)) return value
  const { [next]: inside, ...others } = value
  return how === 'leave out' && rest.length === 0 ? others : { ...others, [next]: altered(inside, rest, cut) }
}

/** A value with one or two things wrong in it. */
const broken = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => {
  const cut: fc.Arbitrary<Cut> = fc.record({
    at: fc.nat(),
    how: fc.constantFrom('replace', 'leave out', 'add', 'double'),
    by: misfit,
  })
  return fc.tuple(value, fc.array(cut, { minLength: 1, maxLength: 2 })).map(([whole, cuts]) =>
    cuts.reduce((spoilt, each) => {
      const places = placesIn(spoilt)
      return altered(spoilt, places[each.at % places.length] ?? [], each)
    }, whole),
  )
}

/** JSON as no program of ours writes it. */
const spoiltJson = fc.constantFrom(
  '',
  ' ',
  '{',
  '[]',
  'null',
  '"text"',
  '\ufeff{}',
  '{"a":1,"a":2}',
  '{"__proto__":{"admin":true}}',
  '{"a":NaN}',
  '{"a":1e400}',
  '{"a":"\\ud83d"}',
  '['.repeat(100_000),
  `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  `{${Array.from({ length: 50_000 }, (_, i) => `"k${String(i)}":0`).join(',')}}`,
)

/** A cursor as anybody can write one. */
const anyCursor = fc
  .oneof(
    fc.constantFrom<unknown>(0, 1, 2, -1, 99_999, 100_000, 999_999_999, 2 ** 53 - 1),
    fc.record({ after: fc.constantFrom<unknown>(0, 1, -1, 1e12, '', '03'), given: fc.nat(3) }),
    fc.record({ sequence: fc.constantFrom(0, 1, 1e12), history_hash: anyText }),
    fc.jsonValue({ maxDepth: 2 }),
  )
  .map((place) => Buffer.from(JSON.stringify(place)).toString('base64url'))

/** Of one route: what its path holds, what it is asked, and its body as it goes out. */
export interface Drawn {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly text?: string
}

export type Ids = Readonly<Record<string, readonly string[]>>

const written = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '')

function bodyOf(content: z.infer<typeof Content>): fc.Arbitrary<Pick<Drawn, 'headers' | 'text'>> {
  const kinds = Object.entries(content).flatMap(([type, { schema, examples }]) => {
    const shown = Object.values(examples).map(({ value }) => value)
    const good = [
      ...(schema ? [valueOf(schema)] : []),
      ...(shown.length > 0 ? [fc.constantFrom(...shown)] : []),
    ]
    const value = good.length > 0 ? fc.oneof(...good) : anyText
    const json = type === 'application/json'
    const texts = [
      { weight: 3, arbitrary: value.map(written) },
      {
        weight: 5,
        arbitrary: json ? broken(value).map((each) => JSON.stringify(each) ?? '') : spoiltText(value),
      },
      { weight: 1, arbitrary: spoiltJson },
    ]
    return [fc.oneof(...texts).map((text) => ({ headers: { 'content-type': type }, text }))]
  })
  return fc.oneof(...kinds)
}

/** A file with pieces of it put elsewhere, or other bytes. */
const spoiltText = (value: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc.tuple(value.map(written), anyText, fc.nat(), fc.nat()).map(([text, piece, a, b]) => {
    const [from, to] = [a % (text.length + 1), b % (text.length + 1)].toSorted((x, y) => x - y)
    return text.slice(0, from) + piece + text.slice(to)
  })

/** Requests to one route, with ids that are there, and with others. */
export function requestsTo(method: string, route: string, ids: Ids): fc.Arbitrary<Drawn> {
  const { parameters, requestBody } = paths[route]?.[method.toLowerCase()] ?? { parameters: [] }
  const inPath = parameters.filter((each) => each.in === 'path').map(({ name }) => name)
  const inQuery = parameters.filter((each) => each.in === 'query')
  const idOf = (name: string) =>
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...(ids[name] ?? ['1', '2'])) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('0', '999999999', 'nowhere', 'x'.repeat(300), '%00', '%E0%A4', '..'),
      },
    )
  const path = fc
    .record(Object.fromEntries(inPath.map((name) => [name, idOf(name)])))
    .map((each) => route.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(each[name])))
  const query = fc
    .record(
      Object.fromEntries(
        inQuery.map(({ name, schema }) => [
          name,
          fc.oneof(
            { weight: 5, arbitrary: name === 'cursor' ? anyCursor : valueOf(schema).map(written) },
            { weight: 1, arbitrary: anyText },
          ),
        ]),
      ),
      { requiredKeys: [] },
    )
    .map((each) => each as Record<string, string>)
  const body = requestBody ? bodyOf(requestBody.content) : fc.constant({ headers: {} })
  return fc.tuple(path, query, body).map(([to, asked, sent]) => ({ path: to, query: asked, ...sent }))
}
