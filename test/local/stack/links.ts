import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { apiAs } from '../../../local/api-client.ts'
import { people } from '../../../local/local-company.ts'
import { command, readBudget, until } from '../../../local/sample.ts'
import type { LocalStack } from '../../../local/stack.ts'
import { openPage } from '../../../local/story/approver.ts'
import { runScript } from './program.ts'
import {
  droppedFile,
  filesIn,
  paulaOn,
  reviewLink,
  sentProject,
  type SmallProject,
  standsAt,
} from './small-project.ts'
import { sharedFolder, sharedStack } from './shared-stack.ts'

// The approver's mailed link over HTTP: what it shows when it is spent, and fifty decisions at once.

const lines = { '03-3000.S': '325000.00', '06-1000.L': '41200.55' }
const fifty: SmallProject = { id: 'fifty', job: '24-3001', lines }
const taken: SmallProject = { id: 'taken', job: '24-3002', lines }

let stack: LocalStack
let usedLink = ''
let retrievedLink = ''
let newLink = ''
let statuses: number[] = []

beforeAll(async () => {
  stack = await sharedStack([fifty, taken].map(({ job }) => job))
  await Promise.all([decideFiftyTimes(), retrieveAndSendAgain()])
})

/** Two processes, each with the form as the page gave it, let go at the same moment. */
async function decideFiftyTimes(): Promise<void> {
  await sentProject(stack, fifty)
  usedLink = await reviewLink(stack, fifty.id)
  const { fields, ticks } = await openPage(usedLink)
  fields.set('choice', 'accept')
  for (const tick of ticks) fields.append('tick', tick)
  const programs = [1, 2].map(() =>
    runScript('test/local/stack/decide-many.ts', [usedLink, String(fields), '25']),
  )
  await Promise.all(programs.map(async ({ says }) => await says('ready')))
  for (const { process: child } of programs) child.stdin?.write('go\n')
  await Promise.all(programs.map(async ({ ended }) => await ended))
  statuses = programs.flatMap(({ output }) => {
    const [, list = '[]'] = /answered (\[.*\])/.exec(output()) ?? []
    return JSON.parse(list) as number[]
  })
  await droppedFile(stack, 'original', fifty.id)
  await standsAt(stack, fifty.id, 'exported')
}

async function retrieveAndSendAgain(): Promise<void> {
  await sentProject(stack, taken)
  retrievedLink = await reviewLink(stack, taken.id)
  await command(paulaOn(stack), 'retrieve', taken.id)
  await standsAt(stack, taken.id, 'retrieved')
  await command(paulaOn(stack), 'send', taken.id)
  newLink = await reviewLink(stack, taken.id, 2)
}

async function visit(url: string, init: RequestInit = {}) {
  const answer = await fetch(url, { redirect: 'manual', ...init })
  const body = await answer.text()
  return { status: answer.status, title: /<h1>([^<]*)<\/h1>/.exec(body)?.[1], body }
}

/** What stands in a log of the stack under this heading: one JSON document a line. */
const loggedAs = (heading: string, log: string): unknown[] =>
  readFileSync(join(sharedFolder(), log), 'utf8')
    .split('\n')
    .flatMap((line) => /\{.*\}/.exec(line) ?? [])
    .map((line) => JSON.parse(line) as { message: string })
    .filter(({ message }) => message === heading)

const agentSays = (heading: string): unknown[] => loggedAs(heading, 'agent/agent.log')

const at = (path: string): string => `${stack.runtime.url}${path}`

