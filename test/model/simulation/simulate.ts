import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import * as z from 'zod'
import { Coverage } from './coverage.ts'
import { live, type Told } from './history.ts'

// `npm run simulate -- --histories 20000 [--seed 1] [--steps 150] [--one-in 25]`: the product lives through so many
// histories, each drawn from its own seed, on all processors. The first violation ends it with the seed and the story.

const Part = z.object({ from: z.int(), to: z.int(), each: z.int(), steps: z.int(), oneIn: z.int() })
const Words = z.coerce.number().int().min(0)

async function work(): Promise<void> {
  const { from, to, each, steps, oneIn } = Part.parse(workerData)
  for (let seed = from; seed < to; seed += each)
    // oxlint-disable-next-line no-await-in-loop, require-post-message-target-origin -- one history at a time; a thread
    parentPort?.postMessage(await live({ seed, steps, oneIn }))
}

async function lead(): Promise<void> {
  const options = {
    histories: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    steps: { type: 'string', default: '150' },
    'one-in': { type: 'string', default: '25' },
  } as const
  const { values } = parseArgs({ options })
  const from = Words.parse(values.seed)
  const to = from + Words.parse(values.histories)
  const [steps, oneIn] = [Words.parse(values.steps), Words.parse(values['one-in'])]
  const coverage = new Coverage()
  const begun = performance.now()
  console.log(
    `Seeds from ${String(from)}, ${String(steps)} steps each, one call in ${String(oneIn)} meets a fault.`,
  )
  const each = availableParallelism()
  const workers = Array.from(
    { length: each },
    (_, i) =>
      new Worker(new URL(import.meta.url), { workerData: { from: from + i, to, each, steps, oneIn } }),
  )
  const take = (told: Told): void => {
    coverage.add(told)
    if (told.violation !== undefined) {
      console.error([`VIOLATED by seed ${String(told.seed)}: ${told.violation}`, ...told.story].join('\n  '))
      process.exit(1)
    }
    if (coverage.histories % 250 === 0)
      console.log(
        `  ${String(coverage.histories)} histories, ${String(Math.round((performance.now() - begun) / 1000))} s`,
      )
  }
  await Promise.all(
    workers.map(async (worker) => {
      worker.on('message', take)
      await new Promise((resolve, reject) => void worker.once('exit', resolve).once('error', reject))
    }),
  )
  console.log([...coverage.inWords(), 'No invariant was violated.'].join('\n'))
}

await (isMainThread ? lead() : work())
