import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type Api, createApi } from '../../../functions/sage-connector/agent/api-client.ts'
import { openDeliveryLedger } from '../../../functions/sage-connector/agent/delivery-ledger.ts'
import { dropPath } from '../../../functions/sage-connector/agent/drop-folder.ts'
import { watchRejects } from '../../../functions/sage-connector/agent/rejects-folder.ts'
import { writeEstimateFile } from '../../../shared/sage/estimate-file.ts'
import { readRejectFile } from '../../../shared/sage/reject-file.ts'
import { openSage } from '../../../local/sage/open-sage.ts'
import { rejectName } from '../../../local/sage/desk/desk-options.ts'
import { originals } from '../../sage/writer/clinic.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { type ApiServer, sha256, startApi } from './api-server.ts'

let folder = ''
let logged: unknown[] = []
beforeEach(() => {
  folder = temporaryFolder('rejects')
  logged = []
})

const ledger = () => openDeliveryLedger(join(folder, 'state', 'deliveries.jsonl'))

const watchingWith = (api: Pick<Api, 'rejects'>) =>
  watchRejects({
    api,
    ledger: ledger(),
    folder,
    log: (said, about) => logged.push({ said, ...about }),
  })

const watching = ({ url }: ApiServer) =>
  watchingWith(createApi({ url, company: 'northwind', token: () => 'token' }))

const ours = writeEstimateFile(originals)
const text = Buffer.from(ours.bytes).toString('latin1')
const withoutComment = text.split('\r\n').slice(1).join('\r\n')

function lay(name: string, content: string): void {
  mkdirSync(join(folder, 'rejects'), { recursive: true })
  writeFileSync(join(folder, 'rejects', name), content, 'latin1')
}

const within = (...names: string[]): string[] => {
  const path = join(folder, 'rejects', ...names)
  return existsSync(path) ? readdirSync(path).toSorted() : []
}

async function looks(watched: ReturnType<typeof watching>, times = 2): Promise<void> {
  for (let time = 0; time < times; time += 1) await watched.look()
}

/** As when the ledger knows that the file of the worked example was written. */
const delivered = (): void => {
  const path = dropPath(folder, 'original_estimate', ours.fileName)
  ledger().add({ at: 'now', export: 'clinic-e1', part: 1, attempt: 1, sha256, path })
}

test('a reject file with our comment line is handed in for its export and file, and moved to done', async () => {
  const server = await startApi()
  lay('any name.jce', text)
  await looks(watching(server))
  const reject_file_base64 = Buffer.from(ours.bytes).toString('base64')
  expect(server.calls).toEqual([
    {
      method: 'POST',
      path: '/exports/clinic-e1/rejects',
      body: { part: 1, reject_file_base64 },
      key: expect.stringMatching(/^reject-file-[0-9a-f]{64}$/) as string,
    },
  ])
  expect([within('done'), within()]).toEqual([['any name.jce'], ['done']])
  const moved = join(folder, 'rejects/done/any name.jce')
  const done = {
    said: 'reject file handed in',
    name: 'any name.jce',
    export: 'clinic-e1',
    part: 1,
    moved,
  }
  expect(logged).toEqual([done])
})

test('what lies in the folders beside is not looked at', async () => {
  const server = await startApi()
  const watched = watching(server)
  lay('r.jce', text)
  await looks(watched, 6)
  expect([server.calls.length, logged.length]).toEqual([1, 1])
})

test('without our comment line, the name of a file that the agent wrote tells', async () => {
  const server = await startApi()
  delivered()
  lay('24-1007_CLINIC-e1_part1_ORIGINAL.rejects.jce', withoutComment)
  await looks(watching(server))
  expect(server.calls).toMatchObject([{ path: '/exports/clinic-e1/rejects', body: { part: 1 } }])
  expect(within()).toEqual(['done'])
})

test.each([
  ['of another name', 'rejects.jce', withoutComment],
  ['named after a file that the agent did not write', '24-1007_clinic-e1_part2_ORIGINAL.jce', withoutComment],
  ['whose name only begins alike', '24-1007_clinic-e1_part1_ORIGINALS.jce', withoutComment],
  ['of another kind', 'Thumbs.db', '\u0000\u0001'],
])('a file %s is left, and told once', async (_, name, content) => {
  const server = await startApi()
  delivered()
  lay(name, content)
  await looks(watching(server), 5)
  expect([server.calls, within()]).toEqual([[], [name]])
  expect(logged).toEqual([
    left(name, 'Neither a comment line of ours in it nor its name says of which export it is.'),
  ])
})

