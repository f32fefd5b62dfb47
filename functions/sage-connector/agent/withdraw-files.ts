import { basename, join } from 'node:path'
import type { Api, ExportSeen } from './api-client.ts'
import type { DeliveryEntry, DeliveryLedger } from './delivery-ledger.ts'
import { existing } from './drop-folder.ts'
import { fileFault } from './file-fault.ts'
import type { Log } from './log.ts'
import { moveInto } from './move-into.ts'

/** Within the Sage company's folder: files that nobody is to import any more. */
export const withdrawnFolder = 'withdrawn'

export interface FilesWithdrawn {
  readonly api: Pick<Api, 'seen' | 'receipt'>
  readonly ledger: Pick<DeliveryLedger, 'all'>
  /** The Sage company's folder. */
  readonly folder: string
  readonly log: Log
}

/**
 * Looks after the files that lie in the drop folders as they were written: when their export was returned or closed
 * and nothing of the file is said to be in Sage, the file is moved out of the way, and the product is told.
 */
export function withdrawFiles({ api, ledger, folder, log }: FilesWithdrawn): {
  readonly look: () => Promise<void>
} {
  const ended = new Set<string>()
  return {
    look: async () => {
      for (const entry of ledger.all().filter(({ path }) => !ended.has(path)))
        try {
          const { export: id, part, attempt, sha256, path } = entry
          const away = join(folder, withdrawnFolder)
          // Moved away already where the product could not be told of it.
          const lies = [path, join(away, basename(path))].find((each) => isFile(each, sha256))
          if (lies === undefined) continue
          const seen = await api.seen(id)
          const withdrawn = withdrawnPart(seen, entry)
          const where = withdrawn && lies === path ? moveInto(away, path) : lies
          if (where !== lies)
            log('file withdrawn: its export was returned or closed', { export: id, moved: where })
          if (withdrawn && typeof withdrawn.withdrawn_from_folder !== 'string')
            await api.receipt(id, { part, attempt, sha256, where, withdrawn: true })
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

function isFile(path: string, sha256: string): boolean {
  try {
    return existing(path, sha256) === 'same'
  } catch (error) {
    throw fileFault(error, path)
  }
}

/** The file as the product sees it, if nobody is to import it any more. */
const withdrawnPart = ({ settled_as, parts }: ExportSeen, { part: number, sha256 }: DeliveryEntry) =>
  settled_as === 'returned' || settled_as === 'closed'
    ? parts.find(
        ({ part, outcome, exceptions, posted, file_sha256 }) =>
          part === number &&
          outcome === 'withdrawn' &&
          exceptions.length === 0 &&
          posted === null &&
          file_sha256 === sha256,
      )
    : undefined
