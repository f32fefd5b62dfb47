import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  apiFunctions,
  constructId,
  cycleFunctions,
  deployable,
  type FunctionName,
  functions,
} from '../../infra/functions.ts'
import { deploymentOf } from './deployment.ts'
import { ofType, type Properties, type Ref, sorted } from './templates.ts'

type LogGroup = Properties['AWS::Logs::LogGroup']

const { resources } = deploymentOf()
const alarms = ofType(resources, 'AWS::CloudWatch::Alarm').map(({ properties }) => properties)
const described = /^.{20,}\. Runbook: docs\/runbooks\/([a-z0-9-]+)\.md$/
const runbookOf = ({ AlarmDescription }: { AlarmDescription: string }): string =>
  described.exec(AlarmDescription)?.[1] ?? ''
const runbook = (name: string): string => readFileSync(`docs/runbooks/${name}.md`, 'utf8')

describe.each(alarms.map((alarm) => ({ name: alarm.AlarmName, alarm })))('$name', ({ name, alarm }) => {
  test('says who is hurt, and where its runbook is', () => {
    expect(alarm.AlarmDescription).toMatch(described)
  })

  test('has a runbook of its name', () => {
    expect(name.startsWith(runbookOf(alarm))).toBe(true)
    expect(runbook(runbookOf(alarm)).split('\n')[0]).toBe(`# ${runbookOf(alarm)}`)
  })

  test('is silent while nothing happens', () => {
    expect([alarm.TreatMissingData, alarm.ComparisonOperator]).toEqual([
      'notBreaching',
      'GreaterThanThreshold',
    ])
  })
})

const runbooks = sorted(new Set(alarms.map(runbookOf)))

test('every runbook belongs to an alarm', () => {
  expect(sorted(readdirSync('docs/runbooks'))).toEqual(runbooks.map((name) => `${name}.md`))
})

test.each(runbooks)('%s: meaning, who is hurt, how to confirm, act, and see that it worked', (name) => {
  expect(runbook(name).match(/^## .*$/gm)).toEqual([
    '## Meaning',
    '## Who is hurt',
    '## Confirm',
    '## Act',
    '## See that it worked',
  ])
})

const filters = ofType(resources, 'AWS::Logs::MetricFilter').map(({ properties }) => ({
  line: /^\{ \$\.message = "(.*)" \}$/.exec(properties.FilterPattern)?.[1] ?? '',
  of: loggedBy(properties.LogGroupName),
}))

/** The function of a log group that is named, or made in the same stack. */
function loggedBy(group: string | Ref): string {
  const named = typeof group === 'string' ? group : resources.find(({ id }) => id === group.Ref)?.properties
  const { LogGroupName } = typeof named === 'string' ? { LogGroupName: named } : (named as LogGroup)
  return LogGroupName.replace('/aws/lambda/sage-budget-export-', '')
}

