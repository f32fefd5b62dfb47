import { Duration, Stack } from 'aws-cdk-lib'
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { agentQueueName } from '../../shared/sage/agent-queue-name.ts'
import { HouseAlarm } from '../constructs/alarm.ts'
import { businessDashboard, machineDashboard } from '../dashboards.ts'
import {
  accountFunctionsMetric,
  apiMetric,
  countLines,
  fiveMinutes,
  functionMetric,
  linesMetric,
  sum,
  tableMetric,
  workflowMetric,
} from '../metrics.ts'
import { savedQueries } from '../queries.ts'
import type { Settings } from '../settings.ts'
import type { DataStack } from './data.ts'
import { houseStack } from './house-stack.ts'

export interface OperationsStackProps {
  readonly settings: Settings
  readonly data: DataStack
  readonly apiId: string
}

const ageOfOldest = (queue: IQueue): IMetric =>
  queue.metricApproximateAgeOfOldestMessage({ period: fiveMinutes, statistic: 'Maximum' })

interface AlarmRow {
  readonly impact: string
  readonly metric: IMetric
  readonly above: number
  readonly periods?: number
  readonly runbook?: string
}

/**
 * What operators look at: the alarms that belong to no single queue (those of dead letters are made with their
 * queues), two dashboards, and the queries they ask the logs.
 */
export class OperationsStack extends Stack {
  readonly #props: OperationsStackProps

  constructor(scope: Construct, props: OperationsStackProps) {
    super(scope, ...houseStack(props.settings, 'operations'))
    this.#props = props
    this.#workflowAlarms()
    this.#deliveryAlarms()
    this.#throttleAlarms()
    this.#edgeAlarms()
    this.#sageAlarms()
    this.#agentAlarms()
    const { settings, data, apiId } = props
    const watched = { stack: this, settings, tableName: data.table.tableName, apiId }
    businessDashboard(watched)
    machineDashboard(watched)
    savedQueries(this, settings)
  }

