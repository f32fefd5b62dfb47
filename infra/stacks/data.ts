import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import { AccountRecovery, Mfa, UserPool, type UserPoolClient } from 'aws-cdk-lib/aws-cognito'
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb'
import { EventBus } from 'aws-cdk-lib/aws-events'
import { AnyPrincipal, Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { HouseQueue } from '../constructs/queue.ts'
import { constructId, deployable, type FunctionName } from '../functions.ts'
import { agentQueueName } from '../../shared/sage/agent-queue-name.ts'
import { type Agent, named, partFilesPrefix, type Settings } from '../settings.ts'
import { houseStack } from './house-stack.ts'

/** What outlives every deployment: the table, the files, the queues between the parts, the event bus, the key, the sign-in. */
export class DataStack extends Stack {
  readonly key: Key
  readonly table: Table
  readonly streamArn: string
  readonly bucket: Bucket
  readonly pool: UserPool
  readonly client: UserPoolClient
  readonly issuer: string
  readonly sageExports: IQueue
  readonly sageEvents: IQueue
  readonly mail: IQueue
  /** Where other systems hear of everything that happens: docs/events.md. */
  readonly events: EventBus
  /** By `<company>/<sage company>`. */
  readonly agentQueues: ReadonlyMap<string, IQueue>

  constructor(scope: Construct, settings: Settings) {
    super(scope, ...houseStack(settings, 'data'))
    const removalPolicy = settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY
    this.key = new Key(this, 'Key', {
      alias: named(settings, 'sage-budget-export'),
      description: 'Budgets, exports and part files at rest',
      enableKeyRotation: true,
      removalPolicy,
    })
    this.table = budgetTable(this, this.key, settings, removalPolicy)
    const { tableStreamArn } = this.table
    if (tableStreamArn === undefined) throw new Error('The table has no stream to be read.')
    this.streamArn = tableStreamArn
    this.bucket = fileBucket(this, this.key, settings, removalPolicy)
    const { pool, client } = signIn(this, settings, removalPolicy)
    this.pool = pool
    this.client = client
    this.issuer = `https://cognito-idp.${this.region}.${this.urlSuffix}/${pool.userPoolId}`
    this.sageExports = new HouseQueue(this, 'SageExports', {
      settings,
      name: 'sage-exports',
      fifo: true,
      ...readBy('sage-gateway'),
      alarm: {
        runbook: 'sage-exports-not-delivered',
        impact: 'An accepted budget has not reached accounting: no file was handed to the connector.',
      },
    }).queue
    this.sageEvents = new HouseQueue(this, 'SageEvents', {
      settings,
      name: 'sage-events',
      fifo: true,
      ...readBy('sage-events'),
      alarm: {
        runbook: 'sage-events-not-recorded',
        impact: 'A connector reported a receipt, a failure or totals, and the budget does not show it.',
      },
    }).queue
    this.mail = new HouseQueue(this, 'Mail', {
      settings,
      name: 'mail',
      // Not FIFO: a mail that SES throttles must not hold up the next person's, and one mail's order against
      // another's means nothing. A repeat is known by the mail's own id, for longer than five minutes.
      fifo: false,
      ...readBy('mailer'),
      alarm: {
        runbook: 'mail-not-sent',
        impact: 'Somebody who has to decide, import or post was not told.',
      },
    }).queue
    this.events = new EventBus(this, 'Events', {
      eventBusName: named(settings, 'sage-budget-export'),
      description: 'Everything that happens to budgets, for other systems',
      // Events hold old and new values of lines.
      kmsKey: this.key,
    })
    this.agentQueues = new Map(
      settings.agents.map((agent) => [`${agent.company}/${agent.sage}`, this.#agent(settings, agent)]),
    )
    const told = (id: string, value: string, description: string) =>
      new CfnOutput(this, id, { value, description })
    told('UserPoolId', pool.userPoolId, 'Where people are entered who may sign in')
    told('ApiClientId', client.userPoolClientId, 'The client whose tokens the API takes')
    told('TableName', this.table.tableName, 'Everything but files')
    told('EventBusName', this.events.eventBusName, 'Where other systems subscribe to events')
    told('BucketName', this.bucket.bucketName, 'Files, and what is too large for the table')
  }

  /** The queue of one agent on premises, and the policy its credentials carry: its queue, its files, nothing else. */
  #agent(settings: Settings, agent: Agent): IQueue {
    const name = agentQueueName(agent)
    const { queue } = new HouseQueue(this, constructId(name), {
      settings,
      name,
      fifo: true,
      // An agent claims the part, writes and flushes a file on a share, and reports before it deletes the message.
      visibility: Duration.minutes(5),
      tries: 10,
      alarm: {
        name: `sage-agent-not-delivered-${agent.company}-${agent.sage}`,
        runbook: 'sage-agent-not-delivered',
        impact: `The agent of ${agent.company}/${agent.sage} gave up on a file: the budget waits in "exporting".`,
      },
    })
    const policy = new ManagedPolicy(this, `${constructId(name)}Policy`, {
      managedPolicyName: named(settings, `sage-budget-export-${name}`),
      description: `What the Sage agent of ${agent.company}/${agent.sage} may do`,
      statements: [
        new PolicyStatement({
          actions: [
            'sqs:ChangeMessageVisibility',
            'sqs:DeleteMessage',
            'sqs:GetQueueAttributes',
            'sqs:ReceiveMessage',
          ],
          resources: [queue.queueArn],
        }),
        new PolicyStatement({
          actions: ['s3:GetObject'],
          resources: [this.bucket.arnForObjects(`${partFilesPrefix(agent)}*`)],
        }),
        new PolicyStatement({ actions: ['kms:Decrypt'], resources: [this.key.keyArn] }),
      ],
    })
    Validations.of(policy).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<Files8E6940B8.Arn>/${partFilesPrefix(agent)}*]`,
      reason: 'The files of one Sage company, under its own prefix.',
    })
    return queue
  }
}

/** SQS advises six times the reader's time limit; five tries, since a reader that failed five times needs a person. */
const readBy = (reader: FunctionName) => ({
  visibility: Duration.seconds(6 * deployable(reader).timeout),
  tries: 5,
})

const text = (name: string) => ({ name, type: AttributeType.STRING })

function budgetTable(scope: Construct, key: Key, settings: Settings, removalPolicy: RemovalPolicy): Table {
  // Table, not TableV2: a global table refuses a customer's key without a fixed region.
  const table = new Table(scope, 'Table', {
    partitionKey: text('pk'),
    sortKey: text('sk'),
    billingMode: BillingMode.PAY_PER_REQUEST,
    stream: StreamViewType.NEW_IMAGE,
    timeToLiveAttribute: 'expires',
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: settings.keepsData,
    removalPolicy,
  })
  table.addGlobalSecondaryIndex({
    indexName: 'by_state',
    partitionKey: text('state_pk'),
    sortKey: text('state_at'),
    projectionType: ProjectionType.KEYS_ONLY,
  })
  table.addGlobalSecondaryIndex({
    indexName: 'by_due',
    partitionKey: text('due_pk'),
    sortKey: text('due_at'),
    projectionType: ProjectionType.KEYS_ONLY,
  })
  return table
}

function fileBucket(scope: Construct, key: Key, settings: Settings, removalPolicy: RemovalPolicy): Bucket {
  const bucket = new Bucket(scope, 'Files', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    versioned: true,
    encryption: BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    removalPolicy,
    lifecycleRules: [
      { abortIncompleteMultipartUploadAfter: Duration.days(7) },
      {
        // Files on their way in and out (API: uploads, downloads); everything else in the bucket is for good.
        prefix: 'passing/',
        expiration: Duration.days(1),
        noncurrentVersionExpiration: Duration.days(1),
      },
    ],
  })
  if (settings.keepsData)
    // ADR 19: whoever means to destroy what is kept has to take this away first.
    bucket.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:DeleteObjectVersion'],
        resources: [bucket.arnForObjects('*')],
      }),
    )
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Who took which file is in the history of its budget; reads past it show in CloudTrail, an account setting.',
  })
  return bucket
}

function signIn(scope: Construct, settings: Settings, removalPolicy: RemovalPolicy) {
  const pool = new UserPool(scope, 'People', {
    // People come from a company's directory, never by themselves.
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    mfa: Mfa.REQUIRED,
    mfaSecondFactor: { otp: true, sms: false },
    passwordPolicy: {
      minLength: 12,
      requireDigits: true,
      requireLowercase: true,
      requireUppercase: true,
      requireSymbols: true,
    },
    deletionProtection: settings.keepsData,
    removalPolicy,
  })
  const tier = "Threat protection is paid per user: which tier of sign-in to take is the customer's choice."
  Validations.of(pool).acknowledge(
    { id: 'AwsSolutions-COG3', reason: tier },
    { id: 'AwsSolutions-COG8', reason: tier },
  )
  // An account's number and a stage together are nobody else's, as a prefix must be in the whole region.
  if (settings.issuer === undefined)
    pool.addDomain('SignInPages', {
      cognitoDomain: { domainPrefix: `sage-budget-export-${settings.stage}-${Aws.ACCOUNT_ID}` },
    })
  const client = pool.addClient('Client', {
    // With a password, and then the code of the app, only for who has AWS credentials that may ask this of the pool.
    authFlows: { userSrp: true, adminUserPassword: true },
    disableOAuth: true,
    preventUserExistenceErrors: true,
    accessTokenValidity: Duration.hours(1),
    idTokenValidity: Duration.hours(1),
    refreshTokenValidity: Duration.days(1),
  })
  return { pool, client }
}
