import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type Api, createApi } from '../../../functions/sage-connector/agent/api-client.ts'
import { type Delivery, deliverPart } from '../../../functions/sage-connector/agent/deliver-part.ts'
import {
  type DeliveryLedger,
  openDeliveryLedger,
} from '../../../functions/sage-connector/agent/delivery-ledger.ts'
import { dropPath, sha256Of, writeWhole } from '../../../functions/sage-connector/agent/drop-folder.ts'
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
  api: { ...createApi({ url: server.url, company: 'northwind', token: () => 'token' }), ...but },
  ledger: openDeliveryLedger(ledgerPath()),
  company: 'northwind',
  sageCompany: 'nw-main',
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

test('people are told where the file lies as they reach the folder', async () => {
  const server = await startApi()
  const shown = '//FILES/NORTHWIND'
  await deliverPart({ ...agent(server), folderShownAs: shown }, message())
  const where = dropPath(shown, 'original_estimate', fileName)
  expect(server.of('/receipt')).toMatchObject([{ where }])
  written()
})

const underAttempt = (attempt: number) => ({ exportId: 'clinic-e1', part: 1, attempt, request: 'asked' })

test('the log says of each file what became of it', async () => {
  const logged: unknown[] = []
  const log: Delivery['log'] = (...line) => void logged.push(line)
  const server = await startApi()
  const deliver = async (attempt: number) =>
    await deliverPart({ ...agent(server), log }, { ...message(attempt), request: 'asked' }, 5)
  await deliver(1)
  await deliver(2)
  writeFileSync(path(), 'other')
  rmSync(ledgerPath())
  await deliver(3)
  server.refuse('/claim', 409, 'NOT_EXPORTING')
  await deliver(4)
  expect(logged).toEqual([
    ['file written', { ...underAttempt(1), path: path() }],
    ['file was written before', { ...underAttempt(2), path: path() }],
    [
      'failure reported',
      {
        ...underAttempt(3),
        sentence: expect.stringContaining('exists with other content') as string,
        nothing_written: false,
      },
    ],
    ['claim refused', expect.objectContaining({ code: 'NOT_EXPORTING' })],
    ['nothing to write under this message', underAttempt(4)],
  ])
})

test('every request says what time the agent has', async () => {
  const server = await startApi()
  const before = Date.now()
  await deliverPart(agent(server), message())
  expect(server.timesSaid.map((time) => time >= before && time <= Date.now())).toEqual([true, true])
})

test.each(['NOT_EXPORTING', 'OTHER_EXPORT', 'NOT_FOUND', 'CLAIMED'])(
  'a claim refused with %s writes nothing and reports nothing; the log says for which file',
  async (code) => {
    const server = await startApi()
    server.refuse('/claim', 409, code)
    const logged: unknown[] = []
    const log: Delivery['log'] = (...line) => void logged.push(line)
    expect(await deliverPart({ ...agent(server), log }, message())).toBe('not_ours_to_write')
    expect(files()).toEqual([])
    expect(server.calls).toHaveLength(1)
    const file = { exportId: 'clinic-e1', part: 1, attempt: 1, sha256 }
    expect(logged).toContainEqual(['claim refused', expect.objectContaining({ ...file, code })])
  },
)

test('an API that does not answer leaves the message, and nothing is written', async () => {
  const server = await startApi()
  server.refuse('/claim', 503, 'BUSY')
  await expect(deliverPart(agent(server), message())).rejects.toThrow('BUSY')
  expect(files()).toEqual([])
})

test.each([
  [401, 'The API does not accept the token. Renew it, or compare api_url with the issuer of the token.'],
  [
    403,
    'The API refuses the token: This needs the role connector. The agent needs the role northwind:connector.',
  ],
])('a token that is answered with %i leaves the message, and the cause is told', async (status, cause) => {
  const server = await startApi()
  server.refuse('/claim', status, 'NOT_ALLOWED', 'This needs the role connector.')
  await expect(deliverPart(agent(server), message())).rejects.toThrow(cause)
  expect(files()).toEqual([])
})

const nothing = (): void => {}

