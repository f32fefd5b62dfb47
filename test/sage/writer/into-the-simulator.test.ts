import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SageCompany } from '../../../local/sage/company-folder.ts'
import type { EstimateImportReport } from '../../../local/sage/estimate-import-report.ts'
import { openSage } from '../../../local/sage/open-sage.ts'
import { budgetCode, keyOf } from '../../../shared/domain/budget-code.ts'
import { cents } from '../../../shared/domain/cents.ts'
import { entriesTogether, oneEntryPerKey, totalOf } from '../../../shared/domain/entries.ts'
import type { ObservationKind } from '../../../shared/domain/export.ts'
import { Instant } from '../../../shared/domain/ids.ts'
import { isRefusal } from '../../../shared/domain/refusal.ts'
import type { JobTotals } from '../../../shared/domain/sage-company.ts'
import { type EstimateFile, writeEstimateFile } from '../../../shared/sage/estimate-file.ts'
import { observe } from '../../../shared/sage/reconciliation.ts'
import { fromAnotherExport, matchRejects, readRejectFile } from '../../../shared/sage/reject-file.ts'
import { drawnEntries } from '../../domain/budget-draws.ts'
import { runs } from '../../runs.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { changes, entry, originals } from './clinic.ts'

/** A company that knows the cost codes and categories of the examples, and no job. */
function company(): SageCompany {
  const made = openSage(temporaryFolder('sage')).createCompany('Riverside Builders')
  made.setUp({
    standardCostCodes: ['03-3000', '03-3100', '09-9000', '31.2000', '31-2000', '31/2000', '01-10-20'].map(
      (costCode) => ({ costCode }),
    ),
    standardCategories: ['L', 'M', 'S', 'EQ', 'OVH'].map((category) => ({ category })),
  })
  return made
}

const importing = (
  sage: SageCompany,
  file: EstimateFile,
  box = file.mode !== 'original_estimate',
): EstimateImportReport => sage.importEstimates({ ...writeEstimateFile(file), asApprovedEstimateChange: box })

const at = Instant.parse('2026-11-22T12:00:00.000Z')

function totalsOf(sage: SageCompany): JobTotals {
  const rows = [...sage.tables().categories.values()]
  const totals = rows.map((row) => ({
    extra: row.extra,
    cost_code: row.costCode,
    category: row.category,
    original: cents(row.original),
    changes: cents(row.approved),
  }))
  return { job: '24-1007', as_of: at, totals }
}

/** Per key what Sage shows, zeros left out. */
const posted = (sage: SageCompany, box: 'original' | 'changes'): Map<string, number> =>
  new Map(
    totalsOf(sage)
      .totals.map((row) => [keyOf(budgetCode(row.extra, row.cost_code, row.category)), row[box]] as const)
      .filter(([, amount]) => amount !== 0),
  )

const sent = (entries: EstimateFile['entries']): Map<string, number> =>
  new Map(oneEntryPerKey(entries).map(({ code, cents: amount }) => [keyOf(code), amount]))

/** A company in which the originals are posted, as far as every change test needs it. */
function withOriginals(): SageCompany {
  const sage = company()
  importing(sage, originals)
  sage.postEntries({ all: true })
  return sage
}

describe('a file of ours in Sage', () => {
  it('has every line of the first worked example accepted, with the job and the extra set up', () => {
    const report = importing(company(), originals)
    expect([report.outcome, report.acceptedTotal, report.rejectedLines, report.created]).toEqual([
      'imported',
      totalOf(originals.entries),
      [],
      expect.arrayContaining(['Job 24-1007', 'Extra 001 of job 24-1007']),
    ])
  })

  it('comes to the revised estimate of 03-3000.S after the second worked example', () => {
    const sage = withOriginals()
    importing(sage, changes)
    sage.postEntries({ all: true })
    const row = totalsOf(sage).totals.find(
      ({ cost_code, category }) => cost_code === '03-3000' && category === 'S',
    )
    expect([row?.original, row?.changes]).toEqual([325_000_00, 15_000_00])
  })

  it('has the totals per key that were sent, whatever was sent', () => {
    const drawn = fc.record({ first: drawnEntries, second: drawnEntries })
    fc.assert(
      fc.property(drawn, ({ first, second }) => {
        const sage = company()
        const newExtras = new Map([
          ['001', 'Site "package" +'],
          ['SITE', '; Site'],
        ])
        const files = [
          { ...originals, entries: first, newExtras },
          { ...changes, entries: second, newExtras },
        ]
        for (const file of files) expect(importing(sage, file).rejectedLines).toEqual([])
        if (first.length + second.length > 0) sage.postEntries({ all: true })
        expect([posted(sage, 'original'), posted(sage, 'changes')]).toEqual([sent(first), sent(second)])
      }),
      { numRuns: runs(15, 60) },
    )
  })

  it('of 5,000 lines is accepted whole', () => {
    const entries = Array.from({ length: 5_000 }, (_, index) =>
      entry(
        `X${String(index % 1_000)}`,
        '03-3000',
        ['L', 'M', 'S', 'EQ', 'OVH'][Math.floor(index / 1_000)]!,
        index + 1,
      ),
    )
    const newExtras = new Map(entries.map(({ code }) => [code.sub_job, code.sub_job]))
    const report = importing(company(), { ...originals, entries, newExtras })
    expect([report.acceptedLines.length, report.acceptedTotal]).toEqual([5_000, totalOf(entries)])
  })

  it('carries 99,999,999.99 either way', () => {
    const entries = [entry('', '03-3000', 'L', 9_999_999_999), entry('', '03-3000', 'M', -9_999_999_999)]
    expect(importing(company(), { ...originals, entries }).rejectedLines).toEqual([])
  })
})

