import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type Api, createApi } from '../../../functions/sage-connector/agent/api-client.ts'
import { type Delivery, deliverPart } from '../../../functions/sage-connector/agent/deliver-part.ts'
import { openDeliveryLedger } from '../../../functions/sage-connector/agent/delivery-ledger.ts'
import { dropPath, writeWhole } from '../../../functions/sage-connector/agent/drop-folder.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { type ApiServer, content, fileName, message, sha256, startApi } from './api-server.ts'

let root = ''
beforeEach(() => {
  root = temporaryFolder('agent')
  mkdirSync(join(root, 'NORTHWIND'))
})

const ledgerPath = (): string => join(root, 'state', 'deliveries.jsonl')
const path = (): string => dropPath(join(root, 'NORTHWIND'), 'original_estimate', fileName)
const files = (): string[] => (existsSync(dirname(path())) ? readdirSync(dirname(path())) : [])
const entry = () => ({ at: 'now', export: 'clinic-e1', part: 1, attempt: 1, sha256, path: path() })

/** An agent as it is after a start: its ledger is read from the disk. */
const agent = (server: ApiServer, but: Partial<Api> = {}): Delivery => ({
  api: { ...createApi({ url: server.url, token: () => 'token' }), ...but },
  ledger: openDeliveryLedger(ledgerPath()),
  folder: join(root, 'NORTHWIND'),
  now: () => new Date().toISOString(),
  log: () => {},
})

function written(): void {
  expect(files()).toEqual([fileName])
  expect(readFileSync(path())).toEqual(content)
}

test('a claimed part is written under its name, and its receipt says where', async () => {
  const server = await startApi()
  expect(await deliverPart(agent(server), message())).toBe('written')
  written()
  expect(server.of('/receipt')).toEqual([{ part: 1, attempt: 1, sha256, where: path() }])
})

test.each(['NOT_EXPORTING', 'OTHER_EXPORT', 'NOT_FOUND', 'CLAIMED'])(
  'a claim refused with %s writes nothing and reports nothing',
  async (code) => {
    const server = await startApi()
    server.refuse('/claim', 409, code)
    expect(await deliverPart(agent(server), message())).toBe('not_ours_to_write')
    expect(files()).toEqual([])
    expect(server.calls).toHaveLength(1)
  },
)

test('an API that does not answer leaves the message, and nothing is written', async () => {
  const server = await startApi()
  server.refuse('/claim', 503, 'BUSY')
  await expect(deliverPart(agent(server), message())).rejects.toThrow('BUSY')
  expect(files()).toEqual([])
})

class Killed extends Error {}
const killed = async (): Promise<never> => await Promise.reject(new Killed())

/** What an agent that was killed at a moment leaves on the disk. */
const killedAt: Readonly<Record<string, (server: ApiServer) => Promise<void> | void>> = {
  'before the claim': async (server) => {
    await deliverPart(agent(server, { claim: killed }), message()).catch(() => {})
  },
  'after the claim': async (server) => {
    await agent(server).api.claim('clinic-e1', { part: 1, attempt: 1 })
  },
  'while half of the file is written': () => {
    mkdirSync(dirname(path()), { recursive: true })
    writeFileSync(`${path()}.writing`, content.subarray(0, 5))
  },
  'before the ledger is written': () => {
    expect(() => {
      writeWhole(path(), { bytes: content, sha256 }, () => {
        throw new Killed()
      })
    }).toThrow(Killed)
  },
  'while the ledger is written': () => {
    expect(() => {
      writeWhole(path(), { bytes: content, sha256 }, () => {
        mkdirSync(dirname(ledgerPath()), { recursive: true })
        appendFileSync(ledgerPath(), JSON.stringify(entry()).slice(0, 30))
        throw new Killed()
      })
    }).toThrow(Killed)
  },
  'after the ledger is written, before the file has its name': () => {
    expect(() => {
      writeWhole(path(), { bytes: content, sha256 }, () => {
        openDeliveryLedger(ledgerPath()).add(entry())
        throw new Killed()
      })
    }).toThrow(Killed)
  },
  'after the file has its name, before the receipt': async (server) => {
    await deliverPart(agent(server, { receipt: killed }), message()).catch(() => {})
  },
  'after the receipt': async (server) => {
    await deliverPart(agent(server), message())
  },
}

test.each(Object.entries(killedAt))(
  'an agent killed %s leaves exactly one file in the end',
  async (_, kill) => {
    const server = await startApi()
    await kill(server)
    await deliverPart(agent(server), message())
    written()
    expect(server.of('/receipt').length).toBeGreaterThan(0)
  },
)

test('a file that stands there with equal bytes is done, and is not written again', async () => {
  const server = await startApi()
  mkdirSync(dirname(path()), { recursive: true })
  writeFileSync(path(), content)
  expect(await deliverPart(agent(server), message())).toBe('written_before')
  written()
  expect(server.of('/receipt')).toHaveLength(1)
})

test('a file that stands there with other bytes is left alone and reported', async () => {
  const server = await startApi()
  mkdirSync(dirname(path()), { recursive: true })
  writeFileSync(path(), 'somebody else’s')
  expect(await deliverPart(agent(server), message())).toBe('conflict')
  expect(readFileSync(path(), 'utf8')).toBe('somebody else’s')
  expect([server.of('/receipt').length, server.of('/failure').length]).toEqual([0, 1])
})

test('bytes other than the message names are not written, and reported', async () => {
  const server = await startApi(Buffer.from('other bytes'))
  expect(await deliverPart(agent(server), message())).toBe('conflict')
  expect(files()).toEqual([])
  expect(server.of('/failure')).toHaveLength(1)
})

test('a file that was moved away after its import is not written again', async () => {
  const server = await startApi()
  await deliverPart(agent(server), message())
  renameSync(path(), join(root, 'imported.txt'))
  expect(await deliverPart(agent(server), message(2))).toBe('written_before')
  expect(files()).toEqual([])
  expect(server.of('/receipt')).toHaveLength(2)
})

test('a message that comes again after its receipt is done', async () => {
  const server = await startApi()
  await deliverPart(agent(server), message())
  server.refuse('/claim', 409, 'NOT_EXPORTING')
  expect(await deliverPart(agent(server), message())).toBe('written_before')
  written()
})

test('a file for changes stands in the folder that says to tick the box', () => {
  expect(dropPath(root, 'approved_estimate_change', fileName)).toContain('2-CHANGE-tick-the-box')
})
