import { describe, expect, it } from 'vitest'
import { budgetCode } from '../../../shared/domain/budget-code.ts'
import { cents } from '../../../shared/domain/cents.ts'
import { isRefusal, type Refusal } from '../../../shared/domain/refusal.ts'
import { writeEstimateFile } from '../../../shared/sage/estimate-file.ts'
import {
  fromAnotherExport,
  matchRejects,
  readRejectFile,
  type RejectedLine,
  type RejectFile,
  rejectsNothing,
  sentOf,
} from '../../../shared/sage/reject-file.ts'
import { bytesOf, changes, originals, sage } from './clinic.ts'

const sub = budgetCode('', '03-3000', 'S')
const lineOf3000 = '"C","03-3000","Cast-in-place concrete","S",06022025,,"",15000.00,,,"",""'
const file = (...lines: string[]): Uint8Array => bytesOf(lines.map((line) => `${line}\r\n`).join(''))

function read(bytes: Uint8Array): RejectFile {
  const answer = readRejectFile(bytes, sage)
  if (isRefusal(answer)) throw new Error(JSON.stringify(answer))
  return answer
}

function refused(bytes: Uint8Array): Refusal {
  const answer = readRejectFile(bytes, sage)
  if (!isRefusal(answer)) throw new Error('the file was read')
  return answer
}

describe('a file that was not read yet', () => {
  it.each([
    ['; EXPORT clinic-e1 PART 12 V1 - ORIGINAL ESTIMATE - X', { export_id: 'clinic-e1', part: 12 }],
    ['#EXPORT clinic-e1 PART 1 V1 - APPROVED ESTIMATE CHANGE - X', { export_id: 'clinic-e1', part: 1 }],
    [
      '\u00ef\u00bb\u00bf; EXPORT clinic-e1 PART 1 V1 - ORIGINAL ESTIMATE - X',
      { export_id: 'clinic-e1', part: 1 },
    ],
    ['"x"\n; EXPORT clinic-e1 PART 1 V1 - ORIGINAL ESTIMATE - X\r\n', { export_id: 'clinic-e1', part: 1 }],
    ['EXPORT clinic-e1 PART 1 V1 - ORIGINAL ESTIMATE - X', undefined],
    ['x; EXPORT clinic-e1 PART 1 V1 - ORIGINAL ESTIMATE - X', undefined],
    ['; RE EXPORT clinic-e1 PART 1 V1 - ORIGINAL ESTIMATE - X', undefined],
    ['xEXPORT clinic-e1 PART 1 V1 - ORIGINAL ESTIMATE - ;', undefined],
    ['; a note', undefined],
    ['', undefined],
  ])('%j names of ours: %o', (text, sent) => {
    expect(sentOf(bytesOf(text))).toEqual(sent)
  })

  it.each([
    ['', true],
    [' \t\r\n\n', true],
    ['; a note\r\n"*","24-1007"\r\n', true],
    [' "*" ,"24-1007"', true],
    ['*,24-1007', true],
    ['"C","03-3000"', false],
    ['; a note\n"C","03-3000"', false],
    ['x ; a note', false],
    ['x"*",1', false],
    ['"*x,1', false],
  ])('%j rejects nothing: %s', (text, expected) => {
    expect(rejectsNothing(bytesOf(text))).toBe(expected)
  })
})

describe('a reject file', () => {
  it('with blanks around job and amount is read all the same', () => {
    const padded = '"C","03-3000","","S",06022025,,"", 15000.00 ,,,"",""'
    expect(read(file('"*"," 24-1007 "', padded))).toMatchObject({
      jobs: ['24-1007'],
      lines: [{ cents: 15_000_00 }],
    })
    expect(read(file('"*"')).jobs).toEqual([''])
    expect(refused(file('"C","03')).places).toMatchObject([
      { sentence: 'A quote is not closed on its line.' },
    ])
    expect(refused(file('"C","03-3000"')).places).toMatchObject([{ line: 1, code: 'FILE_NOT_READABLE' }])
  })

  it('is read like the file that was imported', () => {
    const { bytes } = writeEstimateFile(changes)
    expect(read(bytes)).toEqual({
      lines: changes.entries.map(({ code, cents: amount }, index) => ({
        code,
        cents: amount,
        line: index + 3,
        mode: 'approved_estimate_change',
      })),
      jobs: ['24-1007'],
      sent: { export_id: 'clinic-e2', part: 1 },
    })
  })

  it('knows its mode from our comment line', () => {
    expect(read(writeEstimateFile(originals).bytes).lines.map(({ mode }) => mode)).toEqual(
      Array.from({ length: 4 }, () => 'original_estimate'),
    )
  })

  it('without a comment line has its lines all the same, of no mode', () => {
    expect(read(file('"*","24-1007"', lineOf3000))).toEqual({
      lines: [{ code: sub, cents: 15_000_00, line: 2 }],
      jobs: ['24-1007'],
    })
  })

  it('with a comment of somebody else is of no export', () => {
    expect(read(file('; rejects of 6/2', lineOf3000)).sent).toBeUndefined()
  })

  it('without lines rejects nothing', () => {
    expect([read(bytesOf('')), read(file('"*","24-1007"'))].map(({ lines }) => lines)).toEqual([[], []])
  })

  it('may go on over several lines behind a comma and a plus', () => {
    const continued = file(lineOf3000.replace('"S",', '"S",+\r\n'), lineOf3000)
    expect(read(continued).lines).toEqual([
      { code: sub, cents: 15_000_00, line: 1 },
      { code: sub, cents: 15_000_00, line: 3 },
    ])
  })

  it('may hold codes padded as Sage pads them', () => {
    const padded = file('"C","        03-3000","Concrete","S  ",06022025,,"",15000.00,,,"","","          "')
    expect(read(padded).lines).toEqual([{ code: sub, cents: 15_000_00, line: 1 }])
  })

  it('may hold amounts without cents', () => {
    expect(read(file('"C","03-3000","","S",06022025,,"",-15000')).lines[0]?.cents).toBe(-15_000_00)
  })

  it('may hold custom fields of the company', () => {
    expect(read(file(`${lineOf3000},"","","","custom"`)).lines).toHaveLength(1)
  })

  it('may have been saved by an editor: other line ends, a mark in front, empty lines', () => {
    const saved = bytesOf(`\u00ef\u00bb\u00bf"*","24-1007"\n\n${lineOf3000}`)
    expect(read(saved).lines).toEqual([{ code: sub, cents: 15_000_00, line: 3 }])
  })

  it('is read with the comment character of the company', () => {
    const { bytes } = writeEstimateFile({ ...changes, sage: { ...changes.sage, comment_character: '#' } })
    expect(readRejectFile(bytes, { comment_character: '#' })).toMatchObject({
      sent: { export_id: 'clinic-e2' },
    })
  })
})