/** The message of the same part with other bytes. */
const messageOf = (bytes: Uint8Array) => {
  const [part] = message().parts
  return { ...message(), parts: [{ ...part, sha256: sha256Of(bytes) }] }
}

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
    expect(openDeliveryLedger(ledgerPath()).all()).toHaveLength(1)
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
  expect(await deliverPart(agent(server), message())).toBe('other_content')
  expect(readFileSync(path(), 'utf8')).toBe('somebody else’s')
  expect(server.of('/receipt')).toEqual([])
  expect(server.of('/failure')).toMatchObject([{ nothing_written: false }])
})

const afterLedger = killedAt['after the ledger is written, before the file has its name']!

test('a file that has no name yet when another takes it is given up whole', async () => {
  const server = await startApi()
  await afterLedger(server)
  writeFileSync(path(), 'somebody else’s')
  expect(await deliverPart(agent(server), message())).toBe('other_content')
  expect(files()).toEqual([fileName])
  rmSync(path())
  expect(await deliverPart(agent(server), message(2))).toBe('written')
  written()
})

test('a file that has no name yet is not given up with another file of its part', async () => {
  const server = await startApi()
  await afterLedger(server)
  const anew = Buffer.from('accepted once more after a restore, with another date')
  expect(await deliverPart(agent(await startApi(anew)), messageOf(anew))).toBe('other_content')
  expect(await deliverPart(agent(server), message())).toBe('written')
  written()
})

test('bytes other than the message names are not written, and reported', async () => {
  const server = await startApi(Buffer.from('other bytes'))
  expect(await deliverPart(agent(server), message())).toBe('not_written')
  expect(files()).toEqual([])
  expect(server.of('/failure')).toMatchObject([{ nothing_written: true }])
})

test('of a file that was written once, an altered one does not say that nothing was written', async () => {
  await deliverPart(agent(await startApi()), message())
  const altered = await startApi(Buffer.from('other bytes'))
  expect(await deliverPart(agent(altered), message(2))).toBe('not_written')
  expect(altered.of('/failure')).toMatchObject([{ nothing_written: false }])
  written()
})

test('a file that was moved away after its import is not written again', async () => {
  const server = await startApi()
  await deliverPart(agent(server), message())
  renameSync(path(), join(root, 'imported.txt'))
  expect(await deliverPart(agent(server), message(2))).toBe('written_before')
  expect(files()).toEqual([])
  expect(server.of('/receipt')).toHaveLength(2)
})

test.each([
  ['lies in its folder', nothing],
  ['was moved away after its import', () => renameSync(path(), join(root, 'imported.txt'))],
])('a part that was written with other bytes, and %s, is not written anew', async (_, moved) => {
  await deliverPart(agent(await startApi()), message())
  moved()
  const before = files()
  const anew = Buffer.from('accepted once more after a restore, with another date')
  const server = await startApi(anew)
  expect(await deliverPart(agent(server), messageOf(anew))).toBe('other_content')
  expect(files()).toEqual(before)
  expect(server.of('/failure')).toMatchObject([{ nothing_written: false }])
})

