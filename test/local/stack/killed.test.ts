import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { type ApiClient, apiAs, ProblemAnswer } from '../../../local/api-client.ts'
import { people, project, sageFolder } from '../../../local/local-company.ts'
import { anyPorts, choosePorts } from '../../../local/runtime/ports.ts'
import { command, decideChange, makeChange, readBudget, until, zoneValves } from '../../../local/sample.ts'
import type { Sage } from '../../../local/sage/open-sage.ts'
import { choose, linkIn, openPage } from '../../../local/story/approver.ts'
import { differencesInSage } from '../../../local/story/figures.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { memoryOfTree } from './process-memory.ts'
import { kill, killAtTheEnd, type Program, runScript } from './program.ts'

// `npm start` is killed while the sample budget waits for an approver, and again while its file waits to be posted. Then
// somebody changes a cent in Sage's book.

killAtTheEnd()

const data = temporaryFolder('killed-stack')
let environment: Record<string, string> = {}
let url = ''
let stack: Program

let link = ''
let decided = ''
let filesBefore: string[] = []
let standsAtLast = ''
let runsOfWorkflow: string[] = []
let differences: ReturnType<typeof differencesInSage>
let sendAfterTheCent = ''
let mostMemory = 0

beforeAll(async () => {
  await takePorts()
  const watching = setInterval(() => {
    mostMemory = Math.max(mostMemory, memoryOfTree(stack.process.pid ?? 0))
  }, 250)
  await start()
  link = linkIn((await mailSaid('Budget ready for review')).text)
  await kill(stack)

  await start()
  const page = await openPage(link)
  decided = await choose(page, { choice: 'accept' }, page.ticks)
  await mailSaid('File ready for Sage')
  await stands('exported')
  filesBefore = originals()
  await kill(stack)

  await start()
  await importAndPost('1-ORIGINAL', false)
  await mailSaid('File ready for Sage, file 2')
  await importAndPost('2-CHANGE-tick-the-box', true)
  standsAtLast = await stands('synced')
  await mailSaid('Posted in Sage')
  runsOfWorkflow = readdirSync(join(data, 'executions/executions'))
  differences = await differencesNow()

  await changeOneCent()
  sendAfterTheCent = await sendAnUpdate()
  clearInterval(watching)
  await kill(stack)
}, 300_000)

async function takePorts(): Promise<void> {
  const { api, queuesAndBuckets, mail, stateMachines, table, events } = await choosePorts(anyPorts)
  url = `http://127.0.0.1:${String(api)}`
  environment = {
    API_PORT: String(api),
    QUEUE_PORT: String(queuesAndBuckets),
    MAIL_PORT: String(mail),
    STATES_PORT: String(stateMachines),
    TABLE_PORT: String(table),
    EVENTS_PORT: String(events),
  }
}

async function start(): Promise<void> {
  stack = runScript('local/start.ts', ['--data', data], environment)
  await stack.says('Ready after')
}

const Mail = z.object({
  subject: z.string(),
  destination: z.object({ to: z.tuple([z.string()]) }),
  body: z.object({ text: z.string() }),
})

/** Every mail in the data folder, where it lies whether the stack runs or not. */
const mails = () =>
  readdirSync(join(data, 'mail'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const { subject, destination, body } = Mail.parse(
        JSON.parse(readFileSync(join(data, 'mail', name), 'utf8')),
      )
      return { subject, to: destination.to[0], text: body.text }
    })

const mailSaid = async (subject: string) =>
  await until(`a mail "${subject}"`, () => mails().find((mail) => mail.subject.startsWith(subject)))

const filesIn = (folder: string): string[] => readdirSync(join(data, 'server', sageFolder, folder))
const originals = (): string[] => filesIn('1-ORIGINAL')

const paula = (): ApiClient =>
  apiAs({ url, issueToken: async () => await (await fetch(`${url}/desk/token/paula`)).text() }, people.paula)

