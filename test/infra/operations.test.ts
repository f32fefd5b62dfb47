import { describe, expect, test } from 'vitest'
import { functions } from '../../infra/functions.ts'
import { deploymentOf } from './deployment.ts'
import { type Attribute, type Join, ofType, type Ref, sorted, theOnly } from './templates.ts'

const { resources, templates } = deploymentOf()

interface Import {
  readonly 'Fn::ImportValue': string
}
type Part = string | Ref | Import

const exported = new Map(
  [...templates.values()].flatMap(({ Outputs = {} }) =>
    Object.values(Outputs).map(({ Export, Value }) => [Export?.Name, Value] as const),
  ),
)

/** What stands in a dashboard for a thing of another stack is that thing's id. */
function written(part: Part): string {
  if (typeof part === 'string') return part
  if ('Ref' in part) return part.Ref
  const { Ref: ref, 'Fn::GetAtt': attribute } = exported.get(part['Fn::ImportValue']) as Partial<
    Ref & Attribute
  >
  return ref ?? attribute?.[0] ?? 'nothing'
}

type Row = readonly (string | { readonly expression?: string; readonly label?: string })[]
interface Widget {
  readonly properties: {
    readonly title: string
    readonly metrics?: readonly Row[]
    readonly alarms?: readonly string[]
  }
}

const dashboards = ofType(resources, 'AWS::CloudWatch::Dashboard').map(({ properties }) => {
  const [, parts] = (properties.DashboardBody as Join)['Fn::Join']
  const { widgets } = JSON.parse(parts.map(written).join('')) as { widgets: Widget[] }
  return { name: properties.DashboardName, widgets }
})

const table = theOnly(resources, 'AWS::DynamoDB::Table')
const machine = theOnly(resources, 'AWS::StepFunctions::StateMachine').properties.StateMachineName

/** What may stand beside each dimension: a name that the template gives to a resource. */
const known: Readonly<Record<string, readonly string[]>> = {
  FunctionName: ofType(resources, 'AWS::Lambda::Function').map(({ properties }) => properties.FunctionName),
  QueueName: ofType(resources, 'AWS::SQS::Queue').map(({ properties }) => properties.QueueName),
  TableName: [table.id],
  GlobalSecondaryIndexName: table.properties.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName),
  ApiId: [theOnly(resources, 'AWS::ApiGatewayV2::Api').id],
  StateMachineArn: [`arn:AWS::Partition:states:AWS::Region:AWS::AccountId:stateMachine:${machine}`],
}

const counted = ofType(resources, 'AWS::Logs::MetricFilter').map(
  ({ properties }) => properties.MetricTransformations[0],
)
const own = counted.map(({ MetricNamespace, MetricName }) => `${MetricNamespace} ${MetricName}`)
const ofTheAccount = ['AWS/Lambda Throttles', 'AWS/Lambda ConcurrentExecutions']

/** What a line of a graph is about and is not there; an expression is about the lines it names. */
function unknownIn(row: Row): readonly string[] {
  const [namespace, name, ...rest] = row.filter((each) => typeof each === 'string')
  if (namespace === undefined || name === undefined) return []
  const metric = `${namespace} ${name}`
  if (rest.length === 0) return [...own, ...ofTheAccount].includes(metric) ? [] : [metric]
  return rest.flatMap((dimension, at) =>
    at % 2 === 1 || known[dimension]?.includes(rest[at + 1] ?? '') ? [] : [`${dimension} ${rest[at + 1]}`],
  )
}

const graphs = dashboards.flatMap(({ name, widgets }) =>
  widgets.flatMap(({ properties }) =>
    properties.metrics === undefined ? [] : [{ name, title: properties.title, rows: properties.metrics }],
  ),
)

test('there is a dashboard for the business and one for the machine', () => {
  expect(sorted(dashboards.map(({ name }) => name))).toEqual([
    'sage-budget-export-business',
    'sage-budget-export-machine',
  ])
})

test.each(graphs)('$name, $title: each line is about something that is deployed', ({ rows }) => {
  expect(rows.length).toBeGreaterThan(0)
  expect(rows.flatMap(unknownIn)).toEqual([])
})

test('every count of lines is on a dashboard or in an alarm', () => {
  const shown = JSON.stringify(dashboards)
  const alarmed = JSON.stringify(ofType(resources, 'AWS::CloudWatch::Alarm'))
  for (const { MetricName } of counted) expect(shown + alarmed).toContain(`"${MetricName}"`)
})

test('the machine dashboard shows every alarm', () => {
  const shown = dashboards.flatMap(({ widgets }) =>
    widgets.flatMap(({ properties }) => properties.alarms ?? []),
  )
  const alarms = ofType(resources, 'AWS::CloudWatch::Alarm').map(({ properties }) => properties.AlarmName)
  expect(sorted(shown.map((arn) => arn.replace(/.*:alarm:/, '')))).toEqual(sorted(alarms))
})

test('every function and every queue has its line in a graph', () => {
  const shown = JSON.stringify(dashboards)
  const names = [...functions.map(({ name }) => `sage-budget-export-${name}`), ...(known['QueueName'] ?? [])]
  expect(names.filter((name) => !shown.includes(`"${name}"`))).toEqual([])
})

describe('saved queries', () => {
  const queries = ofType(resources, 'AWS::Logs::QueryDefinition').map(({ properties }) => properties)
  const logs = ofType(resources, 'AWS::Logs::LogGroup').map(({ properties }) => properties.LogGroupName)

  test('are by project, approval, export, request and execution, of what is no information, and of faults', () => {
    expect(sorted(queries.map(({ Name }) => Name.replace('sage-budget-export/', '')))).toEqual([
      'by-approval',
      'by-execution',
      'by-export',
      'by-project',
      'by-request',
      'faults-by-route',
      'not-information-last-hour',
    ])
  })

  test.each(queries)(
    '$Name asks logs that are there, as many as can be asked at once',
    ({ LogGroupNames }) => {
      expect(LogGroupNames.filter((name) => !logs.includes(name))).toEqual([])
      expect(LogGroupNames.length).toBeLessThanOrEqual(50)
    },
  )
})