test('a file that Sage marked after its import counts as written', async () => {
  const server = await startApi()
  await deliverPart(agent(server), message())
  writeFileSync(path(), 'marked as imported')
  expect(await deliverPart(agent(server), message())).toBe('written_before')
  expect(server.of('/failure')).toEqual([])
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

const [onePart] = message().parts
const otherKey = `c/northwind/sage/nw-east/${fileName}`

test.each<[string, unknown, string]>([
  ['of another company', { ...message(), company: 'southwind' }, 'names company southwind'],
  ['of another Sage company', { ...message(), parts: [{ ...onePart, key: otherKey }] }, `file ${otherKey}`],
  ['of a later form', { ...message(), v: 2, attempt: 'first' }, '(v, attempt)'],
  ['of a part without bytes', { ...message(), parts: [{ ...onePart, sha256: 1 }] }, '(parts.0.sha256)'],
  ['that is none', 'clinic-e1', '(the whole)'],
])('a message %s is left alone: nothing is asked or written', async (_, body, words) => {
  const server = await startApi()
  await expect(deliverPart(agent(server), body)).rejects.toMatchObject({
    name: 'NotForThisAgent',
    message: expect.stringMatching(/Nothing was written\./) as string,
  })
  await expect(deliverPart(agent(server), body)).rejects.toThrow(words)
  expect([server.calls, files()]).toEqual([[], []])
})

test('a file name that would lead out of the folder is refused', async () => {
  const server = await startApi(content, { name: '../clinic.txt' })
  await expect(deliverPart(agent(server), message())).rejects.toThrow('name')
  expect(readdirSync(root).toSorted()).toEqual(['NORTHWIND', 'state'])
})

interface Fault {
  /** Brings it about; it may be there already. */
  readonly begin: () => void
  readonly end: () => void
  readonly ledger?: (sound: DeliveryLedger) => DeliveryLedger
  readonly words: string
}

const faults: Readonly<Record<string, Fault>> = {
  'a folder that is not there': {
    begin: () => {
      if (existsSync(join(root, 'NORTHWIND'))) renameSync(join(root, 'NORTHWIND'), join(root, 'AWAY'))
    },
    end: () => {
      renameSync(join(root, 'AWAY'), join(root, 'NORTHWIND'))
    },
    words: 'was renamed, or its share is not connected',
  },
  'a full disk': {
    begin: () => {
      mkdirSync(dirname(path()), { recursive: true })
      symlinkSync('/dev/full', `${path()}.writing`)
    },
    end: nothing,
    words: 'the disk is full',
  },
  'a ledger on a full disk': {
    begin: () => {
      rmSync(ledgerPath())
      symlinkSync('/dev/full', ledgerPath())
    },
    end: () => {
      rmSync(ledgerPath())
    },
    words: 'deliveries.jsonl',
  },
  'a ledger that was not flushed': {
    begin: nothing,
    end: nothing,
    ledger: (sound) => ({
      ...sound,
      add: (added) => {
        openDeliveryLedger(ledgerPath()).add(added)
        throw new Error('not flushed')
      },
    }),
    words: 'not flushed',
  },
}

test.each(Object.entries(faults))(
  '%s is waited for, told as nothing written at the fifth try, and mended by a retry',
  async (_, { begin, end, ledger, words }) => {
    const server = await startApi()
    const sound = agent(server)
    const faulty = ledger ? { ...sound, ledger: ledger(sound.ledger) } : sound
    begin()
    await expect(deliverPart(faulty, message(), 4)).rejects.toThrow(words)
    expect([server.of('/failure').length, existsSync(path())]).toEqual([0, false])
    begin()
    expect(await deliverPart(faulty, message(), 5)).toBe('not_written')
    expect(server.of('/failure')).toEqual([
      {
        part: 1,
        attempt: 1,
        messages: [expect.stringMatching(`^Nothing was written.*${words}`)],
        nothing_written: true,
        claim: 2,
      },
    ])
    expect([server.of('/receipt'), existsSync(path())]).toEqual([[], false])
    end()
    expect(await deliverPart(agent(server), message(2))).toBe('written')
    written()
  },
)

const manyWords = (): never => {
  throw new Error('?'.repeat(2000))
}

test('what is told of a file is no longer than the API takes', async () => {
  const server = await startApi()
  const sound = agent(server)
  const faulty = { ...sound, ledger: { ...sound.ledger, knows: manyWords } }
  expect(await deliverPart(faulty, message(), 5)).toBe('not_written')
  const [{ messages }] = server.of('/failure') as [{ messages: string[] }]
  expect(messages.map((sentence) => sentence.length)).toEqual([1000])
})

test.each([
  ['went away', nothing],
  ['became a file', () => writeFileSync(join(root, 'NORTHWIND'), '')],
])('a file that was written before its folder %s is not told as unwritten', async (_, then) => {
  const server = await startApi()
  await deliverPart(agent(server, { receipt: killed }), message()).catch(nothing)
  renameSync(join(root, 'NORTHWIND'), join(root, 'AWAY'))
  then()
  await expect(deliverPart(agent(server), message(), 9)).rejects.toThrow('not connected')
  expect([server.of('/failure'), server.of('/receipt')]).toEqual([[], []])
})

test('a file whose name was taken meanwhile is told, and nothing of it is left', async () => {
  const server = await startApi()
  const sound = agent(server)
  const taken: DeliveryLedger = {
    ...sound.ledger,
    add: (added) => {
      sound.ledger.add(added)
      mkdirSync(join(path(), 'theirs'), { recursive: true })
    },
  }
  expect(await deliverPart({ ...sound, ledger: taken }, message(), 5)).toBe('not_written')
  expect([files(), server.of('/failure').length]).toEqual([[fileName], 1])
  expect(await deliverPart(agent(server), message(2))).toBe('other_content')
  rmSync(path(), { recursive: true })
  expect(await deliverPart(agent(server), message(3))).toBe('written')
  written()
})
