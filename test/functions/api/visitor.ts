import { join } from 'node:path'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { afterAll, beforeAll } from 'vitest'
import type { BoardDependencies } from '../../../functions/board/dependencies.ts'
import { board } from '../../../functions/board/index.ts'
import { createIssuer as boardIssuer } from '../../../functions/board/issuer.ts'
import { type ApiServer, startApiServer } from '../../../local/runtime/api/api-server.ts'
import { createIssuer, type Issuer } from '../../../local/runtime/issuer.ts'
import { anyPorts, choosePorts } from '../../../local/runtime/ports.ts'
import type { SignInPerson } from '../../../local/runtime/sign-in-pages.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import type { SignIn } from './api-event.ts'
import type { LocalApi } from './local-api.ts'

export type Page = APIGatewayProxyStructuredResultV2

export const publicUrl = 'https://budgets.example.com'

/** A request of a browser to the board, as payload 2.0; `path` may hold a query. */
export function boardEvent(
  route: string,
  path: string,
  cookies: readonly string[] = [],
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyEventV2 {
  const { pathname, search, searchParams } = new URL(path, publicUrl)
  const [, project] = /^\/board\/jobs\/([^/]+)/.exec(pathname) ?? []
  return {
    version: '2.0',
    routeKey: route,
    rawPath: pathname,
    rawQueryString: search.slice(1),
    cookies: [...cookies],
    headers: { host: 'budgets.example.com', ...headers },
    ...(search !== '' && { queryStringParameters: Object.fromEntries(searchParams) }),
    ...(project !== undefined && { pathParameters: { project } }),
    requestContext: { http: { method: route.split(' ')[0] }, requestId: 'request-1' },
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2
}

/** A browser: keeps cookies, and goes where it is sent. */
export interface Visitor {
  readonly cookies: Map<string, string>
  /** One request, of which the cookies are kept. */
  readonly ask: (route: string, path: string, headers?: Readonly<Record<string, string>>) => Promise<Page>
}

/** Where an answer leads. */
export const leadsTo = ({ headers = {} }: Page): string => String(headers['location'])

const client = (clientId: string) => ({
  kind: 'userPoolClient' as const,
  id: clientId,
  poolId: 'pool',
  clientId,
  flows: ['code'],
  scopes: ['openid'],
  callbackUrls: [`${publicUrl}/board/signed_in`],
  logoutUrls: [`${publicUrl}/board/signed_out`],
})

/** The board over a local API, and an issuer that serves its pages by HTTP on this machine. */
export function useBoard(api: () => LocalApi, people: () => readonly SignInPerson[]) {
  let issuer: Issuer
  let server: ApiServer
  let dependencies: BoardDependencies
  const logged: unknown[][] = []
  beforeAll(async () => {
    const { api: port } = await choosePorts(anyPorts)
    const origin = `http://127.0.0.1:${String(port)}`
    const folder = temporaryFolder('board')
    const now = () => Date.parse(api().clock.now())
    issuer = await createIssuer({
      folder: { path: (...names) => join(folder, ...names), release: () => undefined },
      pools: [{ kind: 'userPool', id: 'pool', poolId: 'pool' }],
      clients: [client('api'), client('board')],
      people: people(),
      origin,
      now,
    })
    server = await startApiServer({
      port,
      apiId: 'issuer',
      account: '000000000000',
      routes: [],
      integrations: [],
      tokenChecks: new Map(),
      functions: { invoke: async () => await Promise.reject(new Error('There are no functions here.')) },
      now,
      writeLine: () => undefined,
    })
    for (const [path, page] of issuer.pages) server.mount(path, page)
    dependencies = {
      ...api(),
      issuer: boardIssuer({ issuer: `${origin}/pool`, client: 'board', clock: api().clock }),
      publicUrl,
      logger: {
        info: (...line) => void logged.push(line),
        warn: (...line) => void logged.push(line),
        error: (...line) => void logged.push(line),
      },
    }
  })
  afterAll(async () => {
    await server.stop()
  })

  const visitor = (over: Partial<BoardDependencies> = {}): Visitor => {
    const cookies = new Map<string, string>()
    return {
      cookies,
      ask: async (route, path, headers) => {
        const sent = [...cookies].map(([name, value]) => `${name}=${value}`)
        const answer = await board({ ...dependencies, ...over }, boardEvent(route, path, sent, headers))
        for (const each of answer.cookies ?? []) {
          const [, name = '', value = '', seconds] = /^([^=]+)=([^;]*);.*Max-Age=(\d+)/.exec(each) ?? []
          if (seconds === '0') cookies.delete(name)
          else cookies.set(name, value)
        }
        return answer
      },
    }
  }
  return {
    visitor,
    logged,
    dependencies: () => dependencies,
    /** A token of this issuer. */
    token: async ({ sub, groups }: SignIn, as = 'board', seconds = 3600) =>
      await issuer.issueToken({
        subject: sub,
        groups: [groups].flat(),
        client: as,
        expiresInSeconds: seconds,
      }),
    /** Goes through the issuer's pages as a person, and answers the address that it sends the browser back to. */
    chooseAt: async (authorize: string, person: string): Promise<string> => {
      const login = await fetch(authorize, { redirect: 'manual' })
      const form = new URLSearchParams({ person })
      const page = new URL(login.headers.get('location') ?? '', authorize)
      const back = await fetch(page, { method: 'POST', body: form, redirect: 'manual' })
      return back.headers.get('location') ?? ''
    },
  }
}
