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
