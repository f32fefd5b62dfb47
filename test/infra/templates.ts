/** The parts of a synthesized template that tests look at. */

export interface Ref {
  readonly Ref: string
}
export interface Attribute {
  readonly 'Fn::GetAtt': readonly [string, string]
}
export interface Join {
  readonly 'Fn::Join': readonly [string, readonly (string | Ref)[]]
}

export interface Statement {
  readonly Action: string | readonly string[]
  readonly Effect: string
  readonly Resource: unknown
}

interface PolicyDocument {
  readonly Statement: readonly Statement[]
}

interface Target {
  readonly Arn: Ref
}

/** Properties by resource type. */
export interface Properties {
  'AWS::ApiGatewayV2::Api': { readonly CorsConfiguration?: unknown }
  'AWS::ApiGatewayV2::Authorizer': {
    readonly JwtConfiguration: { readonly Issuer: unknown; readonly Audience: unknown }
  }
  'AWS::ApiGatewayV2::Integration': { readonly IntegrationUri: Ref }
  'AWS::ApiGatewayV2::Route': {
    readonly RouteKey: string
    readonly AuthorizationType: string
    readonly AuthorizerId?: Ref
    readonly Target: Join
  }
  'AWS::ApiGatewayV2::Stage': {
    readonly AccessLogSettings: { readonly Format: string }
    readonly DefaultRouteSettings: {
      readonly ThrottlingRateLimit: number
      readonly ThrottlingBurstLimit: number
    }
    readonly RouteSettings: Readonly<
      Record<string, { readonly ThrottlingRateLimit: number; readonly ThrottlingBurstLimit: number }>
    >
  }
  'AWS::CloudWatch::Alarm': {
    readonly AlarmName: string
    readonly AlarmDescription: string
    readonly AlarmActions?: readonly unknown[]
    readonly TreatMissingData: string
    readonly ComparisonOperator: string
    readonly Namespace?: string
    readonly MetricName?: string
    readonly Metrics?: readonly { readonly MetricStat?: unknown }[]
    readonly Dimensions?: readonly { readonly Value: Attribute }[]
  }
  'AWS::CloudWatch::Dashboard': { readonly DashboardName: string; readonly DashboardBody: unknown }
  'AWS::Cognito::UserPool': { readonly DeletionProtection: string }
  'AWS::Cognito::UserPoolClient': {
    readonly AllowedOAuthFlows?: readonly string[]
    readonly AllowedOAuthScopes?: readonly string[]
    readonly CallbackURLs?: readonly unknown[]
    readonly LogoutURLs?: readonly unknown[]
    readonly GenerateSecret?: boolean
  }
  'AWS::Cognito::UserPoolDomain': { readonly Domain: unknown }
  'AWS::DynamoDB::Table': {
    readonly KeySchema: unknown
    readonly StreamSpecification: unknown
    readonly GlobalSecondaryIndexes: readonly { readonly IndexName: string }[]
    readonly TimeToLiveSpecification: unknown
    readonly PointInTimeRecoverySpecification: unknown
    readonly SSESpecification: { readonly KMSMasterKeyId: unknown }
    readonly DeletionProtectionEnabled: boolean
  }
  'AWS::Events::EventBus': { readonly Name: string; readonly KmsKeyIdentifier?: unknown }
  'AWS::Events::Rule': {
    readonly EventPattern?: unknown
    readonly ScheduleExpression?: string
    readonly Targets: readonly [Target]
  }
  'AWS::IAM::ManagedPolicy': { readonly ManagedPolicyName: string; readonly PolicyDocument: PolicyDocument }
  'AWS::IAM::Policy': { readonly Roles: readonly [Ref]; readonly PolicyDocument: PolicyDocument }
  'AWS::IAM::Role': { readonly ManagedPolicyArns?: unknown }
  'AWS::KMS::Key': { readonly EnableKeyRotation: boolean }
  'AWS::Lambda::Alias': { readonly FunctionName: Ref; readonly Name: string }
  'AWS::Lambda::EventSourceMapping': {
    readonly EventSourceArn: unknown
    readonly FunctionName: unknown
    readonly StartingPosition?: string
    readonly BisectBatchOnFunctionError?: boolean
    readonly MaximumRetryAttempts?: number
    readonly FunctionResponseTypes?: unknown
    readonly FilterCriteria?: { readonly Filters: readonly { readonly Pattern: string }[] }
    readonly DestinationConfig?: { readonly OnFailure: { readonly Destination: unknown } }
  }
  'AWS::Lambda::Function': {
    readonly FunctionName: string
    readonly Role: Attribute
    readonly Timeout: number
    readonly Environment: {
      readonly Variables: Readonly<Record<string, unknown>> & { readonly POWERTOOLS_SERVICE_NAME: string }
    }
  }
  'AWS::Lambda::Permission': { readonly Principal: string }
  'AWS::Lambda::Version': object
  'AWS::Logs::LogGroup': { readonly LogGroupName: string; readonly RetentionInDays: number }
  'AWS::Logs::MetricFilter': {
    readonly FilterPattern: string
    readonly LogGroupName: string | Ref
    readonly MetricTransformations: readonly [
      { readonly MetricNamespace: string; readonly MetricName: string; readonly MetricValue: string },
    ]
  }
  'AWS::Logs::QueryDefinition': {
    readonly Name: string
    readonly QueryString: string
    readonly LogGroupNames: readonly string[]
  }
  'AWS::S3::Bucket': {
    readonly BucketEncryption: {
      readonly ServerSideEncryptionConfiguration: readonly [
        { readonly ServerSideEncryptionByDefault: { readonly SSEAlgorithm: string } },
      ]
    }
    readonly LifecycleConfiguration: { readonly Rules: readonly object[] }
    readonly VersioningConfiguration: unknown
    readonly PublicAccessBlockConfiguration: Readonly<Record<string, boolean>>
  }
  'AWS::S3::BucketPolicy': { readonly PolicyDocument: PolicyDocument }
  'AWS::SES::ConfigurationSet': {
    readonly Name: string
    readonly DeliveryOptions: { readonly TlsPolicy: string }
  }
  'AWS::SES::ConfigurationSetEventDestination': {
    readonly EventDestination: { readonly MatchingEventTypes: readonly string[] }
  }
  'AWS::SQS::Queue': {
    readonly QueueName: string
    readonly FifoQueue?: boolean
    readonly VisibilityTimeout?: number
    readonly RedrivePolicy?: { readonly deadLetterTargetArn: unknown }
  }
  'AWS::SQS::QueuePolicy': { readonly PolicyDocument: PolicyDocument }
  'AWS::StepFunctions::StateMachine': {
    readonly StateMachineName: string
    readonly DefinitionS3Location: { readonly Key: string }
    readonly DefinitionSubstitutions: Readonly<Record<string, Ref>>
    readonly LoggingConfiguration: unknown
  }
  'AWS::StepFunctions::StateMachineAlias': { readonly Name: string; readonly RoutingConfiguration: unknown }
  'AWS::StepFunctions::StateMachineVersion': { readonly StateMachineRevisionId: unknown }
}

