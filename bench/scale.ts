import { setTimeout as pause } from 'node:timers/promises'
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import { collectGarbage, type Measure } from './bar.ts'
import { unwatched, withCycleOf } from './cycle-of-lines.ts'
import { mailedLink } from './mailed-link.ts'
import { masterDataFor, sageCompany } from './sage-company.ts'
import { oneProject } from './one-project.ts'
import { acceptBy, anna, ask, askFor } from './people.ts'
import { approval, approver, clinic, clinicLines, head, key } from '../test/statemachines/cycle/clinic.ts'
import { type CycleMachine, cycleMachine, type Kept } from '../test/statemachines/cycle/machine.ts'
import { startLocalDatabase } from '../test/store/local-database.ts'
import { memoryDatabase, type Tables } from '../test/store/memory-database.ts'
import { rowBytes } from '../test/store/row-bytes.ts'
import { tradeLines } from '../test/store/trade-lines.ts'
import { measuredDocument } from '../test/store/write-units.ts'
import { deliver } from '../functions/relay/deliver.ts'
import { sweep } from '../functions/schedule/sweep.ts'
import { Instant, ProjectId, type ProjectKey } from '../shared/domain/ids.ts'
import { newHead } from '../shared/store/head-row.ts'
import { projectPk } from '../shared/store/keys.ts'
import { createOutbox, type Outbox } from '../shared/store/outbox-table.ts'
import { inPieces } from '../shared/store/rows.ts'

const waiting = 1000
const decided = 100
const hundreds = waiting / 100
const atOnce = 25

const projects: readonly ProjectKey[] = Array.from({ length: waiting }, (_, i) => ({
  company: key.company,
  project: ProjectId.parse(`p${String(i).padStart(4, '0')}`),
}))
const jobOf = ({ project }: ProjectKey): string => `25-${project.slice(1)}`
const lines = clinicLines.slice(0, 2)

/** Some at once; what follows from each handful is over before the next. */
async function each<T>(
  all: readonly T[],
  work: (one: T) => Promise<unknown>,
  settle = async (): Promise<void> => await Promise.resolve(),
): Promise<void> {
  for (const some of inPieces(all, atOnce)) {
    await Promise.all(some.map(work))
    await settle()
  }
}

/** Bytes of the heap that are in use, after what was ending has ended and what nobody holds is gone. */
async function heapInUse(): Promise<number> {
  // Several times: what one collection lets go of holds more.
  for (let round = 0; round < 5; round += 1) {
    // oxlint-disable-next-line no-await-in-loop -- between two collections
    await pause(100)
    collectGarbage()
  }
  return process.memoryUsage().heapUsed
}

/** Budgets of two lines, each of a job of its own that Sage knows. */
async function storeBudgets(machine: CycleMachine): Promise<void> {
  const { store, companies, clock } = machine
  await clinic(machine)
  const [as_of, standing] = [clock.now(), { closed: false, original_finalized: false }]
  const jobs = projects.map((of) => ({ job: jobOf(of), description: of.project, ...standing }))
  const master = { ...masterDataFor(lines, as_of), jobs }
  await companies.putMasterData(key.company, sageCompany.id, master, 'system')
  await each(projects, async (of) => {
    const job = { sage_company: sageCompany.id, job: jobOf(of) }
    await companies.putJobTotals(of.company, sageCompany.id, { job: job.job, as_of, totals: [] })
    const { manifest, totals } = await store.saveLines(of, lines)
    await store.commit(of, undefined, {
      head: { ...newHead(of, manifest, as_of), ...totals },
      history: [{ event: 'project_created', by: 'system', detail: { before: null, after: {} } }],
      project: {
        project: of.project,
        name: of.project,
        job: { sage_company: job.sage_company, number: job.job },
        settings: { one_sided_changes: true },
        created_by: 'system',
        created_at: as_of,
      },
      job_link: { take: job },
    })
  })
}

const never = Instant.parse('2100-01-01T00:00:00Z')