const left = (name: string, why: string) => ({
  said: 'reject file left',
  name,
  why,
  what_to_do: 'Hand it in on the posting page of its file, then delete it here.',
})

test('a file of 8 MiB is handed in, and one that is larger is left', async () => {
  const taken: number[] = []
  const watched = watchingWith({
    rejects: async (_, { bytes }) => await Promise.resolve(void taken.push(bytes.length)),
  })
  const most = 8 * 1024 * 1024
  lay('a.jce', text.padEnd(most))
  lay('b.jce', text.padEnd(most + 1))
  await looks(watched)
  expect(taken).toEqual([most])
  expect(logged.at(-1)).toEqual(left('b.jce', 'It is larger than any reject file of ours can be.'))
})

test('a file that somebody takes away before its turn is told with why', async () => {
  for (const name of ['a.jce', 'b.jce']) lay(name, text)
  await looks(
    watchingWith({
      rejects: async () => await Promise.resolve(rmSync(join(folder, 'rejects', 'b.jce'))),
    }),
  )
  expect(logged.slice(1)).toEqual([
    {
      said: 'reject file not done with; tried again at the next turn',
      name: 'b.jce',
      error: expect.stringContaining('is not there') as string,
    },
  ])
})

test('a file that grows is not handed in before it is still', async () => {
  const server = await startApi()
  const watched = watching(server)
  for (const line of text.split(/(?<=\r\n)/)) {
    mkdirSync(join(folder, 'rejects'), { recursive: true })
    appendFileSync(join(folder, 'rejects', 'r.jce'), line, 'latin1')
    await watched.look()
  }
  expect(server.calls).toEqual([])
  await watched.look()
  expect(server.calls).toMatchObject([{ body: { reject_file_base64: Buffer.from(text).toString('base64') } }])
})

test.each([
  ['empty', ''],
  ['of a comment and a job record', '; EXPORT clinic-e1 PART 1\r\n"*","24-1007"\r\n'],
])('a reject file that is %s is moved to done without a report', async (_, content) => {
  const server = await startApi()
  lay('r.jce', content)
  await looks(watching(server))
  expect([server.calls, within(), within('done')]).toEqual([[], ['done'], ['r.jce']])
  expect(logged).toMatchObject([{ said: 'reject file without a line: Sage rejected nothing' }])
})

test.each([
  ['handed in', 'done', text, undefined, 2],
  ['without a line', 'done', '', undefined, 0],
  ['refused', 'refused', text, 'LINE_NOT_SENT', 2],
])('a file that was %s and is laid back is looked at again', async (_, to, content, refused, calls) => {
  const server = await startApi()
  if (refused !== undefined) server.refuse('/rejects', 422, refused)
  lay('r.jce', content)
  const watched = watching(server)
  await looks(watched)
  renameSync(join(folder, 'rejects', to, 'r.jce'), join(folder, 'rejects', 'r.jce'))
  await looks(watched)
  expect(within()).toEqual([to])
  expect(server.calls).toHaveLength(calls)
})

test.each([
  [409, 'OTHER_EXPORT'],
  [409, 'NOTHING_TO_CONFIRM'],
  [422, 'LINE_NOT_SENT'],
  [422, 'FILE_NOT_READABLE'],
  [400, 'INVALID_INPUT'],
  [404, 'NOT_FOUND'],
  // As a proxy says it
  [413, '413'],
])('one that is refused with %i %s is moved to refused, and a text says why', async (status, code) => {
  const server = await startApi()
  server.refuse('/rejects', status, code, 'The sentence.', {
    what_to_do: 'The way out.',
    errors: [{ line: 3, code, sentence: 'Not sent.' }],
  })
  lay('r.jce', text)
  await looks(watching(server), 4)
  expect(server.calls).toHaveLength(1)
  expect([within(), within('refused')]).toEqual([['refused'], ['r.jce', 'r.jce.why.txt']])
  const why = readFileSync(join(folder, 'rejects/refused/r.jce.why.txt'), 'utf8').split('\r\n')
  expect(why).toEqual([
    'r.jce was not taken for export clinic-e1, file 1.',
    'The sentence.',
    'Line 3: Not sent.',
    'The way out.',
    'To have it tried again, move it back into the folder rejects; or hand it in on the posting page.',
    '',
  ])
  const about = { name: 'r.jce', export: 'clinic-e1', part: 1, code, sentence: 'The sentence.' }
  const moved = join(folder, 'rejects/refused/r.jce')
  expect(logged).toEqual([{ said: 'reject file refused', ...about, moved }])
})

