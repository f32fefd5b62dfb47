import { readdirSync, readFileSync } from 'node:fs'

/** Resident memory in megabytes of a process and all that it started, as Linux counts it (proc(5)). */
export function memoryOfTree(root: number): number {
  const parents = new Map(processes().map((pid) => [pid, parentOf(pid)]))
  const belongs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || belongs(parents.get(pid)))
  const kilobytes = [...parents.keys()].filter(belongs).map(residentOf)
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1000
}

const processes = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

const field = (pid: number, name: string): number | undefined => {
  const [, value] = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(statusOf(pid)) ?? []
  return value === undefined ? undefined : Number(value)
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/status`, 'utf8')
  } catch {
    return '' // it has ended meanwhile
  }
}

const parentOf = (pid: number): number | undefined => field(pid, 'PPid') || undefined
const residentOf = (pid: number): number => field(pid, 'VmRSS') ?? 0
