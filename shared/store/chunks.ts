import * as z from 'zod'
import { type CodeKey, compareKeys } from '../domain/budget-code.ts'
import { Cents, cents } from '../domain/cents.ts'
import { Sha256 } from '../domain/ids.ts'
import { CalculationStrategy, type LineItem, lineKey } from '../domain/line-item.ts'
import { Scaled4 } from '../domain/quantity.ts'
import { Refused, refusal } from '../domain/refusal.ts'
import { sha256 } from './content-hash.ts'
import { Broken } from './errors.ts'

/**
 * Where sorted lines are cut: a chunk ends after a line whose key's hash says so (one in `often`), once it holds
 * `least` lines, and always at `most` lines or `bytes`. That asks only for the lines since the chunk began, so that the
 * same lines are cut the same way, and an edit moves no cut but those near it.
 */
export interface ChunkSizes {
  readonly least: number
  readonly often: number
  readonly most: number
  readonly bytes: number
}

// About 256 lines a chunk: smaller ones make the manifest, larger ones the chunk the dearer part of a one-line edit.
// With one line more (`longestLine`), even incompressible bytes stay below an item's 400 KB.
export const chunkSizes: ChunkSizes = { least: 64, often: 224, most: 512, bytes: 300 * 1024 }
export const longestLine = 64 * 1024

/** FNV-1a with a final mix, of the key alone: amounts and descriptions move no cut. */
export function keyHash(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

// The longest JSON form of one UTF-16 unit is six bytes (\\u001f); strategy, numbers and commas take a hundred at most.
const mostBytesPerCharacter = 6
const bytesBesideTexts = 100

/** The most bytes that a line can add to its chunk, before compression. */
export const mostLineBytes = ({ code, description, uom }: LineItem): number =>
  bytesBesideTexts +
  mostBytesPerCharacter *
    (code.sub_job.length + code.cost_code.length + code.cost_type.length + description.length + uom.length)

/** Takes lines in key order, one at a time, and says after which of them a chunk ends. */
export function createCutter(sizes: ChunkSizes = chunkSizes): {
  /** The finished chunk, if it ends after this line. */
  take(key: CodeKey, line: LineItem): readonly LineItem[] | undefined
  /** What has not been ended: the last chunk, if it is the end of the lines. */
  rest(): readonly LineItem[]
} {
  let open: LineItem[] = []
  let bytes = 0
  return {
    take(key, line) {
      open.push(line)
      bytes += mostLineBytes(line)
      const ends =
        open.length >= sizes.most ||
        bytes >= sizes.bytes ||
        (open.length >= sizes.least && keyHash(key) % sizes.often === 0)
      if (!ends) return undefined
      const chunk = open
      open = []
      bytes = 0
      return chunk
    },
    rest: () => open,
  }
}

/** Cuts a whole set of lines; the keys must be unique. */
export function cutAll(lines: readonly LineItem[], sizes: ChunkSizes = chunkSizes): readonly Chunk[] {
  const cutter = createCutter(sizes)
  const chunks: Chunk[] = []
  let before: CodeKey | undefined
  for (const [key, line] of sorted(lines)) {
    if (key === before) throw new Broken('Store', `Two lines with the key ${JSON.stringify(key)}`)
    before = key
    const ended = cutter.take(key, line)
    if (ended) chunks.push(chunkOf(ended))
  }
  if (cutter.rest().length > 0) chunks.push(chunkOf(cutter.rest()))
  return chunks
}

const sorted = (lines: readonly LineItem[]): readonly (readonly [CodeKey, LineItem])[] =>
  lines.map((line) => [lineKey(line), line] as const).toSorted(([a], [b]) => compareKeys(a, b))

/** A chunk, or a node of chunks, as the manifest lists it. */
export interface ChunkEntry {
  readonly first: CodeKey
  readonly sha256: Sha256
  readonly lines: number
  readonly original: Cents
  readonly changes: Cents
}

export interface Chunk extends ChunkEntry {
  /** Canonical bytes: the hash is theirs, not that of the compressed form. */
  readonly bytes: Uint8Array
}

/** Lines as columns, in one fixed order: like values stand together, which compresses to about 20 bytes a line. */
const Columns = z.strictObject({
  sub_job: z.array(z.string()),
  cost_code: z.array(z.string()),
  cost_type: z.array(z.string()),
  description: z.array(z.string()),
  calculation_strategy: z.array(CalculationStrategy),
  quantity: z.array(Scaled4.nullable()),
  uom: z.array(z.string()),
  unit_cost: z.array(Scaled4.nullable()),
  original: z.array(Cents),
  changes: z.array(Cents),
})

export function chunkOf(lines: readonly LineItem[]): Chunk {
  const [first] = lines
  if (!first) throw new Broken('Store', 'A chunk holds at least one line')
  const columns: z.infer<typeof Columns> = {
    sub_job: lines.map(({ code }) => code.sub_job),
    cost_code: lines.map(({ code }) => code.cost_code),
    cost_type: lines.map(({ code }) => code.cost_type),
    description: lines.map(({ description }) => description),
    calculation_strategy: lines.map(({ calculation_strategy }) => calculation_strategy),
    quantity: lines.map(({ quantity }) => quantity),
    uom: lines.map(({ uom }) => uom),
    unit_cost: lines.map(({ unit_cost }) => unit_cost),
    original: lines.map(({ original }) => original),
    changes: lines.map(({ changes }) => changes),
  }
  const bytes = Buffer.from(JSON.stringify(columns))
  return {
    first: lineKey(first),
    sha256: sha256(bytes),
    lines: lines.length,
    original: total(columns.original),
    changes: total(columns.changes),
    bytes,
  }
}

export function linesOfChunk(bytes: Uint8Array): readonly LineItem[] {
  const columns = Columns.parse(JSON.parse(Buffer.from(bytes).toString()))
  return columns.cost_code.map((cost_code, i) => ({
    code: { sub_job: at(columns.sub_job, i), cost_code, cost_type: at(columns.cost_type, i) },
    description: at(columns.description, i),
    calculation_strategy: at(columns.calculation_strategy, i),
    quantity: at(columns.quantity, i),
    uom: at(columns.uom, i),
    unit_cost: at(columns.unit_cost, i),
    original: at(columns.original, i),
    changes: at(columns.changes, i),
  }))
}

export function at<T>(column: readonly T[], i: number): T {
  const value = column[i]
  if (value === undefined) throw new Broken('Store', 'The columns of a chunk differ in length')
  return value
}

/** A sum of cents; refused where it leaves the exact range, which no budget does but a slip of the keyboard can. */
export function total(amounts: readonly Cents[]): Cents {
  let sum = 0
  for (const amount of amounts) {
    sum += amount
    if (!Number.isSafeInteger(sum))
      throw new Refused(
        refusal(
          'INVALID_INPUT',
          'The amounts add up to more than can be kept exactly.',
          'Correct the amounts.',
        ),
      )
  }
  return cents(sum)
}
