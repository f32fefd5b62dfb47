import type { ExecutionStore } from './execution-store.ts'
import { roleArn } from './history.ts'
import type { ExecutionSummary, HistoryEvent } from './journal.ts'
import { pageOf, type Paging } from './paging.ts'
import { checkArn, type StateMachines } from './state-machines.ts'
import { StepFunctionsError } from './step-functions-error.ts'

type Status = ExecutionSummary['status']

/** What ListExecutions tells of an execution; dates are epoch milliseconds. */
export type ExecutionListItem = {
  readonly executionArn: string
  readonly stateMachineArn: string
  readonly stateMachineVersionArn?: string | undefined
  readonly stateMachineAliasArn?: string | undefined
  readonly name: string
  readonly status: Status
  readonly startDate: number
  readonly stopDate?: number | undefined
  readonly redriveCount: number
  readonly redriveDate?: number | undefined
}

export type ExecutionDescription = ExecutionListItem & {
  readonly input: string
  readonly inputDetails: { readonly included: true }
  readonly output?: string
  readonly outputDetails?: { readonly included: true }
  readonly error?: string
  readonly cause?: string
  readonly redriveStatus: 'REDRIVABLE' | 'NOT_REDRIVABLE'
  readonly redriveStatusReason?: string
}

export type StateMachineDescription = {
  readonly stateMachineArn: string
  readonly name: string
  readonly status: 'ACTIVE'
  readonly type: 'STANDARD'
  readonly definition: string
  readonly roleArn: string
  readonly creationDate: number
}

/** The actions that only read. */
export type ExecutionReader = {
  readonly describeExecution: (request: { readonly executionArn: string }) => ExecutionDescription
  /** Newest first. */
  readonly listExecutions: (
    request: Paging & {
      readonly stateMachineArn: string
      readonly statusFilter?: Status
      readonly redriveFilter?: 'REDRIVEN' | 'NOT_REDRIVEN'
    },
  ) => { readonly executions: readonly ExecutionListItem[]; readonly nextToken?: string }
  readonly getExecutionHistory: (
    request: Paging & {
      readonly executionArn: string
      readonly reverseOrder?: boolean
      readonly includeExecutionData?: boolean
    },
  ) => { readonly events: readonly HistoryEvent[]; readonly nextToken?: string }
  readonly describeStateMachine: (request: { readonly stateMachineArn: string }) => StateMachineDescription
  readonly describeStateMachineForExecution: (request: { readonly executionArn: string }) => {
    readonly stateMachineArn: string
    readonly name: string
    readonly definition: string
    readonly roleArn: string
    readonly updateDate: number
  }
  readonly describeStateMachineAlias: (request: { readonly stateMachineAliasArn: string }) => {
    readonly stateMachineAliasArn: string
    readonly name: string
    readonly routingConfiguration: readonly { stateMachineVersionArn: string; weight: number }[]
    readonly creationDate: number
    readonly updateDate: number
  }
  readonly listStateMachines: (request: Paging) => {
    readonly stateMachines: readonly Pick<
      StateMachineDescription,
      'stateMachineArn' | 'name' | 'type' | 'creationDate'
    >[]
    readonly nextToken?: string
  }
}

export function executionReader(store: ExecutionStore, machines: StateMachines): ExecutionReader {
  return {
    describeExecution: ({ executionArn }) => describeExecution(store, executionArn),
    listExecutions: ({ stateMachineArn, statusFilter, redriveFilter, ...paging }) => {
      const wanted = wantedBy(machines, stateMachineArn, statusFilter, redriveFilter)
      const page = pageOf(store.all(), (each) => each.executionArn, paging, wanted)
      return { ...rest(page), executions: page.items.map(listItem) }
    },
    getExecutionHistory: ({ executionArn, reverseOrder = false, includeExecutionData = true, ...paging }) => {
      store.find(executionArn)
      const history = store.history(executionArn)
      const ordered = reverseOrder ? history.toReversed() : history
      const page = pageOf(ordered, (event) => String(event.id), paging)
      return { ...rest(page), events: includeExecutionData ? page.items : page.items.map(withoutData) }
    },
    describeStateMachine: ({ stateMachineArn }) => {
      const { machine } = machines.resolve(stateMachineArn)
      return {
        stateMachineArn,
        name: machine.name,
        status: 'ACTIVE',
        type: 'STANDARD',
        definition: machine.definition.text,
        roleArn,
        creationDate: machine.creationDate,
      }
    },
    describeStateMachineForExecution: ({ executionArn }) => {
      const { stateMachineArn, stateMachineName, definition, startDate } = store.find(executionArn)
      const { text } = machines.definition(definition)
      return { stateMachineArn, name: stateMachineName, definition: text, roleArn, updateDate: startDate }
    },
    describeStateMachineAlias: ({ stateMachineAliasArn }) => describeAlias(machines, stateMachineAliasArn),
    listStateMachines: (paging) => {
      const page = pageOf(machines.all(), (machine) => machine.arn, paging)
      const stateMachines = page.items.map(
        ({ arn: stateMachineArn, name, creationDate }) =>
          ({ stateMachineArn, name, type: 'STANDARD', creationDate }) as const,
      )
      return { ...rest(page), stateMachines }
    },
  }
}

