import { faults } from './approval-faults.ts'
import type { Measure } from './bar.ts'
import { cycleOf } from './cycle-of-lines.ts'
import { type Beside, durableApproval } from './durable-approval.ts'
import { mailedLink } from './mailed-link.ts'
import { type DurableSdk, durableSdk } from './peers/durable-sdk.ts'
import { acceptBy, askFor } from './people.ts'
import { recordCalls } from './recorded-calls.ts'
import { accept, command, head, key, receipt } from '../test/statemachines/cycle/clinic.ts'
import { cycleMachine, type Kept } from '../test/statemachines/cycle/machine.ts'
import { type LocalDatabase, startLocalDatabase } from '../test/store/local-database.ts'
import { memoryDatabase, type Tables } from '../test/store/memory-database.ts'
import { tradeLines } from '../test/store/trade-lines.ts'
import { priced } from './prices.ts'
import { measuredDocument } from '../test/store/write-units.ts'
import { cents } from '../shared/domain/cents.ts'

// One approval, from the send to the receipt of Sage's connector, as the state machine of this product on its local engine
// and as a durable function of AWS on the local runner of its SDK.

// Without changes the export is one file.
const lines = tradeLines(1000).map((line) => ({ ...line, changes: cents(0) }))
const atOnce = 50

// US East. Operations: AWS's page of Lambda's prices as read on 2026-09-20, plans/aws-lambda-plans-pricing.yml
// of github.com/api-evangelist/aws-lambda.
const dollars = {
  transition: priced('transition', 1),
  operation: priced('operation', 1),
  invocation: priced('invocation', 1),
  writeUnit: priced('writeUnit', 1),
}

/** An approval that waits for its decision; each act ends when the engine waits again, or has ended. */
interface Sent {
  readonly accept: () => Promise<void>
  /** Sage's connector has the file. */
  readonly receive: () => Promise<void>
  /** When the file was queued for Sage's connector, as `performance.now()`. */
  readonly queuedAt: () => number
}

/** Makes ready a budget that is locked, which can then be sent. */
type Engine = () => Promise<() => Promise<Sent>>

const ours =
  (database: Tables, locked: Kept): Engine =>
  async () => {
    const machine = await cycleMachine(database, locked)
    let queued = Number.NaN
    machine.messages.push = (...messages) => {
      queued = performance.now()
      return Array.prototype.push.apply(machine.messages, messages)
    }
    return async () => {
      await command(machine, 'send')
      return {
        accept: async () => await accept(machine),
        receive: async () => await receipt(machine),
        queuedAt: () => queued,
      }
    }
  }

let begun = 0

const durable = (sdk: DurableSdk, beside: Beside): Engine => {
  const send = async (): Promise<Sent> => {
    let queued = Number.NaN
    const onQueued = (): void => void (queued = performance.now())
    const { run } = durableApproval(sdk, beside, String((begun += 1)), { onQueued })
    const answer = async (callback: string, result: string): Promise<void> => {
      await run.answer(callback, result)
      await run.invoked()
    }
    await run.invoked()
    return {
      accept: async () => await answer('decision', 'accepted'),
      receive: async () => await answer('receipt', 'delivered'),
      queuedAt: () => queued,
    }
  }
  return async () => await Promise.resolve(send)
}

/** Median and 99th percentile, for each engine, of the time from the decision until the file is queued; the engines in turns. */
async function latencies(engines: readonly Engine[], count: number): Promise<readonly string[]> {
  const taken = engines.map((): number[] => [])
  for (let round = 0; round < count; round += 1)
    for (const [i, prepare] of engines.entries()) {
      const send = await prepare()
      const approval = await send()
      const given = performance.now()
      await approval.accept()
      taken[i]?.push(approval.queuedAt() - given)
    }
  return taken.map((some) => {
    const sorted = some.toSorted((a, b) => a - b)
    const at = (percent: number): string =>
      (sorted[Math.ceil((count * percent) / 100) - 1] ?? Number.NaN).toFixed(0)
    return `${at(50)} / ${at(99)} ms`
  })
}

