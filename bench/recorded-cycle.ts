import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { apiAs } from '../local/api-client.ts'
import type { Engine } from '../local/engine/engine.ts'
import { company, people, sageCompany } from '../local/local-company.ts'
import { anyPorts } from '../local/runtime/ports.ts'
import { type FunctionPart, functionNameOf } from '../local/runtime/resources/functions.ts'
import { registerPeople, setUpSage, until } from '../local/sample.ts'
import { type LocalStack, startStack } from '../local/stack.ts'
import { writeBudgetCsv } from '../shared/budget-files/csv-out.ts'
import type { BudgetHead } from '../shared/domain/budget-head.ts'
import { systemClock } from '../shared/domain/clock.ts'
import { CompanyId, Instant, ProjectId } from '../shared/domain/ids.ts'
import type { LineItem } from '../shared/domain/line-item.ts'
import { createBudgetStore } from '../shared/store/budget-table.ts'
import {
  acceptedByMail,
  booksOf,
  droppedFile,
  importAndPost,
  printTotals,
} from '../test/local/stack/small-project.ts'
import { localClient, localDocument } from '../test/store/local-database.ts'
import { recordingProxies, type ServiceCall } from './recording-proxies.ts'
import { masterDataFor } from './sage-company.ts'
import { transitionsIn } from './transitions.ts'

/** One call of a function. */
export interface Invoked {
  readonly name: string
  /** Seconds of processor time. */
  readonly processor: number
  /** That it is given. */
  readonly megabytes: number
  /** `http`: API Gateway; `queue`: a poller of Lambda's own. */
  readonly by: 'http' | 'queue' | 'other'
  readonly calls: readonly ServiceCall[]
}

/** What a bill would count of one stretch of a budget's way. */
export interface Stretch {
  readonly invoked: readonly Invoked[]
  /** Requests of programs that are no functions: the agent's. */
  readonly outside: readonly ServiceCall[]
  /** Bytes that the functions logged, and that the workflow's log of its history takes. */
  readonly logged: number
  readonly transitions: number
  /** Messages that the workflow itself sends: one for each file. */
  readonly files: number
}

export interface RecordedCycle {
  readonly lines: number
  /** The import of its file through the API. */
  readonly imported: Stretch
  /** From the lock to the moment in which Sage's totals show every entry. */
  readonly cycle: Stretch
}

const restAfter = 250 // milliseconds without a call

// What the clock calls, budgets or none, is no cost of a cycle.
const byTheClock = ['sweep', 'daily-summary', 'nightly-check']

const Messages = z.looseObject({
  Records: z.array(z.looseObject({ eventSource: z.literal('aws:sqs'), body: z.string() })),
})

type Heard = Omit<Invoked, 'calls'> & { readonly trace: string; readonly about: string }

export interface Recording {
  readonly cycles: readonly RecordedCycle[]
  /** A reading of Sage in which the totals of the first budget's job have not changed. */
  readonly reading: Stretch
  /** One turn of the sweep. */
  readonly sweep: Stretch
}

