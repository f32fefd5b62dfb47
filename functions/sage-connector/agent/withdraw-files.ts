import { join } from 'node:path'
import type { Api, ExportSeen } from './api-client.ts'
import type { DeliveryEntry, DeliveryLedger } from './delivery-ledger.ts'
import { existing } from './drop-folder.ts'
import { fileFault } from './file-fault.ts'
import type { Log } from './log.ts'
import { moveInto } from './move-into.ts'

/** Within the Sage company's folder: files that nobody is to import any more. */
export const withdrawnFolder = 'withdrawn'

export interface FilesWithdrawn {
  readonly api: Pick<Api, 'seen'>
  readonly ledger: Pick<DeliveryLedger, 'all'>
  /** The Sage company's folder. */
  readonly folder: string
  readonly log: Log
}

/**
 * Looks after the files that lie in the drop folders as they were written: when their export was returned or closed
 * and nothing of the file is said to be in Sage, the file is moved out of the way.
 */
export function withdrawFiles({ api, ledger, folder, log }: FilesWithdrawn): {
  readonly look: () => Promise<void>
} {
  const ended = new Set<string>()
  return {
    look: async () => {
      for (const entry of ledger.all().filter(({ path }) => !ended.has(path)))
        try {
          if (!liesThere(entry)) continue
          const seen = await api.seen(entry.export)
          if (isWithdrawn(seen, entry)) {
            const moved = moveInto(join(folder, withdrawnFolder), entry.path)
            log('file withdrawn: its export was returned or closed', { export: entry.export, moved })
          }
          if (seen.settled_as !== null) ended.add(entry.path)
        } catch (error) {
          log('not looked whether a file is withdrawn; tried again at the next turn', {
            path: entry.path,
            error: error instanceof Error ? error.message : String(error),
          })
        }
    },
  }
}

function liesThere({ path, sha256 }: DeliveryEntry): boolean {
  try {
    return existing(path, sha256) === 'same'
  } catch (error) {
    throw fileFault(error, path)
  }
}

function isWithdrawn({ settled_as, parts }: ExportSeen, { part: number, sha256 }: DeliveryEntry): boolean {
  const part = parts.find((each) => each.part === number)
  return (
    (settled_as === 'returned' || settled_as === 'closed') &&
    part?.outcome === 'withdrawn' &&
    part.exceptions.length === 0 &&
    part.posted === null &&
    part.file_sha256 === sha256
  )
}
