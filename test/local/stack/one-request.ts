import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { beforeAll, expect, test } from 'vitest'
import { until } from '../../../local/sample.ts'
import type { LocalStack } from '../../../local/stack.ts'
import {
  acceptedByMail,
  mailsAbout,
  paulaOn,
  sentProject,
  type SmallProject,
  standsAt,
} from './small-project.ts'
import { sharedFolder, sharedStack } from './shared-stack.ts'

// What one request leads to is found by its id, in every log, in the history and in the mails.

const traced: SmallProject = { id: 'traced', job: '24-5001', lines: { '03-3000.S': '1000.00' } }

const History = z.object({
  history: z.array(z.looseObject({ event: z.string(), request: z.string().optional() })),
})
let stack: LocalStack
let history: z.infer<typeof History>['history']

beforeAll(async () => {
  stack = await sharedStack([traced.job])
  await sentProject(stack, traced)
  await acceptedByMail(stack, traced.id)
  await standsAt(stack, traced.id, 'exported')
  // The step is carried out before its mail goes out, and mails keep no order.
  for (const subject of ['Budget accepted', 'File ready for Sage'])
    await until(`the mail "${subject}"`, () => mailsAbout(stack, traced.id, subject)[0])
  const read = await paulaOn(stack).get(`/projects/${traced.id}/budget/history?limit=200`)
  history = History.parse(read).history
})

const requestOf = (name: string): string => history.find(({ event }) => event === name)?.request ?? ''
const eventsOf = (request: string): string[] =>
  history.filter((each) => each.request === request).map(({ event }) => event)

/** Lines of every log that name a request: who wrote them, and what they say. */
function linesOf(request: string): string[] {
  const logs = join(sharedFolder(), 'logs')
  const files = [
    ...readdirSync(logs).map((name) => join(logs, name)),
    join(sharedFolder(), 'agent', 'agent.log'),
  ]
  const lines = files.flatMap((path) => readFileSync(path, 'utf8').split('\n'))
  return lines.filter((line) => line.includes(request)).map(inShort)
}

const Line = z.looseObject({ service: z.string().default('agent'), message: z.string() })

function inShort(line: string): string {
  const read = Line.safeParse(JSON.parse(line.slice(line.indexOf('{'))))
  return read.success ? `${read.data.service}: ${read.data.message}` : 'access'
}

/** Subjects of the mails that name a request. */
const mailsOf = (request: string): string[] =>
  mailsAbout(stack, traced.id, '').flatMap(({ subject, headers }) =>
    headers['x-request-id'] === request ? [subject.split(':')[0] ?? ''] : [],
  )

test('a send is followed from the request to the mail of who decides', () => {
  const request = requestOf('send_asked')
  expect(eventsOf(request)).toEqual(['send_asked', 'sent'])
  expect(linesOf(request)).toEqual(
    expect.arrayContaining([
      'access',
      'api: answered',
      'relay: outbox row delivered',
      'send-to-erp: step carried out',
      'mailer: mail',
    ]),
  )
  expect(mailsOf(request)).toEqual(['Budget ready for review'])
})

test('an accept is followed from the page to the file and to the mail of who imports it', () => {
  const request = requestOf('decision_accept')
  expect(eventsOf(request)).toEqual([
    'decision_accept',
    'accepted',
    'export_prepared',
    'receipt',
    'file_delivered',
  ])
  expect(linesOf(request)).toEqual(
    expect.arrayContaining([
      'access',
      'review: answered',
      'relay: outbox row delivered',
      'export-budget: step carried out',
      'sage-gateway: export message handed over',
      'agent: file written',
      'record-receipt: step carried out',
      'mailer: mail',
    ]),
  )
  expect(mailsOf(request).toSorted()).toEqual(['Budget accepted', 'File ready for Sage, file 1'])
})
