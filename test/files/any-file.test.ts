import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readBudgetFile } from '../../shared/budget-files/file-in.ts'
import { writeBudgetCsv } from '../../shared/budget-files/csv-out.ts'
import { writeBudgetXlsx } from '../../shared/budget-files/xlsx-out.ts'
import { Zip } from '../../shared/budget-files/zip-in.ts'
import { zipOf } from '../../shared/budget-files/zip-out.ts'
import { isRefusal } from '../../shared/domain/refusal.ts'
import { writeEstimateFile } from '../../shared/sage/estimate-file.ts'
import * as sageFiles from '../../shared/sage/master-data-files.ts'
import { readRejectFile, rejectsNothing, sentOf } from '../../shared/sage/reject-file.ts'
import { tried } from '../arbitraries.ts'
import { earthwork, givenLine } from '../given.ts'
import { changes, sage } from '../sage/writer/clinic.ts'
import { processorTime } from '../processor-time.ts'
import { spoilt } from '../spoilt.ts'

// Files that people and programs hand in, good ones with something done to them: read, or refused in words, and soon.

const longest = 2_000 // milliseconds; the slowest takes a tenth of it

function soon<T>(read: () => T): T {
  const begin = processorTime()
  const answer = read()
  expect(processorTime() - begin).toBeLessThan(longest)
  return answer
}

const lines = [givenLine(), givenLine(earthwork, { description: 'Slab, "placed"; =1+1' })]
const whole = writeBudgetXlsx(lines)
const zip = new Zip(whole)
const parts = [
  '_rels/.rels',
  'xl/workbook.xml',
  'xl/_rels/workbook.xml.rels',
  'xl/styles.xml',
  'xl/sharedStrings.xml',
  'xl/worksheets/sheet1.xml',
].flatMap((name) => {
  const text = zip.read(name)
  return text ? [{ name, text }] : []
})
const ofXml = [
  '<',
  '>',
  '/>',
  '&',
  '&#0;',
  '<!--',
  ']]>',
  '<!DOCTYPE a>',
  '<row>',
  '<c t="s"><v>0</v></c>',
  'r="A1"',
]

const anyWorkbook = fc
  .constantFrom(...parts)
  .chain(({ name, text }) =>
    spoilt(text, ofXml).map((other) =>
      zipOf(parts.map((part) => (part.name === name ? { name, text: other } : part))),
    ),
  )

const readsOrRefuses = (bytes: Uint8Array): void => {
  const answer = soon(() => readBudgetFile(bytes))
  expect(isRefusal(answer) ? answer.sentence.length : answer.lines.length).toBeGreaterThan(0)
}

test('a spoilt budget file gives lines, or is refused in words', () => {
  const csv = Buffer.from(writeBudgetCsv(lines))
  const any = fc.oneof(
    spoilt(csv, [',', ';', '\t', 'sep=;', '""', "'", '=', '-0', '1e5']),
    spoilt(whole, ['PK']),
  )
  fc.assert(fc.property(any, readsOrRefuses), tried(200, 20_000))
})

test('a workbook whose XML is spoilt gives lines, or is refused in words', () => {
  expect(parts.length).toBeGreaterThan(4)
  fc.assert(fc.property(anyWorkbook, readsOrRefuses), tried(300, 20_000))
})

test('a spoilt reject file gives lines, or is refused in words', () => {
  const any = spoilt(writeEstimateFile(changes).bytes, [
    ',',
    '+\r\n',
    ';',
    '"',
    '"C",',
    '"*",',
    '-',
    ' EXPORT x PART 1 ',
  ])
  fc.assert(
    fc.property(any, (bytes) => {
      const answer = soon(() => readRejectFile(bytes, sage))
      expect(isRefusal(answer) ? answer.sentence.length : answer.jobs.length).toBeGreaterThanOrEqual(0)
      expect(typeof soon(() => rejectsNothing(bytes))).toBe('boolean')
      const sent = soon(() => sentOf(bytes))
      expect(sent === undefined || Number.isInteger(sent.part)).toBe(true)
    }),
    tried(200, 20_000),
  )
})

const printed: readonly (readonly [sageFiles.SageFile<unknown>, string])[] = [
  [
    sageFiles.jobsFile,
    'Job,Description,Closed,Original_Estimate_Finalized\r\n24-1007,"Clinic, east",No,Yes\r\n',
  ],
  [
    sageFiles.costCodesFile,
    'Cost_Code,Description,Group_Cost_Code,Closed\r\n03-3000,Cast-in-place,No,No\r\n',
  ],
  [sageFiles.categoriesFile, 'Category,Description,Accumulate_As\r\nS  ,Subcontract,S\r\n'],
  [sageFiles.extrasFile, 'Job,Extra,Description,Closed\r\n24-1007,SITE,Site package,No\r\n'],
  [
    sageFiles.totalsFile,
    'Job,Extra,Cost_Code,Category,Original_Estimate,Approved_Estimate_Changes\r\n24-1007,,03-3000,S,"325000.00",-15000.00\r\n',
  ],
]

test.each(printed)('a spoilt report $name is read, or says what of it was not', (file, text) => {
  expect(file.read(Buffer.from(text)).unreadable).toEqual([])
  fc.assert(
    fc.property(spoilt(Buffer.from(text), [',', '"', '""', 'Job', '__proto__,', '\r\n,,,\r\n']), (bytes) => {
      const { read, unreadable } = soon(() => file.read(bytes))
      expect(read === undefined && unreadable.length === 0).toBe(false)
    }),
    tried(60, 5_000),
  )
})

test('a report with very many columns is refused before its rows are looked at', () => {
  const wide = `Job,Description,Closed,Original_Estimate_Finalized${',x'.repeat(20_000)}\n${'a\n'.repeat(2_000)}`
  const { read, unreadable } = soon(() => sageFiles.jobsFile.read(Buffer.from(wide)))
  expect(read).toBeUndefined()
  expect(unreadable).toEqual([
    'jobs.csv has 20004 columns; a report of Sage has a few. Print it with those that are named.',
  ])
})
