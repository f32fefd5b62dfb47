import { expect, test } from 'vitest'
import { type NightlyCheck, nightlyCheck } from '../../functions/schedule/nightly-check.ts'
import { CompanyId, Instant, ProjectId } from '../../shared/domain/ids.ts'
import { readingsStopped } from '../../shared/domain/readings-stopped.ts'
import { createBudgetStore } from '../../shared/store/budget-table.ts'
import { createCompanyStore } from '../../shared/store/company-table.ts'
import { newHead } from '../../shared/store/head-row.ts'
import { createNights } from '../../shared/store/nightly-table.ts'
import { createSummaries } from '../../shared/store/summary-table.ts'
import { exportedOn, sentOn } from '../statemachines/cycle/carried.ts'
import {
  amounts,
  clinicLines,
  declare,
  head,
  key,
  poster,
  read,
  sageId,
} from '../statemachines/cycle/clinic.ts'
import { holds } from '../statemachines/cycle/invariants.ts'
import type { CycleMachine } from '../statemachines/cycle/machine.ts'
import { recordedCalls } from '../store/faults.ts'
import { useLocalDatabase } from '../store/use-local.ts'

const database = useLocalDatabase()
const day = 86_400_000

/** The check over the table of a machine, what it logs, and its calls of the table. */
function checkOf(machine: CycleMachine) {
  const lines: [string, ...unknown[]][] = []
  const informed: unknown[] = []
  const keep = (message: unknown, ...more: unknown[]): void => {
    lines.push([String(message), ...more])
  }
  const { document, calls } = recordedCalls(database())
  const over = { ...machine, document }
  const check: NightlyCheck = {
    ...machine,
    store: createBudgetStore(over),
    companies: createCompanyStore(over),
    summaries: createSummaries(over),
    nights: createNights(over),
    logger: { info: (...line) => void informed.push(line), warn: keep, error: keep },
  }
  return { check, lines, informed, calls }
}

/** A budget that a poster confirmed as posted at one in the morning of 5 January 2026 in Los Angeles, read before. */
async function declared(): Promise<CycleMachine> {
  const machine = await exportedOn(database())
  await machine.pass(1_000)
  await declare(machine)
  return machine
}

async function nightOf(machine: CycleMachine, at: string) {
  await machine.time.advanceTo(Date.parse(at))
  const { check, ...seen } = checkOf(machine)
  const found = await nightlyCheck(check)
  await machine.settle()
  return { found, ...seen }
}

const mismatches = ({ mails }: CycleMachine) =>
  mails.filter(({ mail }) => mail === 'mismatch').map(({ to }) => to)

test('what only time tells is found without a new reading, and told to posters once', async () => {
  const machine = await declared()
  await machine.pass(60_000)
  expect(await read(machine, [])).toBe('not_comparable')
  // From two in the morning on, 10:00 UTC; the totals may be late for three days.
  expect((await nightOf(machine, '2026-01-06T10:30:00.000Z')).found).toEqual({ compared: 1, drift: 0 })
  expect(mismatches(machine)).toEqual([])
  expect((await nightOf(machine, '2026-01-09T10:30:00.000Z')).found).toEqual({ compared: 1, drift: 1 })
  expect((await nightOf(machine, '2026-01-10T10:30:00.000Z')).found).toEqual({ compared: 1, drift: 0 })
  expect(mismatches(machine)).toEqual([poster])
  await holds(machine)
})

test('a reading that agrees and was never compared verifies the settlement', async () => {
  const machine = await declared()
  const totals = amounts(clinicLines).map(([extra, cost_code, category, original, changes]) => ({
    extra,
    cost_code,
    category,
    original,
    changes,
  }))
  await machine.pass(60_000)
  const as_of = machine.clock.now()
  await machine.companies.putJobTotals(key.company, sageId, {
    job: '24-1007',
    as_of,
    totals: totals as never,
  })
  await nightOf(machine, '2026-01-06T10:30:00.000Z')
  expect((await head(machine)).confirmed).toBe('verified')
  await holds(machine)
})

test('is made once a night, from two on in the time of the company', async () => {
  const machine = await declared()
  const compared: number[] = []
  for (const hour of ['06T09:30', '06T10:30', '06T11:30', '06T23:30', '07T09:30', '07T10:30'])
    compared.push((await nightOf(machine, `2026-01-${hour}:00.000Z`)).found.compared)
  expect(compared).toEqual([0, 1, 0, 0, 0, 1])
})

test('a night in which nothing moved writes the day alone, in few calls', async () => {
  const machine = await declared()
  await read(machine, amounts(clinicLines))
  await machine.settle()
  const { calls, found } = await nightOf(machine, '2026-01-06T10:30:00.000Z')
  const names = calls.map(({ name }) => name.replace(/(Item)?Command$/, ''))
  expect(found).toEqual({ compared: 1, drift: 0 })
  const [company, budget] = [6, 6]
  // Companies, Sage companies, day, readings, budgets in two; project, head, export, its files, totals in two.
  expect(names).toHaveLength(company + budget + 1)
  expect(names.filter((name) => !/^(Get|BatchGet|Query)$/.test(name))).toEqual(['Put'])
})