test('where the API says no way out, none is made up', async () => {
  const server = await startApi()
  server.refuse('/rejects', 409, 'OTHER_EXPORT', 'The sentence.')
  lay('r.jce', text)
  await looks(watching(server))
  const why = readFileSync(join(folder, 'rejects/refused/r.jce.why.txt'), 'utf8').split('\r\n')
  expect(why.slice(1)).toEqual(['The sentence.', expect.stringMatching('^To have it tried again'), ''])
})

test.each([
  [409, 'COMMAND_PENDING'],
  [503, 'BUSY'],
  [500, 'STORED_DATA_ALTERED'],
  [401, 'NOT_SIGNED_IN'],
  [403, 'NOT_ALLOWED'],
  [404, '404'],
])('one that is answered %i %s is handed in again, under the same key', async (status, code) => {
  const server = await startApi()
  server.refuse('/rejects', status, code)
  lay('r.jce', text)
  const watched = watching(server)
  await looks(watched, 3)
  expect(within()).toEqual(['r.jce'])
  server.allow('/rejects')
  await watched.look()
  expect(within()).toEqual(['done'])
  expect(new Set(server.calls.map(({ key }) => key)).size).toBe(1)
  expect(server.calls).toHaveLength(3)
})

test('of two files of one name both are kept, and are two reports', async () => {
  const server = await startApi()
  const watched = watching(server)
  for (const content of [text, text.replace('PART 1', 'PART 2')]) {
    lay('r.jce', content)
    await looks(watched)
  }
  expect(within('done')).toEqual(['r (2).jce', 'r.jce'])
  expect(new Set(server.calls.map(({ key }) => key)).size).toBe(2)
})

test('the same bytes under two names are two reports', async () => {
  const server = await startApi()
  for (const name of ['first.jce', 'second.jce']) lay(name, text)
  await looks(watching(server))
  expect(new Set(server.calls.map(({ key }) => key)).size).toBe(2)
})

test('a folder that is away is told, and looked at again', async () => {
  const server = await startApi()
  const watched = watchRejects({
    api: createApi({ url: server.url, company: 'northwind', token: () => 'token' }),
    ledger: ledger(),
    folder: join(folder, 'share'),
    log: () => {},
  })
  await expect(watched.look()).rejects.toThrow('it was renamed, or its share is not connected')
  mkdirSync(join(folder, 'share'))
  await watched.look()
  expect(readdirSync(join(folder, 'share'))).toEqual(['rejects'])
})

test('what Sage rejected of a file that the agent wrote is handed in, line for line', async () => {
  const server = await startApi()
  delivered()
  const sage = openSage(temporaryFolder('sage')).createCompany('Riverside Builders')
  sage.setUp({
    standardCostCodes: [{ costCode: '03-3000' }],
    standardCategories: ['L', 'M', 'S'].map((category) => ({ category })),
  })
  const { fileName, rejectFile } = sage.importEstimates({ ...ours, asApprovedEstimateChange: false })
  lay(rejectName(fileName), Buffer.from(rejectFile!).toString('latin1'))
  await looks(watching(server))
  const [call] = server.calls as { path: string; body: { part: number; reject_file_base64: string } }[]
  expect([call?.path, call?.body.part]).toEqual(['/exports/clinic-e1/rejects', 1])
  expect(readRejectFile(Buffer.from(call!.body.reject_file_base64, 'base64'), originals.sage)).toMatchObject({
    lines: [{ code: { sub_job: '001', cost_code: '31-2000' } }],
  })
})
