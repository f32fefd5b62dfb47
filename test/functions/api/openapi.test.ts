import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { openApi } from '../../../functions/api/description/document.ts'
import { apiRoutes } from '../../../functions/api/routes.ts'
import { useLocalApi } from './local-api.ts'

const api = useLocalApi()

test('docs/openapi.json describes the routes as they are; npm run openapi writes it', () => {
  const written: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../docs/openapi.json'), 'utf8'),
  )
  expect(written).toEqual(openApi(apiRoutes(api())))
})

test('a route that is not described makes no document', () => {
  const [first, ...rest] = apiRoutes(api())
  const unknown = { ...first!, path: '/elsewhere' }
  expect(() => openApi([unknown, ...rest])).toThrow('GET /elsewhere is not described')
})

test('a description without its route makes no document', () => {
  const [, ...rest] = apiRoutes(api())
  expect(() => openApi(rest)).toThrow('There is no route GET /projects')
})

test('an example that gives a parameter which there is not makes no document', () => {
  const unasked = apiRoutes(api()).map((route) => ({ ...route, query: z.strictObject({}) }))
  expect(() => openApi(unasked)).toThrow(/^The example \w+ gives \w+, which [A-Z]+ \S+ does not take\.$/)
})

type Json = z.core.util.JSONType
const isObject = (json: Json): json is { readonly [name: string]: Json } =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

/** Where a schema leaves an object open to names that it does not list. */
function openIn(json: Json, at: string): string[] {
  if (Array.isArray(json)) return json.flatMap((each, n) => openIn(each, `${at}/${String(n)}`))
  if (!isObject(json)) return []
  const inside = Object.entries(json).flatMap(([name, each]) => openIn(each, `${at}/${name}`))
  return json['type'] === 'object' && json['additionalProperties'] !== false ? [at, ...inside] : inside
}

test('no body may hold a field that its route does not name, at any depth', () => {
  const bodies = apiRoutes(api()).flatMap(({ method, path, body }) =>
    body
      ? [[`${method} ${path}`, z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' })] as const]
      : [],
  )
  expect(bodies.length).toBeGreaterThan(30)
  expect(
    bodies.flatMap(([of, schema]) => openIn(z.json().parse(JSON.parse(JSON.stringify(schema))), of)),
  ).toEqual([])
})
