import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import type { DataFolder } from './data-folder.ts'

const largest = 20 * 1024 * 1024 // bytes; a larger file is set aside at the next start, and the one before it is gone

/** Writes one line at a time, so that nothing written is lost with the process. */
export type WriteLine = (line: string) => void

export function openLog(folder: DataFolder, name: string): WriteLine {
  mkdirSync(folder.path('logs'), { recursive: true })
  const file = folder.path('logs', `${name}.log`)
  if (existsSync(file) && statSync(file).size > largest) renameSync(file, `${file}.old`)
  return (line) => {
    appendFileSync(file, `${line}\n`)
  }
}
