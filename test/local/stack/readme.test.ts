import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiAs } from '../../../local/api-client.ts'
import { people } from '../../../local/local-company.ts'
import { anyPorts } from '../../../local/runtime/ports.ts'
import {
  command,
  createProject,
  importBudget,
  masterDataRead,
  registerPeople,
  setUpSage,
} from '../../../local/sample.ts'
import { type LocalStack, startStack } from '../../../local/stack.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'readme-'))
const readme = readFileSync('README.md', 'utf8')
let stack: LocalStack

beforeAll(async () => {
  stack = await startStack(folder, { ports: anyPorts })
  await registerPeople(stack)
  await setUpSage(stack)
  await masterDataRead(stack)
  await createProject(stack)
  await importBudget(stack)
  const paula = apiAs(stack.runtime, people.paula)
  await command(paula, 'lock')
  await command(paula, 'send')
})

afterAll(async () => {
  await stack.stop()
  rmSync(folder, { recursive: true, force: true })
})

const block = /```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
const requests = block.split('\n').filter((line) => line.startsWith('curl'))
const settings = block.split('\n').filter((line) => /^[A-Z]=/.test(line))

test('the README shows the API in about ten lines of curl', () => {
  expect(requests.length).toBeGreaterThanOrEqual(9)
})

test('every line of curl in the README is answered', async () => {
  const { port } = new URL(stack.runtime.url)
  const script = [
    ...settings,
    ...requests.map((line) => line.replace('curl -s', 'curl -s -o /dev/null -w "%{http_code}\\n"')),
  ]
    .join('\n')
    .replace('http://127.0.0.1:4100', stack.runtime.url)
  const { stdout } = await run('bash', ['-c', script], { env: { ...process.env, API_PORT: port } })
  expect(
    stdout
      .trim()
      .split('\n')
      .filter((status) => !/^2\d\d$/.test(status)),
  ).toEqual([])
  expect(stdout.trim().split('\n')).toHaveLength(requests.length)
})
