/** What the process must have been started with: glibc reads this once, and without it every thread keeps memory of its own. */
const wanted = { MALLOC_ARENA_MAX: '2' }

/**
 * Starts this process anew, in place and under the same process id, if it was started without its environment.
 * To be called first; where a process cannot replace itself it goes on, with more memory.
 */
export function withProcessEnvironment(): void {
  const missing = Object.entries(wanted).some(([name, value]) => process.env[name] !== value)
  if (!missing || process.platform !== 'linux' || process.execve === undefined) return
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...process.env,
    ...wanted,
  })
}