async function stands(state: string): Promise<string> {
  const { shown_as } = await until(`the budget to be ${state}`, async () => {
    const budget = await readBudget(paula())
    return budget.erp_state === state ? budget : undefined
  })
  return shown_as
}

async function importAndPost(folder: string, asApprovedEstimateChange: boolean): Promise<void> {
  const [name = ''] = filesIn(folder)
  await inSage('imports', { path: join(data, 'server', sageFolder, folder, name), asApprovedEstimateChange })
  await inSage('post', { all: true })
}

async function inSage(path: string, body?: unknown, method = body ? 'POST' : 'GET'): Promise<unknown> {
  const answer = await fetch(`${url}/sage/api/companies/${sageFolder}/${path}`, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  })
  if (!answer.ok) throw new Error(`${path} was answered ${String(answer.status)}: ${await answer.text()}`)
  return await answer.json()
}

/** What the demo compares after its first cycle, which is the one that was gone here. */
async function differencesNow(): Promise<typeof differences> {
  const { rows } = z
    .looseObject({ rows: z.array(z.unknown()) })
    .parse(await inSage('views/JCM_MASTER__CATEGORY'))
  return differencesInSage({ company: () => ({ view: () => rows }) } as unknown as Sage, 'the first export')
}

const Posted = z.array(z.looseObject({ run: z.int(), sequence: z.int(), amount: z.string() }))

/** The first posted entry grows by a cent, and the agent reads Sage's totals. */
async function changeOneCent(): Promise<void> {
  const [first] = Posted.parse(await inSage('transactions'))
  const amount = (Math.round(Number(first!.amount) * 100 + 1) / 100).toFixed(2)
  await inSage(`transactions/${String(first!.run)}/${String(first!.sequence)}`, { amount }, 'PATCH')
  await until('the pre-check to know of the cent', async () =>
    JSON.stringify(await paula().get(`/projects/${project}/budget/precheck`)).includes('holds something else')
      ? true
      : undefined,
  )
}

/** What a send of one more change is answered. */
async function sendAnUpdate(): Promise<string> {
  await decideChange(paula(), await makeChange(paula(), zoneValves), 'approve')
  return await command(paula(), 'send').then(
    () => 'sent',
    (error: unknown) =>
      error instanceof ProblemAnswer ? `${error.message}\n${JSON.stringify(error.findings)}` : String(error),
  )
}

test('a link mailed before the kill still takes the decision', () => {
  expect(decided).toBe('You accepted this budget')
})

test('a budget killed twice on its way ends posted and checked in Sage', () => {
  expect(standsAtLast).toBe('Posted in Sage (checked in Sage)')
})

test('the kills leave one file for Sage, the one that was there before', () => {
  expect(filesBefore).toHaveLength(1)
  expect(originals()).toEqual(filesBefore)
})

test('nobody gets a mail twice', () => {
  const seen = mails().map(({ subject, to }) => `${to}: ${subject}`)
  expect(seen.toSorted()).toEqual([...new Set(seen)].toSorted())
  expect(seen).toContain(
    `${people.peter.email}: File ready for Sage, file 1: Riverside Clinic, budget version 2`,
  )
})

test('the kills leave one run of the workflow, and it ends well', () => {
  expect(runsOfWorkflow).toHaveLength(1)
  expect(readFileSync(join(data, 'executions/ended.jsonl'), 'utf8')).toContain('"status":"SUCCEEDED"')
})

describe('one cent changed in the book', () => {
  test('before it, the book agrees with the expectation on every key', () => {
    expect(differences).toEqual({ keys: 150, differing: [] })
  })

  test('after it nothing more is sent, and the one key that is a cent off is named with the cent', () => {
    expect(sendAfterTheCent).toContain('The pre-check found errors, so the budget was not sent.')
    expect(sendAfterTheCent).toContain(
      'Sage holds something else for 01-1000.E than is known here: original estimate changed by 0.01',
    )
  })
})

test('the stack never holds more than 600 MB, the table server included', () => {
  expect(mostMemory).toBeGreaterThan(100)
  expect(mostMemory).toBeLessThan(600)
})
