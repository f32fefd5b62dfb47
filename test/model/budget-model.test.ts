import * as fc from 'fast-check'
import { beforeAll, test } from 'vitest'
import { budgetCode } from '../../shared/domain/budget-code.ts'
import { cents, noCents } from '../../shared/domain/cents.ts'
import { PersonId } from '../../shared/domain/ids.ts'
import type { LineItem } from '../../shared/domain/line-item.ts'
import { Scaled4 } from '../../shared/domain/quantity.ts'
import { newHead } from '../../shared/store/head-row.ts'
import { tried } from '../arbitraries.ts'
import { acme, east, eastFolder, masterData, setUpAcme } from '../functions/api/acme.ts'
import { rememberingPeople, useLocalApi } from '../functions/api/local-api.ts'
import { keyOf } from '../functions/api/workflow-by-hand.ts'
import { committed } from '../store/budgets.ts'
import { anyBudget, fewCodes, type Given, linesAtFirst } from './budget/budgets-drawn.ts'
import { compare, compareAtRest } from './budget/compare.ts'
import { PlainBudget } from './budget/plain-budget.ts'
import type { PlainLine } from './budget/plain-line.ts'
import { give, type RealBudget } from './budget/real-budget.ts'

const api = useLocalApi(rememberingPeople)
const jobs = Array.from({ length: 4_000 }, (_, i) => `J-${String(i)}`)
let projects = 0

beforeAll(async () => {
  await setUpAcme(api())
  await api().companies.putSageCompany(acme, { ...eastFolder, cost_codes_may_be_created: true }, 'system')
  await api().companies.putMasterData(acme, east, masterData(jobs), 'system')
})

/** A project with these lines, really and in the model. */
async function begin(
  lines: readonly PlainLine[],
  codes: PlainBudget['codes'],
): Promise<[RealBudget, PlainBudget]> {
  const { store, clock } = api()
  const number = jobs[projects++]!
  const key = keyOf(`model-${String(projects)}`)
  const { manifest, totals } = await store.saveLines(key, lines.map(storedLine))
  const by = PersonId.parse('ed')
  await committed(store, key, undefined, {
    head: { ...newHead(key, manifest, clock.now()), ...totals, creator: by },
    history: [{ event: 'project_created', by, detail: {} }],
    project: {
      project: key.project,
      name: 'Bridge',
      job: { sage_company: east, number },
      settings: { one_sided_changes: false },
      created_by: by,
      created_at: clock.now(),
    },
    job_link: { take: { sage_company: east, job: number } },
  })
  const plain = new PlainBudget(codes, lines, { sage_company: east, number })
  return [{ api: api(), project: key.project, kept: new Map(), used: new Map(), seen: {} }, plain]
}

const storedLine = ({ code, automatic, quantity, unitCost, original, ...texts }: PlainLine): LineItem => ({
  ...texts,
  code: budgetCode(...code),
  calculation_strategy: automatic ? 'automatic' : 'manual',
  quantity: quantity === null ? null : Scaled4.parse(Number(quantity)),
  unit_cost: unitCost === null ? null : Scaled4.parse(Number(unitCost)),
  original: cents(Number(original)),
  changes: noCents,
})

async function run(
  sequence: readonly Given[],
  lines: readonly PlainLine[],
  codes: PlainBudget['codes'],
): Promise<void> {
  const [real, plain] = await begin(lines, codes)
  await compare(real, plain)
  for (const [command, manner] of sequence) {
    await give(real, plain, command, manner)
    await compare(real, plain)
  }
  await compareAtRest(real, plain)
}

test('any sequence of edits, imports, changes, locks, unlocks and restores leaves what a plain budget in memory holds, line by line, after every step', async () => {
  await fc.assert(
    fc.asyncProperty(anyBudget, async ({ sequence, size }) => {
      const lines = linesAtFirst(size)
      const codes = lines.filter((_, i) => i % 67 === 66).map(({ code }) => code)
      await run(sequence, lines, [...fewCodes, ...codes])
    }),
    tried(100, 2_000),
  )
}, 3_600_000)
