import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ExportMode } from '../../../shared/domain/export.ts'

/** The folder says which box to choose: nothing in the file can. */
const folders: Record<ExportMode, string> = {
  original_estimate: '1-ORIGINAL',
  approved_estimate_change: '2-CHANGE-tick-the-box',
}

/** `<folder of the Sage company>/1-ORIGINAL/<file>` or `.../2-CHANGE-tick-the-box/<file>`. */
export const dropPath = (folder: string, mode: ExportMode, fileName: string): string =>
  join(folder, folders[mode], fileName)

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export type Existing = 'absent' | 'same' | 'different'

/** What stands under a name already. */
export function existing(path: string, sha256: string): Existing {
  try {
    return sha256Of(readFileSync(path)) === sha256 ? 'same' : 'different'
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'absent'
    throw error
  }
}

function flush(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

const temporaryName = (path: string): string => `${path}.writing`

// Windows cannot open a folder; NTFS keeps new names in its journal.
function flushFolderOf(path: string): void {
  if (process.platform !== 'win32') flush(dirname(path))
}

/**
 * Writes a file whole: under a temporary name on the same volume, flushed. `beforeRename` runs when the bytes are safe
 * and the name is not there yet. Nobody can pick up half a file.
 */
export function writeWhole(path: string, bytes: Uint8Array, beforeRename: () => void): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = temporaryName(path)
  const file = openSync(temporary, 'w')
  try {
    writeSync(file, bytes)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  flushFolderOf(path)
  beforeRename()
  renameSync(temporary, path)
  flushFolderOf(path)
}

/**
 * Gives a file its name that was written and recorded, and not renamed before a crash. The temporary name is gone once
 * that was done, so a file that somebody moved away since is not put back.
 */
export function finishRename(path: string, sha256: string): boolean {
  const temporary = temporaryName(path)
  if (existing(temporary, sha256) !== 'same') return false
  renameSync(temporary, path)
  flushFolderOf(path)
  return true
}
