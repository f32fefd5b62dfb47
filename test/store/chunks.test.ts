import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { budgetCode, type CodeKey } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import { type LineItem, lineKey, totalsOf } from '../../shared/domain/line-item.ts'
import { Scaled4 } from '../../shared/domain/quantity.ts'
import type { Refusal } from '../../shared/domain/refusal.ts'
import {
  type Chunk,
  chunkOf,
  type ChunkSizes,
  chunkSizes,
  cutAll,
  linesOfChunk,
  longestLine,
  mostLineBytes,
} from '../../shared/store/chunks.ts'
import { compressed } from '../../shared/store/compressed.ts'
import { recut } from '../../shared/store/recut.ts'
import { broken } from './broken.ts'
import { byKey, repeatable, tradeLines, withOriginal } from './trade-lines.ts'

// Small chunks, so that a few dozen lines make many cuts of every kind.
const small: ChunkSizes = { least: 2, often: 4, most: 7, bytes: 3_000 }

const code = fc
  .tuple(fc.constantFrom('', 'A', 'SITE'), fc.integer({ min: 1, max: 40 }), fc.constantFrom('L', 'M', 'S'))
  .map(([subJob, section, type]) => budgetCode(subJob, `${String(section).padStart(2, '0')}-3000`, type))

const line: fc.Arbitrary<LineItem> = fc.record({
  code,
  description: fc.oneof(
    fc.constantFrom('Concrete, "cast"', 'Ré-bar', ''),
    fc.string({ unit: 'binary', maxLength: 300 }),
  ),
  calculation_strategy: fc.constantFrom('automatic', 'manual'),
  quantity: fc.option(fc.integer({ min: 0, max: 1_000_000 }).map((drawn) => Scaled4.parse(drawn))),
  uom: fc.constantFrom('hr', 'ea'),
  unit_cost: fc.option(fc.integer({ min: 0, max: 1_000_000 }).map((drawn) => Scaled4.parse(drawn))),
  original: fc.integer({ min: -10_000_000, max: 10_000_000 }).map(cents),
  changes: fc.integer({ min: -1000, max: 1000 }).map(cents),
})

const lines = fc.uniqueArray(line, { selector: lineKey, maxLength: 90 })
const edits = fc
  .array(fc.tuple(line, fc.boolean()), { maxLength: 12 })
  .map(
    (drawn) => new Map<CodeKey, LineItem | null>(drawn.map(([at, gone]) => [lineKey(at), gone ? null : at])),
  )

/** Edits chunks in memory, counting the chunks read. */
async function edit(
  chunks: readonly Chunk[],
  changes: ReadonlyMap<CodeKey, LineItem | null>,
  sizes?: ChunkSizes,
) {
  const stored = new Map(chunks.map((chunk) => [chunk.sha256, chunk]))
  let read = 0
  const after = await recut(
    chunks,
    changes,
    async (entries) => {
      read += entries.length
      return entries.map((entry) => linesOfChunk(stored.get(entry.sha256)!.bytes))
    },
    sizes,
  )
  return { after: after.map((chunk) => ('bytes' in chunk ? chunk : stored.get(chunk.sha256)!)), read }
}

function afterEdits(before: readonly LineItem[], changes: ReadonlyMap<CodeKey, LineItem | null>): LineItem[] {
  const all = new Map<CodeKey, LineItem | null>([...byKey(before), ...changes])
  return [...all.values()].filter((item) => item !== null)
}

const hashes = (chunks: readonly { sha256: string }[]): string[] => chunks.map(({ sha256 }) => sha256)