const rest = ({ nextToken }: { readonly nextToken?: string }): { readonly nextToken?: string } =>
  nextToken === undefined ? {} : { nextToken }

function describeExecution(store: ExecutionStore, executionArn: string): ExecutionDescription {
  const summary = store.find(executionArn)
  const position = store.positionOf(executionArn)
  const reason = store.whyNotRedrivable(summary)
  const ended = position.at === 'ended' ? position : undefined
  return {
    ...listItem(summary),
    input: store.inputOf(executionArn),
    inputDetails: { included: true },
    ...(summary.status === 'SUCCEEDED' && {
      output: JSON.stringify(ended?.output),
      outputDetails: { included: true },
    }),
    ...(ended?.error !== undefined && { error: ended.error }),
    ...(ended?.cause !== undefined && { cause: ended.cause }),
    redriveStatus: reason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(reason !== undefined && { redriveStatusReason: reason }),
  }
}

const listItem = (summary: ExecutionSummary): ExecutionListItem => ({
  executionArn: summary.executionArn,
  stateMachineArn: summary.stateMachineArn,
  stateMachineVersionArn: summary.stateMachineVersionArn,
  stateMachineAliasArn: summary.stateMachineAliasArn,
  name: summary.name,
  status: summary.status,
  startDate: summary.startDate,
  stopDate: summary.stopDate,
  redriveCount: summary.redriveCount,
  redriveDate: summary.redriveDate,
})

/** A version's or alias's ARN lists only what was started by it, as on AWS. */
function wantedBy(
  machines: StateMachines,
  arn: string,
  status: Status | undefined,
  redrive: 'REDRIVEN' | 'NOT_REDRIVEN' | undefined,
): (summary: ExecutionSummary) => boolean {
  const { machine, stateMachineAliasArn: alias, stateMachineVersionArn: version } = machines.resolve(arn)
  return (summary) =>
    summary.stateMachineArn === machine.arn &&
    (alias === undefined || summary.stateMachineAliasArn === alias) &&
    (alias !== undefined || version === undefined || summary.stateMachineVersionArn === version) &&
    (status === undefined || summary.status === status) &&
    (redrive === undefined || summary.redriveCount > 0 === (redrive === 'REDRIVEN'))
}

function describeAlias(
  machines: StateMachines,
  arn: string,
): ReturnType<ExecutionReader['describeStateMachineAlias']> {
  checkArn(arn)
  const machine = machines.all().find(({ aliasArns }) => aliasArns.includes(arn))
  const version = machine?.versionArns.at(-1)
  if (machine === undefined || version === undefined) {
    throw new StepFunctionsError(
      'ResourceNotFound',
      `Request references a resource that does not exist: ${arn}`,
    )
  }
  return {
    stateMachineAliasArn: arn,
    name: arn.split(':').at(-1) ?? '',
    routingConfiguration: [{ stateMachineVersionArn: version, weight: 100 }],
    creationDate: machine.creationDate,
    updateDate: machine.creationDate,
  }
}

const dataFields = new Set(['input', 'inputDetails', 'output', 'outputDetails'])

/** An event without the inputs and outputs in its details, which stay where they were. */
function withoutData(event: HistoryEvent): HistoryEvent {
  const details = Object.entries(event).map(([name, value]) => {
    if (typeof value !== 'object' || value === null) return [name, value] as const
    const kept = Object.entries(value).filter(([field]) => !dataFields.has(field))
    return [name, Object.fromEntries(kept)] as const
  })
  const { id, previousEventId, timestamp, type } = event
  return { ...Object.fromEntries(details), id, previousEventId, timestamp, type }
}
