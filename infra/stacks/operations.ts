import { Duration, Fn, Stack } from 'aws-cdk-lib'
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import { HouseAlarm } from '../constructs/alarm.ts'
import { functionName } from '../constructs/function.ts'
import type { FunctionName } from '../functions.ts'
import { agentQueueName } from '../../shared/sage/agent-queue-name.ts'
import type { Settings } from '../settings.ts'
import type { DataStack } from './data.ts'
import { houseStack } from './house-stack.ts'

export interface OperationsStackProps {
  readonly settings: Settings
  readonly data: DataStack
  /** Of the state machine's alias. */
  readonly workflowArn: string
  readonly apiId: string
}

const fiveMinutes = Duration.minutes(5)

/** The alarms that belong to no single queue: those of dead letters are made with their queues. */
export class OperationsStack extends Stack {
  constructor(scope: Construct, { settings, data, workflowArn, apiId }: OperationsStackProps) {
    super(scope, ...houseStack(settings, 'operations'))
    const alarm = (
      name: string,
      rest: { impact: string; metric: IMetric; above: number; periods?: number; runbook?: string },
    ) => new HouseAlarm(this, name, { settings, name, runbook: name, ...rest })

    alarm('workflow-failed', {
      impact: 'A budget is stuck between lock and sync: nothing more happens to it until somebody acts.',
      metric: sum(
        ['ExecutionsFailed', 'ExecutionsTimedOut'].map((name) => workflowMetric(workflowArn, name)),
      ),
      above: 0,
    })
    alarm('relay-behind', {
      impact: 'Commands and decisions are recorded, and the budgets still look as if nobody had acted.',
      metric: functionMetric(settings, 'relay', 'IteratorAge', 'Maximum'),
      above: fiveMinutes.toMilliseconds(),
    })
    alarm('relay-failing', {
      impact: 'Commands, decisions and mails are delivered late, by the sweep, or not at all.',
      metric: functionMetric(settings, 'relay', 'Errors'),
      above: 2,
      periods: 2,
    })
    alarm('schedule-failed', {
      impact:
        'What got stuck is not found, a broken workflow or a returned mail is not recorded, approvers get no daily summary, or nobody looks for drift.',
      metric: sum(
        (['sweep', 'workflow-ended', 'mail-not-delivered', 'daily-summary', 'nightly-check'] as const).map(
          (name) => functionMetric(settings, name, 'Errors'),
        ),
      ),
      above: 0,
    })
    alarm('api-answers-5xx', {
      impact: 'People cannot lock, send, decide or post; agents cannot claim or report.',
      metric: new Metric({
        namespace: 'AWS/ApiGateway',
        metricName: '5xx',
        dimensionsMap: { ApiId: apiId },
        statistic: 'Sum',
        period: fiveMinutes,
      }),
      above: 4,
    })
    alarm('sage-exports-waiting', {
      impact: 'Accepted budgets are queued for Sage and nobody takes them.',
      metric: data.sageExports.metricApproximateAgeOfOldestMessage({
        period: fiveMinutes,
        statistic: 'Maximum',
      }),
      above: Duration.minutes(15).toSeconds(),
    })
    for (const agent of settings.agents) {
      const queue = data.agentQueues.get(`${agent.company}/${agent.sage}`)
      if (queue === undefined) continue
      alarm(`sage-agent-silent-${agentQueueName(agent).slice('sage-agent-'.length)}`, {
        runbook: 'sage-agent-silent',
        impact: `The agent of ${agent.company}/${agent.sage} does not fetch its files: budgets wait in "exporting".`,
        metric: queue.metricApproximateAgeOfOldestMessage({ period: fiveMinutes, statistic: 'Maximum' }),
        above: Duration.hours(1).toSeconds(),
      })
    }
  }
}

/** Metrics are kept by machine; its ARN is the alias's without the last of eight parts. */
const workflowMetric = (aliasArn: string, metricName: string): Metric =>
  new Metric({
    namespace: 'AWS/States',
    metricName,
    dimensionsMap: {
      StateMachineArn: Fn.join(
        ':',
        [0, 1, 2, 3, 4, 5, 6].map((part) => Fn.select(part, Fn.split(':', aliasArn))),
      ),
    },
    statistic: 'Sum',
    period: fiveMinutes,
  })

const functionMetric = (
  settings: Settings,
  name: FunctionName,
  metricName: string,
  statistic = 'Sum',
): Metric =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionName(settings, name) },
    statistic,
    period: fiveMinutes,
  })

function sum(metrics: readonly IMetric[]): IMetric {
  const named = metrics.map((metric, at) => [`m${String(at)}`, metric] as const)
  return new MathExpression({
    expression: named.map(([id]) => `FILL(${id}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(named),
    period: fiveMinutes,
  })
}
