import { fakeClock, type FakeClock } from '../../../local/engine/clock.ts'
import { type Definition, loadDefinition } from '../../../local/engine/definition.ts'
import { createEngine, type Engine } from '../../../local/engine/engine.ts'
import { type Journal, memoryJournal } from '../../../local/engine/journal.ts'
import type { CallOutcome, SqsMessage } from '../../../local/engine/service-calls.ts'
import { closeCycle } from '../../../functions/cycle/close-cycle.ts'
import { closeOrContinue } from '../../../functions/cycle/close-or-continue.ts'
import { continueInNewRun } from '../../../functions/cycle/continue-in-new-run.ts'
import { expireBudget } from '../../../functions/cycle/expire-budget.ts'
import { exportBudget } from '../../../functions/cycle/export-budget.ts'
import { exportCorrections } from '../../../functions/cycle/export-corrections.ts'
import { exportFailed } from '../../../functions/cycle/export-failed.ts'
import { lockBudget } from '../../../functions/cycle/lock-budget.ts'
import { openWait } from '../../../functions/cycle/open-wait.ts'
import { parkBudget } from '../../../functions/cycle/park-budget.ts'
import { prepareNextPart } from '../../../functions/cycle/prepare-next-part.ts'
import { receiptOverdue } from '../../../functions/cycle/receipt-overdue.ts'
import { recordObservation } from '../../../functions/cycle/record-observation.ts'
import { recordReceipt } from '../../../functions/cycle/record-receipt.ts'
import { rejectBudget } from '../../../functions/cycle/reject-budget.ts'
import { remindPosters } from '../../../functions/cycle/remind-posters.ts'
import { retrieveBudget } from '../../../functions/cycle/retrieve-budget.ts'
import { sendToErp } from '../../../functions/cycle/send-to-erp.ts'
import { unlockBudget } from '../../../functions/cycle/unlock-budget.ts'
import { deliver, executionOf, type Outside } from '../../../functions/relay/deliver.ts'
import type { Dependencies } from '../../../shared/cycle/dependencies.ts'
import { Instant } from '../../../shared/domain/ids.ts'
import { createBudgetStore } from '../../../shared/store/budget-table.ts'
import { createCompanyStore } from '../../../shared/store/company-table.ts'
import { createOutbox } from '../../../shared/store/outbox-table.ts'
import { type MailRequest, OutboxRow } from '../../../shared/store/outbox.ts'
import type { Row } from '../../../shared/store/row-body.ts'
import { createRows } from '../../../shared/store/rows.ts'
import { readDefinition } from '../../../statemachines/diagram.ts'
import type { Tables } from '../../store/memory-database.ts'
import { key } from './clinic.ts'
import { type MemoryObjects, memoryObjects } from './memory-objects.ts'

export const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:budget-cycle'
export const aliasArn = `${machineArn}:live`
const exportsQueue = 'http://queues/sage-exports.fifo'

/** Name of the function of every step, and of open-wait, as the definition is handed it. */
export const steps = {
  LockBudgetFunction: lockBudget,
  UnlockBudgetFunction: unlockBudget,
  SendToErpFunction: sendToErp,
  CloseOrContinueFunction: closeOrContinue,
  RejectBudgetFunction: rejectBudget,
  RetrieveBudgetFunction: retrieveBudget,
  ExpireBudgetFunction: expireBudget,
  ExportBudgetFunction: exportBudget,
  RecordReceiptFunction: recordReceipt,
  ReceiptOverdueFunction: receiptOverdue,
  ExportFailedFunction: exportFailed,
  PrepareNextPartFunction: prepareNextPart,
  ExportCorrectionsFunction: exportCorrections,
  RecordObservationFunction: recordObservation,
  RemindPostersFunction: remindPosters,
  CloseCycleFunction: closeCycle,
  ParkBudgetFunction: parkBudget,
  ContinueInNewRunFunction: continueInNewRun,
  OpenWaitFunction: openWait,
} satisfies Record<string, (dependencies: Dependencies, input: unknown) => Promise<object>>

