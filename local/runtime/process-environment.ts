import { join } from 'node:path'

/**
 * What the process of the local stack is best started with, which cannot be changed later: without the first every
 * thread keeps memory of its own, with the second the compiled code of packages is kept for the next start.
 */
export const processEnvironment = {
  MALLOC_ARENA_MAX: '2',
  NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/compiled'),
}

/**
 * Starts this program anew in its environment, in place and under the same process id, unless it has it already.
 * To be called before anything else; where a process cannot replace itself it goes on as it is.
 */
export function withProcessEnvironment(): void {
  const missing = Object.entries(processEnvironment).some(([name, value]) => process.env[name] !== value)
  if (!missing || process.platform !== 'linux' || process.execve === undefined) return
  const warnings = '--disable-warning=ExperimentalWarning'
  process.execve(
    process.execPath,
    [process.execPath, warnings, ...process.execArgv, ...process.argv.slice(1)],
    { ...process.env, ...processEnvironment },
  )
}
