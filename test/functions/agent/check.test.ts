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
    queue_url: 'https://queues/agent.fifo',
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
  expect(server.calls.map(({ method }) => method)).toEqual(['GET'])
})

test('an API without master data yet is well', async () => {
  server.refuse('/nw-main', 404, 'NOT_FOUND', notFound('master data').message)
  expect((await check()).filter(({ state }) => state !== 'ok')).toEqual([])
})

const tokenWith = (claims: object): string =>
  `head.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`

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
  'a token without the role': [
    () => server.refuse('/nw-main', 403, 'NOT_ALLOWED'),
    'NOT OK  api     The API refuses the token: Refused: NOT_ALLOWED It needs the role northwind:connector',
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

test('a queue that does not answer is told with why', async () => {
  const [line] = (await check(silent)).filter(({ state }) => state !== 'ok')
  expect(line).toMatchObject({ what: 'queue', state: 'bad' })
  expect(line?.sentence).toContain('Could not load credentials')
})
