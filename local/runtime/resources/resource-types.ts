import { api, authorizer, integration, route, stage } from './apis.ts'
import { bucket } from './buckets.ts'
import { eventBus } from './event-buses.ts'
import { eventSourceMapping } from './event-sources.ts'
import { functionAlias, functionVersion, lambdaFunction } from './functions.ts'
import { queue } from './queues.ts'
import { rule, schedule } from './rules.ts'
import { stateMachine, stateMachineAlias, stateMachineVersion } from './state-machines.ts'
import { table } from './tables.ts'
import { userPool, userPoolClient, userPoolGroup } from './user-pools.ts'

/** The resource types that are run on one machine. */
export const runTypes = {
  'AWS::ApiGatewayV2::Api': api,
  'AWS::ApiGatewayV2::Authorizer': authorizer,
  'AWS::ApiGatewayV2::Integration': integration,
  'AWS::ApiGatewayV2::Route': route,
  'AWS::ApiGatewayV2::Stage': stage,
  'AWS::Cognito::UserPool': userPool,
  'AWS::Cognito::UserPoolClient': userPoolClient,
  'AWS::Cognito::UserPoolGroup': userPoolGroup,
  'AWS::DynamoDB::Table': table,
  'AWS::Events::EventBus': eventBus,
  'AWS::Events::Rule': rule,
  'AWS::Lambda::Alias': functionAlias,
  'AWS::Lambda::EventSourceMapping': eventSourceMapping,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Version': functionVersion,
  'AWS::S3::Bucket': bucket,
  'AWS::SQS::Queue': queue,
  'AWS::Scheduler::Schedule': schedule,
  'AWS::StepFunctions::StateMachine': stateMachine,
  'AWS::StepFunctions::StateMachineAlias': stateMachineAlias,
  'AWS::StepFunctions::StateMachineVersion': stateMachineVersion,
}

/** What a resource of a type that is run becomes. */
export type Part = ReturnType<(typeof runTypes)[keyof typeof runTypes]['describe']>['part']

const noPermissions = 'there are no permissions on one machine'
const noMetrics = 'there are no metrics and alarms on one machine'
const noDomains = 'there is one address on one machine'

/** The resource types that are left out by name, each with why nothing is missed. */
export const ignoredTypes: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::ApiMapping': noDomains,
  'AWS::ApiGatewayV2::DomainName': noDomains,
  'AWS::CDK::Metadata': 'tells AWS which constructs are in use',
  'AWS::CertificateManager::Certificate': noDomains,
  'AWS::CloudWatch::Alarm': noMetrics,
  'AWS::CloudWatch::CompositeAlarm': noMetrics,
  'AWS::CloudWatch::Dashboard': noMetrics,
  'AWS::Cognito::UserPoolDomain': 'the local issuer serves its pages under its own address',
  'AWS::IAM::ManagedPolicy': noPermissions,
  'AWS::IAM::Policy': noPermissions,
  'AWS::IAM::Role': noPermissions,
  'AWS::KMS::Alias': 'the data folder is not encrypted',
  'AWS::KMS::Key': 'the data folder is not encrypted',
  'AWS::Lambda::Permission': noPermissions,
  'AWS::Logs::LogGroup': 'logs are files of the data folder',
  'AWS::Logs::MetricFilter': noMetrics,
  'AWS::Logs::QueryDefinition': 'logs are files of the data folder',
  'AWS::Logs::ResourcePolicy': noPermissions,
  'AWS::Route53::RecordSet': noDomains,
  'AWS::S3::BucketPolicy': noPermissions,
  'AWS::SES::ConfigurationSet': 'the local mailbox takes every mail',
  'AWS::SES::ConfigurationSetEventDestination': 'the local mailbox tells the rules by itself',
  'AWS::SES::EmailIdentity': 'the local mailbox takes every sender',
  'AWS::SQS::QueuePolicy': noPermissions,
  'AWS::WAFv2::WebACL': 'nothing listens beyond this machine',
  'AWS::WAFv2::WebACLAssociation': 'nothing listens beyond this machine',
}