describe('chunks of lines', () => {
  // What an earlier release stored is shared only while lines are cut where that release cut them.
  test('lines are cut where every release before cut them', () => {
    expect(cutAll(tradeLines(2_000)).map((chunk) => chunk.lines)).toEqual([
      117, 83, 447, 484, 512, 199, 136, 22,
    ])
  })

  const alike = tradeLines(6).map((item) => ({ ...item, description: 'Concrete', uom: 'cy' }))
  const each = mostLineBytes(alike[0]!)
  test.each<[string, ChunkSizes, number[]]>([
    ['with the least lines, where every key may end it', { ...small, least: 2, often: 1 }, [2, 2, 2]],
    ['with the most lines', { ...small, often: 1e12, most: 4 }, [4, 2]],
    ['with the most bytes', { ...small, often: 1e12, bytes: each * 3 }, [3, 3]],
    ['before more than the most bytes', { ...small, often: 1e12, bytes: each * 3 + 1 }, [4, 2]],
  ])('a chunk ends %s', (_, sizes, counts) => {
    expect(cutAll(alike, sizes).map((chunk) => chunk.lines)).toEqual(counts)
  })

  test('a line takes at most six bytes for every character of its texts, and a hundred beside them', () => {
    const item = {
      ...tradeLines(1)[0]!,
      code: budgetCode('A', '03-3000', 'LB'),
      description: 'x',
      uom: 'ton',
    }
    expect(mostLineBytes(item)).toBe(100 + 6 * (1 + 7 + 2 + 1 + 3))
  })

  test('two lines of one key are a bug', () => {
    const [item] = tradeLines(1)
    expect(() => cutAll([item!, item!])).toThrow(broken('Two lines with the key "'))
  })

  test('a chunk without lines is a bug', () => {
    expect(() => chunkOf([])).toThrow(broken('A chunk holds at least one line'))
  })

  test('a chunk whose columns differ in length is broken', () => {
    const [{ bytes } = { bytes: Buffer.from('') }] = cutAll(tradeLines(2))
    const columns = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown[]>
    const short = Buffer.from(JSON.stringify({ ...columns, changes: columns['changes']!.slice(1) }))
    expect(() => linesOfChunk(short)).toThrow(broken('The columns of a chunk differ in length'))
  })

  test('an edit under another line’s key is a bug', async () => {
    const [one, two] = tradeLines(2)
    const wrong = edit(cutAll([one!, two!]), new Map([[lineKey(one!), two!]]))
    await expect(wrong).rejects.toThrow(broken(`An edit of ${JSON.stringify(lineKey(one!))} holds another`))
  })

  test('amounts that leave the exact range are refused, not rounded', () => {
    const [one, two] = tradeLines(2).map((item) => withOriginal(item, Number.MAX_SAFE_INTEGER))
    const refusal = expect.objectContaining({ code: 'INVALID_INPUT' }) as Refusal
    expect(() => cutAll([one!, two!])).toThrow(expect.objectContaining({ refusal }))
  })

  test('the same lines, however they came to be, are the same chunks', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.array(edits, { minLength: 1, maxLength: 5 }), async (start, rounds) => {
        let kept: readonly LineItem[] = start
        let chunks = cutAll(start, small)
        for (const round of rounds) {
          kept = afterEdits(kept, round)
          chunks = (await edit(chunks, round, small)).after
          expect(hashes(chunks)).toEqual(hashes(cutAll(kept, small)))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('the order in which lines are given does not matter', () => {
    fc.assert(
      fc.property(lines, fc.integer(), (given, seed) => {
        const random = repeatable(seed)
        const shuffled = given.map((item) => [random(), item] as const).toSorted(([a], [b]) => a - b)
        const reordered = shuffled.map(([, item]) => item)
        expect(cutAll(reordered, small)).toEqual(cutAll(given, small))
      }),
    )
  })

  test('what goes into chunks comes out, sorted by key', () => {
    fc.assert(
      fc.property(lines, (given) => {
        const out = cutAll(given, small).flatMap((chunk) => linesOfChunk(chunk.bytes))
        const sorted = [...byKey(given)].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
        expect(out).toEqual(sorted)
      }),
    )
  })

  test('a chunk has the totals of its lines', () => {
    fc.assert(
      fc.property(lines, (given) => {
        for (const { bytes, lines: count, original, changes } of cutAll(given, small))
          expect({ lines: count, original, changes }).toEqual(totalsOf(linesOfChunk(bytes)))
      }),
    )
  })

  test('every chunk but the last holds the least number of lines, or the most bytes', () => {
    fc.assert(
      fc.property(lines, (given) => {
        for (const chunk of cutAll(given, small).slice(0, -1)) {
          const inside = linesOfChunk(chunk.bytes)
          const bytes = inside.reduce((sum, item) => sum + mostLineBytes(item), 0)
          expect(inside.length >= small.least || bytes >= small.bytes).toBe(true)
        }
      }),
    )
  })

  test('no chunk holds more than the most lines', () => {
    fc.assert(
      fc.property(lines, (given) => {
        for (const chunk of cutAll(given, small)) expect(chunk.lines).toBeLessThanOrEqual(small.most)
      }),
    )
  })

  test('the bytes counted for a line are never fewer than those it takes', () => {
    fc.assert(
      fc.property(lines, (given) => {
        for (const chunk of cutAll(given, small)) {
          const counted = linesOfChunk(chunk.bytes).reduce((sum, item) => sum + mostLineBytes(item), 0)
          // 150: the names of the columns, once a chunk.
          expect(chunk.bytes.length).toBeLessThanOrEqual(counted + 150)
        }
      }),
    )
  })

  test('the longest descriptions still fit an item, before compression', () => {
    // Ten thousand control characters: six bytes each in JSON, and as good as incompressible when drawn at random.
    const random = repeatable(7)
    const noise = (): string =>
      Array.from({ length: 10_000 }, () => String.fromCharCode(1 + Math.floor(random() * 30))).join('')
    const long = tradeLines(200).map((item) => ({ ...item, description: noise() }))
    for (const item of long) expect(mostLineBytes(item)).toBeLessThan(longestLine)
    const sizes = cutAll(long).map((chunk) => compressed(chunk.bytes, 1).length)
    expect(Math.max(...sizes)).toBeLessThan(400 * 1024 - 1024)
  })
})

describe('an edit at 50,000 lines', () => {
  let given: readonly LineItem[] = []
  let chunks: readonly Chunk[] = []
  beforeAll(() => {
    given = tradeLines(50_000)
    chunks = cutAll(given)
  })

  test('chunks hold about 256 lines', () => {
    const average = 50_000 / chunks.length
    expect(average).toBeGreaterThan(200)
    expect(average).toBeLessThan(300)
  })

  test('a changed line reads and makes one chunk', async () => {
    const changed = withOriginal(given[31_234]!, 12_345)
    const { after, read } = await edit(chunks, new Map([[lineKey(changed), changed]]))
    const made = hashes(after).filter((hash) => !hashes(chunks).includes(hash))
    expect({ read, made: made.length }).toEqual({ read: 1, made: 1 })
  })

  test('two hundred lines put in and two hundred taken out move few cuts', async () => {
    const random = repeatable(3)
    const taken = new Set(Array.from({ length: 200 }, () => Math.floor(random() * 50_000)))
    const put = [...taken].map((i) => ({
      ...given[i]!,
      code: { ...given[i]!.code, cost_code: `${given[i]!.code.cost_code}.5` },
    }))
    const changes = new Map<CodeKey, LineItem | null>([...taken].map((i) => [lineKey(given[i]!), null]))
    for (const item of put) changes.set(lineKey(item), item)
    const { after } = await edit(chunks, changes)
    expect(hashes(after)).toEqual(hashes(cutAll(afterEdits(given, changes))))
  })

  test('cuts fall back into step soon after a line is put in', async () => {
    const random = repeatable(5)
    let read = 0
    for (let i = 0; i < 100; i += 1) {
      const near = given[Math.floor(random() * 50_000)]!
      const put = { ...near, code: { ...near.code, cost_code: `${near.code.cost_code}.${String(i)}` } }
      read += (await edit(chunks, new Map([[lineKey(put), put]]))).read
    }
    // One chunk each is the least.
    expect(read / 100).toBeLessThan(2)
  })

  test('chunk sizes stay within their bounds', () => {
    for (const chunk of chunks.slice(0, -1)) {
      expect(chunk.lines).toBeGreaterThanOrEqual(chunkSizes.least)
      expect(chunk.lines).toBeLessThanOrEqual(chunkSizes.most)
    }
  })
})