/** A file and what it imports of ours, and what that imports. */
function sourcesFrom(path: string, seen = new Map<string, string>()): ReadonlyMap<string, string> {
  if (seen.has(path)) return seen
  const code = readFileSync(path, 'utf8')
  seen.set(path, code)
  for (const [, imported = ''] of code.matchAll(/(?:from|import\() ?'(\.[^']+\.ts)'/g))
    sourcesFrom(join(dirname(path), imported), seen)
  return seen
}

test.each(filters)('the line "$line" that is counted of $of is one that its code logs', ({ line, of }) => {
  const sources = [...sourcesFrom(deployable(of as FunctionName).entry).values()]
  const logs = new RegExp(`\\b(?:log|logger)\\.(?:info|warn|error)\\('${line}'`)
  expect(sources.some((code) => logs.test(code))).toBe(true)
})

test('every alarm on a line has a filter that counts it', () => {
  const counted = ofType(resources, 'AWS::Logs::MetricFilter').map(
    ({ properties }) => properties.MetricTransformations[0].MetricName,
  )
  const watched = alarms.filter(({ Namespace }) => Namespace === 'sage-budget-export')
  expect(sorted(watched.map(({ MetricName }) => MetricName ?? ''))).toEqual([
    'ClockDiffers',
    'MailNotDeliveredAlarm',
    'OutboxOverdue',
    'PostingOverdue',
    'ReceiptOverdueAlarm',
    'RecordedWithoutWorkflow',
    'SageReadingsStopped',
    'SageShowsOtherwise',
    'StoredDataAltered',
    'UnknownLinks',
    'WorkflowStopped',
  ])
  for (const { MetricName } of watched) expect(counted).toContain(MetricName)
})

test('no alarm looks at more than the ten metrics that CloudWatch takes', () => {
  for (const { Metrics = [] } of alarms)
    expect(Metrics.filter((each) => each.MetricStat !== undefined).length).toBeLessThanOrEqual(10)
})

/** Whose errors show in an alarm of their own; behind a queue, in that of its dead letters. */
function whatTellsOfErrors(name: string): string {
  if (apiFunctions.some((each) => each.name === name)) return 'api-answers-5xx'
  if (cycleFunctions.some((each) => each.name === name)) return 'workflow-failed'
  const reads = JSON.stringify(
    ofType(resources, 'AWS::Lambda::EventSourceMapping')
      .filter(({ properties }) => JSON.stringify(properties.FunctionName).includes(constructId(name)))
      .map(({ properties }) => properties.EventSourceArn),
  )
  if (reads.includes('Queue')) return 'dead letters'
  const watching = alarms.find((alarm) => JSON.stringify(alarm).includes(`"sage-budget-export-${name}"`))
  return watching === undefined ? 'nothing' : runbookOf(watching)
}

test.each(functions.map(({ name }) => name))('errors of %s come to an alarm', (name) => {
  expect(whatTellsOfErrors(name)).not.toBe('nothing')
})

test('every queue that only people read has an alarm', () => {
  const unread = ofType(resources, 'AWS::SQS::Queue').filter(
    ({ properties }) => properties.RedrivePolicy === undefined,
  )
  const watched = alarms
    .filter(({ MetricName }) => MetricName === 'ApproximateNumberOfMessagesVisible')
    .flatMap(({ Dimensions = [] }) => Dimensions.map(({ Value }) => Value['Fn::GetAtt'][0]))
  expect(sorted(watched)).toEqual(sorted(unread.map(({ id }) => id)))
})

const ofAnyAgent = (queue: string): string => queue.replace(/^sage-agent-.*(?=\.fifo)/, 'sage-agent')

const command = (surroundings: string): RegExp =>
  new RegExp(
    `^ +${surroundings} npm run -s redrive -- --queue (\\S+?)(?: --most 1| --delete <message>)?$`,
    'gm',
  )

const named = (surroundings: string, prefix: string): string[] =>
  runbooks.flatMap((name) =>
    [...runbook(name).matchAll(command(surroundings))].map(([, queue = '']) =>
      ofAnyAgent(queue.replace(prefix, '')),
    ),
  )

test('every queue with dead letters has a runbook with the command that sends them back', () => {
  const queues = ofType(resources, 'AWS::SQS::Queue')
    .filter(({ properties }) => properties.RedrivePolicy !== undefined)
    .map(({ properties }) => ofAnyAgent(properties.QueueName))
  expect(sorted(new Set(named('AWS_PROFILE=\\S+ AWS_REGION=\\S+', 'prod-')))).toEqual(sorted(new Set(queues)))
  const oneMachine =
    'AWS_REGION=us-east-1 AWS_ENDPOINT_URL_SQS=http://127.0.0.1:4101 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local'
  expect(sorted(new Set(named(oneMachine, '')))).toEqual(sorted(new Set(queues)))
})

test('alarms tell the topic that the deployment names', () => {
  const alarmTopic = 'arn:aws:sns:us-east-1:111122223333:on-call'
  for (const { properties } of ofType(deploymentOf({ alarmTopic }).resources, 'AWS::CloudWatch::Alarm'))
    expect(properties.AlarmActions).toEqual([alarmTopic])
})
