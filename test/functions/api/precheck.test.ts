import { beforeAll, describe, expect, test } from 'vitest'
import { takeSageEvent } from '../../../functions/sage-events/index.ts'
import { type FindingCode, FindingCode as Code } from '../../../shared/domain/finding.ts'
import { PersonId, SageCompanyId } from '../../../shared/domain/ids.ts'
import { type MasterData, type SageCompany, sageLimits } from '../../../shared/domain/sage-company.ts'
import { having, textWith } from './answer-body.ts'
import { acme, agent, bob, eastFolder, ed, masterData, mia, pat, setUpAcme, vera } from './acme.ts'
import { useLocalApi } from './local-api.ts'
import { putBack } from './put-back.ts'
import {
  acceptIt,
  deliver,
  exportedProject,
  lockedProject,
  send,
  sentProject,
  step,
} from './workflow-by-hand.ts'

const api = useLocalApi()
beforeAll(async () => {
  await setUpAcme(api())
})

const job = '26-001'
const master = masterData([job])

interface Budget {
  readonly sage?: Partial<SageCompany>
  /** Null: Sage's lists were never read. */
  readonly master?: Partial<MasterData> | null
  /** Null: the project names no job. */
  readonly job?: string | null
  /** Cost code, cost type, amount, sub job. */
  readonly line?: readonly [cost_code: string, cost_type: string, amount: string, sub_job?: string]
  /** Sage's posted original on a code of the job. */
  readonly estimate?: string
  readonly query?: Readonly<Record<string, string>>
}

let made = 0

/** A budget of one line in a Sage company of its own: clean, but for what is given. */
async function budgetWith(but: Budget): Promise<string> {
  made += 1
  const id = SageCompanyId.parse(`folder-${String(made)}`)
  const project = `checked-${String(made)}`
  const { companies, call } = api()
  await companies.putSageCompany(acme, { ...eastFolder, ...but.sage, id, folder: id }, 'system')
  if (but.master !== null) await companies.putMasterData(acme, id, { ...master, ...but.master }, 'system')
  const number = but.job === undefined ? job : but.job
  const body = { name: 'Bridge', ...(number !== null && { job: { sage_company: id, number } }) }
  await call('PUT', `/projects/${project}`, { as: bob, body })
  const [cost_code, cost_type, original_budget_amount, sub_job = ''] = but.line ?? ['03-3000', 'S', '5.00']
  const upserts = [{ sub_job, cost_code, cost_type, original_budget_amount }]
  const headers = { 'if-match': '"1"' }
  const stored = await call('PATCH', `/projects/${project}/budget/line_items`, {
    as: ed,
    body: { upserts },
    headers,
  })
  expect(stored.status).toBe(200)
  if (but.estimate !== undefined) await reported(id, but.estimate)
  return project
}

/** Sage's totals, as the connector reports them; answered a moment later by the comparison. */
async function reported(sage: string, original: string, of = job): Promise<void> {
  const totals = [{ cost_code: '01-1000', category: 'L', original, changes: '0.00' }]
  const as_of = api().clock.now()
  const path = `/erp/master_data/${sage}/totals/${of}`
  const came = await api().call('PUT', path, { as: agent, body: { as_of, totals } })
  expect(came.status).toBe(200)
  await takeSageEvent(api(), api().reports.at(-1))
}

const checked = async (project: string, query = {}) =>
  (await api().call('GET', `/projects/${project}/budget/precheck`, { as: mia, query })).json

const costCode = (but: Partial<MasterData['cost_codes'][number]>) => ({
  cost_codes: master.cost_codes.map((row) => (row.cost_code === '03-3000' ? { ...row, ...but } : row)),
})
const jobIs = (but: Partial<MasterData['jobs'][number]>) => ({
  jobs: master.jobs.map((row) => ({ ...row, ...but })),
})
const at = '03-3000.S'

