import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { examples } from '../../../functions/api/description/examples/examples.ts'
import { acme, byRole, mia, personOf, setUpAcme } from './acme.ts'
import { type Came, useLocalApi } from './local-api.ts'
import { deliver, send, step } from './workflow-by-hand.ts'

// Every example of docs/openapi.json is sent as it is written there, in the order of the story that they tell, and is
// answered as it is written there: to the letter, hashes and times too, as the clock of these tests stands still.

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

type Shown = Readonly<Record<string, { readonly value: unknown }>>
type Content = Readonly<Record<string, { readonly examples?: Shown }>>

interface Operation {
  readonly parameters: readonly {
    readonly name: string
    readonly in: 'path' | 'query' | 'header'
    readonly required: boolean
    readonly examples?: Shown
  }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content: Content }>>
}

const { paths } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../docs/openapi.json'), 'utf8'),
) as { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> }

/** What is shown under a name, of whichever media type. */
const shownIn = (content: Content, name: string) =>
  Object.entries(content).flatMap(([type, { examples: all = {} }]) =>
    all[name] ? [{ type, value: all[name].value }] : [],
  )

const answersOf = ({ responses }: Operation, name: string) =>
  Object.entries(responses).flatMap(([status, { content }]) =>
    shownIn(content, name).map(({ value }) => ({
      status: status === 'default' ? (value as { status: number }).status : Number(status),
      answer: value,
    })),
  )

function operationOf(name: string) {
  const [method = '', path = ''] = examples[name]!.of.split(' ')
  return { method, path, operation: paths[path]![method.toLowerCase()]! }
}

/** Sends what the document shows under this name, with every parameter that it shows or says is needed. */
async function sendExample(name: string): Promise<Came> {
  const { method, path, operation } = operationOf(name)
  const valuesIn = (place: string): Record<string, string> =>
    Object.fromEntries(
      operation.parameters
        .filter((parameter) => parameter.in === place && (parameter.required || parameter.examples?.[name]))
        .map((parameter) => [parameter.name.toLowerCase(), String(parameter.examples![name]!.value)]),
    )
  const values = valuesIn('path')
  const [body] = shownIn(operation.requestBody?.content ?? {}, name)
  return await api().call(
    method,
    path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => values[parameter]!),
    {
      as: byRole[examples[name]!.by],
      query: valuesIn('query'),
      headers: { ...valuesIn('header'), ...(body && { 'content-type': body.type }) },
      ...(body && { text: typeof body.value === 'string' ? body.value : JSON.stringify(body.value) }),
    },
  )
}

/** What happens after some of them without a request that is an example: the workflow, the agent, another send. */
const afterwards: Readonly<Record<string, () => Promise<unknown>>> = {
  lock_budget: async () => await step(api(), 'tower', 'lockBudget'),
  send_budget: async () => {
    await step(api(), 'tower', 'sendToErp')
    await api().companies.putPerson(acme, personOf('amy', ['accounting_approver']), 'system')
  },
  retrieve_budget: async () => {
    await step(api(), 'tower', 'retrieveBudget')
    await send(api(), 'tower')
  },
  reject_budget: async () => {
    await step(api(), 'tower', 'rejectBudget')
    await api().command('/projects/tower/budget/lock', { as: mia })
    await step(api(), 'tower', 'lockBudget')
    await send(api(), 'tower')
  },
  accept_budget: async () => {
    await step(api(), 'tower', 'exportBudget')
    await deliver(api(), 'tower')
  },
  say_posted: async () => await step(api(), 'tower', 'closeCycle'),
  unlock_budget: async () => await step(api(), 'tower', 'unlockBudget'),
}

test.each(Object.keys(examples))('%s is answered as the document shows', async (name) => {
  const { status, json, text } = await sendExample(name)
  await afterwards[name]?.()
  expect([{ status, answer: (json as unknown) ?? text }]).toEqual(
    answersOf(operationOf(name).operation, name),
  )
})

test('the document shows one answer of every example, each sent above, and no other', () => {
  const names = Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ responses }) => Object.values(responses).map(({ content }) => content))
    .flatMap((content) => Object.values(content).flatMap((media) => Object.keys(media.examples ?? {})))
  expect(names.toSorted()).toEqual(Object.keys(examples).toSorted())
})
