import { describe, expect, test } from 'vitest'
import { asDecimal } from '../../../local/sage/amounts.ts'
import {
  approvedChange,
  bytesOf,
  importLines,
  openOffice,
  originalEstimate,
  textOf,
  totalsOf,
} from './riverside-clinic.ts'

const job = '"*","24-1007"'
const line = (
  fields: Partial<
    Record<'code' | 'category' | 'date' | 'quantity' | 'unit' | 'amount' | 'tail', string>
  > = {},
) =>
  `"C",${fields.code ?? '"03-3000"'},"Cast-in-place concrete",${fields.category ?? '"S"'},${fields.date ?? '03152025'},` +
  `${fields.quantity ?? ''},${fields.unit ?? '""'},${fields.amount ?? '100.00'}${fields.tail ?? ',,,"",""'}`

/** Imports one line below a job record and says why it was rejected. */
function rejectionOf(
  text: string,
  settings = {},
): { line: number; field: number | null; reason: string } | undefined {
  const { company } = openOffice(settings)
  return importLines(company, [job, text]).rejectedLines[0]
}

describe('the worked examples', () => {
  test('an original estimate imports to four entries of 1,250,000.00 together', () => {
    const report = importLines(openOffice().company, originalEstimate)
    expect([report.outcome, report.acceptedLines.length, asDecimal(report.acceptedTotal)]).toEqual([
      'imported',
      4,
      '1250000.00',
    ])
  })

  test('an original estimate, posted, stands on its keys', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate)
    company.postEntries({ all: true })
    expect(totalsOf(company)).toEqual({
      '/03-3000/L': [18_500_000, 0, 18_500_000],
      '/03-3000/M': [24_000_000, 0, 24_000_000],
      '/03-3000/S': [32_500_000, 0, 32_500_000],
      '001/31-2000/S': [50_000_000, 0, 50_000_000],
    })
  })

  test('an approved change with the box ticked, posted, raises the changes and the totals', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate)
    importLines(company, approvedChange, { box: true })
    company.postEntries({ all: true })
    expect(totalsOf(company)).toEqual({
      '/03-3000/L': [18_500_000, 0, 18_500_000],
      '/03-3000/M': [24_000_000, 0, 24_000_000],
      '/03-3000/S': [32_500_000, 1_500_000, 34_000_000],
      '/09-9000/S': [0, 4_200_000, 4_200_000],
      '001/31-2000/S': [50_000_000, -1_500_000, 48_500_000],
    })
  })

  test('the job record sets up a job that is not known, with what it says of it', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate)
    expect(company.tables().jobs.get('24-1007')).toMatchObject({
      description: 'Riverside Clinic',
      address: '1200 River Rd',
      city: 'Tacoma',
      state: 'WA',
      zip: '98402',
    })
  })

  test('the report names the job and the extra it set up', () => {
    const report = importLines(openOffice().company, originalEstimate)
    expect(report.created).toEqual(expect.arrayContaining(['Job 24-1007', 'Extra 001 of job 24-1007']))
  })

  test('importing alone moves no total', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate)
    expect(Object.values(totalsOf(company)).every(([, , total]) => total === 0)).toBe(true)
  })
})

describe('the tick box decides the bucket, and nothing else does', () => {
  test('a change imported with the box empty lands in the original estimate', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate)
    importLines(company, approvedChange, { box: false })
    company.postEntries({ all: true })
    expect(totalsOf(company)['/03-3000/S']).toEqual([34_000_000, 0, 34_000_000])
  })

  test('an original imported with the box ticked lands in the approved changes', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate, { box: true })
    company.postEntries({ all: true })
    expect(totalsOf(company)['/03-3000/S']).toEqual([0, 32_500_000, 32_500_000])
  })

  test('the name of the file does not stand in for the box', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate, { box: false, fileName: '2-CHANGE-tick-the-box.jce' })
    expect(new Set(company.newEntries().map(({ kind }) => kind))).toEqual(new Set(['original_estimate']))
  })
})

