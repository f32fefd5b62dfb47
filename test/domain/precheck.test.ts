import { describe, expect, it } from 'vitest'
import { type BudgetCode, budgetCode } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import { FindingCode, type Severity } from '../../shared/domain/finding.ts'
import { Day } from '../../shared/domain/ids.ts'
import { precheck, type PrecheckInput } from '../../shared/domain/precheck.ts'
import { line } from './budget-draws.ts'
import {
  budget,
  earthwork,
  labor,
  lines,
  master,
  now,
  sage,
  settled,
  unmasked,
  withCostCode,
  withJob,
} from './precheck-budget.ts'

interface Case {
  readonly code: FindingCode
  readonly severity: Severity
  readonly at?: BudgetCode
  readonly input: PrecheckInput
}

const only = (code: BudgetCode, amount = 100): PrecheckInput['lines'] => [line(code, cents(amount))]
const wide = { ...sage, cost_code_mask: '##-###########' }
const division = budgetCode('', '03', 'L')
const long = 'Cast-in-place concrete, foundations and slabs'

// One budget per code, clean but for one thing.
const cases: readonly Case[] = [
  { code: 'JOB_NOT_LINKED', severity: 'error', input: budget({ project: { name: 'Riverside Clinic' } }) },
  { code: 'JOB_NOT_IN_SAGE', severity: 'error', input: budget({ master: { ...master, jobs: [] } }) },
  { code: 'JOB_CLOSED', severity: 'error', input: budget({ master: withJob({ closed: true }) }) },
  {
    code: 'ORIGINAL_FINALIZED',
    severity: 'error',
    input: budget({ master: withJob({ original_finalized: true }) }),
  },
  {
    code: 'SAGE_HAS_ESTIMATE',
    severity: 'error',
    input: budget({
      jobTotals: {
        job: '24-1007',
        as_of: now,
        totals: [{ extra: '', cost_code: '09-9000', category: 'L', original: cents(0), changes: cents(1) }],
      },
    }),
  },
  { code: 'MASTER_DATA_MISSING', severity: 'error', input: budget({ master: undefined }) },
  {
    // Lists were uploaded one by one, and the cost codes not yet.
    code: 'MASTER_DATA_MISSING',
    severity: 'error',
    input: budget({ master: { ...master, lists_as_of: { jobs: now, categories: now, extras: now } } }),
  },
  {
    // The newest list is of today, another is not.
    code: 'MASTER_DATA_OLD',
    severity: 'warning',
    input: budget({
      master: {
        ...master,
        lists_as_of: {
          jobs: now,
          cost_codes: '2026-11-15T18:59:59.000Z' as typeof now,
          categories: now,
          extras: now,
        },
      },
    }),
  },
  {
    code: 'MASTER_DATA_OLD',
    severity: 'warning',
    input: budget({ master: { ...master, as_of: '2026-11-15T18:59:59.000Z' as typeof now } }),
  },
  {
    code: 'COST_CODE_NOT_IN_SAGE',
    severity: 'error',
    at: budgetCode('', '09-9000', 'L'),
    input: budget({ lines: only(budgetCode('', '09-9000', 'L')) }),
  },
  {
    code: 'COST_CODE_CLOSED',
    severity: 'error',
    at: labor,
    input: budget({ master: withCostCode({ closed: true }) }),
  },
  {
    code: 'GROUP_COST_CODE',
    severity: 'error',
    at: labor,
    input: budget({ master: withCostCode({ group: true }) }),
  },
  {
    code: 'CATEGORY_NOT_STANDARD',
    severity: 'error',
    at: budgetCode('', '03-3000', 'EQ'),
    input: budget({ lines: only(budgetCode('', '03-3000', 'EQ')) }),
  },
  {
    code: 'EXTRA_NOT_IN_SAGE',
    severity: 'error',
    at: budgetCode('002', '03-3000', 'L'),
    input: budget({ lines: only(budgetCode('002', '03-3000', 'L')) }),
  },
  {
    code: 'CODE_TOO_LONG',
    severity: 'error',
    at: budgetCode('', '03-30000000000', 'L'),
    input: budget({
      sage: wide,
      lines: only(budgetCode('', '03-30000000000', 'L')),
      master: withCostCode({ cost_code: '03-30000000000' }),
    }),
  },
  {
    code: 'CODE_FORMAT',
    severity: 'error',
    at: budgetCode('', '03-300', 'L'),
    input: budget({
      lines: only(budgetCode('', '03-300', 'L')),
      master: withCostCode({ cost_code: '03-300' }),
    }),
  },
  {
    code: 'DIVISION_CODE_NOT_ALLOWED',
    severity: 'error',
    at: division,
    input: budget({
      sage: unmasked,
      lines: only(division),
      master: withCostCode({ cost_code: '03' }),
    }),
  },
  {
    code: 'DESCRIPTION_CUT',
    severity: 'warning',
    at: labor,
    input: budget({ master: withCostCode({ description: long }) }),
  },
  {
    code: 'TEXT_NOT_REPRESENTABLE',
    severity: 'warning',
    at: labor,
    input: budget({ master: withCostCode({ description: 'Béton coulé' }) }),
  },
  {
    code: 'AMOUNT_RANGE',
    severity: 'error',
    at: labor,
    input: budget({ lines: only(labor, 10_000_000_000) }),
  },
  {
    code: 'DUPLICATE_BUDGET_CODE',
    severity: 'error',
    at: labor,
    input: budget({ lines: [...lines, line(labor, cents(0))] }),
  },
  {
    code: 'NEGATIVE_REVISED_ESTIMATE',
    severity: 'warning',
    at: labor,
    input: budget({ lines: only(labor, -1) }),
  },
  { code: 'NOTHING_TO_EXPORT', severity: 'error', input: budget({ position: settled }) },
  { code: 'EARLIER_EXPORT_NOT_SETTLED', severity: 'error', input: budget({ head: { open_export: 3 } }) },
  {
    code: 'DRIFT_NOT_ACKNOWLEDGED',
    severity: 'error',
    at: labor,
    input: budget({
      drift: {
        kind: 'drift',
        at: now,
        sentence: 'One budget code moved.',
        what_to_do: 'Acknowledge it.',
        keys: [{ code: labor, expected: cents(0), original_moved: cents(0), changes_moved: cents(5) }],
      },
    }),
  },
  { code: 'DATE_NOT_ALLOWED', severity: 'error', input: budget({ entryDate: Day.parse('2026-12-25') }) },
]

