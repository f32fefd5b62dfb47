import { ArnFormat, Duration, type Stack } from 'aws-cdk-lib'
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { FilterPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs'
import { functionName, logName } from './constructs/function.ts'
import type { Deployable, FunctionName } from './functions.ts'
import { named, type Settings } from './settings.ts'

// What alarms and dashboards look at: sums over five minutes, but where a name says otherwise.

export const fiveMinutes = Duration.minutes(5)

const metric = (
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  statistic: string,
): Metric => new Metric({ namespace, metricName, dimensionsMap, statistic, period: fiveMinutes })

/** Step Functions keeps its metrics by machine, whatever alias an execution was started by. */
export const workflowMetric = (stack: Stack, settings: Settings, name: string, statistic = 'Sum'): Metric => {
  const StateMachineArn = stack.formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: named(settings, 'budget-cycle'),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })
  return metric('AWS/States', name, { StateMachineArn }, statistic)
}

export const functionMetric = (
  settings: Settings,
  of: Deployable['name'],
  name: string,
  statistic = 'Sum',
): Metric => metric('AWS/Lambda', name, { FunctionName: functionName(settings, of) }, statistic)

/** Of the account in this region, over all functions. */
export const accountFunctionsMetric = (name: string, statistic = 'Sum'): Metric =>
  metric('AWS/Lambda', name, {}, statistic)

export const apiMetric = (ApiId: string, name: string, statistic = 'Sum'): Metric =>
  metric('AWS/ApiGateway', name, { ApiId }, statistic)

/** Of the table, or of one of its indexes. */
export const tableMetric = (TableName: string, name: string, index?: string): Metric =>
  metric(
    'AWS/DynamoDB',
    name,
    { TableName, ...(index !== undefined && { GlobalSecondaryIndexName: index }) },
    'Sum',
  )

export const queueMetric = (QueueName: string, name: string, statistic = 'Maximum'): Metric =>
  metric('AWS/SQS', name, { QueueName }, statistic)

/** Lines of the log that a filter counts under this name. */
export const linesMetric = (settings: Settings, name: string): Metric =>
  metric(named(settings, 'sage-budget-export'), name, {}, 'Sum')

/**
 * Counts the lines with exactly this message in the logs of these functions, as one metric; with `field`, sums that
 * field of theirs.
 */
export function countLines(
  stack: Stack,
  settings: Settings,
  name: string,
  { of, line, field }: { of: readonly FunctionName[]; line: string; field?: string },
): Metric {
  for (const each of of) {
    const id = `${name}In-${each}`
    new MetricFilter(stack, id, {
      logGroup: LogGroup.fromLogGroupName(stack, `${id}-log`, logName(settings, each)),
      filterPattern: FilterPattern.stringValue('$.message', '=', line),
      metricNamespace: named(settings, 'sage-budget-export'),
      metricName: name,
      ...(field !== undefined && { metricValue: `$.${field}` }),
    })
  }
  return linesMetric(settings, name)
}

/** CloudWatch takes at most ten metrics into the expression of an alarm. */
export function sum(metrics: readonly IMetric[]): MathExpression {
  const numbered = metrics.map((each, at) => [`m${String(at)}`, each] as const)
  return new MathExpression({
    expression: numbered.map(([id]) => `FILL(${id}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(numbered),
    period: fiveMinutes,
  })
}