describe('a file that is no reject file', () => {
  it.each([
    ['a quote that is never closed', '"C","03-3000'],
    ['a quote inside a text', '"C","03-3000","3" pipe","S",06022025,,"",1.00'],
    ['a comma behind the last field', '"*","24-1007",'],
    ['no cost code', '"C","","","S",06022025,,"",1.00'],
    ['an amount with separators', '"C","03-3000","","S",06022025,,"","15,000.00"'],
    ['no amount', '"C","03-3000","","S"'],
    ['another kind of record', 'Job,Extra,Cost Code'],
    ['characters that are no text', 'PK\u0003\u0004'],
    ['a line without end', `"C","${'x'.repeat(5_000)}"`],
    ['more fields than a record has', Array.from({ length: 101 }, () => '""').join(',')],
    ['a record that is continued into nothing', '"C","03-3000",+'],
  ])('is refused for %s, with the line', (_, line) => {
    const answer = refused(file('"*","24-1007"', line))
    expect([answer.code, answer.places?.map((place) => place.line)]).toEqual(['FILE_NOT_READABLE', [2]])
  })

  it('is told of a hundred lines at most', () => {
    expect(refused(file(...Array.from({ length: 500 }, () => 'no'))).places).toHaveLength(100)
  })

  it('is refused unread beyond 8 MiB', () => {
    expect(refused(new Uint8Array(8 * 1024 * 1024 + 1)).code).toBe('TOO_LARGE')
  })

  it('is refused after 200,000 lines', () => {
    expect(refused(bytesOf(';\n'.repeat(200_001))).places?.map((place) => place.line)).toEqual([200_001])
  })
})

const line = (code: RejectedLine['code'], amount: number, at = 1): RejectedLine => ({
  code,
  cents: cents(amount),
  line: at,
})
const codeOf = (answer: unknown): unknown =>
  isRefusal(answer) ? [answer.code, answer.places?.map((place) => place.line)] : answer

describe('rejected lines', () => {
  it('are found among the entries by key and amount, in key order', () => {
    const rejected = [line(changes.entries[2]!.code, -15_000_00), line(sub, 15_000_00)]
    expect(matchRejects(rejected, changes.entries, sage)).toEqual([changes.entries[0], changes.entries[2]])
  })

  it('with another amount were not sent', () => {
    expect(codeOf(matchRejects([line(sub, 1, 7)], changes.entries, sage))).toEqual(['LINE_NOT_SENT', [7]])
  })

  it('of another key were not sent', () => {
    const other = budgetCode('001', '03-3000', 'S')
    expect(codeOf(matchRejects([line(other, 15_000_00, 4)], changes.entries, sage))).toEqual([
      'LINE_NOT_SENT',
      [4],
    ])
  })

  it('that stand twice were sent once', () => {
    const twice = [line(sub, 15_000_00, 2), line(sub, 15_000_00, 3)]
    expect(codeOf(matchRejects(twice, changes.entries, sage))).toEqual(['LINE_NOT_SENT', [3]])
  })

  it('come back without their separators where they were sent so', () => {
    const left_out = { ...sage, code_separators: 'left_out' as const }
    const back = read(writeEstimateFile({ ...changes, sage: left_out }).bytes)
    expect(matchRejects(back.lines, changes.entries, left_out)).toEqual(changes.entries)
    expect(
      fromAnotherExport(back, { job: '24-1007', export_id: 'clinic-e2', part: 1 }, left_out),
    ).toBeUndefined()
  })

  it('of nothing reject nothing', () => {
    expect(matchRejects([], changes.entries, sage)).toEqual([])
  })
})

describe('a reject file handed in for an export', () => {
  const of = { job: '24-1007', export_id: 'clinic-e2', part: 1 }
  const own = read(writeEstimateFile(changes).bytes)

  it('of its own file passes', () => {
    expect(fromAnotherExport(own, of, sage)).toBeUndefined()
  })

  it.each([
    ['export', { ...of, export_id: 'clinic-e3' }],
    ['part', { ...of, part: 2 }],
    ['job', { ...of, job: '24-1008' }],
  ])('of another %s is refused', (_, other) => {
    expect(fromAnotherExport(own, other, sage)?.code).toBe('OTHER_EXPORT')
  })

  it('of another job is refused without a comment line too', () => {
    expect(fromAnotherExport(read(file('"*","24-1008"', lineOf3000)), of, sage)?.code).toBe('OTHER_EXPORT')
  })

  it('that names nothing passes; its lines have to tell', () => {
    expect(fromAnotherExport(read(file(lineOf3000)), of, sage)).toBeUndefined()
  })
})
