import * as sdk from '@aws-sdk/client-sfn'
import type { HistoryEvent } from '../../../local/engine/journal.ts'

/** A structure of the service's model as the SDK carries it: names of its members, what they are, and how many of the first are required. */
interface Structure {
  readonly members: readonly string[]
  readonly kinds: readonly unknown[]
  readonly required: number
}

const structureOf = (model: unknown): Structure | undefined => {
  const resolved: unknown = typeof model === 'function' ? (model as () => unknown)() : model
  if (!Array.isArray(resolved)) return undefined
  // A member may come with traits beside what it is.
  if (typeof resolved[0] === 'function') return structureOf(resolved[0])
  const [what, , , , members, kinds, required = 0] = resolved as [number, ...unknown[]]
  return what === 3
    ? { members: members as string[], kinds: kinds as unknown[], required: required as number }
    : undefined
}

const eventModel = structureOf(sdk.HistoryEvent$)!
const types = new Set<string>(Object.values(sdk.HistoryEventType))

/** The one member of an event that holds its details: all states share two. */
const detailsOf = (type: string): string =>
  type.endsWith('StateEntered')
    ? 'stateEnteredEventDetails'
    : type.endsWith('StateExited')
      ? 'stateExitedEventDetails'
      : `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`

function faultsOf(value: object, structure: Structure, at: string): string[] {
  const { members, kinds, required } = structure
  const unknown = Object.keys(value).filter((name) => !members.includes(name))
  const missing = members.slice(0, required).filter((name) => !(name in value))
  const inside = Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const model = structureOf(kinds[members.indexOf(name)])
    if (!model) return []
    return typeof member === 'object' && member !== null
      ? faultsOf(member, model, `${at}.${name}`)
      : [`${at}.${name} is no object`]
  })
  return [
    ...unknown.map((name) => `${at}.${name} is not known`),
    ...missing.map((name) => `${at}.${name} is missing`),
    ...inside,
  ]
}

const shapeFaults = (event: HistoryEvent): string[] => {
  const at = `${String(event.id)} ${event.type}`
  const details = Object.keys(event).filter((name) => name.endsWith('EventDetails'))
  const wanted = detailsOf(event.type)
  return [
    ...(types.has(event.type) ? [] : [`${at} is no type of an event`]),
    ...(details.length === 1 && details[0] === wanted ? [] : [`${at} has ${details.join()}, not ${wanted}`]),
    ...faultsOf(event, eventModel, at),
  ]
}

const anyEntered = [
  'TaskStateEntered',
  'PassStateEntered',
  'ChoiceStateEntered',
  'SucceedStateEntered',
  'FailStateEntered',
]
const afterFailure = ['TaskScheduled', 'TaskStateExited', 'ExecutionFailed']

/**
 * What may stand behind what, of the states and resources that the product uses: as in histories recorded on AWS
 * (localstack/localstack, tests/aws/services/stepfunctions/v2: callback, timeouts, error_handling, services, assign).
 */
const follows: Readonly<Record<string, readonly string[]>> = {
  ExecutionStarted: anyEntered,
  TaskStateEntered: ['TaskScheduled', 'EvaluationFailed'],
  TaskScheduled: ['TaskStarted'],
  TaskStarted: ['TaskSubmitted', 'TaskSucceeded', 'TaskFailed', 'TaskTimedOut'],
  TaskSubmitted: ['TaskSucceeded', 'TaskFailed', 'TaskTimedOut'],
  TaskSucceeded: ['TaskStateExited', 'EvaluationFailed'],
  TaskFailed: afterFailure,
  TaskTimedOut: afterFailure,
  EvaluationFailed: afterFailure,
  TaskStateExited: [...anyEntered, 'ExecutionSucceeded'],
  PassStateEntered: ['PassStateExited', 'EvaluationFailed', 'ExecutionFailed'],
  PassStateExited: [...anyEntered, 'ExecutionSucceeded'],
  ChoiceStateEntered: ['ChoiceStateExited', 'EvaluationFailed', 'ExecutionFailed'],
  ChoiceStateExited: anyEntered,
  SucceedStateEntered: ['SucceedStateExited'],
  SucceedStateExited: ['ExecutionSucceeded'],
  FailStateEntered: ['ExecutionFailed'],
  ExecutionFailed: ['ExecutionRedriven'],
  ExecutionAborted: ['ExecutionRedriven'],
  ExecutionTimedOut: ['ExecutionRedriven'],
  ExecutionRedriven: ['TaskScheduled', ...anyEntered],
  ExecutionSucceeded: [],
}

/** Ends from outside, which come behind anything that is not an end; AWS gives them no event before. */
const fromOutside = ['ExecutionAborted', 'ExecutionTimedOut']
const ends = ['ExecutionSucceeded', 'ExecutionFailed', ...fromOutside]

function orderFaults(events: readonly HistoryEvent[]): string[] {
  return events.flatMap(({ id, previousEventId, type }, i) => {
    const before = events[i - 1]
    const at = `${String(id)} ${type}`
    const first = i < 2 || fromOutside.includes(type)
    const allowed =
      before === undefined
        ? type === 'ExecutionStarted'
        : (follows[before.type]?.includes(type) ?? false) ||
          (fromOutside.includes(type) && !ends.includes(before.type))
    return [
      ...(id === i + 1 ? [] : [`${at} is number ${String(i + 1)}`]),
      ...(previousEventId === (first ? 0 : id - 1) ? [] : [`${at} follows ${String(previousEventId)}`]),
      ...(allowed ? [] : [`${at} stands behind ${before?.type ?? 'nothing'}`]),
      ...(before && before.timestamp > events[i]!.timestamp ? [`${at} is earlier than the one before`] : []),
    ]
  })
}

/** What a task's resource is called must be the same from its scheduling to its end. */
function resourceFaults(events: readonly HistoryEvent[]): string[] {
  const faults: string[] = []
  let scheduled: unknown[] = []
  for (const event of events) {
    const details = event[detailsOf(event.type)] as { resource?: unknown; resourceType?: unknown }
    const named = [details?.resourceType, details?.resource]
    if (event.type === 'TaskScheduled') scheduled = named
    else if ('resource' in (details ?? {}) && named.join() !== scheduled.join())
      faults.push(`${String(event.id)} ${event.type} is of ${named.join()}, not ${scheduled.join()}`)
  }
  return faults
}

/** What a history has that GetExecutionHistory does not document, or lacks of what it does: event by event, in words. */
export const undocumented = (events: readonly HistoryEvent[]): string[] => [
  ...events.flatMap(shapeFaults),
  ...orderFaults(events),
  ...resourceFaults(events),
]
