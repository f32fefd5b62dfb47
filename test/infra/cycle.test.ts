import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { deploymentOf } from './deployment.ts'
import { behindAlias, functionsOf, ofType, type Properties, sorted, theOnly } from './templates.ts'

const { resources } = deploymentOf()
const machine = theOnly(resources, 'AWS::StepFunctions::StateMachine')
const version = theOnly(resources, 'AWS::StepFunctions::StateMachineVersion')
const aliases = ofType(resources, 'AWS::Lambda::Alias')
const { DefinitionSubstitutions } = machine.properties

type Mapping = Properties['AWS::Lambda::EventSourceMapping']
const mappings = ofType(resources, 'AWS::Lambda::EventSourceMapping').map(({ properties }) => properties)

/** An event source names its function by the alias's ARN, cut apart and put together. */
function readerOf({ FunctionName }: Mapping): string | undefined {
  const named = JSON.stringify(FunctionName)
  return behindAlias(resources, aliases.find(({ id }) => named.includes(`"${id}"`))?.id)
}
const readBy = (name: string): Mapping[] => mappings.filter((each) => readerOf(each) === name)

interface State {
  readonly TimeoutSeconds?: number | string
  readonly Arguments?: { readonly FunctionName?: string }
}
const definition = readFileSync('statemachines/budget-cycle.asl.json', 'utf8')
const namesInDefinition = new Set([...definition.matchAll(/\$\{([A-Za-z]+)\}/g)].map(([, name = '']) => name))

/** `lock-budget` as the definition names it. */
const inDefinition = (name: string | undefined): string => `${(name ?? '').replaceAll('-', '')}function`

test('the state machine is the definition file, uploaded as it is', () => {
  expect(machine.properties.DefinitionS3Location.Key).toMatch(/^[0-9a-f]{64}\.json$/)
})

test('every name in the definition has a value, and every value is named in it', () => {
  expect(sorted(Object.keys(DefinitionSubstitutions))).toEqual(sorted(namesInDefinition))
})

test('each step is the function of its name, called by the alias live', () => {
  const steps = Object.entries(DefinitionSubstitutions).filter(([name]) => name.endsWith('Function'))
  for (const [name, { Ref: alias }] of steps) {
    expect(inDefinition(behindAlias(resources, alias))).toBe(name.toLowerCase())
    expect(aliases.find(({ id }) => id === alias)?.properties.Name).toBe('live')
  }
})

test('every definition that was ever live is kept as a version, behind the alias live', () => {
  expect(version.deletion).toBe('Retain')
  expect(version.properties.StateMachineRevisionId).toEqual({
    'Fn::GetAtt': [machine.id, 'StateMachineRevisionId'],
  })
  expect(theOnly(resources, 'AWS::StepFunctions::StateMachineAlias').properties).toEqual({
    Name: 'live',
    RoutingConfiguration: [{ StateMachineVersionArn: { Ref: version.id }, Weight: 100 }],
  })
})

test('the log of executions holds no task token', () => {
  expect(machine.properties.LoggingConfiguration).toMatchObject({ Level: 'ALL', IncludeExecutionData: false })
})

test('the relay is called with new outbox rows only, from the oldest on', () => {
  const [outbox] = readBy('relay')
  expect(outbox?.StartingPosition).toBe('TRIM_HORIZON')
  expect(outbox?.FilterCriteria?.Filters.map(({ Pattern }) => JSON.parse(Pattern) as unknown)).toEqual([
    { eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: 'OUTBOX#' }] } } } },
  ])
})

test('a batch that the relay fails on is halved, tried ten times, and then told to a queue', () => {
  const failed = ofType(resources, 'AWS::SQS::Queue').find(
    ({ properties }) => properties.QueueName === 'outbox-not-delivered',
  )
  expect(readBy('relay')).toEqual([
    expect.objectContaining({
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 10,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [failed?.id, 'Arn'] } } },
    }),
  ])
})

