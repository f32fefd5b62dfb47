import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { createApi } from '../../../functions/sage-connector/agent/api-client.ts'
import { openDeliveryLedger } from '../../../functions/sage-connector/agent/delivery-ledger.ts'
import { dropPath } from '../../../functions/sage-connector/agent/drop-folder.ts'
import type { Log } from '../../../functions/sage-connector/agent/log.ts'
import { putFilesAway } from '../../../functions/sage-connector/agent/put-files-away.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { type ApiServer, content, fileName, sha256, startApi } from './api-server.ts'

let folder = ''
let path = ''
let logged: string[] = []
let told: unknown[] = []
beforeEach(() => {
  folder = temporaryFolder('put-away')
  path = dropPath(folder, 'original_estimate', fileName)
  logged = []
  told = []
  mkdirSync(dirname(path))
  writeFileSync(path, content)
})

const log: Log = (sentence, about) => {
  logged.push(sentence)
  told.push(about)
}

const looking = ({ url }: ApiServer) => {
  const ledger = openDeliveryLedger(join(folder, 'state', 'deliveries.jsonl'))
  if (ledger.all().length === 0)
    ledger.add({ at: 'now', export: 'clinic-e1', part: 1, attempt: 1, sha256, path })
  const api = createApi({ url, company: 'northwind', token: () => 'token' })
  return putFilesAway({ api, ledger, folder, log })
}

const withdrawn = { part: 1, file_sha256: sha256, outcome: 'withdrawn', exceptions: [], posted: null }
const toldAt = (withdrawn_from_folder: string | null) => [{ ...withdrawn, withdrawn_from_folder }]
const open = { ...withdrawn, outcome: 'open' }
const isThere = (): boolean => existsSync(path)

test.each(['returned', 'closed'])(
  'a file of an export that was %s is moved out of the drop folder when nothing of it is in Sage',
  async (settled_as) => {
    const server = await startApi()
    server.answer('/exports/clinic-e1', { settled_as, parts: [withdrawn] })
    await looking(server).look()
    expect([isThere(), readFileSync(join(folder, 'withdrawn', fileName))]).toEqual([false, content])
    expect(logged).toEqual(['file withdrawn: its export was returned or closed'])
    const where = join(folder, 'withdrawn', fileName)
    expect(told).toEqual([{ export: 'clinic-e1', moved: where }])
    expect(server.of('/receipt')).toEqual([{ part: 1, attempt: 1, sha256, where, withdrawn: true }])
  },
)

test('a file that was moved and could not be told of is told of at the next turn, also after a start, and then no more', async () => {
  const server = await startApi()
  server.answer('/exports/clinic-e1', { settled_as: 'closed', parts: toldAt(null) })
  server.refuse('/receipt', 503, 'BUSY')
  await looking(server).look()
  expect(isThere()).toBe(false)
  server.allow('/receipt')
  const again = looking(server)
  await again.look()
  await again.look()
  server.answer('/exports/clinic-e1', { settled_as: 'closed', parts: toldAt('2026-01-05T09:00:00.000Z') })
  await looking(server).look()
  expect(server.of('/receipt')).toHaveLength(2)
  expect(logged).toEqual(['file withdrawn: its export was returned or closed', notLooked])
})

const notLooked = 'not looked whether a file is done or withdrawn; tried again at the next turn'

test('a file that cannot be moved stays, and is told with why', async () => {
  const server = await startApi()
  server.answer('/exports/clinic-e1', { settled_as: 'closed', parts: [withdrawn] })
  writeFileSync(join(folder, 'withdrawn'), 'a file where a folder is to be')
  await looking(server).look()
  expect([isThere(), logged, server.of('/receipt')]).toEqual([true, [notLooked], []])
  expect(told).toEqual([{ path, error: expect.stringContaining('is not there') as string }])
})

test('a file that was told of and is back in its folder is moved again, and not told of again', async () => {
  const server = await startApi()
  const parts = toldAt('2026-01-05T09:00:00.000Z')
  server.answer('/exports/clinic-e1', { settled_as: 'closed', parts })
  await looking(server).look()
  expect([isThere(), server.of('/receipt')]).toEqual([false, []])
})

