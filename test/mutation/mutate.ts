import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { areas } from './areas.ts'
import { type Survivor, survivors } from './survivors.ts'

// npm run mutate [-- AREA ...]: changes the code of each area in one place at a time and runs its tests over each change.
// Ends with 1 where a change survives that survivors.ts does not list, where one listed there does not survive, or where
// fewer than nine in ten were found.

const folder = 'test/mutation'
const results = join(folder, '.stryker-tmp')
const lowestScore = 90

const Place = z.object({ line: z.int(), column: z.int() })
const Report = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.string(),
      mutants: z.array(
        z.object({
          replacement: z.string().default(''),
          status: z.enum([
            'Killed',
            'Timeout',
            'Survived',
            'NoCoverage',
            'RuntimeError',
            'CompileError',
            'Ignored',
          ]),
          location: z.object({ start: Place, end: Place }),
        }),
      ),
    }),
  ),
})
type Report = z.infer<typeof Report>
type Mutant = Report['files'][string]['mutants'][number]

interface Found extends Omit<Survivor, 'why'> {
  readonly at: number
}

function mutated(area: string): Report {
  const { code = [] } = areas[area] ?? {}
  mkdirSync(results, { recursive: true })
  const report = join(results, `${area}.json`)
  const settings = join(results, `${area}.config.json`)
  const common = z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(readFileSync(join(folder, 'stryker.config.json'), 'utf8')))
  writeFileSync(settings, JSON.stringify({ ...common, mutate: code, jsonReporter: { fileName: report } }))
  const stryker = join(folder, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const { status } = spawnSync('node', [stryker, 'run', settings], {
    stdio: 'inherit',
    env: { ...process.env, MUTATED_AREA: area },
  })
  if (status !== 0) throw new Error(`The run of ${area} ended with ${String(status)}`)
  return Report.parse(JSON.parse(readFileSync(report, 'utf8')))
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** A mutant by the text of its line, which moves less often than its number. */
function foundAt(file: string, source: string, { location: { start, end }, replacement }: Mutant): Found {
  const lines = source.split('\n')
  const [first = '', last = ''] = [lines[start.line - 1], lines[end.line - 1]]
  return {
    file,
    at: start.line,
    line: oneLine(first),
    becomes: oneLine(first.slice(0, start.column - 1) + replacement + last.slice(end.column - 1)),
  }
}

const same = (a: Omit<Survivor, 'why'>, b: Omit<Survivor, 'why'>): boolean =>
  a.file === b.file && a.line === b.line && a.becomes === b.becomes

/** Prints what came of an area; gives whether it is as it should be. */
function told(area: string, { files }: Report, seconds: number): boolean {
  const mutants = Object.values(files).flatMap((file) => file.mutants)
  const count = (...wanted: readonly Mutant['status'][]): number =>
    mutants.filter(({ status }) => wanted.includes(status)).length
  const [killed, survived] = [count('Killed', 'Timeout'), count('Survived', 'NoCoverage')]
  const score = (100 * killed) / (killed + survived)
  console.log(
    `${area}: ${String(killed + survived)} mutants, ${String(killed)} killed (${String(count('Timeout'))} by time-out), ` +
      `${String(survived)} survived, ${score.toFixed(1)} %, ${String(Math.round(seconds / 60))} min` +
      `; not counted: ${String(mutants.length - killed - survived)}`,
  )
  const found = (...wanted: readonly Mutant['status'][]): Found[] =>
    Object.entries(files).flatMap(([file, { source, mutants: all }]) =>
      all.filter(({ status }) => wanted.includes(status)).map((mutant) => foundAt(file, source, mutant)),
    )
  const alive = found('Survived', 'NoCoverage')
  const listed = survivors.filter(({ file }) => file in files)
  const unlisted = without(alive, listed)
  for (const { file, at, line, becomes } of unlisted)
    console.log(`  survived: ${file}:${String(at)}\n    ${line}\n    ${becomes}`)
  // On a busy machine a change may be ended that would have survived.
  const gone = without(listed, [...alive, ...found('Timeout')])
  for (const { file, line, becomes } of gone)
    console.log(`  listed, but did not survive: ${file}\n    ${line}\n    ${becomes}`)
  return unlisted.length === 0 && gone.length === 0 && score >= lowestScore
}

/** What is left of some when each of the others has taken one like it away. */
function without<T extends Omit<Survivor, 'why'>>(
  some: readonly T[],
  others: readonly Omit<Survivor, 'why'>[],
): T[] {
  const left = [...some]
  for (const other of others) {
    const i = left.findIndex((one) => same(one, other))
    if (i !== -1) left.splice(i, 1)
  }
  return left
}

const asked = process.argv.slice(2)
const unknown = asked.filter((area) => !(area in areas))
if (unknown.length > 0) {
  console.error(`No area ${unknown.join(', ')}; there are ${Object.keys(areas).join(', ')}`)
  process.exit(2)
}
if (!existsSync(join(folder, 'node_modules')))
  spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: folder, stdio: 'inherit' })
const right = (asked.length > 0 ? asked : Object.keys(areas)).map((area) => {
  const begun = performance.now()
  const report = mutated(area)
  return told(area, report, (performance.now() - begun) / 1000)
})
process.exitCode = right.every(Boolean) ? 0 : 1
