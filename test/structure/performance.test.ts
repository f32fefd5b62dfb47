import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { svgOf } from '../../bench/chart.ts'
import { performancePage, type Run } from '../../bench/table.ts'

const repository = join(import.meta.dirname, '../..')
const results = join(repository, 'bench/results')
const read = (...path: readonly string[]): string => readFileSync(join(repository, ...path), 'utf8')

/** The last run that was saved. */
function lastSaved(): Run {
  const last = readdirSync(results)
    .filter((name) => /^\d/.test(name))
    .toSorted()
    .at(-1)
  return JSON.parse(readFileSync(join(results, last ?? ''), 'utf8')) as Run
}

test('docs/performance.md and its pictures say what the last saved run measured', () => {
  const run = lastSaved()
  expect(read('docs/performance.md')).toBe(performancePage(run))
  const charts = run.sections.flatMap(({ chart }) => chart ?? [])
  expect(charts.map(({ name }) => read('docs/pictures', `${name}.svg`))).toEqual(charts.map(svgOf))
})

test('every bar held in the last saved run', () => {
  expect(lastSaved().figures.filter(({ figure, at_most }) => figure > at_most)).toEqual([])
})
