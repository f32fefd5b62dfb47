import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import * as z from 'zod'
import { Coverage } from './coverage.ts'
import { live, type Told, type Wanted } from './history.ts'
import { faults } from './outside.ts'
import { inWords, shrunk } from './shrink.ts'

// `npm run simulate -- --histories 20000 [--seed 1] [--steps 60] [--one-in 25]`: the product lives through so many
// histories, each drawn from its own seed, on all processors. The first violation ends it with the seed and the story.

const Part = z.object({ from: z.int(), to: z.int(), each: z.int(), steps: z.int(), oneIn: z.int() })
const Words = z.coerce.number().int().min(0)

async function work(): Promise<void> {
  const { from, to, each, steps, oneIn } = Part.parse(workerData)
  for (let seed = from; seed < to; seed += each) {
    // oxlint-disable-next-line no-await-in-loop -- one history at a time
    const told = await live({ seed, steps, oneIn })
    // oxlint-disable-next-line require-post-message-target-origin -- a thread
    parentPort?.postMessage(told.violation === undefined ? { ...told, story: [] } : told)
  }
}

async function lead(): Promise<void> {
  const options = {
    histories: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    steps: { type: 'string', default: '60' },
    'one-in': { type: 'string', default: '25' },
  } as const
  const { values } = parseArgs({ options })
  const from = Words.parse(values.seed)
  const to = from + Words.parse(values.histories)
  const [steps, oneIn] = [Words.parse(values.steps), Words.parse(values['one-in'])]
  const coverage = new Coverage()
  const begun = performance.now()
  let isViolated = false
  console.log(
    `Seeds from ${String(from)}, ${String(steps)} steps each, one call in ${String(oneIn)} meets a fault.`,
  )
  const each = availableParallelism()
  const workers = Array.from(
    { length: each },
    (_, i) =>
      new Worker(new URL(import.meta.url), { workerData: { from: from + i, to, each, steps, oneIn } }),
  )
  /** At each place where chance has not killed a function yet. */
  const killEverywhere = async (): Promise<void> => {
    for (const fault of faults.filter((name) => name.startsWith('killed')))
      for (const site of coverage.without(fault)) {
        if (isViolated) return
        const seed = coverage.firstSeen.get(site) ?? from
        const strike = { site, fault }
        // oxlint-disable-next-line no-await-in-loop -- one history at a time
        take(await live({ seed, steps, oneIn, strike }), strike)
      }
  }
  const take = (told: Told, strike?: Wanted['strike']): void => {
    if (isViolated) return
    coverage.add(told)
    if (told.violation !== undefined) {
      console.error(`VIOLATED by seed ${String(told.seed)}: ${told.violation}`)
      isViolated = true
      for (const worker of workers) void worker.terminate()
      if (strike) console.error(`  ${strike.site}, ${strike.fault}`)
      const wanted = { seed: told.seed, steps, oneIn, ...(strike && { strike }) }
      void shrunk(wanted, told).then((shorter) => {
        console.error(inWords(shorter))
        process.exit(1)
      })
      return
    }
    if (coverage.histories % 250 === 0)
      console.log(
        `  ${String(coverage.histories)} histories, ${String(Math.round((performance.now() - begun) / 1000))} s`,
      )
  }
  await Promise.all(
    workers.map(async (worker) => {
      worker.on('message', (told: Told) => take(told))
      await new Promise((resolve, reject) => void worker.once('exit', resolve).once('error', reject))
    }),
  )
  if (!isViolated && coverage.histories >= 250) await killEverywhere()
  console.log([...coverage.inWords(), ...(isViolated ? [] : ['No invariant was violated.'])].join('\n'))
}

await (isMainThread ? lead() : work())