describe('the pre-check', () => {
  it('finds nothing in a clean budget', () => {
    expect(precheck(budget())).toEqual([])
  })

  it('asks for no date where nobody named one yet', () => {
    expect(precheck(budget({ entryDate: undefined }))).toEqual([])
  })

  it('finds nothing in a clean update', () => {
    const more = lines.map((item) => ({ ...item, changes: cents(item.changes + 1) }))
    expect(precheck(budget({ lines: more, position: settled }))).toEqual([])
  })

  it.each(cases)('finds $code, $severity, and nothing else', ({ code, severity, at, input }) => {
    const found = precheck(input).map((finding) => ({
      code: finding.code,
      severity: finding.severity,
      at: finding.budget_code,
    }))
    expect(found).toEqual([{ code, severity, at }])
  })

  // Whether somebody may accept is not for the lines and entries to tell: see `noEligibleApprover`.
  it('is tested for every code there is', () => {
    const others = FindingCode.options.filter((code) => code !== 'NO_ELIGIBLE_APPROVER')
    expect([...new Set(cases.map(({ code }) => code))]).toEqual(others)
  })

  it.each(cases)('says in words what to do about $code', ({ input }) => {
    const [finding] = precheck(input)
    expect(`${finding?.sentence} ${finding?.what_to_do}`).toMatch(/^[A-Z0-9].{10,}\. [A-Z].{5,}\.$/)
  })
})

const told = (but: Parameters<typeof budget>[0]) => precheck(budget(but)).map(({ sentence }) => sentence)

const key = (code: BudgetCode, expected: number, original: number, changes: number) => ({
  code,
  expected: cents(expected),
  original_moved: cents(original),
  changes_moved: cents(changes),
})

