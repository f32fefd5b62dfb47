import { readdirSync, readFileSync } from 'node:fs'

/** Parent of every process that runs now. */
function parents(): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    const ppid = /^PPid:\s+(\d+)$/m.exec(statusOf(Number(name)))?.[1]
    if (ppid !== undefined) found.set(Number(name), Number(ppid))
  }
  return found
}

/** Empty for a process that has ended. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/status`, 'utf8')
  } catch {
    return ''
  }
}

function withChildren(pid: number): number[] {
  const parentOf = parents()
  const found = [pid]
  for (const each of found) for (const [child, parent] of parentOf) if (parent === each) found.push(child)
  return found
}

/** Bytes of resident memory of a process and of all that it started; pages that two of them share count twice. */
export const residentMemory = (pid: number): number =>
  withChildren(pid).reduce((sum, each) => {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(statusOf(each))?.[1]
    return sum + Number(kilobytes ?? 0) * 1024
  }, 0)

export interface MemoryWatch {
  /** The most that was seen, in bytes. */
  stop(): number
}

export function watchMemory(pid: number): MemoryWatch {
  let most = 0
  const look = (): void => {
    most = Math.max(most, residentMemory(pid))
  }
  const timer = setInterval(look, 50)
  return {
    stop() {
      clearInterval(timer)
      look()
      return most
    },
  }
}