/** The real definition on the strict engine, the real steps on the real local database, time moved by hand. */
export interface CycleMachine extends Dependencies {
  readonly objects: MemoryObjects
  readonly engine: Engine
  /** What the relay tells: the engine, and the list of mails. */
  readonly outside: Outside
  /** Name of the table, of this machine's own. */
  readonly table: string
  readonly time: FakeClock
  readonly messages: SqsMessage[]
  readonly mails: MailRequest[]
  /** Warnings and errors that were logged: message and more. */
  readonly logged: unknown[]
  /** What else was logged. */
  readonly informed: unknown[]
  /** Payloads of every call of a step or of open-wait, in order. */
  readonly calls: { readonly name: string; readonly payload: unknown }[]
  /** Makes the next call of a function fail so, before or after it did its work. */
  breakOnce(name: keyof typeof steps, error: string, when?: 'before' | 'after'): void
  /** Delivers outbox rows, as the relay does, until none is left and nothing moves. */
  settle(): Promise<void>
  /** Moves time on, delivering on the way. */
  pass(ms: number): Promise<void>
  /** Outbox rows that nobody has delivered. */
  undelivered(): Promise<readonly OutboxRow[]>
  /** Makes a call that was made before once more, past the engine: a late repeat. */
  repeat(call: CycleMachine['calls'][number]): Promise<CallOutcome>
  /** Names of the states that an execution entered, in order. */
  states(execution: string): string[]
  status(execution: string): string
  output(execution: string): unknown
  /** Everything that was kept until now: another machine goes on from it, as after a restart. */
  kept(): Promise<Kept>
  /** The state in which an execution stands. */
  standsIn(execution: string): string | undefined
  arnOf(execution: string): string
}

export interface Kept {
  readonly now: number
  readonly rows: readonly Row[]
  readonly journal: Journal
  readonly objects: MemoryObjects
  readonly messages: readonly SqsMessage[]
  readonly mails: readonly MailRequest[]
  readonly calls: CycleMachine['calls']
}

export const failure = (error: unknown): CallOutcome => {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  return { error: name, cause: JSON.stringify({ errorType: name, errorMessage: message }) }
}

/** The text of a definition with the names of this machine's functions and queue. */
export const definitionText = (source: unknown): string =>
  JSON.stringify(source).replaceAll(/\$\{(\w+)\}/g, (_, name: string) =>
    name === 'SageExportsQueueUrl' ? exportsQueue : name,
  )

let loaded: Definition | undefined

/** The real definition, loaded once for all machines. */
export const definition = (): Definition => (loaded ??= loadDefinition(definitionText(readDefinition())))

