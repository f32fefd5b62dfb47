import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { named, type Settings } from '../settings.ts'
import { HouseAlarm } from './alarm.ts'

// As long as SQS keeps anything: a site office may be without its agent over a holiday.
const retention = Duration.days(14)

export interface DeadLettersProps {
  readonly settings: Settings
  /** Without `.fifo`. */
  readonly name: string
  readonly fifo: boolean
  /** Raised while anything lies here. */
  readonly alarm: { readonly name?: string; readonly runbook: string; readonly impact: string }
}

/** Where messages end that were tried too often: it has no consumer but people, so anything in it is an alarm. */
export class DeadLetters extends Construct {
  readonly queue: IQueue

  constructor(scope: Construct, id: string, { settings, name, fifo, alarm }: DeadLettersProps) {
    super(scope, id)
    this.queue = new Queue(this, 'Queue', { ...house(settings, name, fifo), retentionPeriod: retention })
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is itself where what could not be delivered ends, and it has an alarm.',
    })
    new HouseAlarm(this, 'Filled', {
      settings,
      name: alarm.name ?? alarm.runbook,
      runbook: alarm.runbook,
      impact: alarm.impact,
      metric: this.queue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: 'Maximum',
      }),
      above: 0,
    })
  }
}

export interface HouseQueueProps extends DeadLettersProps {
  /** Time one receiver has before another gets the message. */
  readonly visibility: Duration
  /** Tries before a message is a dead letter. */
  readonly tries: number
}

/** A queue, encrypted, with its dead letters and their alarm. Deduplication ids are the sender's own: derived, never guessed. */
export class HouseQueue extends Construct {
  readonly queue: IQueue

  constructor(scope: Construct, id: string, props: HouseQueueProps) {
    super(scope, id)
    const { settings, name, fifo, visibility, tries } = props
    const dead = new DeadLetters(this, 'Dead', { ...props, name: `${name}-dead` })
    this.queue = new Queue(this, 'Queue', {
      ...house(settings, name, fifo),
      retentionPeriod: retention,
      visibilityTimeout: visibility,
      deadLetterQueue: { queue: dead.queue, maxReceiveCount: tries },
    })
  }
}

/** As SQS and its metrics know a queue, from its name without `.fifo`. */
export const queueName = (settings: Settings, name: string, fifo: boolean): string =>
  `${named(settings, name)}${fifo ? '.fifo' : ''}`

function house(settings: Settings, name: string, fifo: boolean) {
  return {
    queueName: queueName(settings, name, fifo),
    ...(fifo ? { fifo: true } : {}),
    // Messages hold ids, hashes and totals, never lines: SQS's own key is enough, and asks for no grant.
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.DESTROY,
  }
}
