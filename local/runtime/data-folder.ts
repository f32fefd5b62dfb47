import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { Refused } from './refused.ts'

/** Raised when what an older release stored can no longer be read. */
const schema = 1

const Marker = z.object({ schema: z.number() })
const Lock = z.object({ pid: z.number(), started: z.string() })

/** The folder that holds everything the local stack keeps; one running stack has it at a time. */
export interface DataFolder {
  readonly path: (...names: readonly string[]) => string
  /** Gives the folder free. */
  readonly release: () => void
}

/**
 * Opens the folder, or makes it.
 *
 * @throws {Refused} when it cannot be made, holds something else, was written by another schema, or a running stack has it.
 */
export function openDataFolder(folder: string): DataFolder {
  makeFolder(folder)
  checkSchema(folder)
  takeLock(folder)
  return {
    path: (...names) => join(folder, ...names),
    release: () => {
      rmSync(join(folder, 'lock'), { force: true })
    },
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.R_OK | constants.W_OK)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const why =
      code === 'EEXIST' || code === 'ENOTDIR' ? 'is a file, or lies in one' : 'cannot be made or written here'
    throw new Refused(`${folder} ${why}. Name a folder for the data, such as --data local-data.`)
  }
}

function checkSchema(folder: string): void {
  const file = join(folder, 'schema')
  if (!existsSync(file)) {
    if (readdirSync(folder).length > 0)
      throw new Refused(`${folder} holds files that are not ours. Name another data folder, or an empty one.`)
    writeWhole(file, JSON.stringify({ schema }))
    return
  }
  const marker = Marker.safeParse(readJson(file))
  const found = marker.success ? marker.data.schema : undefined
  if (found === schema) return
  const written = found === undefined ? 'cannot be read' : `was written with schema ${String(found)}`
  throw new Refused(
    `The data in ${folder} ${written}; this release needs schema ${String(schema)}. ` +
      `Move the folder away, or delete it to begin with no data, and start again.`,
  )
}

function takeLock(folder: string): void {
  const file = join(folder, 'lock')
  const holder = lockHolder(file)
  if (holder !== undefined)
    throw new Refused(
      `${folder} is in use by the process ${String(holder)}. Stop that one first, or name another data folder.`,
    )
  rmSync(file, { force: true })
  const own = JSON.stringify({ pid: process.pid, started: startOf(process.pid) ?? '' })
  // 'wx' fails if another start took the lock in between.
  const handle = openSync(file, 'wx')
  writeSync(handle, own)
  closeSync(handle)
}

/** Process id of a stack that still runs; a lock left by a killed one has no holder. */
function lockHolder(file: string): number | undefined {
  if (!existsSync(file)) return undefined
  const lock = Lock.safeParse(readJson(file))
  if (!lock.success) return undefined
  return startOf(lock.data.pid) === lock.data.started ? lock.data.pid : undefined
}

/**
 * When a process began, as text that differs for another process of the same number; undefined when there is none.
 * Outside Linux only its being alive is known.
 */
export function startOf(pid: number): string | undefined {
  const stat = `/proc/${String(pid)}/stat`
  if (existsSync('/proc/self/stat')) {
    if (!existsSync(stat)) return undefined
    const fields = readFileSync(stat, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    // proc(5): field 3 is the state, 22 the start time; a zombie no longer holds anything.
    return fields[0] === 'Z' ? undefined : fields[19]
  }
  try {
    process.kill(pid, 0)
    return 'alive'
  } catch {
    return undefined
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Writes a file so that it is there whole or not at all, whenever the process is killed. */
export function writeWhole(file: string, content: string | Uint8Array, mode = 0o600): void {
  const temporary = `${file}.${String(process.pid)}.new`
  writeFileSync(temporary, content, { mode })
  renameSync(temporary, file)
}