const observed = (act: (sage: SageCompany) => void): ObservationKind | undefined => {
  const sage = withOriginals()
  const baseline = totalsOf(sage).totals
  act(sage)
  const { mode, entries } = changes
  return observe({ mode, entries, baseline, totals: totalsOf(sage), at })?.kind
}

describe('reading Sage back', () => {
  it.each<[ObservationKind, (sage: SageCompany) => void]>([
    ['awaiting_posting', (sage) => importing(sage, changes)],
    [
      'posted',
      (sage) => {
        importing(sage, changes)
        sage.postEntries({ all: true })
      },
    ],
    [
      'partly',
      (sage) => {
        const report = importing(sage, changes)
        sage.postEntries({ ids: [report.acceptedLines[0]!.entry] })
      },
    ],
    [
      'twice',
      (sage) => {
        const file = { ...writeEstimateFile(changes), asApprovedEstimateChange: true }
        sage.importEstimates(file)
        sage.importEstimates({ ...file, importAgain: true })
        sage.postEntries({ all: true })
      },
    ],
    [
      'posted_as_original',
      (sage) => {
        importing(sage, changes, false)
        sage.postEntries({ all: true })
      },
    ],
    [
      'drift',
      (sage) => {
        importing(sage, { ...changes, entries: [entry('', '03-3000', 'S', 1)] })
        sage.postEntries({ all: true })
      },
    ],
  ])('shows %s', (kind, act) => {
    expect(observed(act)).toBe(kind)
  })
})

/** The extra of the third change is closed, so Sage rejects that line. */
function rejecting(): { sage: SageCompany; report: EstimateImportReport } {
  const sage = withOriginals()
  sage.setUp({ jobs: [{ job: '24-1007', extras: [{ extra: '001', closed: true }] }] })
  return { sage, report: importing(sage, changes) }
}

describe('the reject file that Sage writes', () => {
  it('is read as exactly the lines that were rejected', () => {
    const read = readRejectFile(rejecting().report.rejectFile!, changes.sage)
    if (isRefusal(read)) throw new Error(read.sentence)
    expect(
      fromAnotherExport(read, { job: '24-1007', export_id: 'clinic-e2', part: 1 }, changes.sage),
    ).toBeUndefined()
    expect(matchRejects(read.lines, changes.entries, changes.sage)).toEqual([changes.entries[2]])
  })

  it('leads to a correction file, after which part and correction are posted together', () => {
    const sage = withOriginals()
    const baseline = totalsOf(sage).totals
    sage.setUp({ jobs: [{ job: '24-1007', extras: [{ extra: '001', closed: true }] }] })
    const read = readRejectFile(importing(sage, changes).rejectFile!, changes.sage)
    if (isRefusal(read)) throw new Error(read.sentence)
    const rejected = matchRejects(read.lines, changes.entries, changes.sage)
    if (isRefusal(rejected)) throw new Error(rejected.sentence)
    sage.setUp({ jobs: [{ job: '24-1007', extras: [{ extra: '001', closed: false }] }] })
    importing(sage, { ...changes, kind: 'correction', part: 2, entries: rejected })
    sage.postEntries({ all: true })
    const { mode } = changes
    const codes = rejected.map(({ code }) => code)
    const entries = entriesTogether(changes.entries, codes, rejected)
    expect(observe({ mode, entries, baseline, totals: totalsOf(sage), at })?.kind).toBe('posted')
  })
})
