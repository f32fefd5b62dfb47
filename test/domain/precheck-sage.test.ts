import { describe, expect, it } from 'vitest'
import { type BudgetCode, budgetCode } from '../../shared/domain/budget-code.ts'
import { cents, sum } from '../../shared/domain/cents.ts'
import type { LedgerRow } from '../../shared/domain/export.ts'
import { newInSage } from '../../shared/domain/new-in-sage.ts'
import { precheck, type PrecheckInput } from '../../shared/domain/precheck.ts'
import { type MasterData, sageLimits } from '../../shared/domain/sage-company.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'
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

const found = (input: PrecheckInput): string[] =>
  precheck(input).map(({ code, severity }) => `${severity} ${code}`)
const update = [line(labor, cents(185_000_00), cents(6_000_00)), line(earthwork, cents(500_000_00))]
const inList = (code: BudgetCode): MasterData => ({
  ...withCostCode({ cost_code: code.cost_code }),
  categories: [...master.categories, { category: code.cost_type, description: '', accumulate_as: 'Other' }],
  extras: [{ job: '24-1007', extra: code.sub_job, description: '', closed: false }],
})

const totalsByCode = (of: readonly LineItem[]) => ({
  original: sum(of.map(({ original }) => original)),
  changes: sum(of.map(({ changes }) => changes)),
})

const check = (code: BudgetCode): string[] =>
  found(budget({ sage: unmasked, lines: [line(code, cents(5))], master: inList(code) }))

const total = (cost_code: string, original: number, changes: number) => ({
  extra: '',
  cost_code,
  category: 'L',
  original: cents(original),
  changes: cents(changes),
})

describe('the job', () => {
  it('that is new passes with a warning where jobs may be created', () => {
    const input = budget({
      sage: { ...sage, jobs_may_be_created: true },
      master: { ...master, jobs: [], extras: [] },
    })
    expect(found({ ...input, lines: [], parts: [input.parts[1]!] })).toEqual(['warning JOB_NOT_IN_SAGE'])
  })

  it('that was exported before must be in the list, whatever may be created', () => {
    const input = budget({
      sage: { ...sage, jobs_may_be_created: true },
      master: { ...master, jobs: [] },
      lines: update,
      position: settled,
    })
    expect(found(input)).toEqual(['error JOB_NOT_IN_SAGE'])
  })

  it('with a finalized original estimate takes changes', () => {
    const input = budget({ master: withJob({ original_finalized: true }), lines: update, position: settled })
    expect(found(input)).toEqual([])
  })

  it('with an estimate in Sage takes a later export', () => {
    const totals = [{ extra: '', cost_code: '03-3000', category: 'L', original: cents(5), changes: cents(0) }]
    const input = budget({
      jobTotals: { job: '24-1007', as_of: now, totals },
      lines: update,
      position: settled,
    })
    expect(found(input)).toEqual([])
  })

  it('is not said to have an estimate where nobody could read its totals', () => {
    expect(found(budget({ jobTotals: undefined }))).toEqual([])
  })

  it('is not another of the list', () => {
    const other = { ...master.jobs[0]!, job: '24-1008', closed: true, original_finalized: true }
    expect(found(budget({ master: { ...master, jobs: [other, ...master.jobs] } }))).toEqual([])
  })

  it('with totals of zero in Sage has no estimate', () => {
    const totals = [{ extra: '', cost_code: '03-3000', category: 'L', original: cents(0), changes: cents(0) }]
    expect(found(budget({ jobTotals: { job: '24-1007', as_of: now, totals } }))).toEqual([])
  })

  it('with an estimate in Sage is told with its sums, less what a poster has acknowledged', () => {
    const totals = [total('03-3000', 500, 0), total('09-9000', 100, 250), total('31-2000', 700, 0)]
    const acknowledged = [total('31-2000', 700, 0), total('03-3000', 100, 0)]
    const [finding] = precheck(budget({ jobTotals: { job: '24-1007', as_of: now, totals }, acknowledged }))
    expect(finding?.sentence).toBe(
      'Job 24-1007 has an estimate in Sage already: original 5.00, approved changes 2.50, on 2 codes.',
    )
    expect(
      found(budget({ jobTotals: { job: '24-1007', as_of: now, totals }, acknowledged: totals })),
    ).toEqual([])
  })

  it.each([
    ['24-10', 'error CODE_FORMAT'],
    ['24-10077', 'error CODE_FORMAT'],
    ['24.1007', 'error CODE_FORMAT'],
  ])('number %s does not fit the mask', (number, finding) => {
    const input = budget({
      project: { name: 'x', job: { sage_company: sage.id, number } },
      master: { ...withJob({ job: number }), extras: master.extras.map((row) => ({ ...row, job: number })) },
    })
    expect(found(input)).toEqual([finding])
  })

  it('number has ten characters, separators apart', () => {
    const number = '24-1007-00001'
    const input = budget({
      sage: unmasked,
      project: { name: 'x', job: { sage_company: sage.id, number } },
      master: { ...withJob({ job: number }), extras: master.extras.map((row) => ({ ...row, job: number })) },
    })
    expect(found(input)).toEqual(['error CODE_TOO_LONG'])
  })
})

