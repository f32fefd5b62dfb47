import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { deploymentOf } from './deployment.ts'
import { ofType, sorted } from './templates.ts'

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

test('a log line that raises an alarm is one that the code writes', () => {
  const filters = ofType(resources, 'AWS::Logs::MetricFilter').map(
    ({ properties }) => /= "(.*)" \}$/.exec(properties.FilterPattern)?.[1] ?? '',
  )
  expect(sorted(filters)).toEqual([
    'mail not delivered',
    'outbox row overdue',
    'receipt overdue',
    'sage readings stopped',
  ])
  const written = [
    'functions/schedule/sweep.ts',
    'functions/schedule/nightly-check.ts',
    'functions/cycle/receipt-overdue.ts',
    'functions/mailer/not-delivered.ts',
  ].map((path) => readFileSync(path, 'utf8'))
  for (const line of filters)
    expect(written.some((code) => code.includes(`logger.warn('${line}'`))).toBe(true)
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
  new RegExp(`^ +${surroundings} npm run -s redrive -- --queue (\\S+?)(?: --most 1)?$`, 'gm')

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