test('a file that cannot be looked at is told with why', async () => {
  const server = await startApi()
  const files = looking(server)
  rmSync(dirname(path), { recursive: true })
  writeFileSync(dirname(path), 'a file where a folder was')
  await files.look()
  expect([server.calls, logged]).toEqual([[], [notLooked]])
})

test.each<[string, string | null, object]>([
  ['is posted, while its export goes on', null, { ...open, posted: { how: 'verified' } }],
  ['is posted, as its whole export', 'synced', { ...open, posted: { how: 'declared' } }],
  [
    'was imported but for lines that travel in a correction',
    null,
    { ...open, exceptions: [{ outcome: 'rejected' }] },
  ],
  ['was closed as taken', 'closed', { ...withdrawn, outcome: 'taken' }],
  ['was closed as rejected by Sage', 'closed', { ...withdrawn, outcome: 'rejected' }],
  [
    'was closed with an entry that is in Sage',
    'closed',
    { ...withdrawn, exceptions: [{ outcome: 'taken' }] },
  ],
  ['was said to be posted, and closed as withdrawn', 'closed', { ...withdrawn, posted: { how: 'declared' } }],
])('a file that %s is moved to those that are done', async (_, settled_as, part) => {
  const server = await startApi()
  server.answer('/exports/clinic-e1', { settled_as, parts: [part] })
  await looking(server).look()
  expect([isThere(), readFileSync(join(folder, 'done', fileName))]).toEqual([false, content])
  expect(logged).toEqual(['file done: nothing of it is to be imported any more'])
})

test.each<[string, string | null, object]>([
  ['is due', null, open],
  ['is withdrawn by an export that is not settled yet', null, withdrawn],
  ['is another than the one that was posted', 'synced', { ...open, part: 2, posted: { how: 'declared' } }],
  ['has other content than what was closed', 'closed', { ...withdrawn, file_sha256: 'f'.repeat(64) }],
])('a file that %s stays', async (_, settled_as, part) => {
  const server = await startApi()
  server.answer('/exports/clinic-e1', { settled_as, parts: [part] })
  await looking(server).look()
  expect([isThere(), logged, server.calls.length]).toEqual([true, [], 1])
})

test('a file of that name among those that are done stays as it is', async () => {
  mkdirSync(join(folder, 'done'))
  writeFileSync(join(folder, 'done', fileName), 'of last year')
  const server = await startApi()
  server.answer('/exports/clinic-e1', { settled_as: 'synced', parts: [{ ...open, posted: {} }] })
  await looking(server).look()
  expect(readFileSync(join(folder, 'done', fileName), 'utf8')).toBe('of last year')
  expect(readdirSync(join(folder, 'done'))).toHaveLength(2)
})

test.each([
  ['was moved away after its import', () => rmSync(path)],
  ['was marked or changed since', () => writeFileSync(path, 'other')],
])('of a file that %s nothing is asked', async (_, change) => {
  const server = await startApi()
  const files = looking(server)
  change()
  await files.look()
  expect(server.calls).toEqual([])
  expect(readdirSync(folder).filter((name) => ['withdrawn', 'done'].includes(name))).toEqual([])
})

test('an export that is under way is asked about again; one that ended, and does not know the file, is not', async () => {
  const server = await startApi()
  const files = looking(server)
  for (const settled_as of [null, 'synced', 'synced']) {
    server.answer('/exports/clinic-e1', { settled_as, parts: [{ ...open, part: 2 }] })
    await files.look()
  }
  expect(server.calls).toHaveLength(2)
})

test('an API that does not answer is told, and asked again', async () => {
  const server = await startApi()
  server.refuse('/exports/clinic-e1', 503, 'BUSY')
  const files = looking(server)
  await files.look()
  expect(logged).toHaveLength(1)
  server.allow('/exports/clinic-e1')
  server.answer('/exports/clinic-e1', { settled_as: 'returned', parts: [withdrawn] })
  await files.look()
  expect(isThere()).toBe(false)
})