/** Whole approvals a second. */
async function throughput(prepare: Engine): Promise<string> {
  const locked = await Promise.all(Array.from({ length: atOnce }, prepare))
  const began = performance.now()
  await Promise.all(
    locked.map(async (send) => {
      const approval = await send()
      await approval.accept()
      await approval.receive()
    }),
  )
  return ((atOnce / (performance.now() - began)) * 1000).toFixed(0)
}

/** What one approval left behind, and what AWS would bill for it. */
interface Counted {
  /** Transitions, or operations. */
  readonly billed: number
  readonly events: number
  readonly invocations: number
  /** Rows of the outbox that the relay delivered. */
  readonly relayed: number
  readonly units: number
  /** Hash of the file for Sage. */
  readonly file: string
}

/** The local database, with what goes to it while some work is done. */
function watched(database: LocalDatabase) {
  const { document, since } = measuredDocument(database)
  const record = recordCalls(document)
  return {
    tables: { ...database, document },
    written: async (work: () => Promise<void>): Promise<Pick<Counted, 'units' | 'relayed'>> => {
      since()
      const { names } = await record(work)
      const relayed = names.filter((name) => name.startsWith('Delete')).length
      return { units: since().units, relayed }
    },
  }
}
type Watched = ReturnType<typeof watched>

async function countOurs({ tables, written }: Watched, locked: Kept): Promise<Counted> {
  const machine = await cycleMachine(tables, locked)
  const { execution = '' } = await head(machine)
  const executionArn = machine.arnOf(execution)
  const count = () => ({
    billed: machine.states(execution).length,
    events: machine.engine.getExecutionHistory({ executionArn, maxResults: 1000 }).events.length,
    invocations: machine.calls.length,
  })
  const before = count()
  const sent = await written(async () => {
    await askFor(machine, 'send')
    await machine.settle()
  })
  const link = await mailedLink(machine)
  const accepted = await written(async () => {
    await acceptBy(machine, link)
    await machine.settle()
    await receipt(machine)
  })
  const after = count()
  const [part] = await machine.store.parts(key, 1)
  return {
    billed: after.billed - before.billed,
    events: after.events - before.events,
    invocations: after.invocations - before.invocations,
    units: sent.units + accepted.units,
    relayed: sent.relayed + accepted.relayed,
    file: part?.file_sha256 ?? '',
  }
}

async function countDurable({ tables, written }: Watched, locked: Kept, sdk: DurableSdk): Promise<Counted> {
  const beside = { budget: await cycleMachine(tables, locked), document: tables.document }
  const { run, queued } = durableApproval(sdk, beside, 'counted')
  const wrote = await written(async () => {
    await run.invoked()
    await run.answer('decision', 'accepted')
    await run.invoked()
    await run.answer('receipt', 'delivered')
    await run.invoked()
  })
  const ended = await run.ended
  return {
    billed: 1 + ended.getOperations().length, // and the execution itself
    events: ended.getHistoryEvents().length,
    invocations: run.invocations(),
    ...wrote,
    file: queued[0] ?? '',
  }
}

const perThousand = (each: number): string => `$${(1000 * each).toFixed(3)}`
const besides = ({ invocations, relayed, units }: Counted): number =>
  (invocations + relayed) * dollars.invocation + units * dollars.writeUnit

