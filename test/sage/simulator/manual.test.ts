import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { apiRoutes } from '../../../local/sage/desk/api.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { openOffice } from './riverside-clinic.ts'

const simulator = join(import.meta.dirname, '../../../local/sage')
const manual = readFileSync(join(simulator, 'README.md'), 'utf8')

test('the manual names every route of the JSON side, and no other', () => {
  const { sage } = openOffice()
  const routes = apiRoutes({ sage, importableFiles: () => Promise.resolve([]) })
  const told = [...manual.matchAll(/^\| `((?:GET|POST|PATCH|DELETE) [^`]+)`/gm)].map(([, route]) => route)
  expect(new Set(told)).toEqual(new Set(routes.map(({ method, path }) => `${method} ${path}`)))
})

test('the manual names the columns of every report as they are printed', () => {
  const folder = temporaryFolder('sage-simulator')
  openOffice().company.writeReports(folder)
  const told = [...manual.matchAll(/^\| `([\w-]+\.csv)` \| `([^`]+)` \|$/gm)].map(
    ([, name = '', columns]) => [columns, readFileSync(join(folder, name), 'utf8').split('\r\n')[0]],
  )
  expect(told).toHaveLength(5)
  for (const [columns, printed] of told) expect(columns).toBe(printed)
})

const [, assumptions = ''] = manual.split('## Assumptions')

// sage-connector.md 11, "To settle with a pilot", in its order.
test.each([
  ['record layouts', 'code letter of the cost code'],
  ['fields without a known meaning', 'have no known meaning'],
  ['the comment character', 'Comment lines begin with'],
  ['a quote inside text', 'A quote inside quoted text'],
  ['the shortest job record', '`*` may stop after the number'],
  ['a job record on a job that is there', 'on a job that is there: ignored, or overwrites'],
  ['what a stop keeps', 'nothing kept, or earlier lines kept'],
  ['rejects', 'Rejects are whole records'],
  ['the mark of an imported file', 'A file is marked by name and content'],
  ['what survives of our file', 'nothing of our file survives'],
  ['the type text of an original', 'The type text of an original'],
  ['whether unposted entries can be read', 'no read view shows them'],
  ['two lines on one key', 'Two `C` lines on one key'],
  ['a finalized original estimate', 'finalized original estimate'],
  ['the date order', 'The date order is'],
  ['the largest amount', 'more than 99,999,999.99 is unknown'],
  ['separators of a code', 'code without separators'],
])('the manual says that %s is an assumption', (_, words) => {
  expect(assumptions.replaceAll(/\s+/g, ' ')).toContain(words)
})

test('the example of the manual runs and prints what it says', () => {
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(manual) ?? []
  const folders = `const folder = ${JSON.stringify(temporaryFolder('sage-simulator'))}\nconst reports = ${JSON.stringify(temporaryFolder('sage-simulator'))}\n`
  const file = join(temporaryFolder('sage-simulator'), 'example.ts')
  writeFileSync(
    file,
    folders + example.replace("'./open-sage.ts'", JSON.stringify(join(simulator, 'open-sage.ts'))),
  )
  expect(execFileSync(process.execPath, [file], { encoding: 'utf8' })).toBe('imported 1\n325000\n')
})
