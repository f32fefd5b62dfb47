import {
  GetCommand,
  PutCommand,
  type BatchGetCommandInput,
  type BatchWriteCommandInput,
} from '@aws-sdk/lib-dynamodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { type CodeKey, keyOf } from '../../shared/domain/budget-code.ts'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { type LineItem, lineKey, totalsOf } from '../../shared/domain/line-item.ts'
import { Refused } from '../../shared/domain/refusal.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import type { BudgetStore } from '../../shared/store/budget-store.ts'
import { compressed } from '../../shared/store/compressed.ts'
import { Broken, Later } from '../../shared/store/errors.ts'
import { projectPk, type RowKey } from '../../shared/store/keys.ts'
import { aHash, projectKey, settableClock } from './budgets.ts'
import { type Call, documentWithFaults, recordedCalls } from './faults.ts'
import { byKey, repeatable, tradeLines, withOriginal } from './trade-lines.ts'
import { useLocalDatabase } from './use-local.ts'

const database = useLocalDatabase()
const clock = settableClock()
const key = projectKey('tower')
const given = tradeLines(2_000)
const sorted = [...byKey(given)].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line)
let table = ''
let store: BudgetStore
let manifest: Sha256

beforeAll(async () => {
  table = await database().createTable()
  store = createBudgetStore({ document: database().document, table, clock })
  manifest = (await store.saveLines(key, given)).manifest
})

/** A store whose calls are counted. */
function counted(): { store: BudgetStore; chunks: (kind: 'read' | 'written') => number } {
  const { document, calls } = recordedCalls(database())
  return {
    store: createBudgetStore({ document, table, clock }),
    chunks: (kind) => calls.flatMap((call) => chunkKeys(call, kind)).length,
  }
}

/** Sort keys of the chunks that a call reads or writes. */
function chunkKeys({ name, input }: Call, kind: 'read' | 'written'): string[] {
  const rows: unknown[] = []
  if (kind === 'read' && name.startsWith('BatchGet'))
    rows.push(...((input as BatchGetCommandInput).RequestItems?.[table]?.Keys ?? []))
  if (kind === 'written' && name.startsWith('BatchWrite'))
    for (const { PutRequest } of (input as BatchWriteCommandInput).RequestItems?.[table] ?? [])
      rows.push(PutRequest?.Item)
  return rows.map((row) => (row as RowKey).sk).filter((sk) => sk.startsWith('CHUNK#'))
}

describe('a set of lines', () => {
  test('is read as it was stored, in key order', async () => {
    expect(await store.lines(key, manifest)).toEqual(sorted)
  })

  test('comes with its totals', async () => {
    expect((await store.saveLines(key, given)).totals).toEqual(totalsOf(given))
  })

  test('of no lines at all is one manifest', async () => {
    const empty = await store.emptyLines(key)
    expect(await store.lines(key, empty)).toEqual([])
    expect((await store.saveLines(key, [])).manifest).toBe(empty)
  })

  test('has the same name in every project, and is another project’s nonetheless', async () => {
    const other = projectKey('other')
    await expect(store.lines(other, manifest)).rejects.toThrow(Broken)
    expect((await store.saveLines(other, given)).manifest).toBe(manifest)
  })

  test('stored near another one writes only what that one lacks', async () => {
    const changed = sorted.with(700, withOriginal(sorted[700]!, 1))
    const { store: near, chunks } = counted()
    const saved = await near.saveLines(key, changed, manifest)
    expect(chunks('written')).toBe(1)
    expect(await store.lines(key, saved.manifest)).toEqual(changed)
  })

  test('with a line too long to store is refused', async () => {
    const long = { ...sorted[0]!, description: 'x'.repeat(20_000) }
    await expect(store.saveLines(key, [long])).rejects.toMatchObject({ refusal: { code: 'TOO_LARGE' } })
    await expect(store.editLines(key, manifest, new Map([[lineKey(long), long]]))).rejects.toThrow(Refused)
  })
})

