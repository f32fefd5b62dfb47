import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'
import { named, type Settings } from '../settings.ts'

export interface HouseAlarmProps {
  readonly settings: Settings
  /** What is wrong, in words with hyphens; with a subject behind it where several alarms share a runbook. */
  readonly name: string
  /** Who is hurt and how, in one sentence: an alarm without it only wakes people. */
  readonly impact: string
  /** The runbook's file name in docs/runbooks, without `.md`. */
  readonly runbook: string
  readonly metric: IMetric
  /** The alarm is raised above this. */
  readonly above: number
  /** Periods of the metric that must all be above; one by default. */
  readonly periods?: number
}

/** An alarm that says what it means for people and where the runbook is. */
export class HouseAlarm extends Construct {
  readonly alarmName: string

  constructor(scope: Construct, id: string, props: HouseAlarmProps) {
    super(scope, id)
    const { settings, name, impact, runbook, metric, above, periods = 1 } = props
    this.alarmName = named(settings, name)
    const alarm = new Alarm(this, 'Alarm', {
      alarmName: this.alarmName,
      alarmDescription: `${impact} Runbook: docs/runbooks/${runbook}.md`,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      // None of these metrics is written while nothing happens.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
    if (settings.alarmTopic !== undefined) alarm.addAlarmAction(topicAction(settings.alarmTopic))
  }
}

const topicAction = (alarmActionArn: string): IAlarmAction => ({ bind: () => ({ alarmActionArn }) })
