import type { APIGatewayProxyEventV2 } from 'aws-lambda'

/** A sign-in: its subject, and the entries of its role claim as the issuer writes them. */
export interface SignIn {
  readonly sub: string
  readonly groups: string | readonly string[]
}

export interface Call {
  readonly as?: SignIn
  readonly body?: unknown
  readonly text?: string
  readonly base64?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** Id of the request; some other where nobody asks for it. */
  readonly request?: string
}

/** What the gateway hands to the API for a call. */
export function eventOf(method: string, path: string, call: Call): APIGatewayProxyEventV2 {
  const json = call.body === undefined ? undefined : JSON.stringify(call.body)
  const body = call.text ?? call.base64 ?? json
  const authorizer = call.as && {
    jwt: { claims: { sub: call.as.sub, 'cognito:groups': call.as.groups }, scopes: [] },
  }
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: new URLSearchParams(call.query ?? {}).toString(),
    headers: {
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...call.headers,
    },
    ...(call.query && { queryStringParameters: { ...call.query } }),
    ...(body !== undefined && { body }),
    isBase64Encoded: call.base64 !== undefined,
    requestContext: {
      requestId: call.request ?? 'request-1',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      ...(authorizer && { authorizer }),
    },
  } as unknown as APIGatewayProxyEventV2
}
