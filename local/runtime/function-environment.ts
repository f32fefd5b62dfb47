import { credentials } from './local-clients.ts'

/** Where each service is served. */
export interface Endpoints {
  readonly table: string
  readonly queuesAndBuckets: string
  readonly mail: string
  readonly stateMachines: string
  readonly events: string
}

/**
 * The variables by which an SDK client finds this machine's services, and by which it does not look for an account's.
 * The names are the SDK's own: `AWS_ENDPOINT_URL_` and the service id in capitals, blanks as underscores.
 */
export function clientEnvironment(
  endpoints: Endpoints,
  region: string,
  nowhere: string,
): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: nowhere,
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.table,
    AWS_ENDPOINT_URL_DYNAMODB_STREAMS: endpoints.table,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.events,
    AWS_ENDPOINT_URL_S3: endpoints.queuesAndBuckets,
    AWS_ENDPOINT_URL_SESV2: endpoints.mail,
    AWS_ENDPOINT_URL_SFN: endpoints.stateMachines,
    AWS_ENDPOINT_URL_SQS: endpoints.queuesAndBuckets,
  }
}

/** What every function finds in its environment beside its own variables, as in Lambda. */
export function functionEnvironment(client: Readonly<Record<string, string>>): Record<string, string> {
  return {
    ...client,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  }
}