export async function cycleMachine(database: Tables, from?: Kept): Promise<CycleMachine> {
  const table = await database.createTable()
  const time = fakeClock({ patience: Infinity, ...(from && { start: from.now }) })
  const clock = { now: () => Instant.parse(new Date(time.now()).toISOString()) }
  const { document } = database
  const objects = memoryObjects(from?.objects)
  const logged: unknown[] = []
  const informed: unknown[] = []
  const journal = memoryJournal(from?.journal)
  const dependencies: Dependencies = {
    store: createBudgetStore({ document, table, clock }),
    companies: createCompanyStore({ document, table, clock, objects }),
    objects,
    clock,
    logger: {
      info: (...line: unknown[]) => void informed.push(line),
      warn: (...line: unknown[]) => void logged.push(line),
      error: (...line: unknown[]) => void logged.push(line),
    },
  }
  const outbox = createOutbox({ document, table })
  const rows = createRows({ document, table })
  if (from) await rows.putMany(from.rows)
  const messages = [...(from?.messages ?? [])]
  const mails = [...(from?.mails ?? [])]
  const calls = [...(from?.calls ?? [])]
  const faults = new Map<string, { error: string; when: 'before' | 'after' }>()

  const callStep = async (name: string, payload: unknown): Promise<CallOutcome> => {
    const step = (steps as Record<string, (typeof steps)['LockBudgetFunction'] | typeof openWait>)[name]
    if (!step) return failure(new Error(`no function ${name}`))
    try {
      const answer = await step(dependencies, payload)
      return { payload: JSON.parse(JSON.stringify(answer)) as unknown }
    } catch (error) {
      return failure(error)
    }
  }

  const invokeLambda = async (name: string, payload: unknown): Promise<CallOutcome> => {
    calls.push({ name, payload })
    const fault = faults.get(name)
    faults.delete(name)
    const broken = fault && { error: fault.error, cause: '{}' }
    if (broken && fault.when === 'before') return broken
    const outcome = await callStep(name, payload)
    return broken ?? outcome
  }

  const engine = createEngine({
    clock: time,
    journal,
    invokeLambda,
    sendSqsMessage: async (message) => {
      messages.push(message)
      return { payload: { MessageId: String(messages.length), MD5OfMessageBody: 'x' } }
    },
  })
  engine.addStateMachine({
    arn: machineArn,
    name: 'budget-cycle',
    definition: definition(),
    aliasArns: [aliasArn],
  })

  // The SDK's clients, as far as the relay uses them, over the engine and a list of mails.
  const actions: Record<string, (input: never) => unknown> = {
    StartExecutionCommand: engine.startExecution,
    StopExecutionCommand: engine.stopExecution,
    SendTaskSuccessCommand: engine.sendTaskSuccess,
    DescribeExecutionCommand: engine.describeExecution,
  }
  const outside: Outside = {
    store: dependencies.store,
    stateMachine: aliasArn,
    mailQueue: 'http://queues/mail',
    workflow: {
      send: async (command: { constructor: { name: string }; input: never }) =>
        await Promise.resolve(actions[command.constructor.name]?.(command.input)),
    } as unknown as Outside['workflow'],
    queue: {
      send: async ({ input: { Entries } }: { input: { Entries: readonly { MessageBody: string }[] } }) => {
        for (const { MessageBody } of Entries)
          mails.push((JSON.parse(MessageBody) as { mail: MailRequest }).mail)
        return await Promise.resolve({})
      },
    } as unknown as Outside['queue'],
  }

  /** Every undelivered row, whether due yet or not: of its one project, as sixteen queries of the index would find them. */
  const undelivered = async (): Promise<readonly OutboxRow[]> => await dependencies.store.undelivered(key)

  const settle = async (): Promise<void> => {
    await time.settle()
    for (let left = await undelivered(); left.length > 0; left = await undelivered()) {
      for (const row of left) {
        await deliver(outside, row)
        await outbox.delivered(row)
      }
      await time.settle()
    }
  }

  const arnOf = (execution: string): string => executionOf(aliasArn, execution)
  const states = (execution: string): string[] =>
    engine
      .getExecutionHistory({ executionArn: arnOf(execution), maxResults: 1000 })
      .events.filter(({ type }) => type.endsWith('StateEntered'))
      .map(
        (event) =>
          (event as unknown as { stateEnteredEventDetails: { name: string } }).stateEnteredEventDetails.name,
      )
  const describe = (execution: string) => engine.describeExecution({ executionArn: arnOf(execution) })

  return {
    ...dependencies,
    objects,
    engine,
    outside,
    table,
    time,
    messages,
    mails,
    logged,
    informed,
    calls,
    breakOnce: (name, error, when = 'before') => void faults.set(name, { error, when }),
    settle,
    undelivered,
    repeat: async ({ name, payload }) => await callStep(name, payload),
    async pass(ms) {
      await settle()
      const until = time.now() + ms
      for (let next = time.next(); next !== undefined && next <= until; next = time.next()) {
        await time.advanceTo(next)
        await settle()
      }
      await time.advanceTo(until)
      await settle()
    },
    kept: async () => ({
      now: time.now(),
      rows: await database.rowsOf(table),
      journal: memoryJournal(journal),
      objects: memoryObjects(objects),
      messages: [...messages],
      mails: [...mails],
      calls: [...calls],
    }),
    states,
    status: (execution) => describe(execution).status,
    output: (execution) => JSON.parse(describe(execution).output ?? 'null') as unknown,
    standsIn: (execution) =>
      describe(execution).status === 'RUNNING' ? states(execution).at(-1) : undefined,
    arnOf,
  }
}
