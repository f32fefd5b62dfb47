import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cents, sumOf } from '../../../local/sage/amounts.ts'
import type { SageCompany } from '../../../local/sage/company-folder.ts'
import { importLines, openOffice, originalEstimate, totalsOf } from './riverside-clinic.ts'

const concrete = { job: '24-1007', costCode: '03-3000', category: 'S', date: '2025-06-02' }
const refusal = (code: string) => expect.objectContaining({ code }) as Error

/** The company after the original estimate was imported, entries 1 to 4 not posted. */
function imported(): SageCompany {
  const { company } = openOffice()
  importLines(company, originalEstimate)
  return company
}

function posted(): SageCompany {
  const company = imported()
  company.postEntries({ all: true })
  return company
}

describe('an entry that is not posted', () => {
  test('can be edited: what is posted is what it was edited to', () => {
    const company = imported()
    company.editEntry(3, { amount: cents(100) })
    company.postEntries({ all: true })
    expect(totalsOf(company)['/03-3000/S']).toEqual([100, 0, 100])
  })

  test('can be moved to the other kind, as a person who forgot the box does', () => {
    const company = imported()
    company.editEntry(3, { kind: 'approved_estimate_change' })
    company.postEntries({ all: true })
    expect(totalsOf(company)['/03-3000/S']).toEqual([0, 32_500_000, 32_500_000])
  })

  test('cannot become an original estimate once that is finalized', () => {
    const { company } = openOffice()
    importLines(company, originalEstimate, { box: true })
    company.setUp({ jobs: [{ job: '24-1007', originalEstimateFinalized: true }] })
    expect(() => company.editEntry(3, { kind: 'original_estimate' })).toThrow(refusal('KEY_REFUSED'))
  })

  test('can be deleted, and never reaches a total', () => {
    const company = imported()
    company.deleteEntry(3)
    company.postEntries({ all: true })
    expect(totalsOf(company)['/03-3000/S']).toEqual([0, 0, 0])
  })

  test('keeps an amount within 8.2', () => {
    expect(() => imported().editEntry(3, { amount: cents(10_000_000_000) })).toThrow(refusal('AMOUNT_RANGE'))
  })

  test('keeps a day of the calendar', () => {
    expect(() => imported().editEntry(3, { date: '2025-02-29' })).toThrow(refusal('DATE'))
  })

  test('that is not there can neither be edited nor deleted', () => {
    const company = imported()
    expect(() => company.editEntry(99, {})).toThrow(refusal('ENTRY_UNKNOWN'))
    expect(() => company.deleteEntry(99)).toThrow(refusal('ENTRY_UNKNOWN'))
  })
})

describe('Post Entries', () => {
  test('moves everything to the current transaction file', () => {
    const company = posted()
    expect([company.newEntries().length, company.tables().currentTransactions.length]).toEqual([0, 4])
  })

  test('gives one run to one posting and counts its entries from 1', () => {
    const rows = posted().tables().currentTransactions
    expect(rows.map(({ run, sequence }) => [run, sequence])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [1, 4],
    ])
  })

  test('of some entries leaves the others unposted', () => {
    const company = imported()
    company.postEntries({ ids: [1, 3] })
    expect(company.newEntries().map(({ entry }) => entry)).toEqual([2, 4])
  })

  test('of the others later is another run', () => {
    const company = imported()
    company.postEntries({ ids: [1, 3] })
    expect(company.postEntries({ all: true }).run).toBe(2)
  })

  test('of an entry named twice posts it once', () => {
    expect(imported().postEntries({ ids: [3, 3] }).posted).toHaveLength(1)
  })

  test('of an entry that is not there posts nothing at all', () => {
    const company = imported()
    expect(() => company.postEntries({ ids: [1, 99] })).toThrow(refusal('ENTRY_UNKNOWN'))
    expect(company.newEntries()).toHaveLength(4)
  })

  test('of nothing is refused', () => {
    expect(() => openOffice().company.postEntries({ all: true })).toThrow(refusal('NOTHING_TO_POST'))
  })

  test('raises cost code, extra and job with the category; extras stand apart on the job', () => {
    const { costCodes, extras, jobs } = posted().tables()
    expect(costCodes.get('24-1007\n\n03-3000')).toMatchObject({ original: 75_000_000, approved: 0 })
    expect(extras.get('24-1007\n001')).toMatchObject({ original: 50_000_000, approved: 0 })
    expect(jobs.get('24-1007')).toMatchObject({ original: 75_000_000, extrasOriginal: 50_000_000 })
  })
})

