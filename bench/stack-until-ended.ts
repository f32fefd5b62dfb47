import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withProcessEnvironment } from '../local/runtime/process-environment.ts'
import type { LocalStack } from '../local/stack.ts'

/** The local stack on a folder of its own, until this process is told to end. */
export async function stackUntilEnded(): Promise<LocalStack> {
  // Begins the process anew, as `npm run demo` does, before the rest is loaded.
  withProcessEnvironment()
  const { startStack } = await import('../local/stack.ts')
  const folder = mkdtempSync(join(tmpdir(), 'bench-stack-'))
  const stack = await startStack(folder)
  process.once('SIGTERM', () => {
    void stack.stop().then(() => {
      rmSync(folder, { recursive: true, force: true })
      process.exit(0)
    })
  })
  return stack
}
