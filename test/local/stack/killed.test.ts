import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { people, project, sageFolder } from '../../../local/local-company.ts'
import { anyPorts, choosePorts } from '../../../local/runtime/ports.ts'
import { until } from '../../../local/sample.ts'
import { choose, linkIn, openPage } from '../../../local/story/approver.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { kill, killAtTheEnd, type Program, runScript } from './program.ts'

// `npm start` is killed while the sample budget waits for an approver, and again while its file waits to be posted.

killAtTheEnd()

const data = temporaryFolder('killed-stack')
let environment: Record<string, string> = {}
let url = ''
let stack: Program

let link = ''
let decided = ''
let filesBefore: string[] = []
let standsAtLast = ''

beforeAll(async () => {
  await takePorts()
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
  await kill(stack)
}, 300_000)

async function takePorts(): Promise<void> {
  const { api, queuesAndBuckets, mail, stateMachines, table } = await choosePorts(anyPorts)
  url = `http://127.0.0.1:${String(api)}`
  environment = {
    API_PORT: String(api),
    QUEUE_PORT: String(queuesAndBuckets),
    MAIL_PORT: String(mail),
    STATES_PORT: String(stateMachines),
    TABLE_PORT: String(table),
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

const Budget = z.looseObject({ erp_state: z.string(), shown_as: z.string() })

async function stands(state: string): Promise<string> {
  const token = await (await fetch(`${url}/desk/token/paula`)).text()
  const { shown_as } = await until(`the budget to be ${state}`, async () => {
    const answer = await fetch(`${url}/projects/${project}/budget`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const budget = Budget.parse(await answer.json())
    return budget.erp_state === state ? budget : undefined
  })
  return shown_as
}

async function importAndPost(folder: string, asApprovedEstimateChange: boolean): Promise<void> {
  const [name = ''] = filesIn(folder)
  await inSage('imports', { path: join(data, 'server', sageFolder, folder, name), asApprovedEstimateChange })
  await inSage('post', { all: true })
}

async function inSage(command: string, body: unknown): Promise<void> {
  const answer = await fetch(`${url}/sage/api/companies/${sageFolder}/${command}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${command} was answered ${String(answer.status)}: ${await answer.text()}`)
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
  expect(readdirSync(join(data, 'executions/executions'))).toHaveLength(1)
  expect(readFileSync(join(data, 'executions/ended.jsonl'), 'utf8')).toContain('"status":"SUCCEEDED"')
})
