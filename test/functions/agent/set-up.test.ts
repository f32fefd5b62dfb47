import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { Server } from 'node:net'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { readConfiguration } from '../../../functions/sage-connector/agent/configuration.ts'
import { takeLease } from '../../../functions/sage-connector/agent/lease.ts'
import { openLog } from '../../../functions/sage-connector/agent/log.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

let folder = ''
beforeEach(() => {
  folder = temporaryFolder('agent-set-up')
})

const sound = {
  api_url: 'https://api.example',
  token_file: 'C:/sage-agent/token.txt',
  queue_url: 'https://queue.example/agent.fifo',
  company: 'northwind',
  sage_company: 'main',
  folder: '//server/budgets/NORTHWIND',
  reports: '//server/budgets/reports',
  state: 'C:/sage-agent/state',
}

const configured = (text: string) => {
  const path = join(folder, 'agent.json')
  writeFileSync(path, text)
  return () => readConfiguration(path)
}

test('a configuration is read, with a byte order mark too, and reads Sage every five minutes', () => {
  expect(configured(`\uFEFF${JSON.stringify(sound)}`)()).toEqual({ ...sound, read_every_seconds: 300 })
})

/** What stands in the file, and what is said of it after the name of the file. */
const wrong: readonly [string, string, ...string[]][] = [
  ['a field that is missing', JSON.stringify({ ...sound, company: undefined }), 'company is missing.'],
  ['a blank field', JSON.stringify({ ...sound, state: '' }), 'state is blank.'],
  [
    'an address that is none',
    JSON.stringify({ ...sound, api_url: 'api.example' }),
    'api_url must be an address that begins with https://, and is "api.example".',
  ],
  [
    'a number in words',
    JSON.stringify({ ...sound, read_every_seconds: 'often' }),
    'read_every_seconds must be a number of seconds, and is "often".',
  ],
  [
    'too small a number',
    JSON.stringify({ ...sound, read_every_seconds: 0 }),
    'read_every_seconds must be 1 or more.',
  ],
  [
    'a field that is not known',
    JSON.stringify({ ...sound, drop: 'x' }),
    'drop is not known; known are api_url, ',
  ],
  [
    'two faults',
    JSON.stringify({ ...sound, company: 1, folder: undefined }),
    'company must be a text, and is 1.',
    'folder is missing.',
  ],
  ['a list', '[]', 'holds no fields between { and }.'],
]

test.each(wrong)('%s is told in a plain sentence', (_, text, ...sentences) => {
  const lines = messageOf(configured(text)).split('\n')
  const expected = sentences.map((sentence) => expect.stringContaining(`agent.json: ${sentence}`) as string)
  expect(lines).toEqual(expected)
})

test('a path with single backslashes, and a file that is not there, are told with what to do', () => {
  expect(messageOf(configured('{ "folder": "C:\\sage" }'))).toContain('In paths write / for \\')
  expect(messageOf(() => readConfiguration(join(folder, 'other.json')))).toContain('Name the configuration')
})

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
  return 'nothing thrown'
}

test('whatever a text holds, it stays within its line of the log', () => {
  const reason = 'one\nline\r\n{"level":"INFO"}\u001B[2J\u0000\u2028'
  openLog(folder, () => 'now')('told', { reason })
  const written = readFileSync(join(folder, 'agent.log'), 'utf8')
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  expect(written).toMatch(/^[^\u0000-\u001f]+\n$/)
  expect(JSON.parse(written)).toEqual({ at: 'now', message: 'told', reason })
})

test('a log that is full begins anew, and the oldest is dropped', () => {
  const log = openLog(folder, () => 'now', 100)
  for (let line = 0; line < 40; line += 1) log('file written', { line })
  expect(readdirSync(folder).toSorted()).toEqual([
    'agent.1.log',
    'agent.2.log',
    'agent.3.log',
    'agent.4.log',
    'agent.log',
  ])
  const last = readFileSync(join(folder, 'agent.log'), 'utf8').trim().split('\n').at(-1)
  expect(last).toBe('{"at":"now","message":"file written","line":39}')
  expect(Math.max(...readdirSync(folder).map((name) => statSync(join(folder, name)).size))).toBeLessThan(200)
})

test('a log on a full disk is printed, and stops nothing', () => {
  symlinkSync('/dev/full', join(folder, 'agent.log'))
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  openLog(folder, () => 'now')('file written')
  expect(printed.mock.calls[0]?.join(' ')).toContain('"file written"} Error: ENOSPC')
  printed.mockRestore()
})

test('a second agent of one queue does not start, one of another queue does', async () => {
  const queue = `https://queue.example/${folder}.fifo`
  const files = readdirSync('.')
  await takeLease(queue)
  await expect(takeLease(queue)).rejects.toMatchObject({
    name: 'AnotherRuns',
    message: expect.stringContaining('runs on this machine already') as string,
  })
  await takeLease(`${queue}-other`)
  // A file would be left behind by a crash.
  expect(readdirSync('.')).toEqual(files)
})

test('a lease keeps no process alive, and ends with it', async () => {
  const queue = `https://queue.example/${folder}.fifo`
  const program = `
    import { takeLease } from ${JSON.stringify(join(process.cwd(), 'functions/sage-connector/agent/lease.ts'))}
    await takeLease(${JSON.stringify(queue)})
    console.log('taken')`
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect([stdout.trim(), status]).toEqual(['taken', 0])
  await takeLease(queue)
})

test('where the system gives no lease for another reason, that is told', async () => {
  const listen = vi.spyOn(Server.prototype, 'listen').mockImplementationOnce(function (this: Server) {
    queueMicrotask(() => this.emit('error', new Error('out of sockets')))
    return this
  })
  await expect(takeLease('https://queue.example/agent.fifo')).rejects.toThrow('out of sockets')
  listen.mockRestore()
})
