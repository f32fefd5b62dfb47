import { Arn, ArnFormat, type Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import type { Deployable, Use } from './functions.ts'
import { mailSettings, type Settings } from './settings.ts'
import type { DataStack } from './stacks/data.ts'

/** What the functions of one stack can be given. */
export interface Reach {
  readonly settings: Settings
  readonly data: DataStack
  /** Where mailed links point to, without a slash at the end. */
  readonly publicUrl: string
  /** Only where the pages behind a sign-in are. */
  readonly signIn?: SignIn
  /** Only where the relay is. */
  readonly workflow?: { readonly machine: StateMachine; readonly aliasArn: string }
}

/** By which issuer people sign in, and as which of its clients. */
export interface SignIn {
  readonly issuer: string
  readonly client: string
}

export interface Access {
  readonly environment: Readonly<Record<string, string>>
  readonly statements: readonly PolicyStatement[]
}

/**
 * Everything a function may use, as variables and as statements that name each action and each resource.
 * Every function knows the names of table and bucket; what it may do there are its statements.
 */
export function accessOf(stack: Stack, { uses }: Deployable, reach: Reach): Access {
  const given = uses.map((use) => grants[use](reach, stack))
  const { table, bucket } = reach.data
  const names = { TABLE: table.tableName, BUCKET: bucket.bucketName }
  return {
    environment: Object.fromEntries(
      [names, ...given.map(({ environment }) => environment)].flatMap(Object.entries<string>),
    ),
    statements: given.flatMap(({ statements }) => statements),
  }
}

type Grant = (reach: Reach, stack: Stack) => Access

const allow = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({ actions: [...actions], resources: [...resources] })

const only = (...statements: readonly PolicyStatement[]): Access => ({ environment: {}, statements })

const mayPut = (variable: string, queue: IQueue): Access => ({
  environment: { [variable]: queue.queueUrl },
  statements: [allow(['sqs:SendMessage'], [queue.queueArn])],
})

// No Scan: no function of ours reads a whole table.
const rowActions = [
  'dynamodb:BatchGetItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:ConditionCheckItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
]

// What DynamoDB asks of a caller on a customer's key; the group names `GenerateDataKey*` and `ReEncrypt*` written out.
const rowKeyActions = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
]

const grants: Readonly<Record<Use, Grant>> = {
  table: ({ data }) =>
    only(allow(rowActions, [data.table.tableArn]), allow(rowKeyActions, [data.key.keyArn])),
  lists: ({ data }) =>
    only(
      allow(
        ['dynamodb:Query'],
        ['by_state', 'by_due'].map((index) => `${data.table.tableArn}/index/${index}`),
      ),
    ),
  'read objects': ({ data }) =>
    only(
      allow(['s3:GetObject'], [data.bucket.arnForObjects('*')]),
      allow(['kms:Decrypt'], [data.key.keyArn]),
    ),
  'write objects': ({ data }) =>
    only(
      allow(['s3:PutObject'], [data.bucket.arnForObjects('*')]),
      // Without it S3 answers 403, not 404, for an object that is not there yet.
      allow(['s3:ListBucket'], [data.bucket.bucketArn]),
      allow(['kms:Decrypt', 'kms:GenerateDataKey'], [data.key.keyArn]),
    ),
  'mail queue': ({ data }) => mayPut('MAIL_QUEUE_URL', data.mail),
  'send mail': ({ settings }, stack) => ({
    environment: { MAIL_FROM: settings.mailFrom, MAIL_SETTINGS: mailSettings(settings) },
    statements: [
      new PolicyStatement({
        actions: ['ses:SendEmail'],
        resources: [
          stack.formatArn({ service: 'ses', resource: 'identity', resourceName: settings.mailIdentity }),
          stack.formatArn({
            service: 'ses',
            resource: 'configuration-set',
            resourceName: mailSettings(settings),
          }),
        ],
        conditions: { StringEquals: { 'ses:FromAddress': settings.mailFrom } },
      }),
    ],
  }),
  'public address': ({ publicUrl }) => ({ environment: { PUBLIC_URL: publicUrl }, statements: [] }),
  'sign-in': ({ settings }) => ({ environment: { ROLE_CLAIM: settings.roleClaim }, statements: [] }),
  'sign-in pages': ({ signIn }) => {
    if (signIn === undefined) throw new Error('There is no sign-in in this stack.')
    return { environment: { ISSUER: signIn.issuer, CLIENT_ID: signIn.client }, statements: [] }
  },
  'sage events': ({ data }) => mayPut('SAGE_EVENTS_QUEUE_URL', data.sageEvents),
  'agent queues': ({ data }, stack) => {
    const queues = [...data.agentQueues.values()].map(({ queueArn }) => queueArn)
    const urls = [...data.agentQueues].map(([agent, { queueUrl }]) => [agent, queueUrl])
    return {
      environment: { AGENT_QUEUES: stack.toJsonString(Object.fromEntries(urls)) },
      statements: queues.length === 0 ? [] : [allow(['sqs:SendMessage'], queues)],
    }
  },
  'event bus': ({ data }) => ({
    environment: { EVENT_BUS_NAME: data.events.eventBusName },
    statements: [allow(['events:PutEvents'], [data.events.eventBusArn])],
  }),
  workflow: ({ workflow }, stack) => {
    if (workflow === undefined)
      throw new Error('There is no state machine in this stack to be told anything.')
    const { machine, aliasArn } = workflow
    const start = new PolicyStatement({
      actions: ['states:StartExecution'],
      // Step Functions authorizes an alias by the machine's ARN and this condition.
      resources: [machine.stateMachineArn],
      conditions: { StringEquals: { 'states:StateMachineQualifier': 'live' } },
    })
    return {
      environment: { STATE_MACHINE_ARN: aliasArn },
      statements: [
        start,
        allow(['states:SendTaskSuccess'], [machine.stateMachineArn]),
        allow(['states:DescribeExecution', 'states:StopExecution'], [executionsOf(machine, stack)]),
      ],
    }
  },
}

const executionsOf = (machine: StateMachine, stack: Stack): string =>
  Arn.format(
    {
      service: 'states',
      resource: 'execution',
      resourceName: `${machine.stateMachineName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    },
    stack,
  )
