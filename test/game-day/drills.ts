import type { Drill } from './drill.ts'
import { agentAway } from './agent-away.ts'
import { executionFailed } from './execution-failed.ts'
import { executionStopped } from './execution-stopped.ts'
import { killedOnce, relayKilled } from './functions-killed.ts'
import { mailerRefused } from './mailer-refused.ts'
import { queuesPoisoned } from './queues-poisoned.ts'
import { relayDown } from './relay-down.ts'
import { tableThrottled } from './table-throttled.ts'

/** In the order in which they are done, beside each other in one running product. */
export const drills: readonly Drill[] = [
  // First: in three days a budget of another drill that nobody posts would be told of too.
  agentAway,
  relayDown,
  mailerRefused,
  queuesPoisoned,
  executionStopped,
  executionFailed,
  tableThrottled,
  relayKilled,
  killedOnce,
]

/** What every run of the tests does: the others take minutes. */
export const shortDrills: readonly Drill[] = [mailerRefused, executionStopped, executionFailed, killedOnce]
