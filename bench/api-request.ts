import { Logger } from '@aws-lambda-powertools/logger'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import type { Dependencies } from '../shared/cycle/dependencies.ts'
import { createApi } from '../test/functions/api/create-api.ts'

export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
}

/** The event of an HTTP API as a function gets it. */
export const requestEvent = ({
  method,
  path,
  headers = {},
  body,
  parameters,
  query,
}: Request): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: new URLSearchParams(query).toString(),
  ...(query && { queryStringParameters: { ...query } }),
  headers: { host: 'bench.example', ...headers },
  ...(parameters && { pathParameters: parameters }),
  requestContext: {
    accountId: '000000000000',
    apiId: 'bench',
    domainName: 'bench.example',
    domainPrefix: 'bench',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
    requestId: 'JKJaXmPLvHcESHA=',
    routeKey: '$default',
    stage: '$default',
    time: '22/Nov/2026:19:46:00 +0000',
    timeEpoch: 1_795_376_760_000,
  },
  ...(body !== undefined && { body }),
  isBase64Encoded: false,
})

const context: Context = {
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'api',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:api:live',
  memoryLimitInMB: '1024',
  awsRequestId: '8a3f6f0e-6f2e-4c70-9d2e-2d3c6c6f8f10',
  logGroupName: 'api',
  logStreamName: 'api',
  getRemainingTimeInMillis: () => 29_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
}

const apis = new WeakMap<Dependencies, ReturnType<typeof createApi>>()

/** The API over these; made once, as a function makes it at its first request. */
function apiOver(dependencies: Dependencies): ReturnType<typeof createApi> {
  const api =
    apis.get(dependencies) ??
    createApi({
      ...dependencies,
      roleClaim: 'cognito:groups',
      logger: new Logger({ logLevel: 'SILENT' }),
      report: async () => await Promise.reject(new Error('Nothing reports here')),
      fileUrl: async () => await Promise.reject(new Error('Nothing is downloaded here')),
      uploads: {
        offer: async () => await Promise.reject(new Error('Nothing is uploaded here')),
        read: async () => await Promise.reject(new Error('Nothing is uploaded here')),
      },
    })
  apis.set(dependencies, api)
  return api
}

/** One request to the API's own function by somebody who signed in. */
export async function askApi(
  dependencies: Dependencies,
  signIn: { readonly sub: string; readonly groups: readonly string[] },
  request: Request,
): Promise<APIGatewayProxyStructuredResultV2> {
  const event = requestEvent(request)
  const claims = { sub: signIn.sub, 'cognito:groups': [...signIn.groups] }
  const authorizer = { principalId: '', integrationLatency: 0, jwt: { claims, scopes: [] } }
  const signedIn = { ...event, requestContext: { ...event.requestContext, authorizer } }
  return await apiOver(dependencies)(signedIn, context)
}
