import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import { EventBus, Rule, type RuleProps, Schedule } from 'aws-cdk-lib/aws-events'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { SqsDlq, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { FilterPattern, LogGroup, MetricFilter, RetentionDays } from 'aws-cdk-lib/aws-logs'
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailSendingEvent,
  EventDestination,
} from 'aws-cdk-lib/aws-ses'
import {
  CfnStateMachineAlias,
  CfnStateMachineVersion,
  DefinitionBody,
  LogLevel,
  StateMachine,
} from 'aws-cdk-lib/aws-stepfunctions'
import type { Construct } from 'constructs'
import { accessOf, type Reach } from '../access.ts'
import { HouseAlarm } from '../constructs/alarm.ts'
import { HouseFunction } from '../constructs/function.ts'
import { DeadLetters } from '../constructs/queue.ts'
import { constructId, cycleFunctions, deployable, type FunctionName } from '../functions.ts'
import { mailSettings, named, workflowLogName } from '../settings.ts'
import { houseStack } from './house-stack.ts'

export interface CycleStackProps extends Reach {
  readonly bundles: string
  /** The state machine's definition. */
  readonly definition: string
}

/** The budget's cycle: the state machine, its steps, the relay that tells it, what goes out to others, and what queues and clock call. */
export class CycleStack extends Stack {
  readonly #props: CycleStackProps

