import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
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
import type { Asked } from './budget/command.ts'
import { anyBudget, anyLargeBudget, type Drawn, fewCodes, linesAtFirst } from './budget/budgets-drawn.ts'
import { compare, compareAtRest } from './budget/compare.ts'
import { PlainBudget } from './budget/plain-budget.ts'
import type { PlainLine } from './budget/plain-line.ts'
import { everyCommand, manyLines, namesIn, Reached, type Wanted } from './budget/reached.ts'
import { give, type RealBudget } from './budget/real-budget.ts'

const api = useLocalApi(rememberingPeople)
let projects = 0
/** Jobs in Sage: those of the next projects alone, so that looking one up takes no longer the more there were. */
let jobs: readonly string[] = []
const jobsAtOnce = 50

beforeAll(async () => {
  await setUpAcme(api())
  await api().companies.putSageCompany(acme, { ...eastFolder, cost_codes_may_be_created: true }, 'system')
})

/** A project with these lines, really and in the model. */
async function begin(
  lines: readonly PlainLine[],
  codes: PlainBudget['codes'],
  reached: Reached,
): Promise<[RealBudget, PlainBudget]> {
  const { store, clock, companies } = api()
  projects += 1
  const number = `J-${String(projects)}`
  if (!jobs.includes(number)) {
    jobs = Array.from({ length: jobsAtOnce }, (_, i) => `J-${String(projects + i)}`)
    await companies.putMasterData(acme, east, masterData(jobs), 'system')
  }
  const key = keyOf(`model-${String(projects)}`)
  const { manifest, totals } = await store.saveLines(key, lines.map(storedLine))
  const by = PersonId.parse('ed')
  await committed(store, key, undefined, {
    head: { ...newHead(key, manifest, clock.now()), ...totals, creator: by },
    history: [{ event: 'project_created', by, detail: { before: null, after: {} } }],
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
  return [{ api: api(), project: key.project, reached, kept: new Map(), used: new Map(), seen: {} }, plain]
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

/** A command that is not yet what was drawn is asked again, so many times in all. */
const mostSteps = 4

async function run(
  { sequence, atRest }: Drawn,
  lines: readonly PlainLine[],
  codes: PlainBudget['codes'],
  reached: Reached,
): Promise<void> {
  const [real, plain] = await begin(lines, codes, reached)
  for (const [command, manner] of sequence) {
    let further = mostSteps
    let asked: Asked
    let went: boolean
    do {
      asked = command.ask(plain)
      went = await give(real, plain, asked, manner)
      await compare(real, plain)
      further -= 1
    } while (asked.onTheWay && went && further > 0)
  }
  if (atRest) await compareAtRest(real, plain)
}

/** Whether a run has seen enough is left to no seed: it goes on with what is missing, so often at the most. */
const mostRounds = 12

async function hold(
  budgets: typeof anyBudget,
  wanted: Wanted,
  { numRuns: whole = 1, seed = Date.now() % 2 ** 31 }: fc.Parameters<unknown>,
): Promise<void> {
  const reached = new Reached()
  let missing = wanted
  for (let round = 0; round < mostRounds && namesIn(missing).length > 0; round += 1) {
    const property = fc.asyncProperty(budgets(namesIn(missing)), async (drawn) => {
      const lines = linesAtFirst(drawn.size)
      const codes = lines.filter((_, i) => i % 67 === 66).map(({ code }) => code)
      await run(drawn, lines, [...fewCodes, ...codes], reached)
    })
    const numRuns = round === 0 ? whole : Math.ceil(whole / 20)
    await fc.assert(property, { numRuns, seed: seed + round })
    missing = reached.missing(wanted)
  }
  expect(missing, `never seen from seed ${String(seed)} on`).toEqual({})
}

test('any sequence of edits, imports, changes, locks, unlocks and restores leaves what a plain budget in memory holds, line by line, after every step', async () => {
  await hold(anyBudget, everyCommand, tried(100, 1_950))
}, 3_600_000)

test('the same of budgets of several chunks', async () => {
  await hold(anyLargeBudget, manyLines, tried(1, 50))
}, 3_600_000)
