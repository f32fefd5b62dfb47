import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { type ApiClient, apiAs } from './api-client.ts'
import { job, people, project, sageCompany, sageFolder, subjectOf } from './local-company.ts'
import { SetUp } from './sage/set-up.ts'
import type { LocalStack } from './stack.ts'

// What the stack on one machine begins with, put in through the API and Sage's own screens, as a customer would.

const samples = join(import.meta.dirname, 'samples')
export const readSample = (name: string): string => readFileSync(join(samples, name), 'utf8')

/** The directory: the first person is written by the token of a company admin alone. */
export async function registerPeople({ runtime }: Pick<LocalStack, 'runtime'>): Promise<number> {
  const admin = apiAs(runtime, people.ada)
  for (const person of Object.values(people)) {
    const { id, name, email, roles } = person
    const body = { name, email, roles, subjects: [subjectOf(person)] }
    await admin.send('PUT', `/company/people/${id}`, body, { matching: '/company/people' })
  }
  return Object.keys(people).length
}

/** The company data folder in Sage, with its lists, and the same company on our side, served by the agent. */
export async function setUpSage({ runtime, sage, folders }: LocalStack): Promise<void> {
  const books = sage.createCompany(sageFolder)
  books.setUp(SetUp.parse(JSON.parse(readSample('sage-company.json'))))
  books.writeReports(folders.reports)
  await apiAs(runtime, people.ada).send(
    'PUT',
    `/company/sage/${sageCompany}`,
    {
      name: 'Northwind Builders',
      folder: sageFolder,
      connector: 'agent',
      posters: [people.peter.id],
      time_zone: 'America/Los_Angeles',
      cost_code_mask: '##-####',
      entry_date_window: { before: 30, after: 30 },
    },
    { matching: '/company/sage' },
  )
}

export async function createProject({ runtime }: Pick<LocalStack, 'runtime'>): Promise<void> {
  await apiAs(runtime, people.paula).send('PUT', `/projects/${project}`, {
    name: 'Riverside Clinic',
    job: { sage_company: sageCompany, number: job },
    settings: { one_sided_changes: false },
  })
}

const Imported = z.looseObject({ counts: z.looseObject({ add: z.int() }) })

/** Imports the sample budget and answers how many lines it added. */
export async function importBudget({ runtime }: Pick<LocalStack, 'runtime'>): Promise<number> {
  const answer = await apiAs(runtime, people.paula).send(
    'POST',
    `/projects/${project}/budget/import?mode=merge`,
    readSample('clinic-budget.csv'),
    { matching: `/projects/${project}/budget`, contentType: 'text/csv' },
  )
  return Imported.parse(answer).counts.add
}

const Budget = z.looseObject({
  edit_state: z.string(),
  erp_state: z.string(),
  shown_as: z.string(),
  execution: z.string().nullable(),
  pending: z.unknown().nullable(),
  last_command: z
    .looseObject({
      outcome: z.string(),
      sentence: z.string().optional(),
      findings: z.array(z.looseObject({ sentence: z.string() })).optional(),
    })
    .nullable(),
})
export type BudgetState = z.infer<typeof Budget>

export const readBudget = async (api: ApiClient, of = project): Promise<BudgetState> =>
  Budget.parse(await api.get(`/projects/${of}/budget`))

const pauses = { first: 50, longest: 300 }

/** Asks again until it holds, ever less often, since asking takes from what is waited for; gives up after a minute. */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const last = performance.now() + 60_000
  for (let next = pauses.first; ; next = Math.min(next * 1.5, pauses.longest)) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > last) throw new Error(`Waited a minute for this, in vain: ${what}.`)
    await pause(next)
  }
}

/** Gives a command of the project side and waits until the workflow has carried it out. */
export async function command(
  api: ApiClient,
  name: 'lock' | 'send' | 'unlock' | 'retrieve',
  of = project,
): Promise<BudgetState> {
  await api.send('POST', `/projects/${of}/budget/${name}`)
  const done = await until(`the budget to ${name}`, async () => {
    const budget = await readBudget(api, of)
    return budget.pending === null && budget.last_command?.outcome !== 'pending' ? budget : undefined
  })
  if (done.last_command?.outcome === 'refused')
    throw new Error(
      [
        `${name} was refused: ${done.last_command.sentence ?? ''}`,
        ...(done.last_command.findings ?? []).map(({ sentence }) => sentence),
      ].join('\n'),
    )
  return done
}

/** A budget change that moves money between lines. */
export interface Transfer {
  readonly title: string
  readonly lines: readonly (readonly [
    sub_job: string,
    cost_code: string,
    cost_type: string,
    amount: string,
  ])[]
}

/** Funds the sample's zero line, so that its first export has a second file. */
export const zoneValves: Transfer = {
  title: 'Zone valve boxes, out of controls',
  lines: [
    ['', '23-0900', 'S', '-18250.40'],
    ['', '22-6000', 'M', '18250.40'],
  ],
}

const changes = `/projects/${project}/budget_changes`
const matching = `/projects/${project}/budget`

const adjustments = ({ lines }: Transfer) => ({
  adjustment_line_items: lines.map(([sub_job, cost_code, cost_type, amount]) => ({
    sub_job,
    cost_code,
    cost_type,
    amount,
  })),
})

const Made = z.looseObject({ number: z.int() })

/** Makes a budget change and answers its number. */
export async function makeChange(api: ApiClient, transfer: Transfer): Promise<number> {
  const body = { title: transfer.title, ...adjustments(transfer) }
  return Made.parse(await api.send('POST', changes, body, { matching })).number
}

export async function correctChange(api: ApiClient, number: number, transfer: Transfer): Promise<void> {
  await api.send('PATCH', `${changes}/${String(number)}`, adjustments(transfer), { matching })
}

export async function decideChange(api: ApiClient, number: number, act: 'approve' | 'reopen'): Promise<void> {
  await api.send('POST', `${changes}/${String(number)}/${act}`, {}, { matching })
}

/** Imports, locks, changes and sends the sample budget: an approver has to decide, and two files will come. */
export async function sendSampleBudget(stack: Pick<LocalStack, 'runtime'>): Promise<void> {
  const paula = apiAs(stack.runtime, people.paula)
  await importBudget(stack)
  await command(paula, 'lock')
  await decideChange(paula, await makeChange(paula, zoneValves), 'approve')
  await command(paula, 'send')
}

/** The agent has told the API what Sage knows. */
export async function masterDataRead({ runtime }: Pick<LocalStack, 'runtime'>): Promise<void> {
  const admin = apiAs(runtime, people.ada)
  await until('the agent to read Sage', async () => {
    const read = await admin.get(`/erp/master_data/${sageCompany}/totals/${job}`).catch(() => undefined)
    return read === undefined ? undefined : true
  })
}
