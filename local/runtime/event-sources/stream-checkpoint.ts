import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import * as z from 'zod'
import { type DataFolder, writeWhole } from '../data-folder.ts'

const Stored = z.object({
  /** The stream itself; another one begins at its oldest record. */
  stream: z.string(),
  shards: z.record(z.string(), z.string()),
})

/** How far a mapping has read each shard of its stream. */
export interface Checkpoint {
  readonly after: (shard: string) => string | undefined
  readonly reached: (shard: string, sequenceNumber: string) => void
}

export function openCheckpoint(folder: DataFolder, mapping: string, stream: string): Checkpoint {
  mkdirSync(folder.path('streams'), { recursive: true })
  const file = folder.path('streams', `${mapping.replaceAll('/', '.')}.json`)
  const stored = existsSync(file) ? Stored.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined
  const shards = new Map(stored?.stream === stream ? Object.entries(stored.shards) : [])
  return {
    after: (shard) => shards.get(shard),
    reached: (shard, sequenceNumber) => {
      shards.set(shard, sequenceNumber)
      writeWhole(file, JSON.stringify({ stream, shards: Object.fromEntries(shards) }))
    },
  }
}