describe('an edit', () => {
  test('is what storing the edited lines gives', async () => {
    const random = repeatable(11)
    const edits = new Map<CodeKey, LineItem | null>()
    for (let i = 0; i < 40; i += 1) {
      const line = sorted[Math.floor(random() * sorted.length)]!
      const extra = { ...line, code: { ...line.code, cost_type: `${line.code.cost_type}X` } }
      edits.set(lineKey(line), random() < 0.5 ? null : withOriginal(line, i))
      edits.set(lineKey(extra), extra)
    }
    const after = new Map<CodeKey, LineItem | null>([...byKey(sorted), ...edits])
    const rebuilt = await store.saveLines(
      key,
      [...after.values()].filter((line) => line !== null),
    )
    expect(await store.editLines(key, manifest, edits)).toEqual(rebuilt)
  })

  test('of one line reads one chunk and writes one', async () => {
    const line = withOriginal(sorted[1_234]!, 4_321)
    const { store: one, chunks } = counted()
    await one.editLines(key, manifest, new Map([[lineKey(line), line]]))
    expect([chunks('read'), chunks('written')]).toEqual([1, 1])
  })

  test('that changes nothing writes nothing', async () => {
    const { document, calls } = recordedCalls(database())
    const none = createBudgetStore({ document, table, clock })
    const line = sorted[5]!
    const { manifest: after } = await none.editLines(key, manifest, new Map([[lineKey(line), line]]))
    const written = calls.filter(({ name }) => name.startsWith('BatchWrite'))
    expect([after, written]).toEqual([manifest, []])
  })

  test('that removes what is not there changes nothing', async () => {
    const absent = keyOf({ sub_job: '', cost_code: '99-9999', cost_type: 'Z' })
    expect((await store.editLines(key, manifest, new Map([[absent, null]]))).manifest).toBe(manifest)
  })

  test('that removes every line leaves the empty set', async () => {
    const all = new Map(sorted.map((line) => [lineKey(line), null]))
    expect((await store.editLines(key, manifest, all)).manifest).toBe(await store.emptyLines(key))
  })

  test('of the empty set is the lines put in', async () => {
    const empty = await store.emptyLines(key)
    expect((await store.editLines(key, empty, byKey(sorted))).manifest).toBe(manifest)
  })
})

describe('some lines', () => {
  test('are found by their keys; what is not there is left out', async () => {
    const absent = keyOf({ sub_job: '', cost_code: '00-0000', cost_type: 'A' })
    const asked = [lineKey(sorted[1_999]!), absent, lineKey(sorted[3]!)]
    const found = await store.linesAt(key, manifest, asked)
    expect(found).toEqual(byKey([sorted[1_999]!, sorted[3]!]))
  })

  test('are read from the chunks they stand in alone', async () => {
    const { store: few, chunks } = counted()
    await few.linesAt(key, manifest, [lineKey(sorted[0]!), lineKey(sorted[1]!), lineKey(sorted[1_999]!)])
    expect(chunks('read')).toBe(2)
  })

  test('none are found in the empty set', async () => {
    expect(await store.linesAt(key, await store.emptyLines(key), [lineKey(sorted[0]!)])).toEqual(new Map())
  })
})

describe('pages of lines', () => {
  test.each([1, 7, 333, 2_000, 5_000])('%i at a time, give every line once', async (limit) => {
    const few = limit < 100 ? sorted.slice(0, 300) : sorted
    const saved = limit < 100 ? (await store.saveLines(key, few)).manifest : manifest
    const seen: LineItem[] = []
    let after: CodeKey | undefined
    do {
      const page = await store.linePage(key, saved, { limit, ...(after !== undefined && { after }) })
      expect(page.lines.length).toBeLessThanOrEqual(limit)
      seen.push(...page.lines)
      after = page.next
    } while (after !== undefined)
    expect(seen).toEqual(few)
  })

  test('begin after a key that is not there as well', async () => {
    const between = `${lineKey(sorted[9]!)}~` as CodeKey
    const page = await store.linePage(key, manifest, { after: between, limit: 2 })
    expect(page.lines).toEqual([sorted[10], sorted[11]])
  })

  test('after the last line are empty', async () => {
    expect(await store.linePage(key, manifest, { after: lineKey(sorted.at(-1)!), limit: 5 })).toEqual({
      lines: [],
    })
  })

  test('read the chunks of the page alone', async () => {
    const { store: paged, chunks } = counted()
    await paged.linePage(key, manifest, { after: lineKey(sorted[900]!), limit: 20 })
    expect(chunks('read')).toBeLessThanOrEqual(2)
  })
})

