import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../../local/engine/engine.ts'
import type { LocalStack } from '../../../local/stack.ts'
import { answersSeen, sharedFolder, sharedStack, tableRows } from './shared-stack.ts'

// Whoever holds one of these can decide, say or end something: references of mailed links, task tokens of waits, tokens
// of people. All that the suites before this one left behind is looked through for every one of them.

interface Place {
  readonly name: string
  readonly text: string
}

let stack: LocalStack
let references: string[] = []
let taskTokens: string[] = []
let bearerTokens: string[] = []
let places: Place[] = []

beforeAll(async () => {
  stack = await sharedStack()
  const rows = await tableRows(stack)
  const events = eventsOf(stack.runtime.engine)
  const answers = await answersSeen()
  references = unique(stack.runtime.readMailbox().flatMap(({ text = '' }) => referencesIn(text)))
  taskTokens = unique(events.flatMap(({ token }) => token ?? []))
  bearerTokens = unique(answers.flatMap(({ authorization }) => authorization?.split(' ')[1] ?? []))
  places = [
    ...rows.map((row) => ({
      name: `row ${String(row['sk']).split('#')[0] ?? ''}`,
      text: JSON.stringify(row),
    })),
    ...events,
    // A page may tell its own address to whoever opened it.
    ...answers
      .filter(({ url }) => url.startsWith(stack.runtime.url))
      .map(({ url, text }) => ({
        name: 'answer',
        text: referencesIn(url).reduce((rest, own) => rest.replaceAll(own, ''), text),
      })),
    ...filesUnder(sharedFolder()),
  ]
})

const referencesIn = (text: string): string[] =>
  [...text.matchAll(/\/(?:review|posting)\/([\w-]{20,})/g)].map(([, reference = '']) => reference)

const unique = (values: readonly string[]): string[] => [...new Set(values)]

/** What an operator sees of all executions; where a wait was begun, its token too. */
function eventsOf(engine: Engine): (Place & { readonly token?: string })[] {
  const { stateMachines } = engine.listStateMachines({})
  const executions = stateMachines.flatMap(
    ({ stateMachineArn }) => engine.listExecutions({ stateMachineArn, maxResults: 1000 }).executions,
  )
  return executions.flatMap(({ executionArn }) =>
    engine.getExecutionHistory({ executionArn, maxResults: 1000 }).events.map((event) => {
      const text = JSON.stringify(event)
      const [, token] = /\\"token\\":\\"([^"\\]+)\\"/.exec(text) ?? []
      const begins = event.type === 'TaskScheduled' && text.includes('open-wait')
      return {
        name: begins ? 'event that begins a wait' : `event ${event.type}`,
        text,
        ...(token !== undefined && { token }),
      }
    }),
  )
}

function filesUnder(folder: string): Place[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => ({
      name: `folder ${relative(folder, path).split('/')[0] ?? ''}`,
      text: readFileSync(path, 'latin1'),
    }))
}

/** As it is, in an address, and in base64 wherever in a text it stands. */
function formsOf(secret: string): string[] {
  const middle = secret.slice(-80, -10)
  const bytes = Buffer.from(middle)
  const inBase64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(before === 0 ? 0 : 4, -4),
  )
  return [
    middle,
    encodeURIComponent(middle),
    ...inBase64,
    ...inBase64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ]
}

const holds = (text: string, secrets: readonly string[]): boolean =>
  secrets.flatMap(formsOf).some((form) => text.includes(form))

/** Where one of these stands, in any form. */
const foundIn = (secrets: readonly string[]): string[] =>
  unique(places.filter(({ text }) => holds(text, secrets)).map(({ name }) => name))

describe('what opens or ends something', () => {
  test('is known here: the links of many mails, the tokens of many waits and people', () => {
    expect([references, taskTokens, bearerTokens].every(({ length }) => length > 10)).toBe(true)
  })

  test('would be found as it is, in an address, and in base64 anywhere in a text', () => {
    const [secret = ''] = taskTokens
    const hidden = [
      secret,
      encodeURIComponent(secret),
      ...['', 'a', 'ab'].map((before) => Buffer.from(`${before}${secret} and more`).toString('base64')),
      Buffer.from(`x${secret}`).toString('base64url'),
    ]
    expect(hidden.filter((text) => !holds(text, [secret]))).toEqual([])
  })

  test('as the reference of a link stands in mails, and nowhere else', () => {
    expect(foundIn(references)).toEqual(['folder mail'])
  })

  test('as the token of a wait stands in its row and in the event that began it, and nowhere else', () => {
    const where = foundIn(taskTokens)
    expect(where.toSorted((a, b) => a.localeCompare(b))).toEqual(
      ['row WAIT', 'folder table', 'event that begins a wait', 'folder executions'].toSorted((a, b) =>
        a.localeCompare(b),
      ),
    )
  })

  test('as the token of a person stands nowhere', () => {
    expect(foundIn(bearerTokens)).toEqual([])
  })
})