/** The relay over all projects, until nothing is left to deliver. */
async function deliverAll({ outside, time }: CycleMachine, outbox: Outbox): Promise<void> {
  const delivered = async (row: Awaited<ReturnType<Outbox['overdue']>>[number]): Promise<void> => {
    await deliver(outside, row)
    await outbox.delivered(row)
  }
  for (let rows = await outbox.overdue(never); rows.length > 0; rows = await outbox.overdue(never))
    await each(rows, delivered, time.settle)
}

/** All of them locked and sent on one engine and one database in memory; each then waits for a decision. */
async function lockedAndSent(): Promise<{ readonly kept: Kept; readonly seconds: number }> {
  const database = memoryDatabase()
  const machine = await cycleMachine(database)
  const outbox = createOutbox({ document: database.document, table: machine.table })
  await storeBudgets(machine)
  const began = performance.now()
  for (const name of ['lock', 'send'] as const) {
    await each(projects, async (of) => await askFor(machine, name, of))
    await deliverAll(machine, outbox)
  }
  const seconds = (performance.now() - began) / 1000
  for (const of of projects) {
    const { execution = '' } = await head(machine, of)
    if (machine.standsIn(execution) !== 'Wait for decision') throw new Error(`${of.project} does not wait`)
  }
  return { kept: await machine.kept(), seconds }
}

const Page = z.looseObject({
  budgets: z.array(z.looseObject({ project: z.string() })),
  next_cursor: z.string().nullable(),
})

/** Reads the list of what waits page by page; how many pages, and whether it named every budget once. */
async function listed(machine: CycleMachine): Promise<number> {
  const named: string[] = []
  let pages = 0
  let cursor: string | null = ''
  while (cursor !== null) {
    const query = { state: 'sent', limit: '100', ...(cursor && { cursor }) }
    const body = await ask(machine, anna, { method: 'GET', path: '/erp/budgets', query })
    const page: z.infer<typeof Page> = Page.parse(JSON.parse(body))
    named.push(...page.budgets.map(({ project }) => project))
    cursor = page.next_cursor
    pages += 1
  }
  if (named.length !== waiting || new Set(named).size !== waiting)
    throw new Error(`The list names ${String(named.length)} budgets`)
  return pages
}

/** Every form is sent twice, all at the same moment; seconds until all are answered. */
async function decideAtOnce(machine: CycleMachine): Promise<number> {
  const some = projects.slice(0, decided)
  const links = await Promise.all(some.map(async (of) => await mailedLink(machine, of)))
  const began = performance.now()
  await Promise.all([...links, ...links].map(async (link) => await acceptBy(machine, link)))
  const seconds = (performance.now() - began) / 1000
  for (const of of some) {
    const { decisions, outcome } = await approval(machine, of)
    const { cycle } = await head(machine, of)
    const told = await machine.store.signals(of, cycle)
    const accepts = told.filter(({ kind }) => kind === 'accepted')
    const once = decisions.length === 1 && decisions[0]?.person === approver && accepts.length === 1
    if (outcome !== 'accepted' || !once)
      throw new Error(`${of.project} was decided ${String(decisions.length)} times`)
  }
  return seconds
}

const grouped = (count: number): string => count.toLocaleString('en-US')
const per = (all: number, of: number, digits = 1): string => (all / of).toFixed(digits)

interface Waiting {
  readonly rows: number
  readonly bytes: number
}

const waitingOf = ({ rows }: Kept, of: ProjectKey): Waiting => {
  const own = rows.filter(({ pk }) => pk === projectPk(of))
  return { rows: own.length, bytes: own.reduce((sum, row) => sum + rowBytes(row), 0) }
}

/** What a budget of 1,000 lines has in its partition while it waits for a decision. */
const largerWaiting = async (): Promise<Waiting> =>
  await withCycleOf(tradeLines(1000), unwatched, async (machine) => {
    for (const name of ['lock', 'send'] as const) {
      await askFor(machine, name)
      await machine.settle()
    }
    return waitingOf(await machine.kept(), key)
  })

