import * as z from 'zod'
import { EndedExecution, PendingCommand } from '../../../shared/domain/budget-head.ts'
import { Instant } from '../../../shared/domain/ids.ts'
import { SignalKind } from '../../../shared/store/signals.ts'
import * as words from './words.ts'

const execution = z.string().meta({ description: 'Name of an execution of the state machine.' })

export const Workflow = z.strictObject({
  project: z.string(),
  ...words.states,
  pending: PendingCommand.nullable(),
  cycle: z.int(),
  run: z.int(),
  execution: execution.nullable().meta({ description: 'Null while no cycle is open.' }),
  ended: z
    .strictObject({ status: EndedExecution.shape.status, at: Instant, error: z.string().nullable() })
    .nullable()
    .meta({ description: 'How the execution ended without an outcome; null while it runs.' }),
  last_step: z
    .strictObject({ execution, state: z.string() })
    .nullable()
    .meta({ description: 'The last step that was carried out.' }),
  waits: z
    .strictObject({ state: z.string(), for: z.array(SignalKind) })
    .nullable()
    .meta({ description: 'Null while a step is under way, and once the execution has ended.' }),
  recorded: z
    .array(z.strictObject({ n: z.int(), signal: SignalKind, at: Instant }))
    .meta({ description: 'Decisions, commands and reports that no step has carried out.' }),
  undelivered: z
    .array(z.strictObject({ kind: z.enum(['start', 'stop', 'signal', 'mail']), at: Instant }))
    .meta({ description: 'What the relay has still to tell.' }),
  what_to_do: z.string(),
})

export const ToldAgain = z.strictObject({ execution, signal: SignalKind, n: z.int() })

export const Restarted = z.strictObject({
  execution,
  asked: z.string().meta({ description: 'The command, or the state, in which it begins.' }),
  superseded: execution,
})
