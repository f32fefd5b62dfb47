import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as z from 'zod'
import type { Engine } from '../../local/engine/engine.ts'
import { type Json, readTemplates, type Templates } from '../../local/runtime/templates.ts'
import type { Counted } from './faults.ts'
import type { ThrottleEvent } from './throttled-table.ts'

// The alarms of the synthesized templates, decided as CloudWatch does, over what the local services show of their metrics.

const Dimensions = z.array(z.object({ Name: z.string(), Value: z.custom<Json>() })).default([])
const Metric = z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions })
const Alarm = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  EvaluationPeriods: z.int(),
  Threshold: z.number(),
  TreatMissingData: z.literal('notBreaching'),
  ComparisonOperator: z.literal('GreaterThanThreshold'),
})
const OfOneMetric = Metric.extend({ Statistic: z.enum(['Sum', 'Maximum']), Period: z.int() })
const OfMetric = z.object({
  Id: z.string(),
  MetricStat: z.object({ Metric, Stat: z.enum(['Sum', 'Maximum']), Period: z.int() }),
})
const OfExpression = z.object({
  // The one form that infra/metrics.ts writes.
  Expression: z.string().regex(/^FILL\(m\d+, 0\)( \+ FILL\(m\d+, 0\))*$/),
})
const OfSum = z.object({ Metrics: z.array(z.union([OfMetric, OfExpression])) })

interface Watched {
  readonly name: string
  readonly runbook: string
  readonly threshold: number
  readonly periods: number
  /** Seconds. */
  readonly period: number
  readonly metrics: readonly (z.infer<typeof Metric> & { readonly stat: 'Sum' | 'Maximum' })[]
  readonly stack: string
}

/** What a metric was at a moment. */
interface Point {
  readonly at: number
  readonly value: number
}

export interface Measured {
  /** Folder of the synthesized templates, and of what the stack keeps. */
  readonly cdkOut: string
  readonly data: string
  readonly engine: Engine
  readonly calls: readonly Counted[]
  readonly throttleEvents: readonly ThrottleEvent[]
}

export interface Alarms {
  /** Notes how full the queues are, which only shows while it lasts. */
  readonly observe: () => void
  /** Names of the alarms that were raised since then, in the order of the alphabet. */
  readonly raisedSince: (since: number) => string[]
  readonly runbookOf: (alarm: string) => string
  /** Names of the queues in which anything lies now, dead letters among them. */
  readonly notEmpty: () => string[]
}

const FilterPattern = /^\{ \$\.message = "(.*)" \}$/
const Line = z.looseObject({ message: z.string() })
const Access = z.looseObject({ time: z.string(), status: z.int() })

export function alarmsOf(measured: Measured): Alarms {
  const templates = readTemplates(measured.cdkOut)
  const watched = watchedIn(templates)
  const gauges: (Point & { readonly of: string })[] = []

  const observe = (): void => {
    const at = Date.now()
    for (const { queue, visible, oldest } of queuesNow(measured.data, at)) {
      gauges.push({ of: `ApproximateNumberOfMessagesVisible ${queue}`, at, value: visible })
      gauges.push({ of: `ApproximateAgeOfOldestMessage ${queue}`, at, value: (at - oldest) / 1000 })
    }
  }

  const pointsOf = (
    { Namespace, MetricName, Dimensions: dimensions }: z.infer<typeof Metric>,
    stack: string,
  ) => {
    const of = (name: string) => dimensions.find(({ Name }) => Name === name)?.Value
    switch (Namespace) {
      case 'sage-budget-export':
        return linesOf(templates, measured.data, MetricName)
      case 'AWS/SQS':
        return gauges.filter(
          (gauge) => gauge.of === `${MetricName} ${queueNamed(templates, stack, of('QueueName'))}`,
        )
      case 'AWS/Lambda':
        return counted(measured.calls, MetricName, of('FunctionName'))
      case 'AWS/States':
        return endedExecutions(measured.engine, MetricName)
      case 'AWS/DynamoDB':
        return of('GlobalSecondaryIndexName') === undefined
          ? measured.throttleEvents.filter(({ kind }) => `${kind}ThrottleEvents` === MetricName).map(one)
          : []
      case 'AWS/ApiGateway':
        return readLines(measured.data, 'access')
          .map((line) => Access.parse(JSON.parse(line)))
          .filter(({ status }) => status >= 500)
          .map(({ time }) => one({ at: Date.parse(time) }))
      default:
        throw new Error(`Nothing here shows ${Namespace}.`)
    }
  }

  const isRaised = ({ metrics, period, periods, threshold, stack }: Watched, since: number): boolean => {
    const windows = metrics.map((metric) =>
      inWindows(
        pointsOf(metric, stack).filter(({ at }) => at >= since),
        period * 1000,
        metric.stat,
      ),
    )
    const all = new Set(windows.flatMap((each) => [...each.keys()]))
    const isAbove = (window: number): boolean =>
      windows.reduce((sum, each) => sum + (each.get(window) ?? 0), 0) > threshold
    return [...all].some((window) => Array.from({ length: periods }, (_, i) => window + i).every(isAbove))
  }

  return {
    observe,
    raisedSince: (since) =>
      watched
        .filter((alarm) => isRaised(alarm, since))
        .map(({ name }) => name)
        .toSorted((a, b) => a.localeCompare(b)),
    notEmpty: () => queuesNow(measured.data, Date.now()).map(({ queue }) => queue),
    runbookOf: (alarm) => {
      const found = watched.find(({ name }) => name === alarm)
      if (found === undefined) throw new Error(`There is no alarm ${alarm}.`)
      return found.runbook
    },
  }
}

