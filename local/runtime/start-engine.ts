import type { Clock } from '../engine/clock.ts'
import { createEngine, type Engine } from '../engine/engine.ts'
import { fileJournal } from '../engine/file-journal.ts'
import { startEngineServer } from '../engine/server.ts'
import type { DataFolder } from './data-folder.ts'
import { engineCalls } from './engine-calls.ts'
import { type ExecutionEvents, executionEvents } from './event-sources/execution-events.ts'
import type { Functions } from './functions.ts'
import type { LocalClients } from './local-clients.ts'
import type { WriteLine } from './log-file.ts'
import type { Ports } from './ports.ts'
import type { LocalStack } from './stack.ts'
import type { Closers } from './start-services.ts'

interface EngineParts {
  readonly stack: LocalStack
  readonly folder: DataFolder
  readonly ports: Ports
  readonly clients: LocalClients
  readonly functions: Functions
  readonly clock: Clock
  readonly account: string
  readonly region: string
  readonly writeLine: WriteLine
  /** Ends calls for events. */
  readonly signal: AbortSignal
}

/** Goes on with every execution there is, and starts new ones. */
export async function startEngine(parts: EngineParts, closers: Closers): Promise<Engine> {
  const { stack, folder, ports, clients, functions, clock } = parts
  let events: ExecutionEvents | undefined
  const engine = createEngine({
    ...engineCalls(functions, stack.parts('queue'), clients.queues),
    clock,
    journal: fileJournal(folder.path('executions')),
    onStatusChange: ({ executionArn }) => {
      // The engine writes the change down after it has told of it.
      setImmediate(() => void events?.announce(executionArn))
    },
  })
  closers.push(engine.close)
  for (const { arn, name, definition } of stack.parts('stateMachine'))
    engine.addStateMachine({ arn, name, definition, aliasArns: aliasesOf(stack, arn) })
  const server = await startEngineServer({ engine, port: ports.stateMachines })
  closers.push(server.close)
  events = executionEvents({ ...parts, engine, rules: stack.parts('eventRule') })
  void events.catchUp(stack.parts('stateMachine').map(({ arn }) => arn))
  return engine
}

const aliasesOf = (stack: LocalStack, machineArn: string): string[] =>
  stack
    .parts('stateMachineAlias')
    .filter((alias) => alias.machineArn === machineArn && alias.arn !== `${machineArn}:1`)
    .map(({ arn }) => arn)