describe('the lists from Sage', () => {
  it('are not old at seven days', () => {
    expect(found(budget({ master: { ...master, as_of: '2026-11-15T19:00:00.000Z' as typeof now } }))).toEqual(
      [],
    )
  })

  const strange = budgetCode('002', '09-9000', 'EQ')
  const strangeTaken: LedgerRow = { code: strange, original: cents(100), changes: cents(0) }
  const every = ['COST_CODE_NOT_IN_SAGE', 'CATEGORY_NOT_STANDARD', 'EXTRA_NOT_IN_SAGE']

  it('stop a zero line with codes they do not have, which Sage never took', () => {
    const input = budget({ lines: [...lines, line(strange, cents(0))] })
    expect(found(input)).toEqual(every.map((code) => `error ${code}`))
  })

  it('only warn of codes that Sage took and that this export leaves alone', () => {
    const input = budget({
      lines: [...update, line(strange, cents(100))],
      position: [...settled, strangeTaken],
    })
    expect(found(input)).toEqual(every.map((code) => `warning ${code}`))
  })

  it('stop codes that Sage took and that this export moves', () => {
    const input = budget({
      lines: [...update, line(strange, cents(101))],
      position: [...settled, strangeTaken],
    })
    expect(found(input)).toEqual(every.map((code) => `error ${code}`))
  })

  it('say nothing of a cost code that was closed after its last export', () => {
    const closed = { ...master.cost_codes[1]!, closed: true }
    const input = budget({
      lines: update,
      position: settled,
      master: { ...master, cost_codes: [master.cost_codes[0]!, closed] },
    })
    expect(found(input)).toEqual([])
  })

  it('say nothing of an extra that was closed after its last export', () => {
    const closed = [{ ...master.extras[0]!, closed: true }]
    const input = budget({ lines: update, position: settled, master: { ...master, extras: closed } })
    expect(found(input)).toEqual([])
  })

  it('say nothing of a code that neither a line nor the export holds', () => {
    const gone = { ...strangeTaken, original: cents(0) }
    expect(found(budget({ lines: update, position: [...settled, gone] }))).toEqual([])
  })

  it('only warn of a group that carries what Sage took before', () => {
    const input = budget({
      lines: [line(labor, cents(185_000_00), cents(5_000_00)), line(earthwork, cents(500_000_01))],
      position: settled,
      master: withCostCode({ group: true }),
    })
    expect(found(input)).toEqual(['warning GROUP_COST_CODE'])
  })

  it('only warn of a cost code that the import may create', () => {
    const input = budget({
      sage: { ...sage, cost_codes_may_be_created: true },
      lines: [line(budgetCode('', '09-9000', 'L'), cents(5))],
    })
    expect(found(input)).toEqual(['warning COST_CODE_NOT_IN_SAGE'])
  })

  it('only warn of an extra that the import may create', () => {
    const input = budget({
      sage: { ...sage, extras_may_be_created: true },
      lines: [line(budgetCode('002', '03-3000', 'L'), cents(5))],
    })
    expect(found(input)).toEqual(['warning EXTRA_NOT_IN_SAGE'])
  })

  it('do not lend the extras of another job', () => {
    const other = [{ ...master.extras[0]!, job: '24-1008' }]
    expect(found(budget({ master: { ...master, extras: other } }))).toEqual(['error EXTRA_NOT_IN_SAGE'])
  })

  it('stop an extra that is closed', () => {
    const closed = [{ ...master.extras[0]!, closed: true }]
    expect(found(budget({ master: { ...master, extras: closed } }))).toEqual(['error EXTRA_NOT_IN_SAGE'])
  })
})

