import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SQSClient } from '@aws-sdk/client-sqs'
import { beforeEach, expect, test } from 'vitest'
import { asLines, checkAgent } from '../../../functions/sage-connector/agent/check.ts'
import type { AgentConfiguration } from '../../../functions/sage-connector/agent/configuration.ts'
import { notFound } from '../../../shared/http/request.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { type ApiServer, startApi } from './api-server.ts'
import { printReports } from './printed-reports.ts'

let root = ''
let server: ApiServer
let configuration: AgentConfiguration

beforeEach(async () => {
  root = temporaryFolder('check')
  server = await startApi()
  for (const folder of ['NORTHWIND', 'NORTHWIND/1-ORIGINAL', 'reports']) mkdirSync(join(root, folder))
  writeFileSync(join(root, 'token'), 'token')
  printReports(join(root, 'reports'), { asOf: new Date().toISOString() })
  configuration = {
    api_url: server.url,
    token_file: join(root, 'token'),
    queue_url: 'https://queues/1/prod-sage-agent-northwind-nw-main.fifo',
    company: 'northwind',
    sage_company: 'nw-main',
    folder: join(root, 'NORTHWIND'),
    reports: join(root, 'reports'),
    state: join(root, 'state'),
    read_every_seconds: 300,
  }
})

const answers = { send: async () => await Promise.resolve({ Attributes: {} }) } as unknown as SQSClient
const silent = {
  send: async () => await Promise.reject(new Error('Could not load credentials')),
} as unknown as SQSClient

const check = async (queue = answers) => await checkAgent(configuration, { queue, now: () => new Date() })

test('an agent that has all it needs is well, and nothing is left of the check', async () => {
  const checked = await check()
  expect(checked.filter(({ state }) => state !== 'ok')).toEqual([])
  expect(checked.map(({ what }) => what)).toEqual([
    'token',
    'api',
    'clock',
    'queue',
    'folder',
    'folder',
    'state',
    'reports',
  ])
  expect(readdirSync(join(root, 'NORTHWIND'))).toEqual(['1-ORIGINAL'])
  expect([readdirSync(join(root, 'NORTHWIND/1-ORIGINAL')), readdirSync(join(root, 'state'))]).toEqual([
    [],
    [],
  ])
  // Of the second, only whether the token may: without a part it claims nothing.
  expect(server.calls).toMatchObject([{ method: 'GET' }, { method: 'POST', body: {} }])
})

test('an API without master data yet is well', async () => {
  server.refuse('/nw-main', 404, 'NOT_FOUND', notFound('master data').message)
  expect((await check()).filter(({ state }) => state !== 'ok')).toEqual([])
})

const tokenWith = (claims: object): string =>
  `head.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`

const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString()

const queueOf = (name: string): string => `https://queues/000000000000/${name}`

