import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Figure } from '../../bench/bar.ts'
import { held, type Run, table } from '../../bench/table.ts'

const bar = (figure: number): Run['figures'][number] => ({
  measure: 'transitions',
  bar: 'transitions of a cycle',
  unit: 'transitions' satisfies Figure['unit'],
  at_most: 16,
  figure,
  of: 'start, 15 states',
})

const runOf = (...figures: readonly number[]): Run => ({
  at: '2026-11-30T10:00:00.000Z',
  commit: 'abc1234',
  machine: { processor: 'any', processors: 2, gigabytes: 8 },
  node: 'v24.0.0',
  load_before: 0,
  load_after: 0,
  figures: figures.map(bar),
  sections: [],
  unmeasured: [],
})
const missing: Run = { ...runOf(16), unmeasured: [{ measure: 'cost', why: 'Error: no stack' }] }

test.each([
  { of: 'bars that all hold', run: runOf(16, 15), last: 'All 2 bars hold.', holds: true },
  { of: 'one bar that holds', run: runOf(16), last: 'The bar holds.', holds: true },
  { of: 'a bar that is broken', run: runOf(16, 17), last: '1 of 2 bars FAIL.', holds: false },
  { of: 'no bar', run: runOf(), last: 'No bar here; the figures are above.', holds: true },
  { of: 'what could not be measured', run: missing, last: 'Not measured: cost.', holds: false },
])('the bench ends with one line that says how it came out: $of', ({ run, last, holds }) => {
  expect(table(run).split('\n').at(-1)).toBe(last)
  expect(held(run)).toBe(holds)
})

test('a bar is shown with its verdict by name, and a whole count without decimals', () => {
  const [names = '', row = ''] = table(runOf(15)).split('\n')
  expect(names.split(/ {2,}/)).toEqual(['bar', 'at most', 'figure', 'margin', 'verdict'])
  expect(row.split(/ {2,}/)).toEqual([
    'transitions of a cycle',
    '16 transitions',
    '15 transitions',
    '6 %',
    'holds',
  ])
})

const bench = (...words: readonly string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '../../bench/bench.ts'), ...words], {
    encoding: 'utf8',
  })

test('a name that the bench does not know is refused with the names that it knows', () => {
  const { status, stderr } = bench('transitoins')
  expect(status).toBe(2)
  expect(stderr.trim().split('\n')).toEqual([
    'Not understood: transitoins',
    expect.stringMatching(/^npm run bench -- .*\bdifference, .*\btransitions, /),
  ])
}, 60_000)

test('the bench says what it takes', () => {
  const { status, stdout } = bench('--help')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^npm run bench -- .*\btransitions, .*\n$/)
}, 60_000)