describe('the same decision sent fifty times from two processes at once', () => {
  test('is answered every time with the page of the decision', () => {
    expect(statuses).toEqual(Array.from({ length: 50 }, () => 303))
  })

  test('is recorded once', async () => {
    const History = z.looseObject({ history: z.array(z.looseObject({ event: z.string() })) })
    const anna = apiAs(stack.runtime, people.anna)
    const { history } = History.parse(await anna.get(`/projects/${fifty.id}/budget/history?limit=100`))
    expect(history.filter(({ event }) => event === 'accepted')).toHaveLength(1)
  })

  test('makes one export', async () => {
    const { exports } = z
      .looseObject({ exports: z.array(z.looseObject({ export: z.string(), attempt: z.int() })) })
      .parse(await paulaOn(stack).get(`/exports?project=${fifty.id}`))
    expect(exports).toMatchObject([{ export: 'fifty-e1', attempt: 1 }])
  })

  test('makes one file in the drop folder, from one message to the agent', async () => {
    expect(filesIn(stack, 'original', fifty.id)).toHaveLength(1)
    await until('the agent to be done', () => agentSays('message done')[0])
    expect(agentSays('message done')).toMatchObject([{ outcome: 'written' }])
  })
})

describe('a link', () => {
  test('that a mail program asks for the head of is answered as it would be shown, without the page', async () => {
    const [head, page] = [await fetch(usedLink, { method: 'HEAD' }), await fetch(usedLink)]
    expect([head.status, await head.text()]).toEqual([page.status, ''])
    expect(page.status).toBe(200)
  })

  test('that nobody was ever mailed shows a page that tells nothing', async () => {
    const { status, title } = await visit(at(`/review/${randomBytes(32).toString('base64url')}`))
    expect({ status, title }).toEqual({ status: 404, title: 'This link is not valid' })
  })

  test.each(['/review/short', '/posting/short', `/review/${'x'.repeat(500)}`, '/review/%00'])(
    'that is malformed looks like one that nobody was mailed: %s',
    async (path) => {
      const unknown = await visit(at(`/review/${randomBytes(32).toString('base64url')}`))
      expect(await visit(at(path))).toEqual(unknown)
    },
  )

  test('of an approver opens nothing as the link of a poster', async () => {
    expect((await visit(usedLink.replace('/review/', '/posting/'))).status).toBe(404)
  })

  test('that was used shows the decision that was made with it', async () => {
    const { status, title, body } = await visit(usedLink)
    expect({ status, title }).toEqual({ status: 200, title: 'You accepted this budget' })
    expect(body).toContain('It cannot be changed.')
  })

  test('that the project made void by taking its budget back says so, also after it was sent again', async () => {
    const { status, title, body } = await visit(retrievedLink)
    expect({ status, title }).toEqual({ status: 410, title: 'Replaced by a newer request' })
    expect(body).toContain('The project took this budget back')
    expect(body).toContain('newest mail')
  })

  test('of the newest mail shows the budget, however many were mailed before', async () => {
    expect((await visit(newLink)).title).toBe('taken: budget version 1')
  })

  test('of a budget that was taken back takes no decision', async () => {
    const { fields, ticks } = await openPage(newLink)
    fields.set('choice', 'accept')
    for (const tick of ticks) fields.append('tick', tick)
    const { status } = await visit(retrievedLink, { method: 'POST', body: fields })
    expect(status).toBeGreaterThanOrEqual(400)
    expect((await readBudget(paulaOn(stack), taken.id)).erp_state).toBe('sent')
  })

  test('takes no decision from a form of another site', async () => {
    const { fields } = await openPage(newLink)
    fields.set('choice', 'reject')
    fields.set('reason', 'Because')
    const headers = { origin: 'https://elsewhere.example' }
    expect((await visit(newLink, { method: 'POST', body: fields, headers })).status).toBe(403)
    expect((await readBudget(paulaOn(stack), taken.id)).erp_state).toBe('sent')
  })

  test('that is sent a form without a choice is named in the log of its function, without its reference', async () => {
    const { fields } = await openPage(newLink)
    expect((await visit(newLink, { method: 'POST', body: fields })).status).toBe(422)
    const logged = await until('the line of the log', () => {
      const found = loggedAs('incomplete form', 'logs/functions.log')
      return JSON.stringify(found).includes('"lacks":"choice"') ? found : undefined
    })
    expect(logged).toContainEqual(
      expect.objectContaining({
        level: 'WARN',
        page: 'review',
        project: taken.id,
        person: people.anna.id,
        lacks: 'choice',
      }),
    )
  })
})