describe('a code', () => {
  it.each([
    ['twelve characters of a cost code, separators apart', budgetCode('', '03-3000.0000/00', 'L')],
    ['ten characters of a sub job', budgetCode('SITE-00001', '03-3000', 'L')],
    ['three characters of a cost type', budgetCode('', '03-3000', 'OVH')],
  ])('passes with %s', (_, code) => {
    expect(check(code)).toEqual([])
  })

  it.each([
    ['a cost code of thirteen characters', budgetCode('', '03-3000.0000/000', 'L')],
    ['a sub job of eleven characters', budgetCode('SITE-000001', '03-3000', 'L')],
    ['a cost type of four characters', budgetCode('', '03-3000', 'OVHD')],
  ])('stops with %s', (_, code) => {
    expect(check(code)).toEqual(['error CODE_TOO_LONG'])
  })

  it.each([
    ['five sections', budgetCode('', '1-2-3-4-5', 'L')],
    ['an empty section', budgetCode('', '03--3000', 'L')],
    ['a double quote', budgetCode('', '03-"000', 'L')],
    ['a letter that only looks like ASCII', budgetCode('', '03-3000', '\u041b')],
    ['a control character', budgetCode('a\nb', '03-3000', 'L')],
    ['no cost type', budgetCode('', '03-3000', '')],
    ['an outer blank', { sub_job: '', cost_code: '03-3000', cost_type: 'L ' }],
  ])('stops with %s', (_, code) => {
    expect(check(code)).toEqual(['error CODE_FORMAT'])
  })

  it('obeys the limits of its Sage company, not Sage alone', () => {
    const limits = { ...sageLimits, extra: 2, amount: cents(100) }
    expect(found(budget({ sage: { ...sage, limits }, lines: [line(earthwork, cents(101))] }))).toEqual([
      'error CODE_TOO_LONG',
      'error AMOUNT_RANGE',
    ])
  })

  it('of one section is no division where the mask has one section', () => {
    const input = budget({
      sage: { ...sage, cost_code_mask: '####' },
      lines: [line(budgetCode('', '3300', 'L'), cents(5))],
      master: withCostCode({ cost_code: '3300' }),
    })
    expect(found(input)).toEqual([])
  })

  const division = budgetCode('', '03', 'L')
  it.each<[string, LineItem[]]>([
    ['an original amount', [line(division, cents(5))]],
    ['budget changes', [line(division, cents(0), cents(5))]],
    ['an amount, and stands twice', [line(division, cents(5)), line(division, cents(0))]],
    ['an amount on its second line', [line(division, cents(0)), line(division, cents(5))]],
  ])('of a division is told also where Sage took it: it carries %s', (_, ofDivision) => {
    const taken = totalsByCode(ofDivision)
    const input = budget({
      sage: unmasked,
      lines: [...update, ...ofDivision],
      position: [...settled, { code: division, ...taken }],
      master: {
        ...master,
        cost_codes: [...master.cost_codes, { ...master.cost_codes[0]!, cost_code: '03' }],
      },
    })
    expect(found(input)).toContain('warning DIVISION_CODE_NOT_ALLOWED')
  })

  it('of a division may stand on a line without amounts', () => {
    const code = budgetCode('', '03', 'L')
    const input = budget({ sage: unmasked, lines: [...lines, line(code, cents(0))] })
    expect(found(input)).toEqual(['error COST_CODE_NOT_IN_SAGE'])
  })
})