describe('findings', () => {
  it('come errors first, then by code, then by budget code', () => {
    const found = precheck(
      budget({
        head: { open_export: 1 },
        lines: [
          line(budgetCode('', '31-2000', 'L'), cents(-1)),
          line(budgetCode('', '31-2000', 'X'), cents(1)),
          line(budgetCode('', '03-3000', 'X'), cents(1)),
        ],
      }),
    )
    expect(found.map(({ code, budget_code }) => [code, budget_code?.cost_code])).toEqual([
      ['CATEGORY_NOT_STANDARD', '03-3000'],
      ['CATEGORY_NOT_STANDARD', '31-2000'],
      ['EARLIER_EXPORT_NOT_SETTLED', undefined],
      ['NEGATIVE_REVISED_ESTIMATE', '31-2000'],
    ])
  })

  it.each([
    [cents(-1), cents(0), 'Check the original amount of this line.'],
    [cents(1), cents(-2), 'Check the original amount of this line and the budget changes on it.'],
  ])('below zero name budget changes only where there are any: %d and %d', (original, changes, what) => {
    const found = precheck(budget({ lines: [{ ...line(labor, original), changes }] }))
    expect(found.find(({ code }) => code === 'NEGATIVE_REVISED_ESTIMATE')?.what_to_do).toBe(what)
  })

  it('are all returned, however many', () => {
    const many = Array.from({ length: 3_000 }, (_, index) =>
      line(budgetCode('', `44-${String(1_000 + index)}`, 'L'), cents(1)),
    )
    expect(precheck(budget({ lines: many }))).toHaveLength(3_000)
  })

  it('about the linked job are not guessed where its Sage company is not set up', () => {
    const found = precheck(budget({ sage: undefined, master: undefined }))
    expect(found.map(({ code }) => code)).toEqual(['JOB_NOT_LINKED'])
  })

  it('say whether the job or its Sage company is what is missing', () => {
    const unlinked = 'The project is not linked to a job in Sage.'
    expect([
      told({ sage: undefined, master: undefined }),
      told({ project: { name: 'Riverside Clinic' } }),
      told({ project: undefined }),
    ]).toEqual([['The project names a Sage company that is not set up.'], [unlinked], [unlinked]])
  })

  it('about drift name the keys that moved, and what was sent there', () => {
    const keys = [
      key(labor, 0, 0, 500),
      key(earthwork, 700, 900, 0),
      key(budgetCode('', '01-0000', 'L'), 5, 0, 0),
    ]
    const drift = { kind: 'drift' as const, at: now, sentence: 'Drift.', what_to_do: 'Look.', keys }
    const moved = precheck(budget({ drift })).filter(({ code }) => code === 'DRIFT_NOT_ACKNOWLEDGED')
    expect(moved.map(({ sentence }) => sentence)).toEqual([
      'Sage holds something else for 03-3000.L than is known here: original estimate changed by 0.00, approved changes by 5.00.',
      'Sage holds something else for 001.31-2000.S than is known here: original estimate changed by 9.00, approved changes by 0.00, where 7.00 was sent.',
    ])
  })

  it('about drift without keys still stop the send', () => {
    const drift = {
      kind: 'drift',
      at: now,
      sentence: 'Sage shows more.',
      what_to_do: 'Look.',
      keys: [],
    } as const
    expect(
      precheck(budget({ drift: { ...drift, keys: [] } })).map(({ code, sentence }) => [code, sentence]),
    ).toEqual([['DRIFT_NOT_ACKNOWLEDGED', 'Sage shows more.']])
  })

  it('show the text as it would be cut', () => {
    const [finding] = precheck(budget({ master: withCostCode({ description: long }) }))
    expect(finding?.sentence).toContain('Cast-in-place concrete, founda')
    expect(finding?.sentence).not.toContain('foundat')
  })

  it('say which lists were never read', () => {
    const lists_as_of = { jobs: now, extras: now }
    const [finding] = precheck(budget({ master: { ...master, lists_as_of } }))
    expect(finding?.sentence).toMatch(/: cost codes, categories\.$/)
  })

  it('say how old the lists are', () => {
    const [finding] = precheck(
      budget({ master: { ...master, as_of: '2026-11-01T00:00:00.000Z' as typeof now } }),
    )
    expect(finding?.sentence).toContain('21 days old')
  })
})

describe('entries', () => {
  it('are checked beside the lines: a line that is gone goes down on a closed cost code', () => {
    const found = precheck(
      budget({
        lines: only(earthwork, 500_000_00),
        position: settled,
        master: withCostCode({ closed: true }),
      }),
    )
    expect(found.map(({ code, budget_code }) => [code, budget_code])).toEqual([['COST_CODE_CLOSED', labor]])
  })

  it.each([99_999_999_99, -99_999_999_99])('of %d cents pass', (amount) => {
    const found = precheck(budget({ lines: only(labor, amount) }))
    expect(found.map(({ code }) => code)).not.toContain('AMOUNT_RANGE')
  })

  it('below the limit the other way are refused', () => {
    const found = precheck(budget({ lines: only(labor, -10_000_000_000) }))
    expect(found.map(({ code }) => code)).toContain('AMOUNT_RANGE')
  })
})
