import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { UpdateTableCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { anyPorts, type Ports } from '../../../local/runtime/ports.ts'
import { type Runtime, startRuntime } from '../../../local/runtime/runtime.ts'
import { startTableServer } from '../../../local/runtime/table-process.ts'
import { synthesizeFixture } from './fixture/assembly.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

let cdkOut = ''
const runtimes: Runtime[] = []

beforeAll(async () => {
  cdkOut = await synthesizeFixture()
})

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map(async (runtime) => await runtime.stop()))
})

async function start(dataFolder: string, ports: Partial<Ports> = anyPorts): Promise<Runtime> {
  const runtime = await startRuntime({ cdkOut, dataFolder, ports })
  runtimes.push(runtime)
  return runtime
}

/** A port that another program listens on for as long as the work takes. */
async function withTakenPort(work: (port: number) => Promise<void>): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await work(typeof address === 'object' && address !== null ? address.port : 0)
  server.close()
}

test('a port that is taken is named, with what it is for and how to choose another', async () => {
  await withTakenPort(async (port) => {
    await expect(start(temporaryFolder('taken'), { ...anyPorts, api: port })).rejects.toThrow(
      `Port ${String(port)}, where the API and the pages should be, is in use by another program. ` +
        'Stop that program, or choose another port with API_PORT=',
    )
  })
})

test('a refused start gives the data folder free', async () => {
  const dataFolder = temporaryFolder('free')
  await withTakenPort(async (port) => {
    await expect(start(dataFolder, { ...anyPorts, mail: port })).rejects.toThrow('in use')
  })
  expect(readdirSync(dataFolder)).not.toContain('lock')
})

test('data of another schema is refused with what to do', async () => {
  const dataFolder = temporaryFolder('schema')
  writeFileSync(join(dataFolder, 'schema'), JSON.stringify({ schema: 0 }))
  await expect(start(dataFolder)).rejects.toThrow(
    'was written with schema 0; this release needs schema 1. Move the folder away, or delete it',
  )
})

test('a folder that holds something else is refused, and nothing is written into it', async () => {
  const dataFolder = temporaryFolder('foreign')
  mkdirSync(join(dataFolder, 'photos'))
  await expect(start(dataFolder)).rejects.toThrow('holds files that are not ours')
  expect(readdirSync(dataFolder)).toEqual(['photos'])
})

test('the lock of a process that is gone does not keep a stack from starting', async () => {
  const dataFolder = temporaryFolder('stale')
  writeFileSync(join(dataFolder, 'schema'), JSON.stringify({ schema: 1 }))
  // Its number may belong to another process by now, which began at another time.
  writeFileSync(join(dataFolder, 'lock'), JSON.stringify({ pid: process.pid, started: '1' }))
  await expect(start(dataFolder)).resolves.toBeDefined()
})

test('a table with other indexes than the templates is refused, not changed', async () => {
  const dataFolder = temporaryFolder('changed')
  const runtime = await start(dataFolder)
  await runtime.clients.table.send(
    new UpdateTableCommand({
      TableName: runtime.tables[0]?.name,
      GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byState' } }],
    }),
  )
  await runtime.stop()
  await expect(start(dataFolder)).rejects.toThrow('has other keys, indexes or another stream than Data/Table')
})

const folder = {
  path: (...names: readonly string[]) => join('/nowhere', ...names),
  release: () => {},
}

test('a platform without Dynoxide is told what to do', async () => {
  const { platform } = process
  Object.defineProperty(process, 'platform', { value: 'plan9' })
  const started = startTableServer(folder, 1, () => {}, {})
  Object.defineProperty(process, 'platform', { value: platform })
  await expect(started).rejects.toThrow(/There is no Dynoxide for plan9 .* DYNAMODB_ENDPOINT=/)
})

test('another table server is used where DYNAMODB_ENDPOINT names one', async () => {
  const server = await startTableServer(folder, 1, () => {}, { DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000' })
  expect(server.endpoint).toBe('http://127.0.0.1:8000')
})
