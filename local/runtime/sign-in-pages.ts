import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { html, raw } from 'hono/html'
import { colours } from '../../shared/pages/colours.ts'
import type { MountedHandler } from './api/api-server.ts'
import type { UserPoolClientPart } from './resources/user-pools.ts'

/** Somebody who may sign in on this machine; there are no passwords. */
export interface SignInPerson {
  /** `sub` of the tokens. */
  readonly subject: string
  readonly name: string
  readonly email: string
  readonly groups: readonly string[]
}

export interface SignInPagesOptions {
  /** Where they are served, such as `/us-east-1_Pool`. */
  readonly path: string
  readonly clients: readonly UserPoolClientPart[]
  readonly people: readonly SignInPerson[]
  readonly idToken: (person: SignInPerson, client: UserPoolClientPart, nonce?: string) => Promise<string>
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** What was granted to a client, for one exchange. */
interface Grant {
  readonly client: UserPoolClientPart
  readonly person: SignInPerson
  readonly redirectUri: string
  readonly challenge: string | null
  readonly nonce: string | null
  readonly until: number
}

const codeLives = 5 * 60_000 // milliseconds; Cognito, token endpoint

/**
 * A user pool's own pages, as far as a public client with an authorization code needs them: `/oauth2/authorize`, which
 * sends on to `/login`, `/oauth2/token` and `/logout`. What Cognito refuses is refused here, in its words.
 */
export function signInPages(options: SignInPagesOptions): ReadonlyMap<string, MountedHandler> {
  const grants = new Map<string, Grant>()
  const pages: Record<string, (query: URLSearchParams, form: URLSearchParams) => Answer | Promise<Answer>> = {
    'GET /oauth2/authorize': (query) => authorize(options, query),
    'GET /login': (query) => choosePerson(options, query),
    'POST /login': (query, form) => signIn(options, grants, query, form),
    'POST /oauth2/token': async (_, form) => await exchange(options, grants, form),
    'GET /logout': (query) => logOut(options, query),
  }
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://pool')
    const key = `${request.method ?? ''} ${url.pathname.slice(options.path.length)}`
    const form = new URLSearchParams(key.startsWith('POST') ? await bodyOf(request) : '')
    const answer = (await pages[key]?.(url.searchParams, form)) ?? message(405, 'Not Allowed')
    response.writeHead(answer.status, answer.headers).end(answer.body)
  }
  const paths = new Set(Object.keys(pages).map((key) => key.replace(/^\w+ /, options.path)))
  return new Map([...paths].map((path) => [path, serve]))
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

const message = (status: number, text: string): Answer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: text,
})

const to = (location: string): Answer => ({ status: 302, headers: { location } })

const json = (status: number, content: object): Answer => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(content),
})

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) if (part instanceof Buffer) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

/** An address with these in its query, after what stands there. */
function withQuery(address: string, parameters: Readonly<Record<string, string | null>>): string {
  const url = new URL(address)
  for (const [name, value] of Object.entries(parameters))
    if (value !== null) url.searchParams.set(name, value)
  return url.href
}

/** The client and the address that it may be answered at; a sentence where nobody may be sent anywhere. */
function clientOf(
  { clients }: SignInPagesOptions,
  query: URLSearchParams,
): { readonly client: UserPoolClientPart; readonly redirectUri: string } | string {
  const client = clients.find(({ clientId }) => clientId === query.get('client_id'))
  if (!client) return 'invalid_client'
  const redirectUri = query.get('redirect_uri') ?? ''
  return client.callbackUrls.includes(redirectUri) ? { client, redirectUri } : 'redirect_mismatch'
}

/** What is wrong with a request that its client may be told of. */
function faultIn({ flows, scopes }: UserPoolClientPart, query: URLSearchParams): string | undefined {
  const wanted = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '')
  if (query.get('response_type') !== 'code') return 'unsupported_response_type'
  if (!flows.includes('code')) return 'unauthorized_client'
  if (!wanted.every((scope) => scopes.includes(scope))) return 'invalid_scope'
  return query.has('code_challenge') === (query.get('code_challenge_method') === 'S256')
    ? undefined
    : 'invalid_request'
}

