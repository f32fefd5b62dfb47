import { Refused } from './runtime/refused.ts'
import { withProcessEnvironment } from './runtime/process-environment.ts'

// `npm run demo`: both cycles, from an empty folder to posted entries, told as they happen.

// Begins the process anew where it has to, before anything else is loaded.
withProcessEnvironment()
const { demo } = await import('./story/demo.ts')

try {
  const differing = await demo()
  process.exitCode = differing === 0 ? 0 : 1
} catch (error) {
  console.error(error instanceof Refused ? error.message : error)
  process.exitCode = 1
}
// Threads of stopped workers may hold the process for a moment; everything is written.
process.exit()
