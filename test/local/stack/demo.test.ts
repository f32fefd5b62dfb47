import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import * as z from 'zod'
import { expect, test } from 'vitest'
import { job } from '../../../local/local-company.ts'
import type { Sage } from '../../../local/sage/open-sage.ts'
import { differencesInSage } from '../../../local/story/figures.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { killAtTheEnd, runScript } from './program.ts'

// What `npm run demo` does when something is wrong. As it is, CI runs it (`.ci/run`).

killAtTheEnd()

test('a demo that breaks off says why and ends with another exit code', async () => {
  const demo = runScript('local/demo.ts', [], {
    TMPDIR: temporaryFolder('demo'),
    DYNAMODB_ENDPOINT: 'http://127.0.0.1:9',
  })
  expect(await demo.ended).toBe(1)
  expect(demo.output()).toContain('ECONNREFUSED')
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
