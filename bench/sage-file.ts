import { parse } from 'csv-parse/sync'
import { fastest, type Measure, ms } from './bar.ts'
import { job, masterDataFor, sageCompany } from './sage-company.ts'
import { tradeLines } from '../test/store/trade-lines.ts'
import { readBudgetCsv } from '../shared/budget-files/csv-in.ts'
import { writeBudgetCsv } from '../shared/budget-files/csv-out.ts'
import { entriesToExport } from '../shared/domain/entries.ts'
import { Day, Instant } from '../shared/domain/ids.ts'
import { checkLine } from '../shared/domain/lines.ts'
import { orRefuse } from '../shared/domain/refusal.ts'
import { writeEstimateFile } from '../shared/sage/estimate-file.ts'

const many = tradeLines(50_000)
const few = many.slice(0, 10_000)
export const csvOf = (lines: typeof many): Buffer => Buffer.from(writeBudgetCsv(lines))
const { cost_codes } = masterDataFor(many, Instant.parse('2026-11-22T12:00:00.000Z'))
const descriptions = new Map(cost_codes.map(({ cost_code, description }) => [cost_code, description]))

/** From the bytes of a budget to the bytes of Sage's import file: parse, validate, entries, render. */
export function fileOf(csv: Buffer): Uint8Array {
  const { lines } = orRefuse(readBudgetCsv(csv))
  if (lines.some((line) => checkLine(line).length > 0)) throw new Error('A line is not valid')
  const [part] = entriesToExport(lines, [])
  if (!part) throw new Error('Nothing to export')
  const about = { job, exportId: 'clinic-e1', part: 1, kind: 'original' as const, version: 1 }
  return writeEstimateFile({
    ...about,
    sage: sageCompany,
    mode: part.mode,
    entryDate: Day.parse('2026-11-22'),
    entries: part.entries,
    descriptions,
    newExtras: new Map(),
  }).bytes
}

export const sageFile: Measure = async () => {
  const [large, small] = [csvOf(many), csvOf(few)]
  const time = await fastest(8, {
    bare: () => parse(large, { bom: true }),
    whole: () => fileOf(large),
    fewer: () => fileOf(small),
  })
  const [bare, whole, fewer] = [time('bare'), time('whole'), time('fewer')]
  return [
    {
      bar: 'CSV to Sage import file at 50,000 lines, against a bare parse of the same bytes',
      unit: 'times',
      at_most: 6,
      figure: whole / bare,
      of: `${ms(whole)} / ${ms(bare)}`,
    },
    {
      bar: 'CSV to Sage import file, 50,000 / 10,000 lines',
      unit: 'times',
      at_most: 6,
      figure: whole / fewer,
      of: `${ms(whole)} / ${ms(fewer)}`,
    },
  ]
}