const words = `A budget of 1,000 lines is locked. It is sent, an approver accepts, the file of its entries is made, stored and queued, and Sage's
connector has it: two waits for somebody outside, with the export between them. On one side the state machine of this product on
its local engine; on the other a durable function on the local runner of AWS's own SDK, which is what somebody on Lambda would
take instead of Step Functions. Both read the same lines from the same kind of table and made the same file, byte for byte; both
keep their log in memory, without a disk, and both were given the decision only when they waited for it.

It is not the same work. This product checks the budget against Sage's lists when it is sent and again when it is exported, compares
the hashes of what was shown with what is exported, chains its history, leaves mails and signals in an outbox in the transaction of
the decision, and keeps parts, positions and versions for the ledger. The durable function keeps four rows and the file, and knows
neither people nor their rights: that is its shorter time, and its few write units. Its server runs in a thread of its own, on
the second processor, and puts off each checkpoint by a timer that is given no time, a millisecond
(\`checkpoint-server/index.js\` of \`@aws/durable-execution-sdk-js-testing\` 1.1.4); its SDK holds an invocation for 20 ms
before it lets it go (\`CHECKPOINT_TERMINATION_COOLDOWN_MS\` in \`index.js\` of \`@aws/durable-execution-sdk-js\` 2.4.0), which
is in the approvals a second and not in the time to the file. Ours has no delay of a stream before its relay. For the times both
are handed the send and the decision as such, without a request, its key and its page. So the times say what the work costs on
this machine, not how quick either engine is on AWS.

Counts do not depend on the machine. Ours are of a send through the API under a key of its own and of the form of the mailed
link; invocations are those that the engine makes, and in the price the relay's too, one for each message; whoever takes a
request is left out on both sides. Transitions are those from the send to the wait for posting. Operations are all that the
durable execution kept, and itself; whether AWS bills a wait for a callback as the three that it keeps was not verified. The
prices leave out the time of the functions, what a durable execution writes and keeps, mails, queues and the bucket.`

/** One after the other, so that neither is in the other's way. */
async function ofEach(
  measure: (engine: Engine) => Promise<string>,
  engines: readonly Engine[],
): Promise<string[]> {
  const cells: string[] = []
  for (const engine of engines) cells.push(await measure(engine))
  return cells
}

export const approvalEngines: Measure = async () => {
  const sdk = await durableSdk()
  await sdk.LocalDurableTestRunner.setupTestEnvironment()
  const local = await startLocalDatabase()
  try {
    const memory = memoryDatabase()
    const budget = await cycleOf(memory, lines)
    await command(budget, 'lock')
    const locked = await budget.kept()
    const counts = [
      await countOurs(watched(local), locked),
      await countDurable(watched(local), locked, sdk),
    ] as const
    const [of, theirs] = counts
    if (of.file !== theirs.file || of.file === '') throw new Error('The two made different files')
    const both = async (database: Tables): Promise<readonly Engine[]> => [
      ours(database, locked),
      durable(sdk, { budget: await cycleMachine(database, locked), document: database.document }),
    ]
    const engine = [of.billed * dollars.transition, theirs.billed * dollars.operation] as const
    const billed = [`${String(of.billed)} transitions`, `${String(theirs.billed)} operations`] as const
    return [
      {
        bar: 'price of the engine for an approval, Step Functions / durable function',
        unit: 'times',
        at_most: 4,
        figure: engine[0] / engine[1],
        of: billed.join(' / '),
      },
      {
        heading: 'One approval on two engines',
        words,
        columns: ['', 'this product', 'durable function'],
        rows: [
          [
            'decision to file queued, table in memory, p50 / slowest of 30',
            ...(await latencies(await both(memory), 30)),
          ],
          [
            'decision to file queued, local database, p50 / slowest of 10',
            ...(await latencies(await both(local), 10)),
          ],
          [
            `approvals a second, ${String(atOnce)} at once, table in memory`,
            ...(await ofEach(throughput, await both(memory))),
          ],
          ['billed by the engine', ...billed],
          ['events in its log', ...counts.map(({ events }) => String(events))],
          ['invocations of functions', ...counts.map(({ invocations }) => String(invocations))],
          ['messages of the outbox', ...counts.map(({ relayed }) => String(relayed))],
          ['write units of the table', ...counts.map(({ units }) => String(units))],
          ['engine, 1,000 approvals on AWS', ...engine.map(perThousand)],
          [
            'invocations and write units, 1,000 approvals on AWS',
            ...counts.map((each) => perThousand(besides(each))),
          ],
          ['together', ...counts.map((each, i) => perThousand((engine[i] ?? 0) + besides(each)))],
        ],
      },
      await faults(memory, locked, sdk),
    ]
  } finally {
    local.stop()
    await sdk.LocalDurableTestRunner.teardownTestEnvironment()
  }
}