test('events-out is called with new rows of history only, from the oldest on', () => {
  const [history] = readBy('events-out')
  expect(history?.StartingPosition).toBe('TRIM_HORIZON')
  expect(history?.FilterCriteria?.Filters.map(({ Pattern }) => JSON.parse(Pattern) as unknown)).toEqual([
    { eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: 'HISTORY#' }] } } } },
  ])
})

test('a batch that events-out fails on is halved, tried a hundred times, and then told to a queue', () => {
  const failed = ofType(resources, 'AWS::SQS::Queue').find(
    ({ properties }) => properties.QueueName === 'events-not-sent',
  )
  expect(readBy('events-out')).toEqual([
    expect.objectContaining({
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 100,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [failed?.id, 'Arn'] } } },
    }),
  ])
})

test('the stream has the two readers that DynamoDB advises for a shard, and no third', () => {
  const readers = mappings.filter(({ EventSourceArn }) =>
    JSON.stringify(EventSourceArn).includes('StreamArn'),
  )
  expect(readers).toHaveLength(2)
})

test.each([
  ['sage-gateway', 'SageExportsQueue'],
  ['sage-events', 'SageEventsQueue'],
  ['mailer', 'MailQueue'],
])('%s reads its queue, and only that one', (reader, queue) => {
  const sources = readBy(reader).map(({ EventSourceArn }) => JSON.stringify(EventSourceArn))
  expect(sources).toEqual([expect.stringContaining(`FnGetAtt${queue}`)])
})

test('every reader answers for each message of a batch by itself', () => {
  const answers = mappings.map(({ FunctionResponseTypes }) => FunctionResponseTypes)
  expect(answers).toEqual(mappings.map(() => ['ReportBatchItemFailures']))
})

const rules = ofType(resources, 'AWS::Events::Rule').map(({ properties }) => properties)
const ruleFor = (name: string) =>
  rules.find(({ Targets: [{ Arn }] }) => behindAlias(resources, Arn.Ref) === name)

test('a broken workflow is told to workflow-ended, for this state machine alone', () => {
  expect(ruleFor('workflow-ended')?.EventPattern).toEqual({
    source: ['aws.states'],
    'detail-type': ['Step Functions Execution Status Change'],
    detail: { stateMachineArn: [{ Ref: machine.id }], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
  })
})

test('mails that do not arrive are told to mail-not-delivered, those of this deployment alone', () => {
  const [set] = ofType(resources, 'AWS::SES::ConfigurationSet')
  const [destination] = ofType(resources, 'AWS::SES::ConfigurationSetEventDestination')
  expect(destination?.properties.EventDestination.MatchingEventTypes).toEqual([
    'bounce',
    'complaint',
    'reject',
  ])
  expect(ruleFor('mail-not-delivered')?.EventPattern).toEqual({
    source: ['aws.ses'],
    'detail-type': ['Email Bounced', 'Email Complaint Received', 'Email Rejected'],
    detail: { mail: { tags: { 'ses:configuration-set': [set?.properties.Name] } } },
  })
})

test('the sweep looks every minute', () => {
  expect(ruleFor('sweep')?.ScheduleExpression).toBe('rate(1 minute)')
})

test('the daily summary looks every hour', () => {
  expect(ruleFor('daily-summary')?.ScheduleExpression).toBe('cron(0 * * * ? *)')
})

test('the nightly check looks every hour, between two summaries', () => {
  expect(ruleFor('nightly-check')?.ScheduleExpression).toBe('cron(30 * * * ? *)')
})

/** States that call a function and give it a fixed time: all but the waits. */
const steps = Object.values((JSON.parse(definition) as { States: Record<string, State> }).States).flatMap(
  ({ TimeoutSeconds, Arguments }) =>
    typeof TimeoutSeconds === 'number' && Arguments?.FunctionName !== undefined
      ? [{ substitution: Arguments.FunctionName.replaceAll(/[${}]/g, ''), TimeoutSeconds }]
      : [],
)

test.each(steps)('$substitution ends before its state gives up', ({ substitution, TimeoutSeconds }) => {
  const name = behindAlias(resources, DefinitionSubstitutions[substitution]?.Ref) ?? ''
  expect(functionsOf(resources).get(name)?.properties.Timeout).toBeLessThan(TimeoutSeconds)
})