  constructor(scope: Construct, props: CycleStackProps) {
    super(scope, ...houseStack(props.settings, 'cycle'))
    this.#props = props
    const machine = this.#machine()
    this.#relay(machine, this.#liveVersion(machine))
    this.#eventsOut()
    this.#queueReaders()
    this.#clock()
    this.#mailsThatDoNotArrive()
    const ended = this.#function('workflow-ended')
    // Step Functions' own count of aborted executions holds those too that a restart supersedes.
    this.#alarmOnLine(ended, 'workflow stopped', {
      id: 'WorkflowStopped',
      name: 'workflow-stopped',
      impact:
        'Somebody stopped the execution of a budget: what is decided or reported is recorded, and nothing follows.',
      periods: 1,
    })
    this.#rule('WorkflowBroke', ended, {
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [machine.stateMachineArn],
          status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
        },
      },
    })
  }

  #function(name: FunctionName, reach: Reach = this.#props): HouseFunction {
    const { settings, bundles } = this.#props
    const row = deployable(name)
    return new HouseFunction(this, constructId(name), {
      settings,
      bundles,
      deployable: row,
      ...accessOf(this, row, reach),
    })
  }

  #machine(): StateMachine {
    const { settings, data, definition } = this.#props
    const functions = cycleFunctions.map(({ name }) => ({ name, made: this.#function(name) }))
    const steps = functions.map(({ name, made }) => ({ name, arn: made.live.functionArn }))
    const overdue = functions.find(({ name }) => name === 'receipt-overdue')
    if (overdue)
      this.#alarmOnLine(overdue.made, 'receipt overdue', {
        id: 'ReceiptOverdueAlarm',
        name: 'receipt-overdue',
        impact: 'An accepted budget left for Sage a day ago, and no connector has said where its file is.',
        periods: 1,
      })
    const machine = new StateMachine(this, 'BudgetCycle', {
      stateMachineName: named(settings, 'budget-cycle'),
      definitionBody: DefinitionBody.fromFile(definition),
      definitionSubstitutions: {
        ...Object.fromEntries(steps.map(({ name, arn }) => [`${constructId(name)}Function`, arn])),
        SageExportsQueueUrl: data.sageExports.queueUrl,
      },
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, 'BudgetCycleLog', {
          logGroupName: workflowLogName(settings),
          retention: settings.keepsData ? RetentionDays.THREE_MONTHS : RetentionDays.ONE_WEEK,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        // Execution data holds task tokens.
        includeExecutionData: false,
      },
    })
    machine.addToRolePolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: steps.map(({ arn }) => arn) }),
    )
    machine.addToRolePolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [data.sageExports.queueArn] }),
    )
    Validations.of(machine).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Log delivery and X-Ray take no other resource; steps and the queue are named.',
    })
    return machine
  }

  /**
   * A version of every definition that was ever live, behind the alias that the relay starts: a cycle waits for
   * weeks and goes on under the definition it began with.
   */
  #liveVersion(machine: StateMachine): string {
    const version = new CfnStateMachineVersion(this, 'BudgetCycleVersion', {
      stateMachineArn: machine.stateMachineArn,
      stateMachineRevisionId: machine.stateMachineRevisionId,
    })
    version.applyRemovalPolicy(RemovalPolicy.RETAIN)
    const alias = new CfnStateMachineAlias(this, 'BudgetCycleLive', {
      name: 'live',
      routingConfiguration: [{ stateMachineVersionArn: version.ref, weight: 100 }],
    })
    return alias.ref
  }

  #relay(machine: StateMachine, aliasArn: string): void {
    const { settings, data } = this.#props
    const relay = this.#function('relay', { ...this.#props, workflow: { machine, aliasArn } })
    Validations.of(relay).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<BudgetCycle0EF297A1.Name>:*]',
      reason: 'An execution is named after its budget and cycle, so all executions of this one machine.',
    })
    this.#alarmOnLine(relay, 'recorded without a workflow', {
      id: 'RecordedWithoutWorkflow',
      name: 'recorded-without-a-workflow',
      impact: 'A person decided, commanded or reported, and the execution that should act on it has ended.',
      periods: 1,
    })
    const undelivered = new DeadLetters(this, 'OutboxNotDelivered', {
      settings,
      name: 'outbox-not-delivered',
      fifo: false,
      alarm: {
        runbook: 'outbox-not-delivered',
        impact:
          'A command or decision was recorded and the workflow, or the person to be mailed, was not told.',
      },
    })
    data.table.grantStreamRead(relay.live)
    relay.live.addEventSourceMapping('Outbox', {
      eventSourceArn: data.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 25,
      filters: [{ pattern: JSON.stringify(newRow('OUTBOX#')) }],
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      // A row given up on stays undelivered in the table, and the sweep issues it again.
      retryAttempts: 10,
      onFailure: new SqsDlq(undelivered.queue),
    })
  }

  /** The second reader of the stream; DynamoDB advises no third (ADR 18). */
  #eventsOut(): void {
    const { settings, data } = this.#props
    const { live } = this.#function('events-out')
    const unsent = new DeadLetters(this, 'EventsNotSent', {
      settings,
      name: 'events-not-sent',
      fifo: false,
      alarm: {
        runbook: 'events-not-sent',
        impact:
          'Other systems that follow budgets were not told of something, and will not be by themselves.',
      },
    })
    data.table.grantStreamRead(live)
    live.addEventSourceMapping('History', {
      eventSourceArn: data.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      filters: [{ pattern: JSON.stringify(newRow('HISTORY#')) }],
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      // Ten times the relay's: no sweep sends what is given up, so that an outage of the bus is waited out.
      retryAttempts: 100,
      onFailure: new SqsDlq(unsent.queue),
    })
  }

  #queueReaders(): void {
    const { data } = this.#props
    const read = (name: FunctionName, source: SqsEventSource) =>
      this.#function(name).live.addEventSource(source)
    // One export, or one report, per call: a hash is checked against the file, and one failure repeats one message.
    read(
      'sage-gateway',
      new SqsEventSource(data.sageExports, { batchSize: 1, reportBatchItemFailures: true }),
    )
    read('sage-events', new SqsEventSource(data.sageEvents, { batchSize: 1, reportBatchItemFailures: true }))
    read(
      'mailer',
      new SqsEventSource(data.mail, {
        batchSize: 10,
        reportBatchItemFailures: true,
        // A new SES account sends one mail a second; two senders at a time are the least SQS allows.
        maxConcurrency: 2,
      }),
    )
  }

  /** SES tells of them on the account's own bus, of those alone that name this configuration set. */
  #mailsThatDoNotArrive(): void {
    const configurationSetName = mailSettings(this.#props.settings)
    const mails = new ConfigurationSet(this, 'Mails', {
      configurationSetName,
      // A link is a key. A server that takes it in clear only gets none, and sender and company admin are told.
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
    })
    mails.addEventDestination('NotDelivered', {
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'AccountBus', 'default')),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT, EmailSendingEvent.REJECT],
    })
    const told = this.#function('mail-not-delivered')
    this.#alarmOnLine(told, 'mail not delivered', {
      id: 'MailNotDeliveredAlarm',
      name: 'mail-not-delivered',
      impact:
        'Somebody does not know of a budget or a file that waits for them; sender and company admin are mailed.',
      periods: 1,
    })
    this.#rule('MailBouncedOrRefused', told, {
      eventPattern: {
        source: ['aws.ses'],
        detailType: ['Email Bounced', 'Email Complaint Received', 'Email Rejected'],
        detail: { mail: { tags: { 'ses:configuration-set': [configurationSetName] } } },
      },
    })
  }

  #clock(): void {
    const sweep = this.#function('sweep')
    this.#rule('EveryMinute', sweep, { schedule: Schedule.rate(Duration.minutes(1)) })
    // Each company's summary goes out in an hour of its own time, so every hour is looked at.
    this.#rule('EveryHour', this.#function('daily-summary'), { schedule: Schedule.cron({ minute: '0' }) })
    const nightly = this.#function('nightly-check')
    this.#rule('NightlyCheckEveryHour', nightly, { schedule: Schedule.cron({ minute: '30' }) })
    this.#alarmOnLine(nightly, 'sage readings stopped', {
      id: 'SageReadingsStopped',
      name: 'sage-readings-stopped',
      impact:
        'Nobody is told when Sage holds other figures than were sent: what is posted is confirmed by people alone.',
      periods: 1,
    })
    // The relay logs a row that fails and goes on, so only the sweep sees that one stays.
    this.#alarmOnLine(sweep, 'outbox row overdue', {
      id: 'OutboxOverdue',
      name: 'outbox-overdue',
      impact:
        'A command, a decision or a mail is recorded and has failed to be delivered for a quarter of an hour.',
      periods: 3,
    })
  }

  /** An alarm on a line that a function logs where no metric of the platform shows what it saw. */
  #alarmOnLine(
    { log }: HouseFunction,
    line: string,
    { id, ...alarm }: { id: string; name: string; impact: string; periods: number },
  ): void {
    const { settings } = this.#props
    const metric = new MetricFilter(this, `${id}Lines`, {
      logGroup: log,
      filterPattern: FilterPattern.stringValue('$.message', '=', line),
      metricNamespace: named(settings, 'sage-budget-export'),
      metricName: id,
    }).metric({ statistic: 'Sum', period: Duration.minutes(5) })
    new HouseAlarm(this, id, { settings, runbook: alarm.name, metric, above: 0, ...alarm })
  }

  #rule(id: string, { live }: HouseFunction, when: Pick<RuleProps, 'schedule' | 'eventPattern'>): void {
    const rule = new Rule(this, id, {
      ...when,
      targets: [{ bind: () => ({ arn: live.functionArn }) }],
    })
    live.addPermission(id, {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: rule.ruleArn,
    })
  }
}

/** All of the stream that a reader is called with. */
const newRow = (prefix: string) => ({
  eventName: ['INSERT'],
  dynamodb: { Keys: { sk: { S: [{ prefix }] } } },
})