export type Type = keyof Properties

export interface Resource<Of = unknown> {
  readonly stack: string
  readonly id: string
  readonly type: string
  readonly properties: Of
  readonly deletion: string | undefined
}

export interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: unknown; readonly DeletionPolicy?: string }>
  >
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>
  >
}

export const resourcesOf = (templates: ReadonlyMap<string, Template>): readonly Resource[] =>
  [...templates].flatMap(([stack, template]) =>
    Object.entries(template.Resources).map(([id, { Type, Properties: properties = {}, DeletionPolicy }]) => ({
      stack,
      id,
      type: Type,
      properties,
      deletion: DeletionPolicy,
    })),
  )

export const ofType = <Of extends Type>(
  resources: readonly Resource[],
  type: Of,
): Resource<Properties[Of]>[] =>
  resources.filter((each): each is Resource<Properties[Of]> => each.type === type)

/** The only resource of a type. */
export function theOnly<Of extends Type>(resources: readonly Resource[], type: Of): Resource<Properties[Of]> {
  const [first, ...others] = ofType(resources, type)
  if (first === undefined || others.length > 0) throw new Error(`not one ${type}`)
  return first
}

/** The functions by the names of `infra/functions.ts`. */
export const functionsOf = (
  resources: readonly Resource[],
): ReadonlyMap<string, Resource<Properties['AWS::Lambda::Function']>> =>
  new Map(
    ofType(resources, 'AWS::Lambda::Function').map((each) => [
      each.properties.Environment.Variables.POWERTOOLS_SERVICE_NAME,
      each,
    ]),
  )

/** Name of the function behind an alias. */
export function behindAlias(resources: readonly Resource[], alias: string | undefined): string | undefined {
  const code = ofType(resources, 'AWS::Lambda::Alias').find(({ id }) => id === alias)?.properties.FunctionName
    .Ref
  return [...functionsOf(resources)].find(([, { id }]) => id === code)?.[0]
}

/** What each function's role allows, by the function's name. */
export function statementsByFunction(
  resources: readonly Resource[],
): ReadonlyMap<string, readonly Statement[]> {
  const policies = ofType(resources, 'AWS::IAM::Policy')
  return new Map(
    [...functionsOf(resources)].map(([name, { stack, properties }]) => {
      const [role] = properties.Role['Fn::GetAtt']
      const own = policies.filter(
        (policy) => policy.stack === stack && policy.properties.Roles[0].Ref === role,
      )
      return [name, own.flatMap((policy) => policy.properties.PolicyDocument.Statement)]
    }),
  )
}

export const actionsOf = (statements: readonly Statement[]): readonly string[] =>
  statements.flatMap(({ Action }) => Action)

/** In the order of the alphabet, for comparing sets. */
export const sorted = (texts: Iterable<string>): string[] =>
  [...texts].toSorted((a, b) => (a < b ? -1 : Number(a > b)))
