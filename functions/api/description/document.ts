import * as z from 'zod'
import { authorisation } from '../../../shared/domain/roles.ts'
import type { Route } from '../../../shared/http/route.ts'
import type { Example } from './examples/example.ts'
import { examples } from './examples/examples.ts'
import { type Described, operations } from './operations.ts'
import { Problem } from './words.ts'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
type JsonObject = { readonly [key: string]: Json }

const JsonObject = z.record(z.string(), z.json())

// That an integer is one that a double holds exactly goes without saying.
const exactIntegersUnsaid = (_name: string, value: unknown): unknown =>
  value === Number.MAX_SAFE_INTEGER || value === Number.MIN_SAFE_INTEGER ? undefined : value

/** Schemas as they are written once, under `components`, and where they are used. */
class Components {
  readonly schemas: Record<string, Json> = {}

  /** The JSON Schema of what is sent (`input`) or answered (`output`); named parts of it go to the components. */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
    const text = JSON.stringify(z.toJSONSchema(schema, { io, unrepresentable: 'any' }), exactIntegersUnsaid)
    const {
      $defs = {},
      $schema: _dialect,
      ...plain
    } = JsonObject.parse(JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')))
    for (const [name, part] of Object.entries(JsonObject.parse($defs))) this.schemas[name] = withoutId(part)
    return JsonObject.parse(withoutId(plain))
  }
}

const withoutId = (schema: Json): Json => {
  const { id: _name, ...rest } = JsonObject.parse(schema)
  return rest
}

type Shown = readonly (readonly [name: string, Example])[]

/** What the examples hold in one place, under their names: the same name joins a request and its answer. */
function shown(of: Shown, hold: (example: Example) => Json | undefined): JsonObject {
  const held = of.flatMap(([name, example]) => {
    const value = hold(example)
    return value === undefined ? [] : [[name, { summary: example.shows, value }] as const]
  })
  return held.length === 0 ? {} : { examples: Object.fromEntries(held) }
}

const text = { type: 'string' } as const

function parameters({ path, query }: Route, { key, match }: Described, of: Shown, components: Components) {
  const parameter = (place: 'path' | 'query' | 'header', name: string, required: boolean, schema: Json) => ({
    name,
    in: place,
    required,
    schema,
    ...shown(of, (example) => example.with?.[name]),
  })
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => parameter('path', name, true, text))
  const asked = query ? components.of(query, 'input') : {}
  const required = z.array(z.string()).parse(asked['required'] ?? [])
  const inQuery = Object.entries(JsonObject.parse(asked['properties'] ?? {})).map(([name, schema]) =>
    parameter('query', name, required.includes(name), schema),
  )
  return [
    ...inPath,
    ...inQuery,
    ...(key ? [parameter('header', 'Idempotency-Key', key === 'needed', text)] : []),
    ...(match ? [parameter('header', 'If-Match', match === 'needed', text)] : []),
  ]
}

function requestBody(
  { body, gzipped }: Route,
  { takes }: Described,
  of: Shown,
  components: Components,
): JsonObject {
  const asFile = shown(of, ({ body: sent }) => (typeof sent === 'string' ? sent : undefined))
  const asJson = shown(of, ({ body: sent }) => (typeof sent === 'string' ? undefined : sent))
  const files = (takes ?? []).map((type, index) => [type, index === 0 ? asFile : {}] as const)
  const json = body
    ? [['application/json', { schema: components.of(body, 'input'), ...asJson }] as const]
    : []
  const zipped = gzipped ? [['application/gzip', {}] as const] : []
  const content = Object.fromEntries([...files, ...json, ...zipped])
  return Object.keys(content).length === 0 ? {} : { requestBody: { required: true, content } }
}

function responses({ answers, status = 200 }: Described, of: Shown, components: Components): JsonObject {
  const [type, schema] =
    typeof answers === 'string'
      ? [answers, {}]
      : ['application/json', { schema: components.of(answers, 'output') }]
  const answersOf = (refused: boolean) =>
    shown(of, (example) => ((example.refused ?? false) === refused ? example.answer : undefined))
  const done = [status].flat().map((each, index) => {
    const content = { [type]: { ...schema, ...(index === 0 && answersOf(false)) } }
    return [String(each), { description: 'Done.', content }] as const
  })
  return {
    ...Object.fromEntries(done),
    default: {
      description: 'Refused: what, why, and what to do next.',
      content: {
        'application/problem+json': { schema: components.of(Problem, 'output'), ...answersOf(true) },
      },
    },
  }
}

function operation(name: string, route: Route, described: Described, components: Components): JsonObject {
  const { does, tag } = described
  const of = Object.entries(examples).filter(([, example]) => example.of === name)
  const taken = parameters(route, described, of, components)
  for (const [example, { with: given = {} }] of of)
    for (const parameter of Object.keys(given))
      if (!taken.some((each) => each.name === parameter))
        throw new Error(`The example ${example} gives ${parameter}, which ${name} does not take.`)
  return {
    summary: does,
    description: `For the role ${authorisation[route.operation].join(' or ').replaceAll('_', ' ')}, or one that includes it.`,
    tags: [tag],
    parameters: taken,
    ...requestBody(route, described, of, components),
    responses: responses(described, of, components),
  }
}

/**
 * The API as an OpenAPI 3.1 document, made of the schemas that its routes read requests with.
 * @throws when a route is not described, a description has no route, or an example gives a parameter that there is not.
 */
export function openApi(routes: readonly Route[]): JsonObject {
  const components = new Components()
  const paths: Record<string, Record<string, Json>> = {}
  const rest = new Set(Object.keys(operations))
  for (const route of routes) {
    const name = `${route.method} ${route.path}`
    const described = operations[name]
    if (!described) throw new Error(`${name} is not described in functions/api/description/operations.ts.`)
    rest.delete(name)
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operation(name, route, described, components),
    }
  }
  if (rest.size > 0) throw new Error(`There is no route ${[...rest].join(', ')}.`)
  return {
    openapi: '3.1.0',
    info: {
      title: 'sage-budget-export',
      version: '1',
      description:
        'Carries construction budgets into Sage 300 CRE. Amounts are decimal strings; a change names the revision it was made from (If-Match); a command carries a key (Idempotency-Key), and a repeat with it is answered as before.',
    },
    security: [{ token: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(components.schemas).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      ),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}
