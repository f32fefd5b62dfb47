import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import { vi } from 'vitest'

/** What is flushed to the disk, by its name, and what is renamed, in their order. */
export function flushed(work: () => void): string[] {
  const done: string[] = []
  const { fsyncSync, renameSync } = fs
  vi.spyOn(fs, 'fsyncSync').mockImplementation((file) => {
    done.push(`flush ${basename(fs.readlinkSync(`/proc/self/fd/${String(file)}`))}`)
    fsyncSync(file)
  })
  vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
    done.push('rename')
    renameSync(from, to)
  })
  syncBuiltinESMExports()
  try {
    work()
  } finally {
    Object.assign(fs, { fsyncSync, renameSync })
    syncBuiltinESMExports()
  }
  return done
}
