import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import type { Figure, Measure } from './bar.ts'
import { type MemoryWatch, residentMemory, watchMemory } from './process-memory.ts'
import { start, until } from './started-program.ts'
import { synthesize } from '../infra/synthesize.ts'
import { agents, project } from '../local/local-company.ts'
import { tradeLines } from '../test/store/trade-lines.ts'
import { writeBudgetCsv } from '../shared/budget-files/csv-out.ts'

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
          at_most: 8,
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
  const stack = await start('bench/told-story.ts')
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