describe('differences', () => {
  test('are the lines put in, taken out and changed, by key', async () => {
    const [gone, altered] = [sorted[10]!, sorted[1_500]!]
    const put = { ...sorted[20]!, code: { ...sorted[20]!.code, cost_type: 'ZZ' } }
    const now = { ...altered, description: 'Other' }
    const edits = new Map<CodeKey, LineItem | null>([
      [lineKey(gone), null],
      [lineKey(put), put],
      [lineKey(now), now],
    ])
    const after = (await store.editLines(key, manifest, edits)).manifest
    expect(await store.differences(key, manifest, after)).toEqual([
      { key: lineKey(gone), before: gone },
      { key: lineKey(put), after: put },
      { key: lineKey(now), before: altered, after: now },
    ])
  })

  test.each<[string, Partial<LineItem>]>([
    ['quantity', { quantity: 5 as never }],
    ['unit cost', { unit_cost: 5 as never }],
    ['unit', { uom: 'zz' }],
    ['changes', { changes: 5 as never }],
    ['strategy', { calculation_strategy: 'manual', quantity: null }],
    ['original', { original: 5 as never }],
  ])('of %s alone are seen', async (_, other) => {
    const line = sorted.find(({ calculation_strategy }) => calculation_strategy === 'automatic')!
    const after = await store.editLines(key, manifest, new Map([[lineKey(line), { ...line, ...other }]]))
    expect(await store.differences(key, manifest, after.manifest)).toHaveLength(1)
  })

  test('do not read chunks that both have', async () => {
    const line = withOriginal(sorted[42]!, 42)
    const after = (await store.editLines(key, manifest, new Map([[lineKey(line), line]]))).manifest
    const { store: compared, chunks } = counted()
    await compared.differences(key, manifest, after)
    expect(chunks('read')).toBe(2)
  })

  test('of one set with itself are none, and read nothing', async () => {
    const { document, calls } = recordedCalls(database())
    expect(await createBudgetStore({ document, table, clock }).differences(key, manifest, manifest)).toEqual(
      [],
    )
    expect(calls).toHaveLength(0)
  })
})

describe('rows that somebody touched', () => {
  const other = projectKey('altered')
  const pk = projectPk(other)
  const put = async (sk: string, text: string): Promise<void> => {
    const Item = { pk, sk, zstd: compressed(Buffer.from(text), 1) }
    await database().document.send(new PutCommand({ TableName: table, Item }))
  }

  test('a chunk with other bytes than its name says is broken', async () => {
    const saved = await store.saveLines(other, sorted.slice(0, 10))
    const row = await database().document.send(
      new GetCommand({ TableName: table, Key: { pk, sk: `MANIFEST#${saved.manifest}` } }),
    )
    expect(row.Item).toBeDefined()
    const again = await store.saveLines(other, [withOriginal(sorted[0]!, 1)])
    const { document, calls } = recordedCalls(database())
    await createBudgetStore({ document, table, clock }).lines(other, again.manifest)
    const [chunk] = calls.flatMap((call) => chunkKeys(call, 'read'))
    await put(chunk!, '{}')
    await expect(store.lines(other, again.manifest)).rejects.toThrow(/not those that were stored/)
  })

  test('a manifest with other bytes than its name says is broken', async () => {
    await put(`MANIFEST#${aHash}`, '{}')
    await expect(store.lines(other, aHash)).rejects.toThrow(Broken)
  })
})

/** Answers the first `times` batches with the last of their rows not done. */
const partly = (times: number): BudgetStore => {
  let left = times
  const document = documentWithFaults(database(), async (call) => {
    if (left === 0 || !call.name.startsWith('Batch')) return await call.through()
    left -= 1
    const items = structuredClone(call.input['RequestItems']) as Record<
      string,
      unknown[] & { Keys?: unknown[] }
    >
    const [name] = Object.keys(items)
    const rest = items[name!]!
    return call.name.startsWith('BatchGet')
      ? { Responses: {}, UnprocessedKeys: items }
      : { UnprocessedItems: { [name!]: rest } }
  })
  return createBudgetStore({ document, table, clock, pause: async () => {} })
}

describe('a busy database', () => {
  test('rows it did not take are written again', async () => {
    const saved = await partly(3).saveLines(projectKey('busy'), sorted)
    expect(await store.lines(projectKey('busy'), saved.manifest)).toEqual(sorted)
  })

  test('rows it did not give are read again', async () => {
    expect(await partly(3).lines(key, manifest)).toEqual(sorted)
  })

  test('is later when it takes nothing', async () => {
    await expect(partly(Number.POSITIVE_INFINITY).saveLines(projectKey('busy'), sorted)).rejects.toThrow(
      Later,
    )
  })

  test('is later when it gives nothing', async () => {
    await expect(partly(Number.POSITIVE_INFINITY).lines(key, manifest)).rejects.toThrow(Later)
  })
})