/** Takes these budgets through the running product, one after the other, and writes down what a bill would count. */
export async function recordedCycles(budgets: readonly (readonly LineItem[])[]): Promise<Recording> {
  const data = mkdtempSync(join(tmpdir(), 'bench-cost-'))
  const proxies = await recordingProxies()
  const heard: Heard[] = []
  const functions = new Map<string, FunctionPart>()
  const stack = await startStack(data, {
    ports: anyPorts,
    faults: {
      between: proxies.between,
      call: async (nameOrArn, go, payload) => {
        const invocation = await go()
        const part = functions.get(functionNameOf(nameOrArn))
        heard.push({
          name: serviceOf(part),
          trace: invocation.requestId.replaceAll('-', ''),
          processor: ((invocation.outcome === 'returned' && invocation.processor) || 0) / 1000,
          megabytes: part?.memoryMegabytes ?? 0,
          ...callerOf(payload),
        })
        return invocation
      },
    },
  })
  try {
    for (const { part } of stack.runtime.resources.values())
      if (part?.kind === 'function') functions.set(part.name, part)
    await registerPeople(stack)
    await setUpSage(stack)
    const recorder = recorderOf(stack, join(data, 'logs', 'functions.log'), heard, proxies.calls)
    const cycles: RecordedCycle[] = []
    for (const [at, lines] of [budgets[0] ?? [], ...budgets].entries())
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      cycles.push(await recordedCycle(stack, recorder, lines, at))
    const isOfFirst = aboutJob(jobOf(0))
    const reading = await recorder.record(isOfFirst, async () => {
      const before = heard.length
      printTotals(stack)
      await until('the agent to read Sage again', () => heard.slice(before).some(isOfFirst) || undefined)
    })
    const [sweeper] = [...functions.values()].filter((part) => serviceOf(part) === 'sweep')
    const sweep = await recorder.record(
      ({ name }) => name === 'sweep',
      async () => void (await stack.runtime.invoke(sweeper?.name ?? '', {})),
    )
    // The first was taken along to load the functions.
    return { cycles: cycles.slice(1), reading, sweep }
  } finally {
    await stack.stop()
    proxies.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

const serviceOf = (part: FunctionPart | undefined): string =>
  part?.environment['POWERTOOLS_SERVICE_NAME'] ?? ''

/** Who called a function, and what about: the path of a request, or the messages. */
function callerOf(payload: unknown): Pick<Heard, 'by' | 'about'> {
  const event = typeof payload === 'object' && payload !== null ? payload : {}
  if ('rawPath' in event) return { by: 'http', about: String(event.rawPath) }
  const messages = Messages.safeParse(event).data?.Records
  return messages
    ? { by: 'queue', about: messages.map(({ body }) => body).join(' ') }
    : { by: 'other', about: '' }
}

interface Watch {
  /** Waits until no function has been called for a moment. */
  readonly quiet: () => Promise<void>
  /** What happens while a work is done; the work answers the execution that it began, if it began one. */
  readonly record: (
    isOurs: (heard: Heard) => boolean,
    work: () => Promise<string | undefined | void>,
  ) => Promise<Stretch>
}

const jobOf = (at: number): string => `24-500${String(at)}`

/** Every reading of Sage tells the totals of all jobs; those of others are theirs. */
const aboutJob =
  (job: string) =>
  ({ name, about }: Heard): boolean =>
    !byTheClock.includes(name) && (!about.includes('totals') || about.includes(job))

const traceIn = (header: string | undefined): string =>
  /Root=1-([\da-f]{8})-([\da-f]{24})/
    .exec(header ?? '')
    ?.slice(1)
    .join('') ?? ''

function recorderOf(
  { runtime: { engine } }: LocalStack,
  log: string,
  heard: readonly Heard[],
  calls: readonly ServiceCall[],
): Watch {
  const quiet: Watch['quiet'] = async () => {
    for (let before = -1; before !== heard.length; await pause(restAfter)) before = heard.length
  }
  const record: Watch['record'] = async (isOurs, work) => {
    await quiet()
    const from = { heard: heard.length, calls: calls.length, log: readFileSync(log).length }
    const execution = await work()
    await quiet()
    const ours = heard.slice(from.heard).filter(isOurs)
    const made = calls.slice(from.calls)
    const { transitions, files, history } =
      typeof execution === 'string' ? countedIn(engine, execution) : { transitions: 0, files: 0, history: 0 }
    return {
      invoked: ours.map(({ trace, ...each }) => ({
        ...each,
        calls: made.filter((call) => traceIn(call.trace) === trace).toSorted((a, b) => a.began - b.began),
      })),
      outside: made.filter(({ trace }) => trace === undefined),
      logged: readFileSync(log).length - from.log + history,
      transitions,
      files,
    }
  }
  return { quiet, record }
}

function countedIn(engine: Engine, execution: string) {
  const [{ executionArn } = { executionArn: '' }] = engine
    .listStateMachines({})
    .stateMachines.flatMap(({ stateMachineArn }) => engine.listExecutions({ stateMachineArn }).executions)
    .filter(({ name }) => name === execution)
  const history = { executionArn, maxResults: 1000, includeExecutionData: false }
  const { events } = engine.getExecutionHistory(history)
  const lines = events.map((event) => JSON.stringify(event))
  return {
    transitions: transitionsIn(events),
    files: lines.filter((line) => line.includes('TaskScheduled') && line.includes('"resourceType":"sqs"'))
      .length,
    history: lines.join('').length,
  }
}

async function recordedCycle(
  stack: LocalStack,
  { quiet, record }: Watch,
  lines: readonly LineItem[],
  at: number,
): Promise<RecordedCycle> {
  const id = `tower-${String(at)}`
  const job = jobOf(at)
  const isOurs = aboutJob(job)
  const paula = apiAs(stack.runtime, people.paula)
  const headOf = headReader(stack, id)
  setUpJob(stack, job, lines)
  printTotals(stack)
  await paula.send('PUT', `/projects/${id}`, {
    name: id,
    job: { sage_company: sageCompany, number: job },
    settings: { one_sided_changes: true },
  })
  const totals = `/erp/master_data/${sageCompany}/totals/${job}`
  const ada = apiAs(stack.runtime, people.ada)
  await until('the agent to read Sage', async () => await ada.get(totals).catch(() => undefined))
  const imported = await record(isOurs, async () => {
    await paula.send('POST', `/projects/${id}/budget/import?mode=merge`, writeBudgetCsv(lines), {
      matching: `/projects/${id}/budget`,
      contentType: 'text/csv',
    })
  })
  const cycle = await record(isOurs, async () => {
    await paula.send('POST', `/projects/${id}/budget/lock`)
    const { execution = '' } = await headOf(({ edit, pending }) => edit === 'locked' && !pending)
    await paula.send('POST', `/projects/${id}/budget/send`)
    await acceptedByMail(stack, id)
    const file = await droppedFile(stack, 'original', id)
    await headOf(({ erp }) => erp === 'exported')
    // The simulator works in this thread, and would hold up what is measured meanwhile.
    await quiet()
    importAndPost(stack, file, false)
    printTotals(stack)
    await headOf(({ erp }) => erp === 'synced')
    return execution
  })
  return { lines: lines.length, imported, cycle }
}

/** The lists of Sage that the lines need, with a job of their own. */
function setUpJob(stack: LocalStack, job: string, lines: readonly LineItem[]): void {
  const { cost_codes, extras } = masterDataFor(lines, Instant.parse(new Date().toISOString()))
  booksOf(stack).setUp({
    standardCostCodes: cost_codes.map(({ cost_code: costCode }) => ({ costCode })),
    standardCategories: ['L', 'M', 'S', 'E', 'O'].map((category) => ({ category })),
    jobs: [{ job, extras: extras.map(({ extra }) => ({ extra })) }],
  })
}

/** Waits by the table itself: whoever asks the API meanwhile is not the cycle. */
function headReader(
  { runtime: { endpoints, tables } }: LocalStack,
  id: string,
): (is: (head: BudgetHead) => boolean) => Promise<BudgetHead> {
  const store = createBudgetStore({
    document: localDocument(localClient(endpoints.table)),
    table: tables[0]?.name ?? '',
    clock: systemClock,
  })
  const key = { company: CompanyId.parse(company), project: ProjectId.parse(id) }
  return async (is) =>
    await until(`${id} to come on`, async () => {
      const head = await store.head(key)
      return head && is(head) ? head : undefined
    })
}