const watchedIn = (templates: Templates): Watched[] =>
  [...templates.resources.values()]
    .filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    .map(({ stack, properties }) => {
      const { AlarmName, AlarmDescription, Threshold, EvaluationPeriods } = Alarm.parse(properties)
      const metrics = metricsOf(properties)
      return {
        name: AlarmName,
        runbook: /docs\/runbooks\/(\S+)\.md$/.exec(AlarmDescription)?.[1] ?? '',
        threshold: Threshold,
        periods: EvaluationPeriods,
        period: metrics[0]!.Period,
        metrics,
        stack,
      }
    })

function metricsOf(properties: unknown) {
  const one = OfOneMetric.safeParse(properties)
  if (one.success) return [{ ...one.data, stat: one.data.Statistic }]
  return OfSum.parse(properties).Metrics.flatMap((each) =>
    'MetricStat' in each
      ? [{ ...each.MetricStat.Metric, Period: each.MetricStat.Period, stat: each.MetricStat.Stat }]
      : [],
  )
}

/** By number of the window. */
function inWindows(points: readonly Point[], length: number, stat: 'Sum' | 'Maximum'): Map<number, number> {
  const windows = new Map<number, number>()
  for (const { at, value } of points) {
    const window = Math.floor(at / length)
    const before = windows.get(window) ?? 0
    windows.set(window, stat === 'Sum' ? before + value : Math.max(before, value))
  }
  return windows
}

const one = ({ at }: { readonly at: number }): Point => ({ at, value: 1 })

const counted = (calls: readonly Counted[], metric: string, of: Json | undefined): readonly Point[] =>
  calls.filter((call) => call.metric === metric && (of === undefined || call.of === of))

const statusOf: Readonly<Record<string, string>> = {
  ExecutionsFailed: 'FAILED',
  ExecutionsTimedOut: 'TIMED_OUT',
  // The engine holds nothing back.
  ExecutionThrottled: 'THROTTLED',
}

const endedExecutions = (engine: Engine, metric: string): Point[] =>
  engine.listStateMachines({}).stateMachines.flatMap(({ stateMachineArn }) =>
    engine
      .listExecutions({ stateMachineArn, maxResults: 1000 })
      .executions.filter(({ status }) => status === statusOf[metric])
      .map(({ stopDate }) => one({ at: new Date(stopDate ?? 0).getTime() })),
  )

const readLines = (data: string, log: string): string[] =>
  readFileSync(join(data, `logs/${log}.log`), 'utf8')
    .split('\n')
    .filter(Boolean)

/** The lines that the template's own filters count under a name, in the logs of the functions that they look at. */
function linesOf(templates: Templates, data: string, metricName: string): Point[] {
  const filters = [...templates.resources.values()]
    .filter(
      ({ type, properties }) =>
        type === 'AWS::Logs::MetricFilter' && JSON.stringify(properties).includes(`"${metricName}"`),
    )
    .map(({ stack, properties }) => ({
      of: functionOfLog(templates, stack, properties['LogGroupName']),
      message: FilterPattern.exec(z.string().parse(properties['FilterPattern']))![1],
    }))
  return readLines(data, 'functions').flatMap((line) => {
    const [, at = '', of = '', text = ''] = /^(\S+) (\S+) (\{.*\})$/.exec(line) ?? []
    const counts = filters.filter((filter) => filter.of === of)
    if (counts.length === 0) return []
    const { message } = Line.parse(JSON.parse(text))
    return counts.some((filter) => filter.message === message) ? [one({ at: Date.parse(at) })] : []
  })
}

function functionOfLog(templates: Templates, stack: string, group: Json | undefined): string {
  const { Ref } = z.object({ Ref: z.string() }).catch({ Ref: '' }).parse(group)
  const name = Ref === '' ? group : templates.resources.get(`${stack}/${Ref}`)?.properties['LogGroupName']
  return z.string().parse(name).replace('/aws/lambda/', '')
}

const ImportValue = z.object({ 'Fn::ImportValue': z.string() })
const Attribute = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('QueueName')]) })

function queueNamed(templates: Templates, stack: string, value: Json | undefined): string {
  const imported = ImportValue.safeParse(value)
  if (imported.success) {
    const exported = templates.exports.get(imported.data['Fn::ImportValue'])!
    return queueNamed(templates, exported.stack, exported.value)
  }
  const [id] = Attribute.parse(value)['Fn::GetAtt']
  return z.string().parse(templates.resources.get(`${stack}/${id}`)?.properties['QueueName'])
}

const Queue = z.object({ queue: z.string(), visible: z.int(), oldest: z.int() })

/** What is in each queue that holds anything. */
function queuesNow(data: string, at: number): z.infer<typeof Queue>[] {
  const file = new DatabaseSync(join(data, 'queues/fauxqs.db'), { readOnly: true })
  try {
    const rows = file
      .prepare(
        `SELECT queue_name AS queue, min(sent_timestamp) AS oldest,
                sum(receipt_handle IS NULL OR visibility_deadline <= ?) AS visible
           FROM sqs_messages GROUP BY queue_name`,
      )
      .all(at)
    return z.array(Queue).parse(rows)
  } finally {
    file.close()
  }
}
