import { globSync, readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { gather, runSuite, type Test, testsIn } from './as-vitest.ts'

// vitest takes half a second to begin a run, which is most of the time of a mutant. Here tests run in one process. Test
// modules are evaluated anew for every mutant. The others keep no state, so they are only where the mutant would show
// while they are loaded; packages never.

// The same draws for every mutant, so that a second run has the same survivors; and no search for the smallest failure.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_261_129, endOnFailure: true })

const asVitest = pathToFileURL(join(import.meta.dirname, 'as-vitest.ts')).href
// The sandbox with the mutated code: where the process works, but not yet when this is imported.
let root = ''
const sources = new Map<string, string>()
const evaluations = { tests: 0, others: 0 }

registerHooks({
  resolve(specifier, context, next) {
    if (root === '') return next(specifier, context)
    const parent = context.parentURL ?? ''
    if (specifier === 'vitest' && parent !== asVitest) return { url: asVitest, shortCircuit: true }
    const inMemory = specifier.endsWith('/use-local.ts') && !parent.includes('/use-memory.ts')
    const found = next(inMemory ? `${root}test/mutation/use-memory.ts` : specifier, context)
    const ours =
      found.url.startsWith(root) && found.url.endsWith('.ts') && !found.url.includes('/node_modules/')
    const { tests, others } = evaluations
    const evaluation = found.url.startsWith(`${root}test/`)
      ? `${String(others)}-${String(tests)}`
      : String(others)
    return ours ? { ...found, url: `${found.url}?${evaluation}` } : found
  },
  load(url, context, next) {
    if (root === '' || !url.startsWith(root) || !/\.ts\?[\d-]+$/.test(url)) return next(url, context)
    const file = url.replace(/\?.*/, '')
    const known = sources.get(file)
    const source = known ?? stripTypeScriptTypes(readFileSync(new URL(file), 'utf8'))
    sources.set(file, source)
    return { format: 'module', source, shortCircuit: true }
  },
})

export interface Ran {
  readonly id: string
  readonly milliseconds: number
  readonly failure?: string
}

interface HowToRun {
  readonly bail: boolean
  readonly allAnew: boolean
  readonly around?: (test: string | undefined) => void
}

/** The test files of an area, from their globs. */
export const testFiles = (globs: readonly string[]): readonly string[] => globSync(globs).toSorted()

/** The tests named after the changed file first, then the others as they are given: what fails ends the run. */
export function likeliestFirst(files: readonly string[], changed: string): readonly string[] {
  const own = (file: string): boolean => basename(file).startsWith(`${basename(changed, '.ts')}.`)
  return [...files.filter(own), ...files.filter((file) => !own(file))]
}

/**
 * Evaluates test modules anew, the others too if asked to, and runs the tests wanted of these files; ends at the first
 * that fails, if asked to. `around` is told which test is under way, or that none is.
 */
export async function runTests(
  files: readonly string[],
  wanted: ReadonlySet<string> | undefined,
  { bail, allAnew, around = () => undefined }: HowToRun,
): Promise<readonly Ran[]> {
  root = pathToFileURL(`${process.cwd()}/`).href
  evaluations.tests += 1
  if (allAnew) evaluations.others += 1
  const ran: Ran[] = []
  const isWanted = ({ id }: Test): boolean => wanted?.has(id) ?? true
  const tell = async ({ id }: Test, run: () => Promise<void>): Promise<boolean> => {
    around(id)
    const begun = performance.now()
    const failure = await failureOf(run)
    around(undefined)
    ran.push({ id, milliseconds: performance.now() - begun, ...(failure !== undefined && { failure }) })
    return bail && failure !== undefined
  }
  for (const file of files) {
    const failure = await failureOf(async () => {
      const suite = await gather(file, async () => {
        await import(`${root}${file}`)
      })
      if (testsIn(suite).length === 0) throw new Error('There is no test in it')
      await runSuite(suite, isWanted, tell)
    })
    if (failure !== undefined) ran.push({ id: `${file} (loading)`, milliseconds: 0, failure })
    if (bail && ran.some((one) => one.failure !== undefined)) break
  }
  return ran
}

/** What went wrong, in what was awaited or beside it. */
async function failureOf(work: () => Promise<void>): Promise<string | undefined> {
  let failure: string | undefined
  const fail = (error: unknown): void => {
    failure ??= error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  process.on('unhandledRejection', fail)
  process.on('uncaughtException', fail)
  await work().catch(fail)
  process.off('unhandledRejection', fail)
  process.off('uncaughtException', fail)
  return failure
}
