import { handOverCycles, putBack } from '../../../local/restored-table.ts'
import { machineArn } from '../../statemachines/cycle/machine.ts'
import { documentOver } from '../../store/memory-database.ts'
import { MemoryTable } from '../../store/memory-table.ts'
import type { Cast } from './acts.ts'
import type { World } from './world.ts'

/** The rows of the table as they were. */
export type Moment = ReturnType<MemoryTable['kept']>

const hour = 3_600_000 // milliseconds

/**
 * An operator sets the table back to a moment, as docs/restore.md says: nothing of the product is at work meanwhile, and
 * executions, queues, the bucket, the agent's folder, mails and Sage stay as they are.
 */
export async function restoreTo(moment: Moment, { people, accounting }: Cast): Promise<void> {
  const { world } = people
  const { draws, exports, events, mail, agent } = world
  stopExecutions(world)
  await world.time.advance(hour)
  const copy = new MemoryTable()
  copy.restore(moment)
  const document = documentOver(
    new Map([
      ['now', world.table],
      ['copy', copy],
    ]),
  )
  await putBack(document, { from: 'copy', to: 'now' })
  await handOverCycles(document, { table: 'now', clock: world.calm.clock, reason: 'Restored' })
  // It spares people mails and failures of the forgotten time; nothing depends on it.
  if (draws.whole(1, 2) === 1) for (const queue of [exports, events, mail, agent]) queue.purge()
  // It went back, which is no way of the product.
  world.changes.splice(0)
  await accounting.askWitnesses()
}

function stopExecutions({ engine }: World): void {
  const { executions } = engine.listExecutions({ stateMachineArn: machineArn, statusFilter: 'RUNNING' })
  for (const { executionArn } of executions) engine.stopExecution({ executionArn, error: 'Restored' })
}
