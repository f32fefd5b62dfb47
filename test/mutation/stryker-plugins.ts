import { readFileSync, writeFileSync } from 'node:fs'
import * as z from 'zod'
import { areas } from './areas.ts'
import { likeliestFirst, type Ran, runTests, testFiles } from './in-one-process.ts'

// What Stryker loads: the runner of tests, and what is no mutant.

type Hits = Readonly<Record<string, number>>

/** Where Stryker's changed code looks which mutant is active, and counts what was run. */
interface Mutation {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  mutantCoverage?: { static: Hits; perTest: Readonly<Record<string, Hits>> } | undefined
  hitCount?: number
  hitLimit?: number | undefined
}
const mutation: Mutation = {}
Object.assign(globalThis, { __stryker__: mutation })

interface MutantRun {
  readonly activeMutant: { readonly id: string }
  /** Tests that run the changed place; left out: all. */
  readonly testFilter?: readonly string[]
  /** Far more runs of the changed place than without the change: it will not end. */
  readonly hitLimit?: number
  readonly sandboxFileName: string
}

// In the sandbox, for the process that comes after one that had to be ended.
const dryRunFile = 'dry-run.json'
const DryRun = z.object({ quickFirst: z.array(z.string()), whileLoading: z.array(z.string()) })

class InOneProcess {
  // Until the first run, and after a mutant that showed while modules were loaded.
  #allAnew = true

  capabilities(): object {
    return { reloadEnvironment: true }
  }

  // What a file runs while it is loaded shows in any of its tests: it is counted to each, and no mutant is static.
  async dryRun(): Promise<object> {
    const perTest: Record<string, Hits> = {}
    const tests: object[] = []
    mutation.activeMutant = undefined
    const taken = new Map<string, number>()
    const whileLoading = new Set<string>()
    for (const file of testFiles(areas[process.env['MUTATED_AREA'] ?? '']?.tests ?? [])) {
      const begun = performance.now()
      const coverage: NonNullable<Mutation['mutantCoverage']> = { static: {}, perTest: {} }
      mutation.mutantCoverage = coverage
      const ran = await runTests([file], undefined, {
        bail: false,
        allAnew: true,
        around: (test) => void (mutation.currentTestId = test),
      })
      for (const { id } of ran) perTest[id] = added(coverage.static, coverage.perTest[id] ?? {})
      for (const id of Object.keys(coverage.static)) whileLoading.add(id)
      tests.push(...ran.map(resultOf))
      taken.set(file, performance.now() - begun)
    }
    const quickFirst = [...taken].toSorted(([, a], [, b]) => a - b).map(([file]) => file)
    writeFileSync(dryRunFile, JSON.stringify({ quickFirst, whileLoading: [...whileLoading] }))
    mutation.currentTestId = undefined
    return { status: 'complete', tests, mutantCoverage: { static: {}, perTest } }
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, sandboxFileName }: MutantRun): Promise<object> {
    Object.assign(mutation, {
      mutantCoverage: undefined,
      activeMutant: activeMutant.id,
      hitCount: 0,
      hitLimit,
    })
    const wanted = testFilter && new Set(testFilter)
    const { quickFirst, whileLoading } = DryRun.parse(JSON.parse(readFileSync(dryRunFile, 'utf8')))
    const showsWhileLoading = whileLoading.includes(activeMutant.id)
    const allAnew = this.#allAnew || showsWhileLoading
    this.#allAnew = showsWhileLoading
    const files = quickFirst.filter((file) => testFilter?.some((id) => id.startsWith(`${file} `)) ?? true)
    const ran = await runTests(likeliestFirst(files, sandboxFileName), wanted, {
      bail: true,
      allAnew,
    })
    const failed = ran.find(({ failure }) => failure !== undefined)
    if (hitLimit !== undefined && (mutation.hitCount ?? 0) > hitLimit) return { status: 'timeout' }
    return failed
      ? { status: 'killed', killedBy: [failed.id], failureMessage: failed.failure, nrOfTests: ran.length }
      : { status: 'survived', nrOfTests: ran.length }
  }
}

const resultOf = ({ id, milliseconds, failure }: Ran): object => ({
  id,
  name: id,
  timeSpentMs: milliseconds,
  ...(failure === undefined ? { status: 0 } : { status: 1, failureMessage: failure }),
})

const added = (some: Hits, others: Hits): Hits =>
  Object.fromEntries(
    [...Object.keys(some), ...Object.keys(others)].map((id) => [id, (some[id] ?? 0) + (others[id] ?? 0)]),
  )

const BrandCall = z.object({
  node: z.object({ type: z.literal('StringLiteral') }),
  parent: z.object({ callee: z.object({ property: z.object({ name: z.literal('brand') }) }) }),
})
const Sentence = z.object({
  node: z.union([
    z.object({ type: z.literal('StringLiteral'), value: z.string().regex(/ .*[.]$/) }),
    z.object({
      type: z.literal('TemplateLiteral'),
      quasis: z.array(z.object({ value: z.object({ raw: z.string() }) })).refine(endInAFullStop),
    }),
  ]),
})

function endInAFullStop(quasis: readonly { value: { raw: string } }[]): boolean {
  return quasis.at(-1)?.value.raw.endsWith('.') === true
}

const VerticalTab = z.object({
  node: z.object({ type: z.literal('RegExpLiteral'), pattern: z.string().includes('\\v') }),
})

const named = (name: z.ZodType) => z.object({ name })
const InItsDeployment = z.object({
  node: z.union([
    z.object({ type: z.literal('FunctionDeclaration'), id: named(z.string().endsWith('FromEnvironment')) }),
    z.object({ type: z.literal('VariableDeclarator'), id: named(z.literal('handler')) }),
  ]),
})

const reasons: readonly [string, z.ZodType][] = [
  // The name of a zod brand is a type: nothing of it is there when the program runs.
  ['names a type', BrandCall],
  // No test repeats every sentence that people read.
  ['a sentence', Sentence],
  // Stryker makes \V of \v, which is no pattern: the whole file could not be loaded.
  ['would be no pattern', VerticalTab],
  // What a function is made of where it runs: the tests of the whole stack prove it, and those here hand in their own.
  ['in its deployment', InItsDeployment],
]

const notCounted = (place: unknown): string | undefined =>
  reasons.find(([, schema]) => schema.safeParse(place).success)?.[0]

export const strykerPlugins = [
  { kind: 'TestRunner', name: 'in-one-process', injectableClass: InOneProcess },
  { kind: 'Ignore', name: 'not-counted', value: { shouldIgnore: notCounted } },
]
