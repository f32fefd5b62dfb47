import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodeKey } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import { totalsOf } from '../../shared/domain/line-item.ts'
import { Refused } from '../../shared/domain/refusal.ts'
import { type ChunkEntry, cutAll } from '../../shared/store/chunks.ts'
import { sha256 } from '../../shared/store/content-hash.ts'
import { entriesOfNode, type Node, treeOf } from '../../shared/store/manifest.ts'
import { repeatable, tradeLines, withOriginal } from './trade-lines.ts'

const entries = (count: number, seed = 1): ChunkEntry[] => {
  const random = repeatable(seed)
  return Array.from({ length: count }, (_, i) => ({
    first: CodeKey.parse(`${String(i).padStart(6, '0')}-${String(Math.floor(random() * 1e6))}`),
    sha256: sha256(`${String(seed)}/${String(i)}`),
    lines: 1 + Math.floor(random() * 500),
    original: cents(Math.floor(random() * 1e9)),
    changes: cents(Math.floor(random() * 1e6) - 500_000),
  }))
}

/** The chunks that a tree lists, read from its root down. */
function chunksOf({ root, nodes }: ReturnType<typeof treeOf>): readonly ChunkEntry[] {
  const stored = new Map<string, Node>(nodes.map((node) => [node.sha256, node]))
  const down = (hash: string): readonly ChunkEntry[] => {
    const { level, entries: below } = entriesOfNode(stored.get(hash)!.bytes)
    return level === 0 ? below : below.flatMap((entry) => down(entry.sha256))
  }
  return down(root.sha256)
}

describe('a manifest', () => {
  test('is cut where every release before cut it', () => {
    const counts = treeOf(entries(300)).nodes.map((node) => entriesOfNode(node.bytes).entries.length)
    expect(counts).toEqual([41, 14, 61, 20, 46, 24, 12, 64, 18, 9])
  })

  test('has no node of fewer than twelve entries, but the last of a level', () => {
    const { nodes, root } = treeOf(entries(3_000))
    for (let level = 0; level <= entriesOfNode(root.bytes).level; level += 1) {
      const counts = nodes.map((node) => entriesOfNode(node.bytes)).filter((node) => node.level === level)
      for (const node of counts.slice(0, -1)) expect(node.entries.length).toBeGreaterThanOrEqual(12)
    }
  })

  test('lists the chunks it was made of, however many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_000 }), fc.integer(), (count, seed) => {
        const given = entries(count, seed)
        expect(chunksOf(treeOf(given))).toEqual(given)
      }),
      { numRuns: 50 },
    )
  })

  test('names different chunks differently', () => {
    const given = entries(300)
    const other = given.with(150, { ...given[150]!, sha256: sha256('other') })
    expect(treeOf(other).root.sha256).not.toBe(treeOf(given).root.sha256)
  })

  test('of few chunks is one node', () => {
    expect(treeOf(entries(64)).nodes).toHaveLength(1)
  })

  test('has no node of more than 64 entries', () => {
    const { nodes } = treeOf(entries(3_000))
    for (const node of nodes) expect(entriesOfNode(node.bytes).entries.length).toBeLessThanOrEqual(64)
  })

  test('changes one node on each level when one chunk changes', () => {
    const given = entries(3_000)
    const before = treeOf(given)
    const known = new Set(before.nodes.map((node) => node.sha256))
    const after = treeOf(given.with(1_500, { ...given[1_500]!, sha256: sha256('other') }))
    const levels = entriesOfNode(after.root.bytes).level + 1
    expect(after.nodes.filter((node) => !known.has(node.sha256))).toHaveLength(levels)
  })

  test('keeps most nodes when a chunk is put in', () => {
    const given = entries(3_000)
    const known = new Set(treeOf(given).nodes.map((node) => node.sha256))
    const extra = { ...given[99]!, first: CodeKey.parse('000099-9999999'), sha256: sha256('extra') }
    const after = treeOf(given.toSpliced(100, 0, extra))
    expect(after.nodes.filter((node) => !known.has(node.sha256)).length).toBeLessThan(8)
  })

  test('has the totals of the lines', () => {
    const lines = tradeLines(3_000)
    const { lines: count, original, changes } = treeOf(cutAll(lines)).root
    expect({ lines: count, original, changes }).toEqual(totalsOf(lines))
  })

  test('whose sums leave the exact range is refused', () => {
    const [one, two] = tradeLines(2).map((item) => withOriginal(item, Number.MAX_SAFE_INTEGER))
    expect(() => treeOf([...cutAll([one!]), ...cutAll([two!])])).toThrow(Refused)
  })
})