describe('a record is refused by line and field', () => {
  test.each([
    ['a date that is no day', line({ date: '02302025' }), 5, /no date in the order MDY/],
    ['a date in another order', line({ date: '31122025' }), 5, /no date in the order MDY/],
    ['a blank date', line({ date: '' }), 5, /Date is blank/],
    ['a date in quotes', line({ date: '"03152025"' }), 5, /without quotes/],
    ['an amount in quotes', line({ amount: '"100.00"' }), 8, /without quotes/],
    ['a blank amount', line({ amount: '' }), 8, /Amount is blank/],
    ['an amount that is no number', line({ amount: '12a' }), 8, /not a number/],
    ['an amount with three decimals', line({ amount: '1.005' }), 8, /right of the point/],
    ['an amount of 100,000,000.00', line({ amount: '100000000.00' }), 8, /left of the point/],
    ['a thousands separator', line({ amount: '185,000.00' }), 9, /not known/],
    ['a quantity that is no number', line({ quantity: '1.2.3' }), 6, /Quantity/],
    ['a unit of five characters', line({ unit: '"SHEET"' }), 7, /longer than 4/],
    ['a cost code without quotes', line({ code: '03-3000' }), 2, /stands in quotes/],
    ['a blank cost code', line({ code: '" "' }), 2, /blank/],
    ['a cost code of thirteen characters', line({ code: '"1234567890-123"' }), 2, /longer than 12/],
    ['a cost code of five sections', line({ code: '"1-2-3-4-5"' }), 2, /more than 4 sections/],
    ['a cost code with an empty section', line({ code: '"03--3000"' }), 2, /empty section/],
    ['a blank category', line({ category: '""' }), 4, /blank/],
    ['a category of four characters', line({ category: '"SUBS"' }), 4, /longer than 3/],
    ['a group cost code', line({ code: '"03-0000"' }), 2, /group cost code/],
    ['a closed cost code', line({ code: '"99-0000"' }), 2, /closed/],
    ['a cost code that is not standard', line({ code: '"77-0000"' }), 2, /not on the standard/],
    ['an extra nobody announced', line({ tail: ',,,"","","009"' }), 13, /neither on job/],
    ['a field whose meaning is not known', line({ tail: ',,,"WRI",""' }), 11, /not known/],
    ['a blank in quotes where none belong', line({ tail: ',"",,"",""' }), 9, /without quotes/],
    [
      'a field behind the standard ones',
      line({ tail: ',,,"","","",,,"custom"' }),
      16,
      /custom fields begin here/,
    ],
    ['a record type that is not known', '"P","03-3000"', 1, /no record type/],
  ])('%s', (_what, text, field, reason) => {
    const refused = rejectionOf(text)
    expect([refused?.line, refused?.field]).toEqual([2, field])
    expect(refused?.reason).toMatch(reason)
  })

  test('a line that stops before its amount', () => {
    const refused = rejectionOf('"C","03-3000","Concrete","S",03152025,,""')
    expect(refused).toEqual({ line: 2, field: 8, reason: 'Amount is blank' })
  })

  test('99,999,999.99 is taken, either way', () => {
    const { company } = openOffice()
    const report = importLines(company, [
      job,
      line({ amount: '99999999.99' }),
      line({ amount: '-99999999.99' }),
    ])
    expect(report.acceptedLines.map(({ amount }) => amount)).toEqual([9_999_999_999, -9_999_999_999])
  })

  test('a code that breaks the mask of the company is refused', () => {
    const sections = { sections: { costCode: '##-####' } }
    expect(rejectionOf(line({ code: '"033000"' }), sections)?.reason).toMatch(/does not fit the mask/)
  })

  test('outer blanks of a code do not count', () => {
    const { company } = openOffice()
    expect(importLines(company, [job, line({ code: '" 03-3000"' })]).acceptedLines[0]?.costCode).toBe(
      '03-3000',
    )
  })

  test('the date order of the company decides what a date means', () => {
    const { company } = openOffice({ dateOrder: 'DMY' })
    importLines(company, [job, line({ date: '15032025' })])
    expect(company.newEntries()[0]?.date).toBe('2025-03-15')
  })

  test('without extras in use a line with an extra is refused', () => {
    expect(rejectionOf(line({ tail: ',,,"","","001"' }), { extras: false })?.field).toBe(13)
  })

  test('without categories in use a line with a category is refused', () => {
    expect(rejectionOf(line(), { categories: false })?.field).toBe(4)
  })

  test('a line above any job record is refused', () => {
    const { company } = openOffice()
    expect(importLines(company, [line()]).rejectedLines[0]?.reason).toMatch(/no \* record/)
  })

  test('an extra above any job record is refused', () => {
    const { company } = openOffice()
    expect(importLines(company, ['"E","001","Site"']).rejectedLines[0]?.reason).toMatch(/no \* record/)
  })

  test('a job record that is refused takes the lines below it along', () => {
    const { company } = openOffice()
    const report = importLines(company, ['"*","24-1007-0000001"', line(), '"*","24-1008"', line()])
    expect([report.rejectedLines.map((refused) => refused.line), report.acceptedLines.length]).toEqual([
      [1, 2],
      1,
    ])
  })

  test('a closed job takes nothing', () => {
    const { company } = openOffice()
    company.setUp({ jobs: [{ job: '24-1007', closed: true }] })
    expect(importLines(company, [job, line()]).rejectedLines.map(({ reason }) => reason)).toEqual([
      'Job "24-1007" is closed',
      'its job record was rejected: Job "24-1007" is closed',
    ])
  })

  test('a closed extra takes nothing', () => {
    const { company } = openOffice()
    company.setUp({ jobs: [{ job: '24-1007', extras: [{ extra: '001', closed: true }] }] })
    const refused = importLines(company, [job, line({ tail: ',,,"","","001"' })]).rejectedLines[0]
    expect(refused).toMatchObject({ field: 13, reason: 'Extra "001" is closed' })
  })

  test('a cost code closed on the job takes nothing there', () => {
    const { company } = openOffice()
    importLines(company, [job, line()])
    company.setUp({ jobs: [{ job: '24-1007', costCodes: [{ costCode: '03-3000', closed: true }] }] })
    const refused = importLines(company, [job, line()], { again: true }).rejectedLines[0]
    expect(refused?.reason).toMatch(/"03-3000" is closed/)
  })

  test('a finalized original estimate refuses originals', () => {
    const { company } = openOffice()
    company.setUp({ jobs: [{ job: '24-1007', originalEstimateFinalized: true }] })
    expect(importLines(company, [job, line()]).rejectedLines[0]?.reason).toMatch(/finalized/)
  })

  test('a finalized original estimate takes approved changes', () => {
    const { company } = openOffice()
    company.setUp({ jobs: [{ job: '24-1007', originalEstimateFinalized: true }] })
    expect(importLines(company, [job, line()], { box: true }).acceptedLines).toHaveLength(1)
  })
})