function authorize(options: SignInPagesOptions, query: URLSearchParams): Answer {
  const asked = clientOf(options, query)
  if (typeof asked === 'string') return message(400, asked)
  const error = faultIn(asked.client, query)
  if (error !== undefined) return to(withQuery(asked.redirectUri, { error, state: query.get('state') }))
  return to(`${options.path}/login?${query.toString()}`)
}

async function choosePerson(options: SignInPagesOptions, query: URLSearchParams): Promise<Answer> {
  const asked = clientOf(options, query)
  if (typeof asked === 'string') return message(400, asked)
  const body = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Sign in - this machine</title>
        ${raw(`<style>${sheet}</style>`)}
      </head>
      <body>
        <main>
          <h1>Sign in</h1>
          <p>This machine knows no passwords. In the cloud, Cognito asks for one here, and for a code.</p>
          <form method="post">
            ${options.people.map(
              ({ subject, name, groups }) =>
                html`<button name="person" value="${subject}">
                  ${name} <small>${groups.join(', ')}</small>
                </button>`,
            )}
          </form>
        </main>
      </body>
    </html>`
  const policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
    body: body.toString(),
  }
}

const sheet = `${colours}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 "Segoe UI",Helvetica,Arial,sans-serif}
main{max-width:30rem;margin:2rem auto;padding:1rem}
button{display:block;width:100%;text-align:left;font:inherit;font-weight:600;padding:.7rem 1rem;margin:0 0 .5rem;border:2px solid var(--act);border-radius:6px;background:var(--paper);color:var(--act);cursor:pointer}
small{display:block;font-weight:400;color:var(--soft);overflow-wrap:anywhere}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}`

function signIn(
  options: SignInPagesOptions,
  grants: Map<string, Grant>,
  query: URLSearchParams,
  form: URLSearchParams,
): Answer {
  const asked = clientOf(options, query)
  if (typeof asked === 'string') return message(400, asked)
  const error = faultIn(asked.client, query)
  const person = options.people.find(({ subject }) => subject === form.get('person'))
  if (error !== undefined || !person) return message(400, error ?? 'Incorrect username or password.')
  const code = randomUUID()
  grants.set(code, {
    ...asked,
    person,
    challenge: query.get('code_challenge'),
    nonce: query.get('nonce'),
    until: options.now() + codeLives,
  })
  return to(withQuery(asked.redirectUri, { code, state: query.get('state') }))
}

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')

async function exchange(
  options: SignInPagesOptions,
  grants: Map<string, Grant>,
  form: URLSearchParams,
): Promise<Answer> {
  const client = options.clients.find(({ clientId }) => clientId === form.get('client_id'))
  if (!client) return json(400, { error: 'invalid_client' })
  if (form.get('grant_type') !== 'authorization_code') return json(400, { error: 'unsupported_grant_type' })
  const code = form.get('code') ?? ''
  const grant = grants.get(code)
  // Once, whether it comes to anything or not.
  grants.delete(code)
  const verified =
    grant &&
    (grant.challenge === null || grant.challenge === challengeOf(form.get('code_verifier') ?? '')) &&
    grant.client.clientId === client.clientId &&
    grant.redirectUri === form.get('redirect_uri') &&
    grant.until > options.now()
  if (!verified) return json(400, { error: 'invalid_grant' })
  const id_token = await options.idToken(grant.person, client, grant.nonce ?? undefined)
  return json(200, { id_token, expires_in: 3600, token_type: 'Bearer' })
}

/** Nobody stays signed in here, so there is nothing to end but the visit. */
function logOut({ clients }: SignInPagesOptions, query: URLSearchParams): Answer {
  const client = clients.find(({ clientId }) => clientId === query.get('client_id'))
  const back = query.get('logout_uri') ?? ''
  return client?.logoutUrls.includes(back) ? to(back) : message(400, 'redirect_mismatch')
}
