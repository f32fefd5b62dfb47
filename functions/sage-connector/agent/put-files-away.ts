import { basename, join } from 'node:path'
import type { Api, ExportSeen } from './api-client.ts'
import type { DeliveryEntry, DeliveryLedger } from './delivery-ledger.ts'
import { existing } from './drop-folder.ts'
import { fileFault } from './file-fault.ts'
import type { Log } from './log.ts'
import { moveInto } from './move-into.ts'

/** Folders within the Sage company's, of files that nobody is to import any more, with what the log says of one. */
const away = {
  withdrawn: 'file withdrawn: its export was returned or closed',
  done: 'file done: nothing of it is to be imported any more',
} as const

export interface FilesInFolders {
  readonly api: Pick<Api, 'seen' | 'receipt'>
  readonly ledger: Pick<DeliveryLedger, 'all'>
  /** The Sage company's folder. */
  readonly folder: string
  readonly log: Log
}

/**
 * Looks after the files that lie in the drop folders as they were written, where anybody could import them once more:
 * one that is withdrawn, posted, corrected, or of an export that has ended is moved out of the way, and of a withdrawn one the
 * product is told.
 */
export function putFilesAway({ api, ledger, folder, log }: FilesInFolders): {
  readonly look: () => Promise<void>
} {
  const ended = new Set<string>()
  return {
    look: async () => {
      for (const entry of ledger.all().filter(({ path }) => !ended.has(path)))
        try {
          const { export: id, part, attempt, sha256, path } = entry
          // Moved away already where the product could not be told of it.
          const lies = [path, join(folder, 'withdrawn', basename(path))].find((each) => isFile(each, sha256))
          if (lies === undefined) continue
          const seen = await api.seen(id)
          const to = folderFor(seen, entry)
          const where = to && lies === path ? moveInto(join(folder, to), path) : lies
          if (to && where !== lies) log(away[to], { export: id, moved: where })
          if (to === 'withdrawn' && typeof partOf(seen, entry)?.withdrawn_from_folder !== 'string')
            await api.receipt(id, { part, attempt, sha256, where, withdrawn: true })
          if (seen.settled_as !== null) ended.add(entry.path)
        } catch (error) {
          log('not looked whether a file is done or withdrawn; tried again at the next turn', {
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

const partOf = ({ parts }: ExportSeen, { part: number, sha256 }: DeliveryEntry) =>
  parts.find(({ part, file_sha256 }) => part === number && file_sha256 === sha256)

/** Undefined for a file that may still have to be imported, or that the export does not know. */
function folderFor(seen: ExportSeen, entry: DeliveryEntry): keyof typeof away | undefined {
  const part = partOf(seen, entry)
  if (!part) return undefined
  // Lines that travel in a correction: the file itself was imported.
  const isDue = part.posted === null && seen.settled_as === null && part.exceptions.length === 0
  if (isDue) return undefined
  const isWithdrawn = part.posted === null && part.outcome === 'withdrawn' && part.exceptions.length === 0
  return isWithdrawn ? 'withdrawn' : 'done'
}