describe('what the import sets up', () => {
  test('a mistyped job is set up and not refused', () => {
    const { company } = openOffice()
    importLines(company, ['"*","24-1070"', line()])
    expect(company.tables().jobs.has('24-1070')).toBe(true)
  })

  test('a standard cost code that the job lacks is set up under its standard description', () => {
    const { company } = openOffice()
    importLines(company, [job, '"C","09-9000","Something else","S",03152025,,"",1.00'])
    expect(company.tables().costCodes.get('24-1007\n\n09-9000')?.description).toBe('Painting')
  })

  test('a cost code that is not standard is set up when that is allowed', () => {
    const { company } = openOffice()
    const report = importLines(company, [job, line({ code: '"77-0000"' })], { newCodes: true })
    expect([report.acceptedLines.length, report.created]).toEqual([
      1,
      ['Job 24-1007', 'Cost Code 77-0000 of job 24-1007'],
    ])
  })

  test('creating cost codes cannot be allowed where categories are not in use', () => {
    const { company } = openOffice({ categories: false })
    expect(() => importLines(company, [job], { newCodes: true })).toThrow(/categories are in use/)
  })

  test.each([
    ['ignored', 'Riverside Clinic'],
    ['overwrites', 'Riverside Clinic II'],
  ] as const)('a job record of a known job is, as chosen, %s', (jobLineOnExistingJob, description) => {
    const { company } = openOffice({ jobLineOnExistingJob })
    company.setUp({ jobs: [{ job: '24-1007', description: 'Riverside Clinic' }] })
    importLines(company, ['"*","24-1007","Riverside Clinic II"'])
    expect(company.tables().jobs.get('24-1007')?.description).toBe(description)
  })

  test('two lines on one key make two entries', () => {
    const { company } = openOffice()
    importLines(company, [job, line(), line()])
    company.postEntries({ all: true })
    expect(totalsOf(company)['/03-3000/S']?.[0]).toBe(20_000)
  })
})

describe('a category that is not standard stops the import', () => {
  const file = [
    job,
    line(),
    line({ code: '"77-0000"' }),
    line({ category: '"X"' }),
    line({ code: '"09-9000"' }),
  ]

  test('and where nothing is kept, no entry and no job is there', () => {
    const { company } = openOffice({ onNonStandardCategory: 'nothing kept' })
    const report = importLines(company, file)
    expect([report.outcome, report.acceptedLines, company.newEntries(), company.tables().jobs.size]).toEqual([
      'stopped',
      [],
      [],
      0,
    ])
  })

  test('and where earlier lines are kept, only those are entries', () => {
    const { company } = openOffice({ onNonStandardCategory: 'earlier lines kept' })
    const report = importLines(company, file)
    expect([report.outcome, company.newEntries().map(({ costCode }) => costCode)]).toEqual([
      'stopped',
      ['03-3000'],
    ])
  })

  test('and the report names line and field', () => {
    const report = importLines(openOffice().company, file)
    expect(report.complaints).toEqual([
      { line: 4, field: 4, reason: 'Category "X" is not a Standard Category' },
    ])
  })

  test('and there is no reject file', () => {
    const { company } = openOffice({ onNonStandardCategory: 'earlier lines kept' })
    expect(importLines(company, file).rejectFile).toBeNull()
  })

  test('and the file is not marked: the next import of it asks nothing', () => {
    const { company } = openOffice({ onNonStandardCategory: 'earlier lines kept' })
    importLines(company, file)
    company.setUp({ standardCategories: [{ category: 'X' }] })
    expect(importLines(company, file).outcome).toBe('imported')
  })
})

