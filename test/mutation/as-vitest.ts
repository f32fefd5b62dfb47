import { expect, vi } from 'vitest'

// What test files import as 'vitest' in a mutation run: tests are gathered here, and run by in-one-process.ts.

type Work = (context: object) => unknown

interface Suite {
  readonly name: string
  readonly parent: Suite | undefined
  readonly inside: (Suite | Test)[]
  readonly hooks: Readonly<Record<Hook, Work[]>>
}
type Hook = 'beforeAll' | 'beforeEach' | 'afterEach' | 'afterAll'

export interface Test {
  readonly id: string
  readonly work: Work
}

const newSuite = (name: string, parent?: Suite): Suite => ({
  name,
  parent,
  inside: [],
  hooks: { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] },
})

let current = newSuite('')
let finished: Work[] = []

/** Gathers the tests of a file while it is imported. */
export async function gather(file: string, load: () => Promise<void>): Promise<Suite> {
  const suite = newSuite(file)
  current = suite
  await load()
  return suite
}

export const testsIn = (suite: Suite): readonly Test[] =>
  suite.inside.flatMap((each) => ('work' in each ? [each] : testsIn(each)))

/** Runs those tests of a suite that are wanted, with the hooks around them, until `told` of one answers true. */
export async function runSuite(
  suite: Suite,
  wanted: (test: Test) => boolean,
  told: (test: Test, run: () => Promise<void>) => Promise<boolean>,
): Promise<boolean> {
  const first = testsIn(suite).find(wanted)
  if (!first) return false
  try {
    await runAll(suite.hooks.beforeAll)
  } catch (error) {
    return await told(first, async () => await Promise.reject(error))
  }
  let stopped = false
  for (const each of suite.inside) {
    if ('inside' in each) stopped = await runSuite(each, wanted, told)
    else if (wanted(each)) stopped = await told(each, async () => await runTest(suite, each))
    if (stopped) break
  }
  await runAll(suite.hooks.afterAll)
  return stopped
}

async function runTest(suite: Suite, { id, work }: Test): Promise<void> {
  expect.setState({ currentTestName: id })
  const suites: Suite[] = []
  for (let at: Suite | undefined = suite; at; at = at.parent) suites.unshift(at)
  finished = []
  try {
    await runAll(suites.flatMap(({ hooks }) => hooks.beforeEach))
    await work({})
  } finally {
    await runAll([...finished, ...suites.toReversed().flatMap(({ hooks }) => hooks.afterEach)])
  }
}

async function runAll(works: readonly Work[]): Promise<void> {
  for (const work of works) await work({})
}

function add(name: string, work: Work): void {
  let id = name
  for (let at: Suite | undefined = current; at; at = at.parent) id = `${at.name} > ${id}`
  const taken = current.inside.filter((each) => 'work' in each && each.id.startsWith(id)).length
  current.inside.push({ id: taken === 0 ? id : `${id} (${String(taken + 1)})`, work })
}

function addSuite(name: string, gatherInside: Work): void {
  const suite = newSuite(name, current)
  current.inside.push(suite)
  current = suite
  gatherInside({})
  current = suite.parent ?? suite
}

const each =
  (put: (name: string, work: Work) => void) =>
  (rows: readonly unknown[]) =>
  (name: string, work: (...row: readonly unknown[]) => unknown): void => {
    for (const [i, row] of rows.entries())
      put(`${name} [${String(i)}]`, () => work(...(Array.isArray(row) ? (row as unknown[]) : [row])))
  }

export const test = Object.assign(add, { each: each(add) })
export const it = test
export const describe = Object.assign(addSuite, { each: each(addSuite) })
const hookInto = (hook: Hook) => (work: Work) => void current.hooks[hook].push(work)
export const beforeAll = hookInto('beforeAll')
export const beforeEach = hookInto('beforeEach')
export const afterEach = hookInto('afterEach')
export const afterAll = hookInto('afterAll')
export const onTestFinished = (work: Work): void => void finished.push(work)
export { expect, vi }
