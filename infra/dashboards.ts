import { ArnFormat, Duration, type Stack } from 'aws-cdk-lib'
import {
  AlarmStatusWidget,
  Alarm,
  Dashboard,
  GraphWidget,
  MathExpression,
  type Metric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import { agentQueueName } from '../shared/sage/agent-queue-name.ts'
import { HouseAlarm } from './constructs/alarm.ts'
import { queueName } from './constructs/queue.ts'
import { constructId, type FunctionName, functions } from './functions.ts'
import {
  accountFunctionsMetric,
  apiMetric,
  countLines,
  fiveMinutes,
  functionMetric,
  linesMetric,
  queueMetric,
  tableMetric,
  workflowMetric,
} from './metrics.ts'
import { named, type Settings } from './settings.ts'

export interface Watched {
  readonly stack: Stack
  readonly settings: Settings
  readonly tableName: string
  readonly apiId: string
}

type Shown = Metric | MathExpression
type Lines = readonly (readonly [label: string, shown: Shown])[]

const graph = (title: string, period: Duration, lines: Lines): GraphWidget =>
  new GraphWidget({
    title,
    width: 12,
    left: lines.map(([label, shown]) => shown.with({ label, period })),
  })

const graphNow = (title: string, lines: Lines): GraphWidget => graph(title, fiveMinutes, lines)

const aDay = Duration.days(1)

/** Calls that ended well: a refused command leaves its step as an error, so it does not count. */
function carriedOut(settings: Settings, of: FunctionName): Shown {
  const [calls, errors] = [`calls${constructId(of)}`, `errors${constructId(of)}`]
  return new MathExpression({
    expression: `${calls} - ${errors}`,
    usingMetrics: {
      [calls]: functionMetric(settings, of, 'Invocations').with({ period: aDay }),
      [errors]: functionMetric(settings, of, 'Errors').with({ period: aDay }),
    },
  })
}

const businessWords = `
**What the figures are.** Each is counted by day, in UTC. A budget that was locked, sent and so on is a step of its workflow that
ended well; a step that AWS called twice counts twice. *Drift* is what last night's check found different in Sage after a budget was settled.

**What is not here.** How old the oldest open approval is, and what is exported and not posted, stand on the board
(\`/board\`), and go to the approvers each day: they are rows of the table, not figures over time.
`

/** What the owner and accounting ask: how many budgets went which way, and what does not agree with Sage. */
export function businessDashboard({ stack, settings }: Watched): void {
  const done = (of: FunctionName) => carriedOut(settings, of)
  const daily = (title: string, lines: Lines): GraphWidget => graph(title, aDay, lines)
  const otherwise = countLines(stack, settings, 'SageShowsOtherwise', {
    of: ['record-observation'],
    line: 'sage shows otherwise',
  })
  const drift = countLines(stack, settings, 'Drift', {
    of: ['nightly-check'],
    line: 'nightly check',
    field: 'drift',
  })
  new Dashboard(stack, 'Business', {
    dashboardName: named(settings, 'sage-budget-export-business'),
    defaultInterval: Duration.days(28),
    widgets: [
      [new TextWidget({ markdown: businessWords, width: 24, height: 3 })],
      [
        daily('Project side', [
          ['locked', done('lock-budget')],
          ['sent to ERP', done('send-to-erp')],
          ['retrieved', done('retrieve-budget')],
          ['unlocked', done('unlock-budget')],
        ]),
        daily('Decisions', [
          ['accepted and exported, or exported again', done('export-budget')],
          ['rejected, or returned after an export', done('reject-budget')],
          ['expired', done('expire-budget')],
        ]),
      ],
      [
        daily('On the way to Sage', [
          ['receipts of files', done('record-receipt')],
          ['failures', done('export-failed')],
          ['receipts overdue', linesMetric(settings, 'ReceiptOverdueAlarm')],
          ['cycles settled', done('close-cycle')],
        ]),
        daily('Sage and what was sent', [
          ['Sage shows otherwise', otherwise],
          ['drift after settling', drift],
          ['readings of Sage stopped', linesMetric(settings, 'SageReadingsStopped')],
        ]),
      ],
      [
        daily('Mails', [
          [
            'taken from the queue',
            queueMetric(queueName(settings, 'mail', false), 'NumberOfMessagesDeleted', 'Sum'),
          ],
          ['bounced, complained of or refused', linesMetric(settings, 'MailNotDeliveredAlarm')],
        ]),
        graph('Milliseconds from the first command to the end of a cycle', aDay, [
          ['median', workflowMetric(stack, settings, 'ExecutionTime', 'p50')],
        ]),
      ],
    ],
  })
}

/** What an operator looks at first: is anything waiting, refused or broken, and where. */
export function machineDashboard({ stack, settings, tableName, apiId }: Watched): void {
  const workflow = (name: string): Shown => workflowMetric(stack, settings, name)
  const everyFunction = (metricName: string, statistic?: string): Lines =>
    functions.map(({ name }) => [name, functionMetric(settings, name, metricName, statistic)])
  const fifo = ['sage-exports', 'sage-events', ...settings.agents.map(agentQueueName)]
  const read = [queueName(settings, 'mail', false), ...fifo.map((name) => queueName(settings, name, true))]
  const dead = [
    ...['mail-dead', 'outbox-not-delivered', 'events-not-sent'].map((name) =>
      queueName(settings, name, false),
    ),
    ...fifo.map((name) => queueName(settings, `${name}-dead`, true)),
  ]
  const notDelivered = countLines(stack, settings, 'OutboxRowsNotDelivered', {
    of: ['relay'],
    line: 'outbox row not delivered',
  })
  new Dashboard(stack, 'Machine', {
    dashboardName: named(settings, 'sage-budget-export-machine'),
    defaultInterval: Duration.hours(12),
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', width: 24, height: 4, alarms: alarmsOf(stack) })],
      [
        graphNow('Executions', [
          ['started', workflow('ExecutionsStarted')],
          ['succeeded', workflow('ExecutionsSucceeded')],
          ['failed', workflow('ExecutionsFailed')],
          ['timed out', workflow('ExecutionsTimedOut')],
          ['aborted', workflow('ExecutionsAborted')],
          ['throttled', workflow('ExecutionThrottled')],
        ]),
        graphNow('Outbox and events', [
          [
            'milliseconds that the relay is behind',
            functionMetric(settings, 'relay', 'IteratorAge', 'Maximum'),
          ],
          [
            'milliseconds that events-out is behind',
            functionMetric(settings, 'events-out', 'IteratorAge', 'Maximum'),
          ],
          ['rows not delivered', notDelivered],
          ['rows overdue', linesMetric(settings, 'OutboxOverdue')],
        ]),
      ],
      [
        graphNow(
          'Queues: seconds that the oldest message waits',
          read.map((name) => [name, queueMetric(name, 'ApproximateAgeOfOldestMessage')]),
        ),
        graphNow(
          'Dead letters',
          dead.map((name) => [name, queueMetric(name, 'ApproximateNumberOfMessagesVisible')]),
        ),
      ],
      [
        graphNow('API: answers', [
          ['all', apiMetric(apiId, 'Count')],
          ['4xx', apiMetric(apiId, '4xx')],
          ['5xx', apiMetric(apiId, '5xx')],
        ]),
        graphNow('API: milliseconds', [
          ['median', apiMetric(apiId, 'Latency', 'p50')],
          ['99 of 100', apiMetric(apiId, 'Latency', 'p99')],
        ]),
      ],
      [
        graphNow('Functions: errors, refusals of commands included', everyFunction('Errors')),
        graphNow('Functions: throttled', [
          ['the whole account', accountFunctionsMetric('Throttles')],
          ...everyFunction('Throttles'),
        ]),
      ],
      [
        graphNow('Functions: milliseconds, 99 of 100', everyFunction('Duration', 'p99')),
        graphNow('Functions at once', [
          ['the whole account', accountFunctionsMetric('ConcurrentExecutions', 'Maximum')],
        ]),
      ],
      [
        graphNow('Table: throttled', [
          ['reads', tableMetric(tableName, 'ReadThrottleEvents')],
          ['writes', tableMetric(tableName, 'WriteThrottleEvents')],
          ['writes to by_state', tableMetric(tableName, 'WriteThrottleEvents', 'by_state')],
          ['writes to by_due', tableMetric(tableName, 'WriteThrottleEvents', 'by_due')],
        ]),
        graphNow('Table: conditions not met (two who act at once: normal), and units', [
          ['conditions not met', tableMetric(tableName, 'ConditionalCheckFailedRequests')],
          ['conflicts of transactions', tableMetric(tableName, 'TransactionConflict')],
          ['read units', tableMetric(tableName, 'ConsumedReadCapacityUnits')],
          ['write units', tableMetric(tableName, 'ConsumedWriteCapacityUnits')],
        ]),
      ],
    ],
  })
}

/** All alarms of the deployment, by name: those of dead letters and lines stand in other stacks. */
const alarmsOf = (stack: Stack) =>
  stack.node.root.node
    .findAll()
    .filter((each) => each instanceof HouseAlarm)
    .map(({ node, alarmName }) =>
      Alarm.fromAlarmArn(
        stack,
        `Shown-${node.addr}`,
        stack.formatArn({
          service: 'cloudwatch',
          resource: 'alarm',
          resourceName: alarmName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ),
    )
