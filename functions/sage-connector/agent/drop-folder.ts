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

/**
 * Writes a file whole: under a temporary name on the same volume, flushed. `beforeRename` runs when the bytes are safe
 * and the name is not there yet. Nobody can pick up half a file.
 */
export function writeWhole(path: string, bytes: Uint8Array, beforeRename: () => void): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.writing`
  const file = openSync(temporary, 'w')
  try {
    writeSync(file, bytes)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  beforeRename()
  renameSync(temporary, path)
  // Windows cannot open a folder; NTFS keeps the rename in its journal.
  if (process.platform !== 'win32') flush(dirname(path))
}
