import { Refused } from './runtime/refused.ts'
import { withProcessEnvironment } from './runtime/process-environment.ts'

// Begins the process anew where it has to, before anything else is loaded.
withProcessEnvironment()
const { startHere } = await import('./start-here.ts')

try {
  await startHere()
} catch (error) {
  if (!(error instanceof Refused)) throw error
  console.error(error.message)
  process.exit(1)
}