test.each<[string, () => Promise<CycleMachine>]>([
  ['of which nothing was exported', async () => await sentOn(database())],
  ['whose export is not settled', async () => await exportedOn(database())],
  [
    'whose totals were never read',
    async () => {
      const machine = await exportedOn(database(), undefined, { read: false })
      await declare(machine)
      return machine
    },
  ],
])('a budget %s is not compared', async (_, arrange) => {
  const { found } = await nightOf(await arrange(), '2026-01-06T10:30:00.000Z')
  expect(found).toEqual({ compared: 0, drift: 0 })
})

test('a job whose Sage company is gone is not compared', async () => {
  const machine = await declared()
  await machine.time.advanceTo(Date.parse('2026-01-06T10:30:00.000Z'))
  const { check } = checkOf(machine)
  const companies = { ...check.companies, sageCompanies: async () => await Promise.resolve([]) }
  expect(await nightlyCheck({ ...check, companies })).toEqual({ compared: 0, drift: 0 })
})

test('a budget that fails is told to the operators, and the next hour checks again', async () => {
  const machine = await declared()
  await machine.time.advanceTo(Date.parse('2026-01-06T10:30:00.000Z'))
  const { check, lines, informed } = checkOf(machine)
  const error = new Error('cannot be read')
  const getJson = async () => await Promise.reject(error)
  await expect(nightlyCheck({ ...check, objects: { ...check.objects, getJson } })).rejects.toMatchObject({
    message: '1 checks failed',
    errors: [error],
  })
  expect(lines).toEqual([['nightly check failed', { ...key, error }]])
  expect(await nightlyCheck(check)).toEqual({ compared: 1, drift: 0 })
  expect(informed).toEqual([
    ['nightly check', { compared: 1, drift: 0, failed: 1 }],
    ['nightly check', { compared: 1, drift: 0, failed: 0 }],
  ])
})

test('a company that fails keeps no other from being checked, and is told to the operators', async () => {
  const machine = await declared()
  await machine.time.advanceTo(Date.parse('2026-01-06T10:30:00.000Z'))
  const { check, lines } = checkOf(machine)
  const broken = CompanyId.parse('broken')
  const error = new Error('cannot be read')
  const companies: typeof check.companies = {
    ...check.companies,
    sageCompanies: async (company) =>
      await (company === broken ? Promise.reject(error) : check.companies.sageCompanies(company)),
  }
  const summaries = { companies: async () => await Promise.resolve([broken, key.company]) }
  await expect(nightlyCheck({ ...check, companies, summaries })).rejects.toMatchObject({ errors: [error] })
  expect(lines).toEqual([['nightly check failed', { company: broken, error }]])
  expect(await nightlyCheck(check)).toEqual({ compared: 0, drift: 0 })
})

test('warns in one line of a Sage company whose totals are no longer read', async () => {
  const machine = await declared()
  expect((await nightOf(machine, '2026-01-12T08:30:00.000Z')).lines).toEqual([])
  const { lines } = await nightOf(machine, '2026-01-13T10:30:00.000Z')
  const longest = [{ job: '24-1007', since: Instant.parse('2026-01-05T09:00:00.000Z') }]
  expect(lines).toEqual([
    ['sage readings stopped', { company: key.company, sage_company: sageId, jobs: 1, longest }],
  ])
})

test('of many jobs whose totals are no longer read the ten are named that were read first', async () => {
  const machine = await declared()
  const { manifest } = await head(machine)
  const clinic = await machine.store.project(key)
  for (let job = 10; job < 21; job += 1) {
    const project = ProjectId.parse(`p${String(job)}`)
    const as_of = Instant.parse(`2025-12-${String(31 - job)}T09:00:00.000Z`)
    const of = { company: key.company, project }
    await machine.store.commit(of, undefined, {
      head: { ...newHead(of, manifest, machine.clock.now()), export: 1, open_export: 1 },
      project: { ...clinic!, project, job: { sage_company: sageId, number: `24-${String(job)}` } },
      history: [{ event: 'project_created', by: poster, detail: { before: null, after: {} } }],
    })
    const totals = { job: `24-${String(job)}`, as_of, totals: [] }
    await machine.companies.putJobTotals(key.company, sageId, totals)
  }
  const { lines } = await nightOf(machine, '2026-01-13T10:30:00.000Z')
  const [, told] = lines.at(-1) as [string, { jobs: number; longest: { job: string }[] }]
  expect(told.jobs).toBe(12)
  expect(told.longest.map(({ job }) => job)).toEqual(
    Array.from({ length: 10 }, (_, i) => `24-${String(20 - i)}`),
  )
})

const now = Instant.parse('2026-01-20T00:00:00.000Z')
const before = (days: number) => Instant.parse(new Date(Date.parse(now) - days * day).toISOString())

test.each([
  ['agent', 'read six days ago', [['24-1', 6]], []],
  ['agent', 'read eight days ago', [['24-1', 8]], ['24-1']],
  ['agent', 'never read, exported for nine days', [], ['24-1']],
  ['agent', 'not read as the others are', [['24-2', 1]], ['24-1']],
  ['file_drop', 'no more uploaded', [['24-1', 8]], ['24-1']],
  ['file_drop', 'of a Sage company that was never read', [], []],
] as const)('by %s a job that is %s', (connector, _, read_, stopped) => {
  const reading = new Map(read_.map(([job, days]) => [job, before(days)]))
  const jobs = [{ job: '24-1', since: before(9) }]
  expect(readingsStopped({ connector }, jobs, reading, now).map(({ job }) => job)).toEqual(stopped)
})
