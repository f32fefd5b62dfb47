import { appendFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'

export type Log = (message: string, about?: Readonly<Record<string, unknown>>) => void

// Months of a busy agent: some ten lines of 200 bytes for a file.
const bytesOfOne = 5_000_000
const kept = 4

/**
 * JSON lines in `agent.log`; when it is full it becomes `agent.1.log`, and so on to `agent.4.log`, which is then gone.
 * What cannot be kept is printed: a full disk stops no delivery.
 */
export function openLog(folder: string, now: () => string, most = bytesOfOne): Log {
  const path = (age: number): string => join(folder, age === 0 ? 'agent.log' : `agent.${String(age)}.log`)
  const isFull = (): boolean => (statSync(path(0), { throwIfNoEntry: false })?.size ?? 0) >= most
  const moveOn = (): void => {
    for (let age = kept - 1; age >= 0; age -= 1)
      if (statSync(path(age), { throwIfNoEntry: false })) renameSync(path(age), path(age + 1))
  }
  return (message, about = {}) => {
    const line = JSON.stringify({ at: now(), message, ...about })
    try {
      if (isFull()) moveOn()
      appendFileSync(path(0), `${line}\n`)
    } catch (error) {
      console.error(line, String(error))
    }
  }
}
