import type { IncomingMessage } from 'node:http'
import type { RouteMatch } from './routes.ts'
import type { Claims } from './token-check.ts'

export interface HttpEventInput {
  readonly request: IncomingMessage
  readonly body: Buffer
  readonly match: RouteMatch
  /** Undefined on an open route. */
  readonly claims: Claims | undefined
  readonly apiId: string
  readonly account: string
  readonly requestId: string
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * The event of an HTTP API, payload format 2.0.
 *
 * Where the documentation is silent it follows what others measured: the path is decoded and ends at a decoded
 * question mark; a body goes as text only for text, JSON, XML and JavaScript, so a form is base64.
 */
export function httpEvent(input: HttpEventInput): object {
  const { request, body, match, claims, requestId } = input
  const { pathname, search } = splitUrl(request.url ?? '/')
  const { cookie, ...headers } = joined(request.headersDistinct)
  const query = Object.fromEntries(queryParameters(search))
  const host = headers['host'] ?? ''
  const sourceIp = request.socket.remoteAddress ?? '127.0.0.1'
  const path = decodeURIComponent(pathname).split('?')[0] ?? ''
  return {
    version: '2.0',
    routeKey: match.route.routeKey,
    rawPath: path,
    rawQueryString: search,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers: {
      ...headers,
      'x-forwarded-for': sourceIp,
      'x-forwarded-port': host.split(':')[1] ?? '80',
      'x-forwarded-proto': 'http',
    },
    ...(search === '' ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId: input.account,
      apiId: input.apiId,
      ...(claims === undefined
        ? {}
        : { authorizer: { jwt: { claims: claims.values, scopes: claims.scopes } } }),
      domainName: host.split(':')[0] ?? '',
      domainPrefix: input.apiId,
      http: {
        method: request.method ?? 'GET',
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: match.route.routeKey,
      stage: '$default',
      time: commonLogTime(input.at),
      timeEpoch: input.at,
    },
    ...(Object.keys(match.pathParameters).length === 0 ? {} : { pathParameters: match.pathParameters }),
    ...eventBody(body, headers),
  }
}

export function splitUrl(url: string): { pathname: string; search: string } {
  const at = url.indexOf('?')
  return at < 0 ? { pathname: url, search: '' } : { pathname: url.slice(0, at), search: url.slice(at + 1) }
}

function joined(headers: Readonly<Record<string, string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [
      name,
      (values ?? []).join(name === 'cookie' ? '; ' : ','),
    ]),
  )
}

/** Repeated parameters are joined by commas. */
function queryParameters(search: string): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(search)) {
    const earlier = parameters.get(name)
    parameters.set(name, earlier === undefined ? value : `${earlier},${value}`)
  }
  return parameters
}

const asText = /^(text\/|application\/(json|xml|javascript)\b)/

function eventBody(
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false }
  const plain = asText.test(headers['content-type'] ?? '') && headers['content-encoding'] === undefined
  return { body: body.toString(plain ? 'utf8' : 'base64'), isBase64Encoded: !plain }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `22/Nov/2026:19:46:00 +0000`. */
function commonLogTime(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T')
  const [year = '', month = '', day = ''] = date.split('-')
  return `${day}/${months[Number(month) - 1] ?? ''}/${year}:${time.slice(0, 8)} +0000`
}
