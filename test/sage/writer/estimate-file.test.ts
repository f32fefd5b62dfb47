import { describe, expect, it } from 'vitest'
import { cents } from '../../../shared/domain/cents.ts'
import { sageLimits } from '../../../shared/domain/sage-company.ts'
import {
  type EstimateFile,
  EstimateNotWritable,
  writeEstimateFile,
} from '../../../shared/sage/estimate-file.ts'
import { bytesOf, changes, entry, linesOf, originals, sage, textOf } from './clinic.ts'

const recordsOf = (file: EstimateFile): string[] => linesOf(writeEstimateFile(file).bytes).slice(1)
const commentOf = (file: EstimateFile): string | undefined => linesOf(writeEstimateFile(file).bytes)[0]
const writing = (but: Partial<EstimateFile>) => () => writeEstimateFile({ ...originals, ...but })

describe('the worked examples', () => {
  it('of original estimates is written byte for byte', () => {
    const typed = [
      '; EXPORT clinic-e1 PART 1 V1 - ORIGINAL ESTIMATE - LEAVE THE BOX EMPTY - COMPANY Riverside Builders JOB 24-1007 - LINES 4 TOTAL 1250000.00',
      '"*","24-1007","Riverside Clinic","","1200 River Rd","Tacoma","WA","98402"',
      '"C","03-3000","Cast-in-place concrete","L",03152025,,"",185000.00,,,"",""',
      '"C","03-3000","Cast-in-place concrete","M",03152025,,"",240000.00,,,"",""',
      '"C","03-3000","Cast-in-place concrete","S",03152025,,"",325000.00,,,"",""',
      '"E","001","Site package"',
      '"C","31-2000","Earthwork","S",03152025,,"",500000.00,,,"","","001"',
      '',
    ].join('\r\n')
    expect(writeEstimateFile(originals).bytes).toEqual(bytesOf(typed))
  })

  it('of approved estimate changes is written byte for byte', () => {
    const typed = [
      '; EXPORT clinic-e2 PART 1 V2 - APPROVED ESTIMATE CHANGE - TICK IMPORT AS AN APPROVED ESTIMATE CHANGE - COMPANY Riverside Builders JOB 24-1007 - LINES 3 NET 42000.00',
      '"*","24-1007"',
      '"C","03-3000","Cast-in-place concrete","S",06022025,,"",15000.00,,,"",""',
      '"C","09-9000","Painting","S",06022025,,"",42000.00,,,"",""',
      '"C","31-2000","Earthwork","S",06022025,,"",-15000.00,,,"","","001"',
      '',
    ].join('\r\n')
    expect(writeEstimateFile(changes).bytes).toEqual(bytesOf(typed))
  })
})

describe('what Sage leaves open is a setting', () => {
  it('job and cost code stand without their separators', () => {
    const [job, first, , extra] = recordsOf({ ...changes, sage: { ...sage, code_separators: 'left_out' } })
    expect([job, first, extra]).toEqual([
      '"*","241007"',
      '"C","033000","Cast-in-place concrete","S",06022025,,"",15000.00,,,"",""',
      '"C","312000","Earthwork","S",06022025,,"",-15000.00,,,"","","001"',
    ])
  })

  it('an extra keeps its separators, which are part of it', () => {
    const entries = [entry('A-1', '03-3000', 'S', 1)]
    const [, first] = recordsOf({ ...changes, entries, sage: { ...sage, code_separators: 'left_out' } })
    expect(first?.split(',').at(-1)).toBe('"A-1"')
  })

  it.each([
    [2, '"*","24-1007"'],
    [3, '"*","24-1007",""'],
    [8, '"*","24-1007","","","","","",""'],
  ] as const)('a job record has at least %i fields', (shortest_job_line, expected) => {
    expect(recordsOf({ ...changes, sage: { ...sage, shortest_job_line } })[0]).toBe(expected)
  })

  it('a longer job record stays as it is', () => {
    expect(recordsOf({ ...originals, sage: { ...sage, shortest_job_line: 3 } })[0]).toBe(
      recordsOf(originals)[0],
    )
  })
})

const name = (but: Partial<EstimateFile>): string => writeEstimateFile({ ...originals, ...but }).fileName