// One budget per code, with what is found beside it: nothing else may be.
const cases: readonly (readonly [FindingCode, 'error' | 'warning', string | undefined, Budget])[] = [
  ['JOB_NOT_LINKED', 'error', undefined, { job: null }],
  ['JOB_NOT_IN_SAGE', 'error', undefined, { job: '26-009' }],
  ['JOB_CLOSED', 'error', undefined, { master: jobIs({ closed: true }) }],
  ['ORIGINAL_FINALIZED', 'error', undefined, { master: jobIs({ original_finalized: true }) }],
  ['SAGE_HAS_ESTIMATE', 'error', undefined, { estimate: '20000.00' }],
  ['MASTER_DATA_MISSING', 'error', undefined, { master: null }],
  ['MASTER_DATA_OLD', 'warning', undefined, { master: { as_of: '2026-01-01T00:00:00.000Z' as never } }],
  ['COST_CODE_NOT_IN_SAGE', 'error', '09-9000.S', { line: ['09-9000', 'S', '5.00'] }],
  ['COST_CODE_CLOSED', 'error', at, { master: costCode({ closed: true }) }],
  ['GROUP_COST_CODE', 'error', at, { master: costCode({ group: true }) }],
  ['CATEGORY_NOT_STANDARD', 'error', '03-3000.X', { line: ['03-3000', 'X', '5.00'] }],
  [
    'EXTRA_NOT_IN_SAGE',
    'error',
    '001.03-3000.S',
    { sage: { extras_may_be_created: false }, line: ['03-3000', 'S', '5.00', '001'] },
  ],
  ['CODE_TOO_LONG', 'error', at, { sage: { limits: { ...sageLimits, cost_code: 5 } } }],
  ['CODE_FORMAT', 'error', at, { sage: { cost_code_mask: '##-###' } }],
  [
    'DIVISION_CODE_NOT_ALLOWED',
    'error',
    '03.S',
    { line: ['03', 'S', '5.00'], master: costCode({ cost_code: '03' }) },
  ],
  ['DESCRIPTION_CUT', 'warning', at, { master: costCode({ description: 'x'.repeat(31) }) }],
  ['TEXT_NOT_REPRESENTABLE', 'warning', at, { master: costCode({ description: 'Béton coulé' }) }],
  ['AMOUNT_RANGE', 'error', at, { sage: { limits: { ...sageLimits, amount: 499 as never } } }],
  ['NEGATIVE_REVISED_ESTIMATE', 'warning', at, { line: ['03-3000', 'S', '-5.00'] }],
  ['NOTHING_TO_EXPORT', 'error', undefined, { line: ['03-3000', 'S', '0.00'] }],
  ['DATE_NOT_ALLOWED', 'error', undefined, { query: { entry_date: '2031-01-01' } }],
]

describe('the pre-check of a budget', () => {
  test('finds nothing in a clean one', async () => {
    expect(await checked(await budgetWith({}))).toMatchObject({ may_be_sent: true, findings: [] })
  })

  test.each(cases)('finds %s, %s, and nothing else', async (code, severity, budget_code, but) => {
    const { findings } = await checked(await budgetWith(but), but.query)
    expect(findings).toEqual([
      having({
        code,
        severity,
        ...(budget_code !== undefined && { budget_code }),
        sentence: textWith('.'),
        what_to_do: textWith('.'),
      }),
    ])
  })

  test('finds EARLIER_EXPORT_NOT_SETTLED while a file is with accounting', async () => {
    const { findings } = await checked(await exportedProject(api()))
    expect(findings).toEqual([having({ code: 'EARLIER_EXPORT_NOT_SETTLED', severity: 'error' })])
  })

  test('finds NO_ELIGIBLE_APPROVER where the policy names nobody who may accept', async () => {
    const policy = await api().companies.policy(acme)
    const steps = [{ name: 'Owner', approvers: [PersonId.parse('vera')], accepts: 1 }]
    await api().companies.putPolicy(acme, { ...policy, steps }, 'system')
    const { findings } = await checked(await budgetWith({}))
    await api().companies.putPolicy(acme, policy, 'system')
    expect(findings).toEqual([
      having({ code: 'NO_ELIGIBLE_APPROVER', severity: 'error', sentence: textWith('step Owner') }),
    ])
  })

  // DUPLICATE_BUDGET_CODE guards the rules alone: lines are stored by their budget code, so none stands twice.
  test('is tested for every code there is', () => {
    const elsewhere = [
      'DUPLICATE_BUDGET_CODE',
      'EARLIER_EXPORT_NOT_SETTLED',
      'DRIFT_NOT_ACKNOWLEDGED',
      'NO_ELIGIBLE_APPROVER',
    ]
    expect([...cases.map(([code]) => code as string), ...elsewhere].toSorted()).toEqual(
      Code.options.toSorted(),
    )
  })

  test('says of an estimate in Sage that it is imported, or cleared there', async () => {
    const { findings } = await checked(await budgetWith({ estimate: '20000.00' }))
    expect(findings).toMatchObject([
      { what_to_do: 'Import the budget from Sage, or have accounting clear the estimate in Sage.' },
    ])
  })
})

