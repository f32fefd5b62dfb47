import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { tokenizeRecords } from '../../../local/sage/record-tokenizer.ts'
import { budgetCode, keyOf } from '../../../shared/domain/budget-code.ts'
import { entriesToExport } from '../../../shared/domain/entries.ts'
import type { ExportEntry, LedgerRow, PartEntries } from '../../../shared/domain/export.ts'
import { type LineItem, revisedEstimate } from '../../../shared/domain/line-item.ts'
import { sageLimits } from '../../../shared/domain/sage-company.ts'
import { writeEstimateFile } from '../../../shared/sage/estimate-file.ts'
import { tried } from '../../arbitraries.ts'
import { drawnLines } from '../../domain/budget-draws.ts'
import { changes, originals } from './clinic.ts'

// From any budget to the bytes, and back by parsers that share no code with the writer: the simulator's, and a
// library's that knows nothing of Sage.

const written = ({ mode, entries }: PartEntries, part: number): Uint8Array =>
  writeEstimateFile({
    ...(mode === 'original_estimate' ? originals : changes),
    part,
    entries,
  }).bytes

/** Cents by key, as a parser finds them in the category records. */
type Found = ReadonlyMap<string, number>

const foundIn = (records: readonly (readonly string[])[]): Found =>
  new Map(
    records
      .filter(([type]) => type === 'C')
      .map((fields) => [
        keyOf(budgetCode(fields[12] ?? '', fields[1] ?? '', fields[3] ?? '')),
        Math.round(Number(fields[7]) * 100),
      ]),
  )

const bySimulator = (bytes: Uint8Array): Found =>
  foundIn(tokenizeRecords(bytes).map(({ fields }) => fields.map(({ text }) => text)))

const byStranger = (bytes: Uint8Array): Found =>
  foundIn(
    parse(Buffer.from(bytes), {
      comment: ';',
      comment_no_infix: true,
      relax_column_count: true,
      encoding: 'latin1',
    }),
  )

const fits = ({ cents: amount }: ExportEntry): boolean => Math.abs(amount) <= sageLimits.amount

const withoutZeros = (found: Found): Found => new Map([...found].filter(([, amount]) => amount !== 0))

/** What all parts together bring, per key. */
function brought(
  lines: readonly LineItem[],
  position: readonly LedgerRow[],
  read: typeof bySimulator,
): Found {
  const total = new Map<string, number>()
  entriesToExport(lines, position).forEach((entries, index) => {
    const found = read(written(entries, index + 1))
    expect(found.size).toBe(entries.entries.length)
    for (const [key, amount] of found) total.set(key, (total.get(key) ?? 0) + amount)
  })
  return withoutZeros(total)
}

const wanted = (lines: readonly LineItem[], position: readonly LedgerRow[]): Found => {
  const left = new Map(lines.map((line) => [keyOf(line.code), revisedEstimate(line) as number]))
  for (const { code, original, changes: later } of position)
    left.set(keyOf(code), (left.get(keyOf(code)) ?? 0) - original - later)
  return withoutZeros(left)
}

const inOrder = (found: Found): [string, number][] => [...found].toSorted(([a], [b]) => (a < b ? -1 : 1))

test.each([
  ['the parser of the simulator', bySimulator],
  ['a parser that knows nothing of Sage', byStranger],
])('any budget, then any other after it, is read by %s as exactly what Sage lacks', (_, read) => {
  fc.assert(
    fc.property(drawnLines, drawnLines, (first, second) => {
      expect(inOrder(brought(first, [], read))).toEqual(inOrder(wanted(first, [])))
      const position = first.map(({ code, original, changes: later }) => ({ code, original, changes: later }))
      // The pre-check refuses what one entry cannot carry.
      fc.pre(entriesToExport(second, position).every(({ entries }) => entries.every(fits)))
      expect(inOrder(brought(second, position, read))).toEqual(inOrder(wanted(second, position)))
    }),
    tried(100, 10_000),
  )
})
