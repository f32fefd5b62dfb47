import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import type { Engine } from '../../engine/engine.ts'
import type { DataFolder } from '../data-folder.ts'
import { accountBus } from '../resources/event-buses.ts'
import type { EventRulePart } from '../resources/rules.ts'
import type { AsynchronousCalls } from './asynchronous-call.ts'
import { tellRules } from './tell-rules.ts'

export interface ExecutionEventOptions extends AsynchronousCalls {
  readonly engine: Pick<Engine, 'describeExecution' | 'listExecutions'>
  readonly rules: readonly EventRulePart[]
  readonly folder: DataFolder
  readonly account: string
  readonly region: string
}

export interface ExecutionEvents {
  /** Tells the rules that an execution stands in another status now. */
  readonly announce: (executionArn: string) => Promise<void>
  /** Tells of every ended execution that was not told of before the machine stopped. */
  readonly catchUp: (stateMachineArns: readonly string[]) => Promise<void>
}

/**
 * Tells rules of "Step Functions Execution Status Change", as EventBridge does: at least once, since what was told is
 * written down only afterwards.
 */
export function executionEvents(options: ExecutionEventOptions): ExecutionEvents {
  const { engine, folder } = options
  const rules = options.rules.filter(({ enabled }) => enabled)
  mkdirSync(folder.path('events'), { recursive: true })
  const file = folder.path('events', 'announced')
  const told = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [])

  const announce = async (executionArn: string): Promise<void> => {
    const execution = engine.describeExecution({ executionArn })
    const event = statusChange(execution, options)
    if (told.has(event.id)) return
    const done = await tellRules(accountBus, rules, event, options)
    if (execution.status === 'RUNNING' || !done) return
    told.add(event.id)
    appendFileSync(file, `${event.id}\n`)
  }

  const catchUp: ExecutionEvents['catchUp'] = async (stateMachineArns) => {
    const ended = stateMachineArns.flatMap((stateMachineArn) => allExecutions(engine, stateMachineArn))
    const untold = ended.filter(
      (execution) => execution.status !== 'RUNNING' && !told.has(eventId(execution)),
    )
    await Promise.all(untold.map(async ({ executionArn }) => await announce(executionArn)))
  }

  return rules.length === 0 ? { announce: async () => {}, catchUp: async () => {} } : { announce, catchUp }
}

function allExecutions(engine: Pick<Engine, 'listExecutions'>, stateMachineArn: string) {
  const all = []
  let nextToken: string | undefined
  do {
    const page = engine.listExecutions({ stateMachineArn, ...(nextToken !== undefined && { nextToken }) })
    all.push(...page.executions)
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return all
}

type Execution = ReturnType<Engine['describeExecution']>

/** The same for the same change, so that a rule's function can tell a repeat. */
function eventId({
  executionArn,
  status,
  redriveCount,
}: Pick<Execution, 'executionArn' | 'status' | 'redriveCount'>): string {
  const digest = createHash('sha256')
    .update(`${executionArn} ${status} ${String(redriveCount)}`)
    .digest('hex')
  return [8, 4, 4, 4, 12].reduce<[string, number]>(
    ([id, from], length) => [
      `${id}${id === '' ? '' : '-'}${digest.slice(from, from + length)}`,
      from + length,
    ],
    ['', 0],
  )[0]
}

function statusChange(execution: Execution, { account, region }: { account: string; region: string }) {
  const { executionArn, stateMachineArn, name, status, startDate, stopDate } = execution
  return {
    version: '0',
    id: eventId(execution),
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account,
    time: new Date(stopDate ?? startDate).toISOString().replace(/\.\d{3}/, ''),
    region,
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn,
      stateMachineVersionArn: execution.stateMachineVersionArn ?? null,
      stateMachineAliasArn: execution.stateMachineAliasArn ?? null,
      name,
      status,
      startDate,
      stopDate: stopDate ?? null,
      input: execution.input,
      inputDetails: execution.inputDetails,
      output: execution.output ?? null,
      outputDetails: execution.outputDetails ?? null,
      error: execution.error ?? null,
      cause: execution.cause ?? null,
      redriveCount: execution.redriveCount,
      redriveDate: execution.redriveDate ?? null,
      redriveStatus: execution.redriveStatus,
      redriveStatusReason: execution.redriveStatusReason ?? null,
    },
  }
}
