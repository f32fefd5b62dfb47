import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * One SHA-256 over the names and bytes of files, those in folders included; a path that does not exist counts
 * as absent. `extra` is whatever else decides what is made of them.
 */
export function hashOf(root: string, paths: readonly string[], extra: unknown = null): string {
  const hash = createHash('sha256').update(JSON.stringify(extra))
  for (const file of paths.flatMap((path) => filesUnder(root, path)).toSorted()) {
    const bytes = readFileSync(join(root, file))
    hash.update(`\n${file} ${String(bytes.length)}\n`).update(bytes)
  }
  return hash.digest('hex')
}

function filesUnder(root: string, path: string): string[] {
  const full = join(root, path)
  if (!existsSync(full)) return []
  if (!statSync(full).isDirectory()) return [path]
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
}

/** The hash that was written beside a result when it was made; undefined when none was. */
export const stampIn = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
