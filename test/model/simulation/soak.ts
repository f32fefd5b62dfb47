import { typed, whole } from '../command-line.ts'
import { live } from './history.ts'
import { inWords } from './shrink.ts'

const usage = `npm run soak -- [--cycles 10000] [--seed N]

So many cycles of budgets, one call in twenty met by a fault, one after the other in one process. After each history
nothing is undelivered and all invariants hold; memory stays flat.`

const mostGrowth = 1.2
const told = 1_000

const words = typed(usage, ['cycles', 'seed'])
const wanted = whole('cycles', words.cycles, 10_000)
let seed = whole('seed', words.seed, Date.now() % 1_000_000_000, 0)

/** MiB in use, once what nobody holds is gone. */
function inUse(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

console.log(`${String(wanted)} cycles from seed ${String(seed)}, one call in 20 meets a fault.`)
let cycles = 0
let warm = 0
const begun = performance.now()
for (let next = Math.min(told, wanted / 10); cycles < wanted; seed += 1) {
  // oxlint-disable-next-line no-await-in-loop -- one history at a time
  const history = await live({ seed, steps: 150, oneIn: 20 })
  if (history.violation !== undefined) {
    console.error(inWords(history))
    process.exit(1)
  }
  cycles += history.cycles
  if (cycles < next) continue
  next += told
  const memory = inUse()
  warm ||= memory
  const seconds = Math.round((performance.now() - begun) / 1000)
  console.log(`  ${String(cycles)} cycles, ${String(seconds)} s, ${memory.toFixed(1)} MiB in use`)
}
const grown = inUse() / warm
console.log(
  `No invariant was violated, nothing is undelivered; memory is ${grown.toFixed(2)} times that after warming up.`,
)
if (grown > mostGrowth) {
  console.error(`Memory grew by more than ${String(mostGrowth)}.`)
  process.exit(1)
}
