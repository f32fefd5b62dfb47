import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../../local/sample.ts'
import {
  content,
  message,
  serveApi,
  type StubApi,
  type StubApiOptions,
} from '../../functions/agent/stub-api.ts'
import { runs } from '../../runs.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { type AgentSite, kill, openSite } from './agent-site.ts'

// The agent's own bundle, in a process of its own, on a queue whose messages come twice and out of order. In every round
// it is killed at a moment of its work, and accounting takes away what stands in the folder.

/** Every moment at least twice in the short run. */
const rounds = runs(25, 500)

/** When a round's agent is killed: at a call, and so many milliseconds later. A call at which it is killed is lost. */
const moments = [
  ['/receipt', 'asked', 0],
  ['/claim', 'answered', 3],
  ['/receipt', 'answered', 0],
  ['/claim', 'answered', 6],
  ['/receipt', 'asked', 0],
  ['/claim', 'asked', 0],
  ['/claim', 'answered', 1],
  ['/receipt', 'answered', 2],
  ['/claim', 'answered', 10],
] as const

const root = temporaryFolder('agent-killed')
const imported = join(root, 'imported')
let onCall: NonNullable<StubApiOptions['onCall']> = () => undefined
let api: StubApi
let site: AgentSite

const nameOf = (exportId: string): string => `${exportId}.txt`
// A round's own export; beside every fourth, one that was returned before anybody took it.
const due = Array.from({ length: rounds }, (_, round) => `clinic-e${String(round)}`)
const returned = due.filter((_, round) => round % 4 === 3).map((exportId) => `${exportId}-returned`)
const every = [...due, ...returned]
const receipts = new Map<string, unknown[]>()
const twice: string[] = []

beforeAll(async () => {
  mkdirSync(imported)
  api = await serveApi({
    name: nameOf,
    onCall: (path, moment) => {
      if (onCall(path, moment) === 'lost') return 'lost'
      const [, exportId = '', word] = /^\/exports\/(.*)\/(.*)$/.exec(path) ?? []
      if (word !== 'receipt' || moment !== 'asked') return undefined
      receipts.set(exportId, [...(receipts.get(exportId) ?? []), api.calls.at(-1)?.body])
      notToBeWritten(exportId)
      return undefined
    },
  })
  site = await openSite(root, api.url)
  returned.forEach(notToBeWritten)
  for (let round = 0; round < rounds; round += 1) {
    await killedIn(round)
    if (round % 2 === 0) takeAway()
  }
  await finish()
}, 1_800_000)

afterAll(async () => {
  await site.stop()
  api.close()
})

/** As the product after a receipt or a return. */
const notToBeWritten = (exportId: string): void => {
  api.refuse(`/${exportId}/claim`, 409, 'NOT_EXPORTING')
}

async function killedIn(round: number): Promise<void> {
  const [word, at, later] = moments[round % moments.length]!
  const agent = site.start()
  const gone = once(agent, 'exit')
  onCall = (path, moment) => {
    if (!path.endsWith(word) || moment !== at) return undefined
    setTimeout(() => agent.kill('SIGKILL'), later)
    return moment === 'asked' ? 'lost' : undefined
  }
  // What was sent long ago, what was just sent, what was returned, and what is new, twice.
  const old = [Math.floor(round / 2), Math.max(0, round - 1)].map((earlier) => due[earlier])
  for (const exportId of [...old, returned[round % returned.length], due[round], due[round]])
    if (exportId !== undefined) site.send(message(1, exportId))
  // The queue may have given them to the agent that was killed before: those come again after a minute only.
  const again = setInterval(() => {
    site.send(message(1, due[round]))
  }, 1000)
  await gone
  clearInterval(again)
  onCall = () => undefined
}

function takeAway(): void {
  for (const name of readdirSync(site.originals).filter((each) => !each.endsWith('.writing'))) {
    if (readdirSync(imported).includes(name)) twice.push(name)
    renameSync(join(site.originals, name), join(imported, name))
  }
}

/** However long it takes, as long as the agent calls: hundreds of rounds leave thousands of messages in the queue. */
async function whileItWorks(what: string, isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    const calls = api.calls.length
    await until(what, () => isDone() || api.calls.length > calls || undefined)
  }
}

/** A last agent is let alone until everything due is received; then everything comes once more. */
async function finish(): Promise<void> {
  const agent = site.start()
  for (const exportId of every) site.send(message(1, exportId))
  await whileItWorks('the receipts', () => due.every((exportId) => receipts.has(exportId)))
  const before = api.of('/claim').length
  for (const exportId of every) site.send(message(1, exportId))
  await whileItWorks('the claims', () => api.of('/claim').length >= before + every.length)
  takeAway()
  await kill(agent)
}

test('every file that is due stands there exactly once, and whole', () => {
  expect(readdirSync(imported).toSorted()).toEqual(due.map(nameOf).toSorted())
  expect(readdirSync(imported).filter((name) => !readFileSync(join(imported, name)).equals(content))).toEqual(
    [],
  )
  expect(twice).toEqual([])
})

test('every receipt of a file says the same', () => {
  expect([...receipts.keys()].toSorted()).toEqual(due.toSorted())
  for (const told of receipts.values()) expect(new Set(told.map((each) => JSON.stringify(each))).size).toBe(1)
})
