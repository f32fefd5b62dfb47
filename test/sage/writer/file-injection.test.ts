import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenizeRecords } from '../../../local/sage/record-tokenizer.ts'
import { oneEntryPerKey, totalOf } from '../../../shared/domain/entries.ts'
import { writeEstimateFile } from '../../../shared/sage/estimate-file.ts'
import { readRejectFile } from '../../../shared/sage/reject-file.ts'
import { drawnEntries } from '../../domain/budget-draws.ts'
import { runs } from '../../runs.ts'
import { originals, sage } from './clinic.ts'

// Texts that try to end a field, begin a record, a comment or a continuation.
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        '"',
        '""',
        ',',
        '+',
        ';',
        '\r\n',
        '\n',
        '\r',
        '"C"',
        '"*","99-9999"',
        ' ',
        'x',
        '\u2028',
        '\0',
        '”',
        '＂',
      ),
      { maxLength: 12 },
    )
    .map((pieces) => pieces.join('')),
)

const drawnFile = fc
  .record({
    entries: drawnEntries,
    description: hostile,
    other: hostile,
    folder: hostile,
    job: hostile,
    extra: hostile,
  })
  .map(({ entries, description, other, folder, job, extra }) => ({
    ...originals,
    entries,
    sage: { ...sage, folder },
    createJob: { description: job },
    descriptions: new Map([
      ['03-3000', description],
      ['31-2000', other],
    ]),
    newExtras: new Map([['001', extra]]),
  }))

/** Key and amount in hundredths of each category line, as a reader that shares no code with the writer sees them. */
const seenBySage = (bytes: Uint8Array): string[] =>
  tokenizeRecords(bytes)
    .map(({ fields }) => fields.map(({ text }) => text))
    .filter(([type]) => type === 'C')
    .map((f) => `${f[12] ?? ''}|${f[1]}|${f[3]}|${f[7]?.replace('.', '').replace(/^(-?)0+(?=\d)/, '$1')}`)

describe('whatever descriptions, folder and job are called', () => {
  it('an independent reader finds exactly the records that were meant', () => {
    fc.assert(
      fc.property(drawnFile, (file) => {
        const meant = oneEntryPerKey(file.entries).map(
          ({ code, cents }) => `${code.sub_job}|${code.cost_code}|${code.cost_type}|${String(cents)}`,
        )
        expect(seenBySage(writeEstimateFile(file).bytes)).toEqual(meant)
      }),
      { numRuns: runs(300, 20_000) },
    )
  })

  it('an independent reader finds one job record, and an announcement only for the extra that is new and used', () => {
    fc.assert(
      fc.property(drawnFile, (file) => {
        const types = tokenizeRecords(writeEstimateFile(file).bytes).map(({ fields }) => fields[0]?.text)
        const used = file.entries.some(({ code }) => code.sub_job === '001')
        expect(types.filter((type) => type !== 'C')).toEqual(used ? ['*', 'E'] : ['*'])
      }),
      { numRuns: runs(200, 10_000) },
    )
  })

  it('our own reader finds the same lines and the same total', () => {
    fc.assert(
      fc.property(drawnFile, (file) => {
        const read = readRejectFile(writeEstimateFile(file).bytes, sage)
        if ('refused' in read) throw new Error(read.sentence)
        const entries = read.lines.map(({ code, cents }) => ({ code, cents }))
        expect(entries).toEqual(oneEntryPerKey(file.entries))
        expect(totalOf(entries)).toBe(totalOf(file.entries))
      }),
      { numRuns: runs(200, 10_000) },
    )
  })
})
