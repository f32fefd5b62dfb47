import type { Section } from './bar.ts'
import { durableApproval, type DurableApproval } from './durable-approval.ts'
import type { DurableSdk } from './peers/durable-sdk.ts'
import { accept, approval, command, reject } from '../test/statemachines/cycle/clinic.ts'
import { days } from '../test/statemachines/cycle/days.ts'
import { type CycleMachine, cycleMachine, type Kept } from '../test/statemachines/cycle/machine.ts'
import type { Tables } from '../test/store/memory-database.ts'
import { Refused } from '../shared/domain/refusal.ts'

interface Fault {
  readonly name: string
  /** What happens to a budget that waits for its decision; answers the machine on which it ends. */
  readonly ours: (machine: CycleMachine, database: Tables) => Promise<CycleMachine>
  readonly durable: (run: DurableApproval['run']) => Promise<void>
  /** When the durable function's wait for the decision times out. */
  readonly seconds?: number
}

/** A decision that may come second: a refusal is an answer too. */
async function offered(decision: Promise<void>): Promise<void> {
  await decision.catch((error: unknown) => {
    if (!(error instanceof Refused)) throw error
  })
}

const all: readonly Fault[] = [
  {
    name: 'the same decision is given twice',
    async ours(machine) {
      await accept(machine)
      await offered(accept(machine))
      return machine
    },
    async durable(run) {
      await run.answer('decision', 'accepted')
      await run.invoked()
      await run.answer('decision', 'accepted')
    },
  },
  {
    name: 'an accept and a reject come together',
    async ours(machine) {
      await Promise.all([offered(accept(machine)), offered(reject(machine))])
      return machine
    },
    async durable(run) {
      await Promise.all([run.answer('decision', 'accepted'), run.answer('decision', 'rejected')])
      await run.invoked()
    },
  },
  {
    name: 'an accept comes after the time is over',
    async ours(machine) {
      await machine.pass(days(31))
      await offered(accept(machine))
      return machine
    },
    seconds: 1,
    async durable(run) {
      await run.invoked()
      await run.answer('decision', 'accepted')
    },
  },
  {
    name: 'a restart during the wait, then an accept',
    async ours(machine, database) {
      const again = await cycleMachine(database, await machine.kept())
      await accept(again)
      return again
    },
    // Each of its invocations begins from the checkpoints alone.
    async durable(run) {
      await run.answer('decision', 'accepted')
      await run.invoked()
    },
  },
]

const told = (outcome: string | undefined, files: number): string =>
  `${outcome ?? 'no outcome'}, ${String(files)} ${files === 1 ? 'file' : 'files'}`

/** The approval under faults, on both engines. */
export async function faults(database: Tables, locked: Kept, sdk: DurableSdk): Promise<Section> {
  const budget = await cycleMachine(database, locked)
  const rows: string[][] = []
  for (const { name, ours, durable, seconds } of all) {
    const machine = await cycleMachine(database, locked)
    await command(machine, 'send')
    const after = await ours(machine, database)
    const { outcome } = await approval(after)
    const theirs = durableApproval(sdk, { budget, document: database.document }, name, { seconds })
    await theirs.run.invoked()
    await durable(theirs.run)
    if (theirs.queued.length > 0) await theirs.run.answer('receipt', 'delivered')
    await theirs.run.ended
    rows.push([name, told(outcome, after.messages.length), told(theirs.outcome(), theirs.queued.length)])
  }
  return {
    heading: 'The same approval under faults',
    words: `The outcome that is stored, and how many files were queued for Sage's connector. At the restart this product's engine and table go
on from what was kept; the durable function begins every invocation from its checkpoints alone, and its server stays. That local
server takes a second answer to a token, and the later one stands as long as the function has not read the first: a function
that tells its approvers what they decided has to settle it in a table, as here. What AWS itself answers to a second or a late
token was not tried.`,
    columns: ['', 'this product', 'durable function'],
    rows,
  }
}
