import * as z from 'zod'
import { authorisation } from '../../../shared/domain/roles.ts'
import type { Route } from '../../../shared/http/route.ts'
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

const parameter = (place: 'path' | 'query' | 'header', name: string, required: boolean, schema: Json) => ({
  name,
  in: place,
  required,
  schema,
})

const text = { type: 'string' } as const

function parameters({ path, query }: Route, { key, match }: Described, components: Components): Json[] {
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
    ...(match ? [parameter('header', 'If-Match', true, text)] : []),
  ]
}

function requestBody({ body }: Route, { takes }: Described, components: Components): JsonObject {
  const files = (takes ?? []).map((type) => [type, {}] as const)
  const json = body ? [['application/json', { schema: components.of(body, 'input') }] as const] : []
  return files.length + json.length === 0
    ? {}
    : { requestBody: { required: true, content: Object.fromEntries([...files, ...json]) } }
}

function operation(route: Route, described: Described, components: Components): JsonObject {
  const { does, tag, answers, status = 200 } = described
  const content =
    typeof answers === 'string'
      ? { [answers]: {} }
      : { 'application/json': { schema: components.of(answers, 'output') } }
  return {
    summary: does,
    description: `For the role ${authorisation[route.operation].join(' or ').replaceAll('_', ' ')}, or one that includes it.`,
    tags: [tag],
    parameters: parameters(route, described, components),
    ...requestBody(route, described, components),
    responses: {
      [String(status)]: { description: 'Done.', content },
      default: {
        description: 'Refused: what, why, and what to do next.',
        content: { 'application/problem+json': { schema: components.of(Problem, 'output') } },
      },
    },
  }
}

/**
 * The API as an OpenAPI 3.1 document, made of the schemas that its routes read requests with.
 * @throws when a route is not described, or a description has no route.
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
      [route.method.toLowerCase()]: operation(route, described, components),
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
