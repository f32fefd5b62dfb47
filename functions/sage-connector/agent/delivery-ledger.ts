import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname, parse } from 'node:path'
import * as z from 'zod'
import { fileFault } from './file-fault.ts'

const Entry = z.strictObject({
  at: z.string(),
  export: z.string(),
  part: z.int(),
  attempt: z.int(),
  sha256: z.string(),
  path: z.string(),
})
export type DeliveryEntry = z.infer<typeof Entry>
const Line = Entry.extend({ undone: z.literal(true).optional() })

/** What this agent has put into folders, kept on its own disk: a file that was moved away after its import is not written again. */
export interface DeliveryLedger {
  /** The entry of a part with these bytes, under any attempt. */
  find(exportId: string, part: number, sha256: string): DeliveryEntry | undefined
  /** Whether a part was written with any bytes. */
  knows(exportId: string, part: number): boolean
  all(): readonly DeliveryEntry[]
  /** The entry of the file after which another one is named: `budget.rejects.jce` is named after `budget.jce`. */
  namedAfter(fileName: string): DeliveryEntry | undefined
  /** Flushed before it returns. Throws FileFault. */
  add(entry: DeliveryEntry): void
  /** Takes an entry back whose file never got its name. Flushed before it returns. Throws FileFault. */
  undo(entry: DeliveryEntry): void
}

/** A file of JSON lines. A last line that was cut off by a crash is left out: its file was not renamed yet. */
export function openDeliveryLedger(path: string): DeliveryLedger {
  mkdirSync(dirname(path), { recursive: true })
  closeSync(openSync(path, 'a'))
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [Line.parse(JSON.parse(line))]
      } catch {
        return []
      }
    })
  let entries: readonly DeliveryEntry[] = []
  const take = ({ undone, ...entry }: z.infer<typeof Line>): void => {
    entries = undone ? entries.filter((each) => !isSame(each, entry)) : [...entries, entry]
  }
  const keep = (line: z.infer<typeof Line>): void => {
    try {
      // The line break in front closes a line that a crash cut off.
      appendFileSync(path, `\n${JSON.stringify(line)}\n`, { flush: true })
    } catch (error) {
      throw fileFault(error, path)
    }
    take(line)
  }
  lines.forEach(take)
  return {
    find: (exportId, part, sha256) =>
      entries.find((entry) => isSame(entry, { export: exportId, part, sha256 })),
    knows: (exportId, part) => entries.some((entry) => entry.export === exportId && entry.part === part),
    all: () => entries,
    namedAfter: (fileName) => entries.findLast(({ path: of }) => isNamedAfter(fileName, parse(of).name)),
    add: keep,
    undo: (entry) => {
      keep({ ...entry, undone: true })
    },
  }
}

// Windows does not tell capitals apart. A longer word is another name.
const isNamedAfter = (name: string, stem: string): boolean =>
  name.toLowerCase().startsWith(stem.toLowerCase()) && !/^[\w-]/.test(name.slice(stem.length))

const isSame = (one: DeliveryEntry, other: Pick<DeliveryEntry, 'export' | 'part' | 'sha256'>): boolean =>
  one.export === other.export && one.part === other.part && one.sha256 === other.sha256