/** What can be wrong: how it comes about, and how each line that is not ok begins. */
const wrong: Readonly<Record<string, [() => void, ...string[]]>> = {
  'no token file': [() => rmSync(join(root, 'token')), 'NOT OK  token   token_file cannot be read'],
  'an empty token file': [() => writeFileSync(join(root, 'token'), '\n'), 'NOT OK  token   .* is empty'],
  'a token that ended': [
    () => writeFileSync(join(root, 'token'), tokenWith({ exp: 1 })),
    'NOT OK  token   The token ended at 1970-01-01',
  ],
  'a token that the API does not accept': [
    () => server.refuse('/nw-main', 401, 'NOT_SIGNED_IN'),
    'NOT OK  api     The API does not accept the token',
  ],
  'a token that may not read Sage’s lists': [
    () => server.refuse('/nw-main', 403, 'NOT_ALLOWED', 'No role here.'),
    'NOT OK  api     The API refuses the token: No role here. The agent needs the role northwind:connector.$',
  ],
  'a token of somebody who may read Sage’s lists': [
    () => {
      writeFileSync(join(root, 'token'), tokenWith({ groups: ['northwind:viewer', 'staff'] }))
      server.refuse('/claim', 403, 'NOT_ALLOWED', 'This needs the role connector.')
    },
    'NOT OK  api     The API refuses the token: This needs the role connector. The agent needs the role northwind:connector, and this token names northwind:viewer.$',
  ],
  'a token of another company': [
    () => {
      writeFileSync(join(root, 'token'), tokenWith({ roles: 'zenith:connector zenith:operator' }))
      server.refuse('/nw-main', 403, 'NOT_ALLOWED', 'Your sign-in names no role in this company.')
    },
    'NOT OK  api     The API refuses the token: Your sign-in names no role in this company. The agent needs the role northwind:connector, and this token names zenith:connector, zenith:operator.$',
  ],
  'a connector’s token that serves another Sage company': [
    () => {
      writeFileSync(join(root, 'token'), tokenWith({ groups: ['northwind:connector'] }))
      const more = { what_to_do: 'Give the agent its own.' }
      server.refuse('/nw-main', 403, 'NOT_ALLOWED', 'It serves another.', more)
    },
    'NOT OK  api     The API refuses the token: It serves another. Give the agent its own.$',
  ],
  'an API that cannot say whether the token may write files': [
    () => server.refuse('/claim', 503, 'BUSY'),
    'NOT OK  api     http.* answers 503',
  ],
  'a queue of another company': [
    () => (configuration = { ...configuration, queue_url: queueOf('prod-sage-agent-zenith-nw-main.fifo') }),
    'NOT OK  queue   queue_url names prod-sage-agent-zenith-nw-main.fifo. The queue of Sage company nw-main of northwind is <stage>-sage-agent-northwind-nw-main.fifo',
  ],
  'a queue of another Sage company': [
    () => (configuration = { ...configuration, queue_url: queueOf('sage-agent-northwind-nw-main-2.fifo') }),
    'NOT OK  queue   queue_url names ',
  ],
  'a queue of a company whose id ends alike': [
    () =>
      (configuration = {
        ...configuration,
        queue_url: queueOf('sage-agent-new-sage-agent-northwind-nw-main.fifo'),
      }),
    'NOT OK  queue   queue_url names ',
  ],
  'the queue of dead letters': [
    () =>
      (configuration = { ...configuration, queue_url: queueOf('sage-agent-northwind-nw-main-dead.fifo') }),
    'NOT OK  queue   queue_url names ',
  ],
  'a Sage company that is not set up': [
    () => server.refuse('/nw-main', 404, 'NOT_FOUND', notFound('Sage company').message),
    'NOT OK  api     There is no Sage company nw-main',
  ],
  'an API that is ill': [() => server.refuse('/nw-main', 503, 'BUSY'), 'NOT OK  api     http.* answers 503'],
  'no API at that address': [
    () => (configuration = { ...configuration, api_url: 'http://127.0.0.1:9' }),
    'NOT OK  api     http://127.0.0.1:9 does not answer',
  ],
  'a clock six minutes behind': [
    () => (server.minutesAhead = 6),
    'look    clock   The clock is 6 minutes behind',
  ],
  'a folder that is a file': [
    () => {
      renameSync(join(root, 'NORTHWIND'), join(root, 'AWAY'))
      writeFileSync(join(root, 'NORTHWIND'), '')
    },
    'NOT OK  folder  ',
  ],
  'a clock an hour ahead': [
    () => (server.minutesAhead = -60),
    'NOT OK  clock   The clock is 60 minutes ahead',
  ],
  'a folder that is not there': [
    () => renameSync(join(root, 'NORTHWIND'), join(root, 'AWAY')),
    'NOT OK  folder  The folder of .* was renamed, or its share is not connected',
  ],
  'a mode folder that is a file': [
    () => writeFileSync(join(root, 'NORTHWIND/2-CHANGE-tick-the-box'), ''),
    'NOT OK  folder  .*2-CHANGE',
  ],
  'a state folder that cannot be made': [
    () => symlinkSync('/dev/full', join(root, 'state')),
    'NOT OK  state   ',
  ],
  'no report yet': [
    () => rmSync(join(root, 'reports/as-of.txt')),
    'look    reports .*no report was printed yet',
  ],
  'no folder of reports': [() => rmSync(join(root, 'reports'), { recursive: true }), 'NOT OK  reports '],
  'old reports': [
    () => printReports(join(root, 'reports'), { asOf: new Date(Date.now() - 8 * 86_400_000).toISOString() }),
    'look    reports The reports are 8 days old',
  ],
  'reports of in two hours': [
    () => printReports(join(root, 'reports'), { asOf: inMinutes(120) }),
    'NOT OK  reports as-of.txt says .*, 120 minutes from now. Have it written in UTC, not in local time',
  ],
  'reports of in ten minutes': [
    () => printReports(join(root, 'reports'), { asOf: inMinutes(10) }),
    'look    reports as-of.txt says .*, 10 minutes from now',
  ],
  'a time of the reports that is none in UTC': [
    () => writeFileSync(join(root, 'reports/as-of.txt'), '01/05/2026 09:00 AM'),
    'NOT OK  reports .*as-of.txt holds "01/05/2026 09:00 AM"; it must hold a time in UTC, as 2026-01-05T09:00:00.000Z.$',
  ],
  'a time of the reports that cannot be read': [
    () => {
      rmSync(join(root, 'reports/as-of.txt'))
      mkdirSync(join(root, 'reports/as-of.txt'))
    },
    'NOT OK  reports .* cannot be read: EISDIR',
  ],
  'a reject file that was refused': [
    () => {
      const refused = join(root, 'NORTHWIND/rejects/refused')
      mkdirSync(refused, { recursive: true })
      for (const name of ['r.jce', 'r.jce.why.txt']) writeFileSync(join(refused, name), '')
    },
    'look    rejects .*refused holds r.jce, not taken. r.jce.why.txt says why and what to do.$',
  ],
  'a folder of refused reject files that is none': [
    () => {
      mkdirSync(join(root, 'NORTHWIND/rejects'), { recursive: true })
      writeFileSync(join(root, 'NORTHWIND/rejects/refused'), '')
    },
    'NOT OK  rejects .*refused',
  ],
  'renamed fields': [
    () => writeFileSync(join(root, 'reports/extras.csv'), 'Job,Sub_Job,Description,Closed\r\n'),
    'NOT OK  reports extras.csv has no column Extra',
  ],
  'a row that cannot be read': [
    () =>
      writeFileSync(
        join(root, 'reports/extras.csv'),
        'Job,Extra,Description,Closed\r\n24-1007,1,One,No\r\n24-1007,2\r\n',
      ),
    'look    reports extras.csv, row 3',
  ],
}

test.each(Object.entries(wrong))('%s is told', async (_, [bring, ...expected]) => {
  bring()
  const lines = asLines((await check()).filter(({ state }) => state !== 'ok')).split('\n')
  expect(lines).toEqual(expected.map((beginning) => expect.stringMatching(`^${beginning}`) as string))
})

test.each(['sage-agent-northwind-nw-main.fifo', 'stage1-sage-agent-northwind-nw-main.fifo'])(
  'the queue %s is its own',
  async (name) => {
    configuration = { ...configuration, queue_url: queueOf(name) }
    expect((await check()).filter(({ state }) => state !== 'ok')).toEqual([])
  },
)

test('a queue that does not answer is told with why', async () => {
  const [line] = (await check(silent)).filter(({ state }) => state !== 'ok')
  expect(line).toMatchObject({ what: 'queue', state: 'bad' })
  expect(line?.sentence).toContain('Could not load credentials')
})
