import { join } from 'node:path'
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  type Alias,
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Deployable } from '../functions.ts'
import { named, type Settings } from '../settings.ts'

export interface HouseFunctionProps {
  readonly settings: Settings
  readonly deployable: Deployable
  /** Folder that holds one folder per bundled function. */
  readonly bundles: string
  readonly environment: Readonly<Record<string, string>>
  readonly statements: readonly PolicyStatement[]
}

export const functionName = (settings: Settings, name: string): string =>
  named(settings, `sage-budget-export-${name}`)

/** Of the function's log group. */
export const logName = (settings: Settings, name: string): string =>
  `/aws/lambda/${functionName(settings, name)}`

/**
 * One Lambda function with its own role and log, called through the alias `live` only: today's code serves
 * whatever was started yesterday.
 */
export class HouseFunction extends Construct {
  readonly live: Alias
  readonly log: LogGroup

  constructor(scope: Construct, id: string, props: HouseFunctionProps) {
    super(scope, id)
    const { settings, deployable, bundles, environment, statements } = props
    const name = functionName(settings, deployable.name)
    this.log = new LogGroup(this, 'Log', {
      logGroupName: logName(settings, deployable.name),
      retention: settings.keepsData ? RetentionDays.THREE_MONTHS : RetentionDays.ONE_WEEK,
      // The audit trail is the history in the table; a log may go with its function.
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.log.logGroupArn],
      }),
    )
    for (const statement of statements) role.addToPolicy(statement)
    const code = new LambdaFunction(this, 'Code', {
      functionName: name,
      code: Code.fromAsset(join(bundles, deployable.name)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: deployable.memory,
      timeout: Duration.seconds(deployable.timeout),
      tracing: Tracing.ACTIVE,
      role,
      // A version that is gone cannot be gone back to, and the alias points to the newest.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
      logGroup: this.log,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      systemLogLevelV2: SystemLogLevel.WARN,
      environment: {
        ...environment,
        STAGE: settings.stage,
        POWERTOOLS_SERVICE_NAME: deployable.name,
        NODE_OPTIONS: '--enable-source-maps',
      },
    })
    this.live = code.addAlias('live')
    Validations.of(role).acknowledge(
      {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason:
          'X-Ray takes segments, and DynamoDB lists streams, for no other resource; both are named by action.',
      },
      {
        id: `AwsSolutions-IAM5[Resource::${objectsOf(settings)}/*]`,
        reason:
          'Objects are named by their hash: a function that may read or write them may do so to any of them.',
      },
    )
  }
}

/** The bucket's ARN as it reaches another stack, in the words of cdk-nag, which asks for the whole. */
const objectsOf = ({ stage }: Settings): string =>
  `sage-budget-export-${stage}-data:ExportsOutputFnGetAttFiles8E6940B8ArnD8EE6C03`