describe('the reject file', () => {
  const wrong = line({ code: '"77-0000"', amount: '42.00' })

  test('holds the rejected record as it came, below its job record', () => {
    const { company } = openOffice()
    const { rejectFile } = importLines(company, [job, line(), wrong])
    expect(rejectFile && textOf(rejectFile)).toBe(`${job}\r\n${wrong}\r\n`)
  })

  test('names each job once, however many of its lines were rejected', () => {
    const { company } = openOffice()
    const { rejectFile } = importLines(company, [job, wrong, line(), wrong, '"*","24-1008"', wrong])
    expect(rejectFile && textOf(rejectFile)).toBe(
      [job, wrong, wrong, '"*","24-1008"', wrong, ''].join('\r\n'),
    )
  })

  test('holds no reasons', () => {
    const { company } = openOffice()
    const { rejectFile } = importLines(company, [job, wrong])
    expect(rejectFile && textOf(rejectFile)).not.toMatch(/standard/)
  })

  test('imports once what was missing is set up, and brings only the rejected lines', () => {
    const { company } = openOffice()
    const { rejectFile } = importLines(company, [job, line(), wrong])
    company.setUp({ standardCostCodes: [{ costCode: '77-0000' }] })
    const report = company.importEstimates({
      bytes: rejectFile ?? new Uint8Array(),
      fileName: 'budget.rejects.jce',
      asApprovedEstimateChange: false,
    })
    expect([report.outcome, report.acceptedLines.map(({ amount }) => amount)]).toEqual(['imported', [4200]])
  })

  test('is not made when everything was taken', () => {
    expect(importLines(openOffice().company, [job, line()]).rejectFile).toBeNull()
  })

  test('can be had later, with the report and the file it came from', () => {
    const { company } = openOffice()
    const { number, rejectFile } = importLines(company, [job, wrong])
    expect(company.importReport(number).rejectedLines).toHaveLength(1)
    expect(textOf(company.importedBytes(number))).toBe(textOf(bytesOf([job, wrong])))
    expect(textOf(company.rejectBytes(number))).toBe(rejectFile && textOf(rejectFile))
  })
})

describe('a file is marked when it was imported', () => {
  test('the second import answers "already imported" and does nothing', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate)
    const report = importLines(company, originalEstimate)
    expect([report.outcome, report.importedBefore, company.newEntries().length]).toEqual([
      'already imported',
      '2025-06-02T08:00:00.000Z',
      4,
    ])
  })

  test('told to go on, it really imports again: the totals double', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate)
    importLines(company, originalEstimate, { again: true })
    company.postEntries({ all: true })
    expect(totalsOf(company)).toMatchObject({
      '/03-3000/S': [65_000_000, 0, 65_000_000],
      '001/31-2000/S': [100_000_000, 0, 100_000_000],
    })
  })

  test('a copy under another name is not known', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate)
    expect(importLines(company, originalEstimate, { fileName: 'copy.jce' }).outcome).toBe('imported')
  })

  test('another file under the same name is not known', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate)
    expect(importLines(company, approvedChange).outcome).toBe('imported')
  })

  test('a name without a suffix is the .jce of that name', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate, { fileName: 'budget.jce' })
    expect(importLines(company, originalEstimate, { fileName: 'budget' }).outcome).toBe('already imported')
  })
})

describe('a file that cannot be read as records', () => {
  const broken = [job, line(), `${line()},`]

  test('is refused whole', () => {
    const { company } = openOffice()
    const report = importLines(company, broken)
    expect([report.outcome, company.newEntries()]).toEqual(['refused', []])
  })

  test('is refused by line and field', () => {
    expect(importLines(openOffice().company, broken).complaints[0]).toMatchObject({ line: 3, field: 12 })
  })
})

describe('names with everything in them', () => {
  test.each([
    'Doors, frames & "hardware"'.replaceAll('"', "'"),
    'caf\xe9 terrace',
    '; not a comment',
    'Grade A+',
  ])('the description %s is kept as it came', (description) => {
    const { company } = openOffice()
    importLines(company, [`"*","24-1007","${description}"`])
    expect(company.tables().jobs.get('24-1007')?.description).toBe(description)
  })
})

test('5,000 lines import in less than two seconds', () => {
  const { company } = openOffice()
  const lines = Array.from({ length: 5000 }, (_, index) => line({ code: `"${String(index + 10_000)}"` }))
  const begun = performance.now()
  const report = importLines(company, [job, ...lines], { newCodes: true })
  expect([report.acceptedLines.length, performance.now() - begun < 2000]).toEqual([5000, true])
})
