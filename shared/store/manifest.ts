import * as z from 'zod'
import { CodeKey } from '../domain/budget-code.ts'
import { Cents } from '../domain/cents.ts'
import { Sha256 } from '../domain/ids.ts'
import type { Totals } from '../domain/line-item.ts'
import { at, type ChunkEntry, keyHash, total } from './chunks.ts'
import { sha256 } from './content-hash.ts'

/**
 * The manifest is a tree: a node lists chunks (level 0) or the nodes below it, and is stored once under its hash. The
 * hash of the root names one set of lines, however they came to be, and an edit writes one node on each level.
 */
export interface Node extends Omit<ChunkEntry, 'first'> {
  readonly bytes: Uint8Array
}

/** What a node says: entries of chunks, or, above level 0, of nodes of the level below. */
export interface NodeEntries {
  readonly level: number
  readonly entries: readonly ChunkEntry[]
}

// An entry takes 55 bytes compressed: about 32 make a node of two write units; up to 64 need no level above.
const least = 12
const often = 20
const most = 64

/** The root, and every node below it, of the tree over the entries. */
export function treeOf(chunks: readonly ChunkEntry[]): {
  readonly root: Node
  readonly nodes: readonly Node[]
} {
  const nodes: Node[] = []
  let entries = chunks
  let level = 0
  for (; entries.length > most; level += 1) {
    const cut = cutEntries(entries).map((group) => ({ first: group[0].first, ...nodeOf(level, group) }))
    nodes.push(...cut)
    entries = cut
  }
  const root = nodeOf(level, entries)
  return { root, nodes: [...nodes, root] }
}

/** Cut as lines are: after an entry whose key's hash says so, asking only for the entries since the node began. */
function cutEntries(entries: readonly ChunkEntry[]): readonly [ChunkEntry, ...ChunkEntry[]][] {
  const groups: [ChunkEntry, ...ChunkEntry[]][] = []
  let open: [ChunkEntry, ...ChunkEntry[]] | undefined
  for (const entry of entries) {
    if (open) open.push(entry)
    else groups.push((open = [entry]))
    const ends = open.length >= most || (open.length >= least && keyHash(entry.first) % often === 0)
    if (ends) open = undefined
  }
  return groups
}

const NodeColumns = z.strictObject({
  level: z.int(),
  first: z.array(CodeKey),
  sha256: z.array(Sha256),
  lines: z.array(z.int()),
  original: z.array(Cents),
  changes: z.array(Cents),
})

function nodeOf(level: number, entries: readonly ChunkEntry[]): Node {
  const columns: z.infer<typeof NodeColumns> = {
    level,
    first: entries.map(({ first }) => first),
    sha256: entries.map((entry) => entry.sha256),
    lines: entries.map(({ lines }) => lines),
    original: entries.map(({ original }) => original),
    changes: entries.map(({ changes }) => changes),
  }
  const bytes = Buffer.from(JSON.stringify(columns))
  return { sha256: sha256(bytes), ...totalsOfEntries(entries), bytes }
}

export function entriesOfNode(bytes: Uint8Array): NodeEntries {
  const columns = NodeColumns.parse(JSON.parse(Buffer.from(bytes).toString()))
  return {
    level: columns.level,
    entries: columns.first.map((first, i) => ({
      first,
      sha256: at(columns.sha256, i),
      lines: at(columns.lines, i),
      original: at(columns.original, i),
      changes: at(columns.changes, i),
    })),
  }
}

const totalsOfEntries = (entries: readonly ChunkEntry[]): Totals => ({
  lines: entries.reduce((count, { lines }) => count + lines, 0),
  original: total(entries.map(({ original }) => original)),
  changes: total(entries.map(({ changes }) => changes)),
})