describe('the file name', () => {
  it('says job, export, part and original', () => {
    expect(name({})).toBe('24-1007_clinic-e1_part1_ORIGINAL.jce')
  })

  it('says that the box is to be ticked', () => {
    expect(writeEstimateFile({ ...changes, part: 2, exportId: 'clinic-e1' }).fileName).toBe(
      '24-1007_clinic-e1_part2_CHANGE-tick-the-box.jce',
    )
  })

  it.each([
    ['original_estimate', '24-1007_clinic-e1_part3_ORIGINAL-correction.jce'],
    ['approved_estimate_change', '24-1007_clinic-e1_part3_CHANGE-tick-the-box-correction.jce'],
  ] as const)('of a correction keeps the box of what it corrects: %s', (mode, expected) => {
    expect(name({ kind: 'correction', mode, part: 3 })).toBe(expected)
  })

  it.each([
    ['24/1007', '24-1007_clinic-e1_part1_ORIGINAL.jce'],
    ['24 (B)', '24--B-_clinic-e1_part1_ORIGINAL.jce'],
  ])('of job %s has safe characters only', (job, expected) => {
    expect(name({ job })).toBe(expected)
  })

  it('of two exports with equal entries is not the same', () => {
    expect(name({ exportId: 'clinic-e2' })).not.toBe(name({}))
  })
})

describe('the comment line', () => {
  it('of two exports with equal entries is not the same', () => {
    expect(commentOf({ ...originals, exportId: 'clinic-e2' })).not.toBe(commentOf(originals))
  })

  it('names a correction', () => {
    expect(commentOf({ ...changes, kind: 'correction', part: 3 })).toContain('PART 3 CORRECTION V2')
  })

  it('begins with the character of the company', () => {
    expect(commentOf({ ...originals, sage: { ...sage, comment_character: '#' } })).toMatch(
      /^# EXPORT clinic-e1 /,
    )
  })

  it.each(['"', '*', '+', ',', 'C', ' ', '\r', 'é', '', '##', '#,'])(
    'cannot begin with %j',
    (comment_character) => {
      expect(writing({ sage: { ...sage, comment_character } })).toThrow(
        new EstimateNotWritable(`${comment_character} cannot begin a comment line`),
      )
    },
  )

  it.each(['', 'clinic"e1', 'clinic\r\ne1'])('names no export %j', (exportId) => {
    expect(writing({ exportId })).toThrow(new EstimateNotWritable(`Export ${exportId} cannot be written`))
  })

  it('stays one line whatever the folder is called', () => {
    const folder = 'Riverside\r\n"C","03-3000" +'
    const [comment, job] = linesOf(writeEstimateFile({ ...originals, sage: { ...sage, folder } }).bytes)
    expect([comment?.includes('"'), job?.startsWith('"*"')]).toEqual([false, true])
  })
})

describe('the job record', () => {
  it('of an existing job is its number alone', () => {
    expect(recordsOf(changes)[0]).toBe('"*","24-1007"')
  })

  it('of a new job without address ends with its description', () => {
    expect(recordsOf({ ...originals, createJob: { description: 'Riverside Clinic' } })[0]).toBe(
      '"*","24-1007","Riverside Clinic"',
    )
  })

  it('cuts the description', () => {
    const description = 'Riverside Clinic, second building'
    expect(recordsOf({ ...originals, createJob: { description } })[0]).toBe(
      '"*","24-1007","Riverside Clinic, second build"',
    )
  })

  it.each([
    ['street', 'Street', 30],
    ['city', 'City', 15],
    ['state', 'State', 4],
    ['zip', 'ZIP', 10],
  ] as const)('does not cut the %s: one character more than %s may have is refused', (field, told, most) => {
    const written = (length: number) => {
      const address = { ...originals.createJob!.address!, [field]: 'x'.repeat(length) }
      return writing({ createJob: { description: '', address } })
    }
    expect(written(most)).not.toThrow()
    expect(written(most + 1)).toThrow(
      new EstimateNotWritable(`${told} has more than ${String(most)} characters: ${'x'.repeat(most + 1)}`),
    )
  })
})

