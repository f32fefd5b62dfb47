import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import * as z from 'zod'
import { refuse, typed, whole } from '../command-line.ts'
import { Coverage } from './coverage.ts'
import { live, type Told, type Wanted } from './history.ts'
import { faults } from './outside.ts'
import { inWords, shrunk } from './shrink.ts'

const usage = `npm run simulate -- [--histories 1000] [--seed N] [--steps 60] [--one-in 25] [--strike "place, fault"]

The product lives through so many histories, each drawn from its own seed, on all processors; one call in so many meets
a fault. From 250 histories on, a function is killed at every place at which chance killed none. The first violation
ends it with the seed, the story, and the command that repeats it. --strike has the first call of a place meet a fault.`

const Part = z.object({
  from: z.int(),
  to: z.int(),
  each: z.int(),
  steps: z.int(),
  oneIn: z.int(),
  strike: z.object({ site: z.string(), fault: z.enum(faults) }).optional(),
})
type Part = z.infer<typeof Part>

const silence = 10_000 // milliseconds
const enoughToKillEverywhere = 250

async function work(): Promise<void> {
  const { from, to, each, steps, oneIn, strike } = Part.parse(workerData)
  for (let seed = from; seed < to; seed += each) {
    // oxlint-disable-next-line no-await-in-loop -- one history at a time
    const told = await live({ seed, steps, oneIn, ...(strike && { strike }) })
    // oxlint-disable-next-line require-post-message-target-origin -- a thread
    parentPort?.postMessage(told.violation === undefined ? { ...told, story: [] } : told)
  }
}

/** `api PutItem, killed before`: as a violation names it. */
function strikeOf(words: string): Part['strike'] {
  const fault = faults.find((each) => words.endsWith(`, ${each}`))
  return fault
    ? { site: words.slice(0, -fault.length - 2), fault }
    : refuse(`--strike takes a place and one of: ${faults.join(', ')}.`)
}

async function lead(): Promise<void> {
  const words = typed(usage, ['histories', 'seed', 'steps', 'one-in', 'strike'])
  const from = whole('seed', words.seed, Date.now() % 1_000_000_000, 0)
  const to = from + whole('histories', words.histories, 1000)
  const steps = whole('steps', words.steps, 60)
  const oneIn = whole('one-in', words['one-in'], 25)
  const strike = words.strike === undefined ? undefined : strikeOf(words.strike)
  const coverage = new Coverage()
  const begun = performance.now()
  let isViolated = false
  console.log(
    `Seeds from ${String(from)}, ${String(steps)} steps each, one call in ${String(oneIn)} meets a fault.`,
  )
  const each = availableParallelism()
  const workers = Array.from({ length: each }, (_, i) => {
    const part: Part = { from: from + i, to, each, steps, oneIn, strike }
    return new Worker(new URL(import.meta.url), { workerData: part })
  })

  let lastWord = begun
  const tellNow = (): void => {
    if (performance.now() - lastWord < silence) return
    lastWord = performance.now()
    console.log(
      `  ${String(coverage.histories)} histories, ${String(Math.round((lastWord - begun) / 1000))} s`,
    )
  }
  const tellViolation = async (told: Told, wanted: Wanted): Promise<void> => {
    const { seed, violation = '' } = told
    console.error(`VIOLATED by seed ${String(seed)}: ${violation}`)
    const struck = wanted.strike ? ` --strike "${wanted.strike.site}, ${wanted.strike.fault}"` : ''
    console.error(
      `The same again: npm run simulate -- --histories 1 --seed ${String(seed)} --steps ${String(steps)} --one-in ${String(oneIn)}${struck}`,
    )
    console.error(inWords(await shrunk(wanted, told)))
    process.exit(1)
  }
  const take = (told: Told, struck: Wanted['strike'] = strike): void => {
    if (isViolated) return
    coverage.add(told)
    tellNow()
    if (told.violation === undefined) return
    isViolated = true
    for (const worker of workers) void worker.terminate()
    void tellViolation(told, { seed: told.seed, steps, oneIn, ...(struck && { strike: struck }) })
  }
  /** At each place where chance has not killed a function yet. */
  const killEverywhere = async (): Promise<void> => {
    const left = faults
      .filter((name) => name.startsWith('killed'))
      .flatMap((fault) => coverage.without(fault).map((site) => ({ site, fault })))
    console.log(`  one history for each of ${String(left.length)} places at which chance killed none`)
    for (const struck of left) {
      if (isViolated) return
      const seed = coverage.firstSeen.get(struck.site) ?? from
      // oxlint-disable-next-line no-await-in-loop -- one history at a time
      take(await live({ seed, steps, oneIn, strike: struck }), struck)
    }
  }
  await Promise.all(
    workers.map(async (worker) => {
      worker.on('message', (told: Told) => take(told))
      await new Promise((resolve, reject) => void worker.once('exit', resolve).once('error', reject))
    }),
  )
  if (!isViolated && coverage.histories >= enoughToKillEverywhere) await killEverywhere()
  console.log([...coverage.inWords(), ...(isViolated ? [] : ['No invariant was violated.'])].join('\n'))
}

await (isMainThread ? lead() : work())
