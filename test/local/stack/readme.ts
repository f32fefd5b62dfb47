import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command, createProject, importBudget } from '../../../local/sample.ts'
import type { LocalStack } from '../../../local/stack.ts'
import { sharedFolder, sharedStack } from './shared-stack.ts'
import { paulaOn } from './small-project.ts'

const run = promisify(execFile)
let stack: LocalStack

beforeAll(async () => {
  stack = await sharedStack()
  await createProject(stack)
  await importBudget(stack)
  await command(paulaOn(stack), 'lock')
  await command(paulaOn(stack), 'send')
})

/** Every block of shell on a page, as one script. */
const scriptOf = (page: string): string =>
  [...readFileSync(page, 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block).join('')

const made = ['tower.csv', 'tower.xlsx', 'history.jsonl', 'company-history.jsonl']

afterAll(() => {
  for (const file of made) rmSync(file, { force: true })
})

/** Runs a page's script, which ends at the first request that is refused; answers what was printed. */
async function runPage(page: string): Promise<string> {
  const { port } = new URL(stack.runtime.url)
  const strict =
    'set -e -o pipefail; trap "kill \\$(jobs -p) || true" EXIT; curl() { command curl --fail-with-body "$@"; }\n'
  const script =
    strict +
    scriptOf(page)
      .replaceAll('http://127.0.0.1:4100', stack.runtime.url)
      .replaceAll('http://127.0.0.1:4101', stack.runtime.endpoints.queuesAndBuckets)
      .replaceAll('http://127.0.0.1:4103', stack.runtime.endpoints.stateMachines)
      .replaceAll('http://127.0.0.1:4104', stack.runtime.endpoints.table)
      .replaceAll('http://127.0.0.1:4105', stack.runtime.endpoints.events)
      .replaceAll('$PWD/local-data', sharedFolder())
  const { stdout } = await run('bash', ['-c', script], {
    env: { ...process.env, API_PORT: port, API_URL: stack.runtime.url },
    maxBuffer: 16 * 1024 * 1024,
  })
  return stdout
}

test('the README shows the API in about ten lines of curl, and every one is answered', async () => {
  expect(scriptOf('README.md').match(/^curl/gm)?.length).toBeGreaterThanOrEqual(9)
  expect(await runPage('README.md')).toContain('"budgets":[{"project":"clinic"')
})

test('docs/events.md shows what happened to the sample budget, and sends the last of it again', async () => {
  const printed = await runPage('docs/events.md')
  expect(printed).toMatch(/^1 project_created\n2 file_imported\n3 lock_asked\n4 locked\n/)
  expect(printed).toContain('events sent, the last of them number')
  const shown = [...printed.matchAll(/"id":"(northwind\/clinic\/\d+)"/g)].map(([, id]) => id)
  expect([shown.length, new Set(shown).size]).toEqual([2, 1])
}, 60_000)

test('docs/operations.md finds a budget whose execution was stopped, and repairs it', async () => {
  const printed = await runPage('docs/operations.md')
  const [before = '', after = ''] = printed.split('"superseded"')
  expect(before).toContain('"signal": "send"')
  expect(before).toContain('"status": "ABORTED"')
  expect(before).toContain('Restart the cycle')
  expect(after).toContain('"state": "Wait for decision"')
  expect(after).toContain('"recorded": []')
}, 60_000)

test('docs/budgets.md goes from the template to a locked budget with an approved change, and histories that hold', async () => {
  const printed = await runPage('docs/budgets.md')
  expect(printed).toContain('"counts":{"add":2,"change":0,"unchanged":0,"remove":0,"keep":0}')
  expect(printed).toContain('"counts":{"add":0,"change":0,"unchanged":2,"remove":0,"keep":0}')
  expect(printed).toContain('"edit_state":"locked"')
  expect(printed).toContain('"budget_changes":"0.00"')
  expect(printed.match(/\d+ rows hold/g)).toHaveLength(2)
}, 180_000)

test('docs/sage.md sets up an agent and carries a budget to posted, over a stop and a correction', async () => {
  const printed = await runPage('docs/sage.md')
  const checked = printed.match(/(ok|look|NOT OK) {2,}(token|api|clock|queue|folder|state|reports) /g)
  expect(checked).toHaveLength(7)
  expect(printed).not.toContain('NOT OK')
  // Four lists, and totals twice: each is previewed, then stored.
  expect(printed.match(/"stored":false/g)).toHaveLength(6)
  expect(printed.match(/"stored":true/g)).toHaveLength(6)
  expect(printed).toContain('"shown_as":"Posted in Sage (checked in Sage)"')
}, 180_000)
