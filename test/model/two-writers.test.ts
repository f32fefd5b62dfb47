import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { chainFault } from '../chain-of-history.ts'
import { mia, newProject, setUpAcme } from '../functions/api/acme.ts'
import { useLocalApi } from '../functions/api/local-api.ts'
import { keyOf } from '../functions/api/workflow-by-hand.ts'
import { runs } from '../runs.ts'
import { listed } from './budget/real-budget.ts'
import { sharedCodes, type Written } from './writer.ts'

const api = useLocalApi()
const edits = runs(30, 1_000)
const writer = fileURLToPath(new URL('writer.ts', import.meta.url))

let project = ''
let written: readonly Written[] = []
let history: readonly Row[] = []

interface Row {
  readonly sequence: number
  readonly event: string
  readonly hash: string
  readonly detail: {
    readonly first: readonly { budget_code: string; new_value: { description: string } | null }[]
  }
}

/** A writer that waits for its word to begin. */
function writerIn(name: string, seed: number) {
  const { endpoint, table } = api().database
  const asked = [writer, endpoint, table, project, name, String(edits), String(seed)]
  const running = promisify(execFile)(process.execPath, asked, { maxBuffer: 64 * 1024 * 1024 })
  const { stdin, stdout } = running.child
  return {
    // One that ends before it is ready has failed, and is not waited for.
    ready: Promise.race([once(stdout!, 'data'), running]),
    begin: () => stdin!.end('begin'),
    written: running.then((ended) => JSON.parse(ended.stdout.replace('ready', '')) as Written),
  }
}

beforeAll(async () => {
  await setUpAcme(api())
  project = await newProject(api())
  const upserts = sharedCodes.map((cost_code) => ({
    cost_code,
    cost_type: 'L',
    original_budget_amount: '0.00',
  }))
  const headers = { 'if-match': '"1"' }
  await api().call('PATCH', `/projects/${project}/budget/line_items`, { as: mia, body: { upserts }, headers })
  const writers = [writerIn('a', 11), writerIn('b', 12)]
  // However long a process takes to start, both begin at once.
  await Promise.all(writers.map(({ ready }) => ready))
  for (const { begin } of writers) begin()
  written = await Promise.all(writers.map(async ({ written: ended }) => await ended))
  history = (await listed(api(), `/projects/${project}/budget/history`, 'history', 100)) as Row[]
}, 3_600_000)

const amounts = async (): Promise<ReadonlyMap<string, number>> => {
  const head = (await api().store.head(keyOf(project)))!
  const lines = await api().store.lines(keyOf(project), head.manifest)
  return new Map(lines.map(({ code, original }) => [code.cost_code, original]))
}

const sumOf = (amountsOf: readonly number[]): number => amountsOf.reduce((total, amount) => total + amount, 0)

describe('two writers in two processes, each with edits of its own and of the same lines', () => {
  test('really meet: one or the other was second now and then', () => {
    expect(sumOf(written.map(({ lost }) => lost))).toBeGreaterThan(0)
  })

  test('lose no edit and apply none twice: every line holds what both added to it', async () => {
    const shared = sharedCodes.map((code): [string, number] => [
      code,
      sumOf(written.map(({ added }) => added[code] ?? 0)),
    ])
    const own = written.flatMap((each) => Object.entries(each.own))
    expect(Object.fromEntries(await amounts())).toEqual(Object.fromEntries([...shared, ...own]))
  })

  test('leave one row of history for every edit, and no other', () => {
    const told = history
      .filter(({ event }) => event === 'lines_edited')
      .slice(1) // the lines at the beginning
      .map(
        ({ detail: { first } }) =>
          `${first[0]!.budget_code} ${first[0]!.new_value?.description ?? 'deleted'}`,
      )
    expect(told.toSorted()).toEqual(written.flatMap((each) => each.edits).toSorted())
  })

  test('number their budget changes densely, each made once', async () => {
    const changes = await api().store.changes(keyOf(project))
    expect(changes.map(({ number }) => number)).toEqual(changes.map((_, i) => i + 1))
    expect(changes.map(({ title }) => title).toSorted()).toEqual(
      written.flatMap((each) => each.changes).toSorted(),
    )
  })

  test('leave a history that is dense, whole, and as long as what was done', async () => {
    expect(chainFault(history)).toBeUndefined()
    expect(history).toHaveLength(2 + 2 * edits)
    const { sequence, hash } = history.at(-1)!
    expect(await api().store.head(keyOf(project))).toMatchObject({
      sequence,
      history_hash: hash,
      revision: 2 + 2 * edits,
    })
  })
})
