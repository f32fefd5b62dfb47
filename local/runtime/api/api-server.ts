import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import type { Functions, Invocation } from '../functions.ts'
import type { WriteLine } from '../log-file.ts'
import { Refused } from '../refused.ts'
import type { IntegrationPart, RoutePart } from '../resources/apis.ts'
import { httpEvent, splitUrl } from './http-event.ts'
import { functionAnswer, gatewayAnswer, type HttpResponse } from './http-response.ts'
import { routeFinder, type RouteMatch } from './routes.ts'
import type { TokenCheck } from './token-check.ts'

/** Serves a path of its own in front of the API's routes; a failure of it is a 500. */
export type MountedHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

export interface ApiServer {
  /** Sends every path that is the prefix, or begins with it and a slash, to the handler; `/` is that path alone. */
  readonly mount: (prefix: string, handler: MountedHandler) => void
  readonly stop: () => Promise<void>
}

export interface ApiServerOptions {
  readonly port: number
  readonly apiId: string
  readonly account: string
  readonly routes: readonly RoutePart[]
  readonly integrations: readonly IntegrationPart[]
  /** By authorizer id. */
  readonly tokenChecks: ReadonlyMap<string, TokenCheck>
  readonly functions: Pick<Functions, 'invoke'>
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly writeLine: WriteLine
}

const largestBody = 10 * 1024 * 1024 // bytes; API Gateway quotas, HTTP API payload size

interface Answered {
  readonly response: HttpResponse
  /** For the access log, which holds no path: a path may hold a link's reference. */
  readonly routeKey: string | undefined
}

/** Serves the routes of an HTTP API. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const mounted = new Map<string, MountedHandler>()
  const find = routeFinder(options.routes)
  const server = createServer((request, response) => {
    const { pathname } = splitUrl(request.url ?? '/')
    const handler = mountedFor(pathname, mounted)
    void (handler === undefined
      ? serve(request, response, find, options)
      : serveMounted(handler, request, response))
  })
  await new Promise<void>((resolve) => {
    server.listen(options.port, '127.0.0.1', resolve)
  })
  return {
    mount: (prefix, handler) => {
      if (!/^\/$|^(\/[^/?#]+)+$/.test(prefix)) throw new Refused(`${prefix} cannot be mounted: it is no path`)
      mounted.set(prefix, handler)
    },
    stop: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      })
    },
  }
}

function mountedFor(path: string, mounted: ReadonlyMap<string, MountedHandler>): MountedHandler | undefined {
  const [longest] = [...mounted.keys()]
    .filter((prefix) => path === prefix || path.startsWith(`${prefix}/`))
    .toSorted((a, b) => b.length - a.length)
  return longest === undefined ? undefined : mounted.get(longest)
}

async function serveMounted(
  handler: MountedHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await handler(request, response)
  } catch (error) {
    if (response.headersSent) response.destroy()
    else send(response, { ...gatewayAnswer(500, String(error)) })
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  find: ReturnType<typeof routeFinder>,
  options: ApiServerOptions,
): Promise<void> {
  const at = options.now()
  const started = performance.now()
  const requestId = randomUUID()
  const { response: answer, routeKey } = await answerTo(request, requestId, at, find, options).catch(
    (): Answered => ({ response: gatewayAnswer(500, 'Internal Server Error'), routeKey: undefined }),
  )
  send(response, { ...answer, headers: { ...answer.headers, 'apigw-requestid': requestId } })
  options.writeLine(
    JSON.stringify({
      time: new Date(at).toISOString(),
      requestId,
      method: request.method,
      routeKey: routeKey ?? '-',
      status: answer.status,
      milliseconds: Math.round(performance.now() - started),
    }),
  )
}

async function answerTo(
  request: IncomingMessage,
  requestId: string,
  at: number,
  find: ReturnType<typeof routeFinder>,
  options: ApiServerOptions,
): Promise<Answered> {
  const { pathname } = splitUrl(request.url ?? '/')
  if (!decodes(pathname)) return { response: gatewayAnswer(400, 'Bad Request'), routeKey: undefined }
  const match = find(request.method ?? 'GET', pathname)
  if (match === undefined) return { response: gatewayAnswer(404, 'Not Found'), routeKey: undefined }
  const { routeKey } = match.route
  const claims = await authorize(match.route, request, options)
  if (claims === 'unauthorized') return { response: unauthorized, routeKey }
  if (claims === 'forbidden') return { response: gatewayAnswer(403, 'Forbidden'), routeKey }
  const body = await readBody(request)
  if (body === undefined) return { response: gatewayAnswer(413, 'Request Entity Too Large'), routeKey }
  const { apiId, account } = options
  const event = httpEvent({ request, body, match, claims, apiId, account, requestId, at })
  return { response: await integrate(match, event, options), routeKey }
}

const unauthorized: HttpResponse = (() => {
  const answer = gatewayAnswer(401, 'Unauthorized')
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': 'Bearer' } }
})()

function decodes(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

async function authorize(route: RoutePart, request: IncomingMessage, { tokenChecks }: ApiServerOptions) {
  if (route.authorizerId === undefined) return undefined
  const check = tokenChecks.get(route.authorizerId)
  return check === undefined ? 'unauthorized' : await check(request.headers.authorization, route.scopes)
}

/** Undefined when there is more than API Gateway takes; what is left is read and thrown away, so that the answer arrives. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= largestBody) chunks.push(chunk)
  })
  await finished(request)
  return size > largestBody ? undefined : Buffer.concat(chunks)
}

async function integrate(
  { route }: RouteMatch,
  event: object,
  options: ApiServerOptions,
): Promise<HttpResponse> {
  const integration = options.integrations.find(({ integrationId }) => integrationId === route.integrationId)
  if (integration === undefined) return gatewayAnswer(500, 'Internal Server Error')
  const invocation = await inTime(
    options.functions.invoke(integration.functionArn, event),
    integration.timeoutMillis,
  )
  if (invocation === 'late') return gatewayAnswer(503, 'Service Unavailable')
  if (invocation === 'too large') return gatewayAnswer(413, 'Request Entity Too Large')
  if (invocation.outcome === 'failed') return gatewayAnswer(500, 'Internal Server Error')
  return functionAnswer(invocation.payload)
}

async function inTime(
  call: Promise<Invocation>,
  milliseconds: number,
): Promise<Invocation | 'late' | 'too large'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => {
      resolve('late')
    }, milliseconds)
  })
  const answered = call.catch((error: unknown): 'too large' => {
    if (error instanceof Error && error.name === 'RequestTooLargeException') return 'too large'
    throw error
  })
  try {
    return await Promise.race([answered, late])
  } finally {
    clearTimeout(timer)
  }
}

function send(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  const withoutBody = response.req.method === 'HEAD' || status === 204 || status === 304
  if (!withoutBody) response.setHeader('content-length', body.length)
  response.writeHead(status)
  response.end(withoutBody ? undefined : body)
}
