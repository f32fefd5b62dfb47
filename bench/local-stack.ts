import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import type { Figure, Measure } from './bar.ts'
import { type MemoryWatch, residentMemory, watchMemory } from './process-memory.ts'
import { synthesize } from '../infra/synthesize.ts'
import { agents, project } from '../local/local-company.ts'
import { tradeLines } from '../test/store/trade-lines.ts'
import { writeBudgetCsv } from '../shared/budget-files/csv-out.ts'

const repository = join(import.meta.dirname, '..')
const portNames = ['API_PORT', 'QUEUE_PORT', 'MAIL_PORT', 'STATES_PORT', 'TABLE_PORT', 'EVENTS_PORT']
const patience = 120_000

/** `npm start` on a data folder, in a process of its own, on ports that were free a moment ago. */
interface Started {
  readonly url: string
  readonly pid: number
  readonly began: number
  stop(): Promise<void>
}

async function start(
  program: string,
  args: readonly string[],
): Promise<Started & { said: (words: string) => Promise<void> }> {
  const ports = await Promise.all(portNames.map(freePort))
  const began = performance.now()
  const child = spawn(process.execPath, [join(repository, program), ...args], {
    cwd: repository,
    env: { ...process.env, ...Object.fromEntries(portNames.map((name, i) => [name, String(ports[i])])) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (said: Buffer) => {
    output += said.toString()
  })
  return {
    url: `http://127.0.0.1:${String(ports[0])}`,
    pid: child.pid ?? 0,
    began,
    said: async (words) => {
      await until(`${program} to say ${words}`, () => {
        if (child.exitCode !== null) throw new Error(`${program} ended:\n${output}`)
        return output.includes(words)
      })
    },
    stop: async () => {
      await ended(child)
    },
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const forced = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(forced)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || !address) throw new Error('No free port')
  return address.port
}

async function until(what: string, look: () => Promise<boolean> | boolean, every = 20): Promise<void> {
  const last = performance.now() + patience
  while (!(await look())) {
    if (performance.now() > last) throw new Error(`Waited two minutes in vain for ${what}`)
    await pause(every)
  }
}

/** The answer of the API's function to a signed-in person: everything behind it has to be up. */
async function answered(url: string): Promise<boolean> {
  try {
    const token = await fetch(`${url}/desk/token/paula`)
    if (!token.ok) return false
    const authorization = `Bearer ${await token.text()}`
    return (await fetch(`${url}/projects/${project}/budget`, { headers: { authorization } })).ok
  } catch {
    return false
  }
}

const Problem = z.looseObject({ detail: z.string().optional() })

/** Makes a project and imports 50,000 lines from a CSV file through the API, as a person would. Milliseconds. */
async function importLines(url: string): Promise<number> {
  const authorization = `Bearer ${await (await fetch(`${url}/desk/token/paula`)).text()}`
  const path = `${url}/projects/tower`
  const made = await fetch(path, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Tower' }),
  })
  if (!made.ok) throw new Error(`No project: ${await made.text()}`)
  const etag = made.headers.get('etag') ?? ''
  const body = writeBudgetCsv(tradeLines(50_000))
  const began = performance.now()
  const answer = await fetch(`${path}/budget/import`, {
    method: 'POST',
    headers: {
      authorization,
      'content-type': 'text/csv',
      'if-match': etag,
      'idempotency-key': 'bench-import',
    },
    body,
  })
  const said = await answer.text()
  if (!answer.ok) throw new Error(`Not imported: ${Problem.parse(JSON.parse(said)).detail ?? said}`)
  return performance.now() - began
}

const megabytes = (bytes: number): number => bytes / 1e6

async function startAndImport(): Promise<readonly Figure[]> {
  await synthesize({ context: { agents } })
  const data = mkdtempSync(join(tmpdir(), 'bench-stack-'))
  try {
    const first = await start('local/start.ts', ['--data', data])
    try {
      await first.said('Ready after')
    } finally {
      await first.stop()
    }
    const warm = await start('local/start.ts', ['--data', data])
    let watch: MemoryWatch | undefined
    try {
      await until('the first answer', async () => await answered(warm.url))
      const seconds = (performance.now() - warm.began) / 1000
      await warm.said('Ready after')
      watch = watchMemory(warm.pid)
      const importing = (await importLines(warm.url)) / 1000
      const peak = megabytes(watch.stop())
      return [
        {
          bar: 'local start, warm, to the first answered request',
          unit: 's',
          at_most: 5,
          figure: seconds,
          of: 'from the start of the process to the answer of the API function, synthesis and bundles up to date',
        },
        {
          bar: 'import of a CSV of 50,000 lines through the local API',
          unit: 's',
          at_most: 15,
          figure: importing,
          of: 'request to answer',
        },
        {
          bar: 'memory of the whole local stack while it imports them, at most',
          unit: 'MB',
          at_most: 600,
          figure: peak,
          of: 'resident, looked at every 50 ms',
        },
      ]
    } finally {
      watch?.stop()
      await warm.stop()
    }
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

async function demo(): Promise<readonly Figure[]> {
  const stack = await start('bench/told-story.ts', [])
  try {
    await stack.said('The story is told')
    // What is only waiting to be collected is not what the stack needs; what it keeps is.
    const bytes = residentMemory(stack.pid)
    return [
      {
        bar: 'memory of the whole local stack after the cycles of the demo',
        unit: 'MB',
        at_most: 600,
        figure: megabytes(bytes),
        of: 'resident: the process with its functions, the database, the agent and the simulator',
      },
    ]
  } finally {
    await stack.stop()
  }
}

export const localStack: Measure = async () => [...(await startAndImport()), ...(await demo())]
