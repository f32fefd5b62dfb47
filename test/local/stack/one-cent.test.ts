import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import * as z from 'zod'
import { beforeAll, expect, test } from 'vitest'
import { job, sageFolder } from '../../../local/local-company.ts'
import type { Sage } from '../../../local/sage/open-sage.ts'
import { differencesInSage } from '../../../local/story/figures.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { memoryOfTree } from './process-memory.ts'
import { killAtTheEnd, type Program, runScript } from './program.ts'

// `npm run demo`, while somebody changes a cent in Sage's book. As it is, CI runs it (`.ci/run`).

killAtTheEnd()

let demo: Program
let code: number | null = null
let mostMemory = 0

beforeAll(async () => {
  const folder = temporaryFolder('one-cent')
  // Its data stands below this folder.
  demo = runScript('local/demo.ts', [], { TMPDIR: folder })
  const watching = setInterval(() => {
    mostMemory = Math.max(mostMemory, memoryOfTree(demo.process.pid ?? 0))
  }, 250)
  await Promise.all([changeOneCent(folder), demo.ended])
  clearInterval(watching)
  code = await demo.ended
}, 240_000)

/** After the first comparison, and long before the second: the first posted entry grows by a cent. */
async function changeOneCent(folder: string): Promise<void> {
  await demo.says('An update, rejected at first')
  const transactions = `${urlOf(folder)}/sage/api/companies/${sageFolder}/transactions`
  const Posted = z.array(z.looseObject({ run: z.int(), sequence: z.int(), amount: z.string() }))
  const [first] = Posted.parse(await (await fetch(transactions)).json())
  const more = (Math.round(Number(first!.amount) * 100 + 1) / 100).toFixed(2)
  const answer = await fetch(`${transactions}/${String(first!.run)}/${String(first!.sequence)}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ amount: more }),
  })
  if (!answer.ok) throw new Error(`Sage answered ${String(answer.status)}: ${await answer.text()}`)
}

/** Where the demo that keeps its data below this folder serves its pages. */
function urlOf(folder: string): string {
  const [data = ''] = readdirSync(folder)
  const configuration: unknown = JSON.parse(readFileSync(join(folder, data, 'agent/agent.json'), 'utf8'))
  return z.looseObject({ api_url: z.url() }).parse(configuration).api_url
}

test('a true book agrees on every key after the first export', () => {
  expect(demo.output()).toContain('agree to the cent on all 150 keys')
})

test('the demo ends with another exit code when one cent is changed in the book: nothing more is sent', () => {
  // Refused at once or by the step, as the change was seen before the command or after.
  expect(demo.output()).toMatch(
    /^\w*(Error|Answer): .*The pre-check found errors, so the budget was not sent\./m,
  )
  expect(code).toBe(1)
})

test('the one key that is a cent off is named, with the cent', () => {
  expect(demo.output()).toContain(
    'Sage holds something else for 01-1000.E than is known here: original estimate changed by 0.01',
  )
})

const Row = z.record(z.string(), z.string())
const rows = parse(readFileSync('local/samples/expected-in-sage.csv'), { columns: true })

/** Sage's own view of the job, as it stands when every figure is the expected one, and `more` on the first key. */
const showing = (more: number): Sage => {
  const view = z
    .array(Row)
    .parse(rows)
    .map((row, i) => ({
      Job: job,
      Extra: row['Extra'],
      Cost_Code: row['Cost Code'],
      Category: row['Category'],
      Original_Estimate: Number(row['Original Estimate']) + (i === 0 ? more : 0),
      Approved_Estimate_Changes: Number(row['Approved Changes after the update']),
    }))
  return { company: () => ({ view: () => view }) } as unknown as Sage
}

test('the comparison at the end names a key that is a cent off with what Sage shows and what it should show', () => {
  expect(differencesInSage(showing(0), 'the update').differing).toEqual([])
  expect(differencesInSage(showing(0.01), 'the update').differing).toEqual([
    '01-1000 / E, original: Sage shows 17826.01, it should be 17826.00',
  ])
})

test('the stack never holds more than 600 MB, the table server included', () => {
  expect(mostMemory).toBeGreaterThan(100)
  expect(mostMemory).toBeLessThan(600)
})
