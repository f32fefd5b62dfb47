import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { rejectsNothing, sentOf } from '../../../shared/sage/reject-file.ts'
import { type Api, ApiRefused } from './api-client.ts'
import type { DeliveryLedger } from './delivery-ledger.ts'
import { makeFolderWithin, sha256Of } from './drop-folder.ts'
import { fileFault } from './file-fault.ts'
import type { Log } from './log.ts'
import { moveInto } from './move-into.ts'

/** Within the Sage company's folder; people name the reject file of an import in it. */
export const rejectsFolder = 'rejects'
const taken = 'done'
export const refusedFolder = 'refused'

export interface RejectsWatched {
  readonly api: Pick<Api, 'rejects'>
  readonly ledger: Pick<DeliveryLedger, 'namedAfter'>
  /** The Sage company's folder: it has to be there. */
  readonly folder: string
  readonly log: Log
}

const largestRead = 8 * 1024 * 1024 // as the API reads at most

/** Answers of the API that a later try would not change; without a code of its own, a proxy may have said it. */
const isFinal = ({ status, code }: ApiRefused): boolean =>
  status === 413 ||
  ([400, 404, 409, 422].includes(status) && code !== String(status) && code !== 'COMMAND_PENDING')

/**
 * Watches for reject files: one that has not changed between two looks is handed in, and moved to `done` or `refused`.
 * Which export and part it belongs to is read, never guessed: from our comment line, or from its name, if that is
 * the name of a file that this agent wrote.
 */
export function watchRejects(watched: RejectsWatched): { readonly look: () => Promise<void> } {
  const { folder, log } = watched
  const rejects = join(folder, rejectsFolder)
  let seen: ReadonlyMap<string, string> = new Map()
  const left = new Map<string, string>()
  return {
    /** Throws FileFault where the folder cannot be looked into. */
    look: async () => {
      const found = filesIn(rejects)
      const still = [...found].filter(([name, mark]) => seen.get(name) === mark && left.get(name) !== mark)
      seen = found
      for (const [name, mark] of still)
        try {
          if (!(await handIn(watched, join(rejects, name), name))) left.set(name, mark)
        } catch (error) {
          log('reject file not done with; tried again at the next turn', {
            name,
            error: error instanceof Error ? error.message : String(error),
          })
        }
    },
  }
}

/** Every file by its name, with a mark that changes while it is written. */
function filesIn(folder: string): ReadonlyMap<string, string> {
  try {
    makeFolderWithin(folder)
    const names = readdirSync(folder, { withFileTypes: true }).filter((found) => found.isFile())
    return new Map(
      names.map(({ name }) => {
        const { size, mtimeMs } = statSync(join(folder, name))
        return [name, `${String(size)} ${String(mtimeMs)}`]
      }),
    )
  } catch (error) {
    throw fileFault(error, folder)
  }
}

/** Whether anything was done with the file; what is left was told. */
async function handIn({ api, ledger, log }: RejectsWatched, path: string, name: string): Promise<boolean> {
  const bytes = contentOf(path)
  if (bytes && rejectsNothing(bytes)) {
    log('reject file without a line: Sage rejected nothing', {
      name,
      moved: moveInto(join(path, '..', taken), path),
    })
    return true
  }
  const of = bytes && belongsTo(bytes, ledger.namedAfter(name))
  if (!of) {
    log('reject file left', {
      name,
      why: bytes
        ? 'Neither a comment line of ours in it nor its name says of which export it is.'
        : 'It is larger than any reject file of ours can be.',
      what_to_do: 'Hand it in on the posting page of its file, then delete it here.',
    })
    return false
  }
  try {
    const key = sha256Of(Buffer.concat([Buffer.from(`${name}\n`), bytes]))
    await api.rejects(of.export, { part: of.part, bytes, key: `reject-file-${key}` })
  } catch (error) {
    if (!(error instanceof ApiRefused) || !isFinal(error)) throw error
    const moved = moveInto(join(path, '..', refusedFolder), path, whyNotTaken(name, of, error))
    log('reject file refused', { name, ...of, code: error.code, sentence: error.message, moved })
    return true
  }
  log('reject file handed in', { name, ...of, moved: moveInto(join(path, '..', taken), path) })
  return true
}

/** Undefined for one that is larger than any of ours. */
function contentOf(path: string): Uint8Array | undefined {
  try {
    return statSync(path).size > largestRead ? undefined : readFileSync(path)
  } catch (error) {
    throw fileFault(error, path)
  }
}

interface Belongs {
  readonly export: string
  readonly part: number
}

function belongsTo(bytes: Uint8Array, named: Belongs | undefined): Belongs | undefined {
  const sent = sentOf(bytes)
  if (sent) return { export: sent.export_id, part: sent.part }
  return named && { export: named.export, part: named.part }
}

const whyNotTaken = (name: string, of: Belongs, { message, whatToDo, places }: ApiRefused): string =>
  [
    `${name} was not taken for export ${of.export}, file ${String(of.part)}.`,
    message,
    ...places,
    ...(whatToDo === undefined ? [] : [whatToDo]),
    `To have it tried again, move it back into the folder ${rejectsFolder}; or hand it in on the posting page.`,
    '',
  ].join('\r\n')