const jobOf = async (project: string) =>
  (await api().call('GET', `/projects/${project}`, { as: vera })).json.job.number

/** A settled project whose totals were read before its file was handed over. */
async function exportingAfterReading(): Promise<string> {
  const project = await sentProject(api())
  await reported('east', '0.00', await jobOf(project))
  await acceptIt(api(), project)
  await deliver(api(), project)
  await api().command(`/exports/${project}-e1/posted`, { as: pat, body: { part: 1 } })
  await step(api(), project, 'closeCycle')
  return project
}

const budget = async (project: string) =>
  (await api().call('GET', `/projects/${project}/budget`, { as: mia })).json as unknown as {
    drift: unknown
    erp_state: string
  }
const acknowledged = async (project: string) =>
  await api().command(`/exports/${project}-e1/acknowledge`, {
    as: pat,
    body: { part: 1, note: 'Owner change order 7.' },
  })

const drifted = putBack(async () => {
  const project = await exportingAfterReading()
  await reported('east', '500.00', await jobOf(project))
  return project
})

describe('what is changed in Sage after a settlement', () => {
  test('stands with the budget, whose state stays, and stops the next send', async () => {
    const project = await drifted(api())
    const { drift, erp_state } = await budget(project)
    expect([erp_state, drift]).toEqual([
      'synced',
      having({ export: `${project}-e1`, part: 1, kind: 'drift', what_to_do: textWith('acknowledge') }),
    ])
    expect((await checked(project)).findings).toContainEqual(
      having({ code: 'DRIFT_NOT_ACKNOWLEDGED', severity: 'error', budget_code: '01-1000.L' }),
    )
  })

  test('is gone once a poster acknowledges it with a note', async () => {
    const project = await drifted(api())
    const came = await acknowledged(project)
    await reported('east', '500.00', await jobOf(project))
    expect([came.status, (await budget(project)).drift]).toEqual([202, null])
    expect((await checked(project)).findings).toMatchObject([{ code: 'NOTHING_TO_EXPORT' }])
  })

  test('is no matter of a budget that was never settled', async () => {
    const project = await lockedProject(api())
    const retrieve = async () => {
      await api().command(`/projects/${project}/budget/retrieve`, { as: mia })
      await step(api(), project, 'retrieveBudget')
    }
    const posted = async () => {
      await deliver(api(), project)
      await api().command(`/exports/${project}-e1/posted`, { as: pat, body: { part: 1 } })
      await step(api(), project, 'closeCycle')
    }
    const shown = [await budget(project)]
    for (const go of [send, retrieve, send, acceptIt, posted]) {
      await go(api(), project)
      shown.push(await budget(project))
    }
    expect(shown.map(({ erp_state, drift }) => [erp_state, drift])).toEqual([
      ['not_sent', null],
      ['sent', null],
      ['retrieved', null],
      ['sent', null],
      ['exporting', null],
      ['synced', null],
    ])
  })
})
