import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * The file holds either its old or its new content, whenever the process dies: written under a temporary name in the
 * same folder, flushed, renamed.
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = join(dirname(path), `.${basename(path)}.${String(process.pid)}.tmp`)
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content
  const file = openSync(temporary, 'w')
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}
