import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  opendirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { ExportMode } from '../../../shared/domain/export.ts'

/** The folder says which box to choose: nothing in the file can. */
export const modeFolders: Record<ExportMode, string> = {
  original_estimate: '1-ORIGINAL',
  approved_estimate_change: '2-CHANGE-tick-the-box',
}

/** `<folder of the Sage company>/1-ORIGINAL/<file>` or `.../2-CHANGE-tick-the-box/<file>`. */
export const dropPath = (folder: string, mode: ExportMode, fileName: string): string =>
  join(folder, modeFolders[mode], fileName)

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export type Existing = 'absent' | 'same' | 'different'

/** What stands under a name already; a folder under that name is something different too. */
export function existing(path: string, sha256: string): Existing {
  try {
    return sha256Of(readFileSync(path)) === sha256 ? 'same' : 'different'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return 'absent'
    if (code === 'EISDIR') return 'different'
    throw error
  }
}

/** Throws ENOENT or ENOTDIR: in a folder that cannot be looked into, nothing may be taken for absent. */
export function assertFolder(folder: string): void {
  opendirSync(folder).closeSync()
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
 * Writes a file whole: under a temporary name on the same volume, flushed and read again. `beforeRename` runs when the
 * bytes are safe and the name is not there yet. Nobody can pick up half a file. Only the folder of the mode is made: a
 * company's folder that is not there was renamed, or its share is not connected. Throws the fault of the file system;
 * before `beforeRename` nothing is left, after it the temporary file is.
 */
export function writeWhole(
  path: string,
  { bytes, sha256 }: { readonly bytes: Uint8Array; readonly sha256: string },
  beforeRename: () => void,
): void {
  makeFolderWithin(dirname(path))
  const temporary = temporaryName(path)
  try {
    // Writes on until every byte is taken: a disk that fills up takes a part and says so only when asked again.
    writeFileSync(temporary, bytes, { flush: true })
    if (existing(temporary, sha256) !== 'same') throw new Error(`${temporary} holds not what was written.`)
    flushFolderOf(path)
  } catch (error) {
    removeIfPossible(temporary)
    throw error
  }
  beforeRename()
  renameSync(temporary, path)
  flushFolderOf(path)
}

/** Throws ENOENT where the folder around it is not there: that one is never made. */
export function makeFolderWithin(folder: string): void {
  try {
    mkdirSync(folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  }
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path)
  } catch {
    // Nothing stands there, or it is held or protected; the fault that led here is told.
  }
}

/** Whether a file was written and not named: its temporary name is gone once it has its own. */
export const writtenNotNamed = (path: string, sha256: string): boolean =>
  existing(temporaryName(path), sha256) === 'same'

/** Gives a file its name that was written and recorded, and not renamed before a crash or a fault. */
export function finishRename(path: string): void {
  renameSync(temporaryName(path), path)
  flushFolderOf(path)
}

export const removeUnnamed = (path: string): void => {
  removeIfPossible(temporaryName(path))
}
