import { appendFileSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod'

const Entry = z.strictObject({
  at: z.string(),
  export: z.string(),
  part: z.int(),
  attempt: z.int(),
  sha256: z.string(),
  path: z.string(),
})
export type DeliveryEntry = z.infer<typeof Entry>

/** What this agent has put into folders, kept on its own disk: a file that was moved away after its import is not written again. */
export interface DeliveryLedger {
  /** The entry of a part with these bytes, under any attempt. */
  find(exportId: string, part: number, sha256: string): DeliveryEntry | undefined
  /** Flushed before it returns. */
  add(entry: DeliveryEntry): void
}

/** A file of JSON lines. A last line that was cut off by a crash is left out: its file was not renamed yet. */
export function openDeliveryLedger(path: string): DeliveryLedger {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'a')
  closeSync(file)
  const entries = readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [Entry.parse(JSON.parse(line))]
      } catch {
        return []
      }
    })
  return {
    find: (exportId, part, sha256) =>
      entries.find((entry) => entry.export === exportId && entry.part === part && entry.sha256 === sha256),
    add(entry) {
      const handle = openSync(path, 'a')
      try {
        // The line break in front closes a line that a crash cut off.
        appendFileSync(handle, `\n${JSON.stringify(entry)}\n`)
        fsyncSync(handle)
      } finally {
        closeSync(handle)
      }
      entries.push(entry)
    },
  }
}
