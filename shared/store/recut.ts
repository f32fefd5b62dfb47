import { type CodeKey, compareKeys } from '../domain/budget-code.ts'
import { type LineItem, lineKey } from '../domain/line-item.ts'
import { type Chunk, type ChunkEntry, chunkOf, type ChunkSizes, createCutter, cutAll } from './chunks.ts'
import { Broken } from './errors.ts'

export type LineEdits = ReadonlyMap<CodeKey, LineItem | null>

/** Reads the lines of chunks, in their order. */
export type ReadChunks = (chunks: readonly ChunkEntry[]) => Promise<readonly (readonly LineItem[])[]>

/** Index of the chunk in which a key stands, or would stand. */
export function chunkAt(chunks: readonly ChunkEntry[], key: CodeKey): number {
  let low = 0
  let high = chunks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const first = chunks[middle]?.first
    if (first !== undefined && compareKeys(first, key) <= 0) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/**
 * The chunks after an edit: those that no edit touches stay as they are and are not read, unless the cuts before
 * them moved. Gives what `cutAll` gives for the lines as edited.
 */
export async function recut(
  chunks: readonly ChunkEntry[],
  edits: LineEdits,
  read: ReadChunks,
  sizes?: ChunkSizes,
): Promise<readonly (ChunkEntry | Chunk)[]> {
  if (chunks.length === 0) return cutAll(kept(edits), sizes)
  const touched = editsByChunk(chunks, edits)
  const before = await readTouched(chunks, touched, read)
  const after: (ChunkEntry | Chunk)[] = []
  const cutter = createCutter(sizes)
  for (const [i, entry] of chunks.entries()) {
    const lines = before.get(i)
    // In step again: the last cut fell where this chunk begins, and the chunk's own cut asks for its own lines only.
    if (!lines && cutter.rest().length === 0) {
      after.push(entry)
      continue
    }
    // Whether a neighbour is needed is known only after its cut moved
    const [standing = []] = lines ? [lines] : await read([entry])
    for (const line of edited(standing, touched.get(i))) {
      const ended = cutter.take(lineKey(line), line)
      if (ended) after.push(chunkOf(ended))
    }
  }
  if (cutter.rest().length > 0) after.push(chunkOf(cutter.rest()))
  return after
}

const kept = (edits: LineEdits): readonly LineItem[] => [...edits.values()].filter((line) => line !== null)

function editsByChunk(chunks: readonly ChunkEntry[], edits: LineEdits): ReadonlyMap<number, LineEdits> {
  const touched = new Map<number, Map<CodeKey, LineItem | null>>()
  for (const [key, line] of edits) {
    if (line && lineKey(line) !== key)
      throw new Broken('Store', `An edit of ${JSON.stringify(key)} holds another line`)
    const i = chunkAt(chunks, key)
    const of = touched.get(i) ?? new Map<CodeKey, LineItem | null>()
    touched.set(i, of.set(key, line))
  }
  return touched
}

async function readTouched(
  chunks: readonly ChunkEntry[],
  touched: ReadonlyMap<number, LineEdits>,
  read: ReadChunks,
): Promise<ReadonlyMap<number, readonly LineItem[]>> {
  const indexes = [...touched.keys()]
  const lines = await read(indexes.flatMap((i) => chunks[i] ?? []))
  return new Map(indexes.map((i, at) => [i, lines[at] ?? []]))
}

function edited(lines: readonly LineItem[], edits: LineEdits | undefined): readonly LineItem[] {
  if (!edits) return lines
  const after = new Map<CodeKey, LineItem>(lines.map((line) => [lineKey(line), line]))
  for (const [key, line] of edits)
    if (line) after.set(key, line)
    else after.delete(key)
  return [...after].toSorted(([a], [b]) => compareKeys(a, b)).map(([, line]) => line)
}