describe('movement that no file of ours made', () => {
  test('an owner change order raises the approved changes and leaves the original', () => {
    const company = posted()
    const lines = [{ costCode: '03-3000', category: 'S', amount: cents(700_000) }]
    company.ownerChangeOrder({ job: '24-1007', number: 'CO-07', date: '2025-06-02', lines })
    expect(totalsOf(company)['/03-3000/S']).toEqual([32_500_000, 700_000, 33_200_000])
  })

  test('an owner change order also posts a scheduled value that moves no estimate', () => {
    const company = posted()
    const lines = [{ costCode: '03-3000', category: 'S', amount: cents(700_000) }]
    company.ownerChangeOrder({ job: '24-1007', number: 'CO-07', date: '2025-06-02', lines })
    expect(
      company
        .tables()
        .currentTransactions.slice(-2)
        .map(({ kind }) => kind),
    ).toEqual(['approved_estimate_change', 'approved_scheduled_value_change'])
  })

  test('a hand entry is posted at once under a run of its own', () => {
    const company = posted()
    const posting = company.handEntry({ ...concrete, kind: 'original_estimate', amount: cents(-32_500_000) })
    expect([posting.run, totalsOf(company)['/03-3000/S']]).toEqual([2, [0, 0, 0]])
  })

  test.each([
    ['a job that is not set up', { job: '24-9999' }],
    ['a category that is not standard', { category: 'X' }],
    ['a cost code that is not standard', { costCode: '77-0000' }],
    ['a group cost code', { costCode: '03-0000' }],
    ['an extra that is not on the job', { extra: '009' }],
    ['a blank cost code', { costCode: ' ' }],
  ])('a hand entry on %s is refused', (_what, other) => {
    const hand = { ...concrete, kind: 'original_estimate', amount: cents(1), ...other } as const
    expect(() => posted().handEntry(hand)).toThrow(refusal('KEY_REFUSED'))
  })

  test('a posted entry edited in its amount takes the totals along', () => {
    const company = posted()
    company.editPosted({ run: 1, sequence: 3 }, { amount: cents(100) })
    expect(totalsOf(company)['/03-3000/S']).toEqual([100, 0, 100])
  })

  test('a posted entry edited in its kind changes the bucket', () => {
    const company = posted()
    company.editPosted({ run: 1, sequence: 3 }, { kind: 'approved_estimate_change' })
    expect(totalsOf(company)['/03-3000/S']).toEqual([0, 32_500_000, 32_500_000])
  })

  test('a posted entry edited keeps its row and counts its version up', () => {
    const company = posted()
    const before = company.postedEntry({ run: 1, sequence: 3 })
    const after = company.editPosted({ run: 1, sequence: 3 }, { amount: cents(100) })
    expect([after.rowId, after.rowVersion]).toEqual([before.rowId, before.rowVersion + 1])
  })

  test('a posted entry that is not there cannot be edited', () => {
    expect(() => posted().editPosted({ run: 9, sequence: 1 }, {})).toThrow(refusal('TRANSACTION_UNKNOWN'))
  })
})

test('whatever is entered, edited and posted, every total is the sum of what is posted on it', () => {
  const step = fc.record({
    costCode: fc.constantFrom('03-3000', '09-9000', '31-2000'),
    category: fc.constantFrom('L', 'M', 'S'),
    extra: fc.constantFrom('', '001'),
    kind: fc.constantFrom(
      'original_estimate' as const,
      'approved_estimate_change' as const,
      'approved_scheduled_value_change' as const,
    ),
    amount: fc.integer({ min: -9_999_999_999, max: 9_999_999_999 }),
    afterwards: fc.constantFrom('post' as const, 'leave' as const, 'edit' as const),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      const { company } = openOffice()
      company.setUp({ jobs: [{ job: '24-1007', extras: [{ extra: '001' }] }] })
      for (const { afterwards, amount, ...entry } of steps) {
        const hand = { ...entry, job: '24-1007', date: '2025-06-02', amount: cents(amount) }
        if (afterwards === 'leave') company.enter(hand)
        else {
          const { run } = company.handEntry(hand)
          if (afterwards === 'edit')
            company.editPosted({ run, sequence: 1 }, { kind: 'original_estimate', amount: cents(1) })
        }
      }
      const { currentTransactions, jobs, categories } = company.tables()
      const job = jobs.get('24-1007')
      for (const [kind, own, onExtras, bucket] of [
        ['original_estimate', 'original', 'extrasOriginal', 'original'],
        ['approved_estimate_change', 'approved', 'extrasApproved', 'approved'],
      ] as const) {
        const rows = currentTransactions.filter((row) => row.kind === kind)
        const sum = sumOf(rows.map(({ amount }) => amount))
        expect((job?.[own] ?? 0) + (job?.[onExtras] ?? 0)).toBe(sum)
        expect(sumOf([...categories.values()].map((row) => row[bucket]))).toBe(sum)
      }
    }),
    { numRuns: 25 },
  )
})