describe('lines', () => {
  it('stand in key order, each new extra in front of its first', () => {
    const file = {
      ...originals,
      entries: [entry('B', '03-3000', 'L', 1), entry('', '09-9000', 'L', 2), entry('A', '03-3000', 'L', 3)],
      newExtras: new Map([
        ['A', 'Annex'],
        ['B', 'Barn'],
      ]),
    }
    const firsts = recordsOf(file).map((record) => record.split(',').slice(0, 2).join(','))
    expect(firsts).toEqual([
      '"*","24-1007"',
      '"C","09-9000"',
      '"E","A"',
      '"C","03-3000"',
      '"E","B"',
      '"C","03-3000"',
    ])
  })

  it('of equal keys are one with their sum', () => {
    const file = { ...changes, entries: [entry('', '09-9000', 'S', 150), entry('', '09-9000', 'S', 50)] }
    expect(recordsOf(file).slice(1)).toEqual(['"C","09-9000","Painting","S",06022025,,"",2.00,,,"",""'])
  })

  it('of zero are left out', () => {
    expect(recordsOf({ ...changes, entries: [entry('', '09-9000', 'S', 0)] })).toEqual(['"*","24-1007"'])
  })

  it('announce no extra that has none of them', () => {
    const newExtras = new Map([['999', 'Nobody home']])
    expect(recordsOf({ ...changes, newExtras }).some((record) => record.startsWith('"E"'))).toBe(false)
  })

  it('of a cost code without description have it blank', () => {
    const file = { ...changes, entries: [entry('', '44-0000', 'S', 100)] }
    expect(recordsOf(file)[1]).toBe('"C","44-0000","","S",06022025,,"",1.00,,,"",""')
  })

  it.each([
    ['MMDDYYYY', '06022025'],
    ['DDMMYYYY', '02062025'],
    ['YYYYMMDD', '20250602'],
  ] as const)('carry the date as %s', (date_order, digits) => {
    const [, first] = recordsOf({ ...changes, sage: { ...sage, date_order } })
    expect(first?.split(',')[4]).toBe(digits)
  })

  it.each([
    [9_999_999_999, '99999999.99'],
    [-9_999_999_999, '-99999999.99'],
    [5, '0.05'],
    [-100, '-1.00'],
  ])('carry %d cents as %s', (amount, written) => {
    const [, first] = recordsOf({ ...changes, entries: [entry('', '09-9000', 'S', amount)] })
    expect(first?.split(',')[7]).toBe(written)
  })

  it.each([10_000_000_000, -10_000_000_000])('of %d cents are refused, never split', (amount) => {
    expect(writing({ entries: [entry('', '09-9000', 'S', amount)] })).toThrow('99999999.99')
  })

  it('obey the limits of the company', () => {
    const limits = { ...sageLimits, amount: cents(100) }
    expect(writing({ sage: { ...sage, limits } })).toThrow('1.00')
  })
})

describe('codes', () => {
  it.each([
    ['a cost code that is too long', entry('', '03-30000000000', 'S', 1)],
    ['a category that is too long', entry('', '03-3000', 'LABR', 1)],
    ['an extra that is too long', entry('EXTRA-00001', '03-3000', 'S', 1)],
    ['a quote', entry('', '03-"000', 'S', 1)],
    ['an accent', entry('', '03-30é0', 'S', 1)],
    ['a line break', entry('a\r\nb', '03-3000', 'S', 1)],
    ['no cost code', entry('', '', 'S', 1)],
    ['no category', entry('', '03-3000', '', 1)],
  ])('with %s are refused, never cut', (_, bad) => {
    expect(writing({ entries: [bad] })).toThrow(EstimateNotWritable)
  })

  it.each(['', '12345678901', '24"1007', '1-2-3-4'])('of job %j are refused', (job) => {
    expect(writing({ job })).toThrow(EstimateNotWritable)
  })
})

describe('a file', () => {
  it('of one kind in the other mode is refused', () => {
    const mixed = writing({ mode: 'approved_estimate_change' })
    expect(mixed).toThrow('a part of kind original cannot be of mode approved_estimate_change')
    expect(mixed).toThrow(expect.objectContaining({ name: 'EstimateNotWritable' }))
  })

  it('written twice is the same to the byte, whatever the order of its entries', () => {
    const turned = { ...originals, entries: originals.entries.toReversed() }
    expect(writeEstimateFile(turned)).toEqual(writeEstimateFile(originals))
  })

  it('ends every line with CR LF, and has no other control character', () => {
    const text = textOf(writeEstimateFile(originals).bytes)
    expect(text.replaceAll('\r\n', '')).toMatch(/^[ -~]+$/)
    expect(text.endsWith('\r\n')).toBe(true)
  })

  it('never goes past field 13', () => {
    const widest = Math.max(...recordsOf(originals).map((record) => record.split(',').length))
    expect(widest).toBe(13)
  })
})