  #alarm(name: string, row: AlarmRow): void {
    new HouseAlarm(this, name, { settings: this.#props.settings, name, runbook: name, ...row })
  }

  // There is no alarm on the errors of steps: a refusal leaves a step as an error by design, and a fault that the
  // retries do not overcome ends in workflow-failed.
  #workflowAlarms(): void {
    const { settings } = this.#props
    this.#alarm('workflow-failed', {
      impact: 'A budget is stuck between lock and sync: nothing more happens to it until somebody acts.',
      metric: sum(
        ['ExecutionsFailed', 'ExecutionsTimedOut'].map((name) => workflowMetric(this, settings, name)),
      ),
      above: 0,
    })
    this.#alarm('workflow-throttled', {
      impact: 'Budgets move late: the account takes fewer steps of workflows than are due.',
      metric: workflowMetric(this, settings, 'ExecutionThrottled'),
      above: 0,
      periods: 3,
    })
  }

  #deliveryAlarms(): void {
    const { settings } = this.#props
    this.#alarm('relay-behind', {
      impact: 'Commands and decisions are recorded, and the budgets still look as if nobody had acted.',
      metric: functionMetric(settings, 'relay', 'IteratorAge', 'Maximum'),
      above: fiveMinutes.toMilliseconds(),
    })
    this.#alarm('relay-failing', {
      impact: 'Commands, decisions and mails are delivered late, by the sweep, or not at all.',
      metric: functionMetric(settings, 'relay', 'Errors'),
      above: 2,
      periods: 2,
    })
    this.#alarm('events-behind', {
      impact: 'Other systems that follow budgets show what was true a quarter of an hour ago.',
      metric: functionMetric(settings, 'events-out', 'IteratorAge', 'Maximum'),
      above: Duration.minutes(15).toMilliseconds(),
    })
    this.#alarm('schedule-failed', {
      impact:
        'What got stuck is not found, a broken workflow or a returned mail is not recorded, approvers get no daily summary, or nobody looks for drift.',
      metric: sum(
        (['sweep', 'workflow-ended', 'mail-not-delivered', 'daily-summary', 'nightly-check'] as const).map(
          (name) => functionMetric(settings, name, 'Errors'),
        ),
      ),
      above: 0,
    })
  }

  /** Each caller tries again, so one throttled call is nothing: only what goes on is told. */
  #throttleAlarms(): void {
    const { tableName } = this.#props.data.table
    this.#alarm('table-throttled', {
      impact: 'People are told to try again in a moment, and budgets move late.',
      metric: sum([
        tableMetric(tableName, 'ReadThrottleEvents'),
        tableMetric(tableName, 'WriteThrottleEvents'),
        // An index that cannot keep up holds up the writes of its table.
        ...['by_state', 'by_due'].map((index) => tableMetric(tableName, 'WriteThrottleEvents', index)),
      ]),
      above: 0,
      periods: 3,
    })
    this.#alarm('functions-throttled', {
      impact: 'The API answers 503 to people and agents, and steps, mails and reports come late.',
      // The account's: its functions share one concurrency, whoever uses it up.
      metric: accountFunctionsMetric('Throttles'),
      above: 0,
      periods: 2,
    })
  }

  #edgeAlarms(): void {
    const { settings, data, apiId } = this.#props
    this.#alarm('api-answers-5xx', {
      impact: 'People cannot lock, send, decide or post; agents cannot claim or report.',
      metric: apiMetric(apiId, '5xx'),
      above: 4,
    })
    this.#alarm('links-not-known', {
      impact:
        'Somebody guesses links, which is hopeless; or mailed links lead nowhere, and nobody can decide or post.',
      metric: countLines(this, settings, 'UnknownLinks', {
        of: ['review', 'posting'],
        line: 'unknown link',
      }),
      above: 50,
    })
    this.#alarm('stored-data-altered', {
      impact: 'Lines or a file are not what was stored: they are not shown, and not handed to Sage.',
      metric: countLines(this, settings, 'StoredDataAltered', {
        of: ['api', 'sage-api', 'budget-files', 'posting', 'sage-gateway'],
        line: 'stored data altered',
      }),
      above: 0,
    })
    this.#waitingAlarm('sage-exports-waiting', data.sageExports, {
      impact: 'Accepted budgets are queued for Sage and nobody takes them.',
    })
    this.#waitingAlarm('sage-events-waiting', data.sageEvents, {
      impact: 'Agents have written files and reported them, and the budgets still look as if they had not.',
    })
    this.#waitingAlarm('mails-waiting', data.mail, {
      impact: 'Approvers, posters and project managers are not mailed what waits for them.',
    })
  }

  /** What only people can put right; those of the company were mailed. */
  #sageAlarms(): void {
    const { settings } = this.#props
    this.#alarm('mismatch-with-sage', {
      impact: 'Sage holds other figures than were sent: the budget stays closed until a person has looked.',
      metric: linesMetric(settings, 'SageShowsOtherwise'),
      above: 0,
    })
    this.#alarm('posting-overdue', {
      impact:
        'Entries of an accepted budget wait in Sage: its totals are the old ones, and the project stands still.',
      metric: countLines(this, settings, 'PostingOverdue', {
        of: ['remind-posters'],
        line: 'posting overdue',
      }),
      above: 0,
    })
  }

  /** A queue whose reader does not take what lies in it: with its trigger off nothing fails, and nothing is done. */
  #waitingAlarm(name: string, queue: IQueue, { impact }: Pick<AlarmRow, 'impact'>): void {
    this.#alarm(name, {
      impact,
      metric: ageOfOldest(queue),
      above: Duration.minutes(15).toSeconds(),
    })
  }

  #agentAlarms(): void {
    const { settings, data } = this.#props
    this.#alarm('clock-of-an-agent', {
      impact:
        'Readings of Sage carry a wrong time: postings are compared with totals that are older than they look.',
      metric: countLines(this, settings, 'ClockDiffers', { of: ['sage-api'], line: 'clock differs' }),
      above: 0,
    })
    for (const agent of settings.agents) {
      const queue = data.agentQueues.get(`${agent.company}/${agent.sage}`)
      if (queue === undefined) continue
      this.#alarm(`sage-agent-silent-${agentQueueName(agent).slice('sage-agent-'.length)}`, {
        runbook: 'sage-agent-silent',
        impact: `The agent of ${agent.company}/${agent.sage} does not fetch its files: budgets wait in "exporting".`,
        metric: ageOfOldest(queue),
        above: Duration.hours(1).toSeconds(),
      })
    }
  }
}