describe('descriptions', () => {
  it('of cost codes that are not sent are not looked at', () => {
    const long = { cost_code: '99-0000', description: 'x'.repeat(31), group: false, closed: false }
    expect(found(budget({ master: { ...master, cost_codes: [...master.cost_codes, long] } }))).toEqual([])
  })

  it('of a job that Sage has are not sent, and not looked at', () => {
    const project = { name: 'Béton', job: { sage_company: sage.id, number: '24-1007' } }
    expect(found(budget({ project }))).toEqual([])
  })

  it('of thirty characters stay whole', () => {
    expect(found(budget({ master: withCostCode({ description: 'x'.repeat(30) }) }))).toEqual([])
  })

  it('of a new job are looked at', () => {
    const input = budget({
      sage: { ...sage, jobs_may_be_created: true },
      master: { ...master, jobs: [] },
      project: {
        name: 'Riverside Clinic, second building',
        job: { sage_company: sage.id, number: '24-1007' },
      },
    })
    expect(found(input)).toContain('warning DESCRIPTION_CUT')
  })

  it('are named by what they describe: the new job first, then cost codes', () => {
    const name = 'Riverside Clinic – second building'
    const input = budget({
      sage: { ...sage, jobs_may_be_created: true },
      master: { ...withCostCode({ description: 'Béton coulé, très longue description' }), jobs: [] },
      project: { name, job: { sage_company: sage.id, number: '24-1007' } },
    })
    const texts = precheck(input).filter(({ code }) => /TEXT|DESCRIPTION/.test(code))
    expect(texts.map(({ sentence }) => / of (.+?) h/.exec(sentence)?.[1])).toEqual([
      'job 24-1007',
      'cost code 03-3000',
      'job 24-1007',
      'cost code 03-3000',
    ])
    expect(texts[0]).not.toHaveProperty('budget_code')
  })
})

describe('what is new in Sage', () => {
  const parts = [
    {
      mode: 'original_estimate' as const,
      entries: [{ code: budgetCode('002', '03-3000', 'L'), cents: cents(5) }],
    },
    {
      mode: 'approved_estimate_change' as const,
      entries: [
        { code: labor, cents: cents(5) },
        { code: earthwork, cents: cents(5) },
        { code: budgetCode('002', '03-3000', 'L'), cents: cents(5) },
        { code: budgetCode('003', '03-3000', 'L'), cents: cents(5) },
      ],
    },
  ]
  const allowed = { jobs_may_be_created: true, extras_may_be_created: true }
  const asked = { sage: allowed, master, job: '24-1007', position: [] as LedgerRow[], parts }

  it('is each extra once, in the part that first holds it', () => {
    expect(newInSage(asked).extras).toEqual([['002'], ['003']])
  })

  it('is no extra that Sage took an entry of', () => {
    const position = [{ code: budgetCode('002', '31-2000', 'S'), original: cents(1), changes: cents(0) }]
    expect(newInSage({ ...asked, position }).extras).toEqual([[], ['003']])
  })

  it('is an extra, or a job, that is known of another job alone', () => {
    const other = {
      ...master,
      jobs: master.jobs.map((row) => ({ ...row, job: 'other' })),
      extras: [...master.extras, { ...master.extras[0]!, job: 'other', extra: '002' }],
    }
    expect(newInSage({ ...asked, master: other })).toMatchObject({ job: true, extras: [['002'], ['003']] })
  })

  it('is no extra where none may be created', () => {
    expect(newInSage({ ...asked, sage: { ...allowed, extras_may_be_created: false } }).extras).toEqual([
      [],
      [],
    ])
  })

  it('is a job that the list does not have', () => {
    const unknown = { ...master, jobs: [] }
    expect([newInSage(asked).job, newInSage({ ...asked, master: unknown }).job]).toEqual([false, true])
  })

  it('is no job where none may be created', () => {
    const unknown = { ...asked, master: { ...master, jobs: [] } }
    expect(newInSage({ ...unknown, sage: { ...allowed, jobs_may_be_created: false } }).job).toBe(false)
  })
})