/** The thousand on another engine over this database; nothing of the one before is left. */
async function goneOn(database: Tables) {
  const { kept, seconds } = await lockedAndSent()
  const machine = await cycleMachine(database, kept)
  return { machine, seconds, small: waitingOf(kept, projects[0] ?? key) }
}

const inTable = ({ rows, bytes }: Waiting): string => `${String(rows)} rows, ${per(bytes, 1024)} KiB`

async function thousandWaiting(): Promise<Awaited<ReturnType<Measure>>> {
  // First of all, so that what the API and the engine load and keep for good is there before.
  const larger = await largerWaiting()
  const before = await heapInUse()
  const database = await startLocalDatabase()
  try {
    const { document, since } = measuredDocument(database)
    const { machine, seconds, small } = await goneOn({ ...database, document })
    const memory = (await heapInUse()) - before
    const outbox = createOutbox({ document, table: machine.table })
    since()
    const swept = performance.now()
    const { overdue } = await sweep({ ...machine, outbox })
    const sweeping = { ms: performance.now() - swept, ...since() }
    if (overdue > 0) throw new Error(`${String(overdue)} rows were left undelivered`)
    const looked = performance.now()
    const pages = await listed(machine)
    const listing = { ms: performance.now() - looked, ...since() }
    let cancelled = 0
    document.middlewareStack.add(
      (next) => async (args) =>
        await next(args).catch((error: unknown) => {
          if (error instanceof TransactionCanceledException) cancelled += 1
          throw error
        }),
      { step: 'initialize', name: 'cancelled' },
    )
    const deciding = await decideAtOnce(machine)
    return [
      {
        bar: 'the list of 1,000 budgets that wait for accounting, for each 100 of them',
        unit: 'calls',
        at_most: 9,
        figure: listing.reads / hundreds,
        of: `GET /erp/budgets?state=sent, ${per(listing.read_units, hundreds, 0)} read units; ${String(pages)} pages name every budget once`,
      },
      {
        bar: 'a look of the sweep while 1,000 budgets wait, nothing overdue',
        unit: 'read units',
        at_most: 8,
        figure: sweeping.read_units,
        of: `${String(sweeping.reads)} queries at the same time`,
      },
      {
        heading: 'A thousand waiting budgets',
        words: [
          `${grouped(waiting)} budgets of two lines, each of a job of its own, are locked and sent by requests to the API on one local engine, over a database in the memory of the process;`,
          'all that is kept then goes on in another engine over the local database, as after a restart, where the rest is measured.',
          `Then ${String(decided)} of them are accepted from their mailed links, every form sent twice and all at the same moment.`,
          'On AWS a waiting execution costs nothing, and of ours there are only its rows; the memory is that of the other local engine before anything is asked of it, with the histories of all executions and what stands for the bucket.',
        ].join(' '),
        columns: ['What', 'Figure'],
        rows: [
          [
            'one budget locked and sent, commands, relay, steps and waits',
            `${per(seconds * 1000, waiting)} ms`,
          ],
          ['memory of the local engine, for each waiting budget', `${per(memory, waiting * 1024)} KiB`],
          ['in the partition of each waiting budget, of two lines', inTable(small)],
          ['the same of a budget of 1,000 lines', inTable(larger)],
          [
            'the list of all that waits, page by page',
            `${per(listing.ms, hundreds, 0)} ms, ${per(listing.reads, hundreds, 0)} calls and ${per(listing.read_units, hundreds, 0)} read units for each 100 (${String(pages)} pages)`,
          ],
          [
            'a look of the sweep',
            `${sweeping.ms.toFixed(0)} ms, ${String(sweeping.reads)} queries at once, ${String(sweeping.read_units)} read units`,
          ],
          [
            `${String(decided * 2)} decisions at once on ${String(decided)} budgets`,
            `${deciding.toFixed(1)} s; each decided once, ${String(cancelled)} transactions were cancelled`,
          ],
        ],
      },
    ]
  } finally {
    database.stop()
  }
}

export const scale: Measure = async () => [...(await thousandWaiting()), ...(await oneProject())]
