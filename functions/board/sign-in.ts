import { createHash, randomBytes } from 'node:crypto'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { html } from 'hono/html'
import { markMatches } from '../../shared/pages/form.ts'
import { messagePage, seeAgain } from '../../shared/pages/frame.ts'
import type { BoardDependencies } from './dependencies.ts'
import type { SignedIn } from './issuer.ts'

type Answered = Promise<APIGatewayProxyStructuredResultV2>

// The prefix ties a cookie to this host and to https; browsers count http on 127.0.0.1 as secure (ADR 0015).
const session = '__Host-board'
const pending = '__Host-board-sign-in'

const tenMinutes = 600 // seconds, to type a password and a code

/** Browsers drop a cookie of more than 4,096 bytes, name and attributes included, and say nothing. */
const longestToken = 3900

const cookie = (name: string, value: string, seconds: number): string =>
  `${name}=${value}; Path=/; Max-Age=${String(seconds)}; Secure; HttpOnly; SameSite=Lax`

const cookieOf = ({ cookies = [] }: APIGatewayProxyEventV2, name: string): string | undefined =>
  cookies.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1)

/** What the issuer is to say again is made of the one secret that the browser keeps: nothing of it is stored here. */
const derived = (verifier: string, purpose: 'state' | 'nonce'): string =>
  createHash('sha256').update(`${purpose}.${verifier}`).digest('base64url')

const redirectUri = ({ publicUrl }: BoardDependencies): string => `${publicUrl}/board/signed_in`

/** Who is signed in, by the session's token, which is verified anew each time. */
export async function signedIn(
  { issuer }: BoardDependencies,
  event: APIGatewayProxyEventV2,
): Promise<SignedIn | undefined> {
  const token = cookieOf(event, session)
  return token === undefined ? undefined : await issuer.claimsOf(token)
}

/** Sends a browser without a session to the issuer, and remembers where it wanted to go. */
export async function beginSignIn(
  dependencies: BoardDependencies,
  { rawPath, rawQueryString }: APIGatewayProxyEventV2,
): Answered {
  const { issuer } = dependencies
  const verifier = randomBytes(32).toString('base64url')
  const wanted = rawQueryString === '' ? rawPath : `${rawPath}?${rawQueryString}`
  const back = Buffer.from(wanted.length > 500 ? '/board' : wanted).toString('base64url')
  const url = new URL((await issuer.description()).authorization_endpoint)
  const asked = {
    response_type: 'code',
    client_id: issuer.client,
    redirect_uri: redirectUri(dependencies),
    scope: 'openid',
    state: derived(verifier, 'state'),
    nonce: derived(verifier, 'nonce'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
  return { ...seeAgain(url.href), cookies: [cookie(pending, `${verifier}.${back}`, tenMinutes)] }
}

/** Takes the code that the issuer sent along, once, for a session that lasts as long as its token. */
export async function finishSignIn(dependencies: BoardDependencies, event: APIGatewayProxyEventV2): Answered {
  const { issuer, clock } = dependencies
  const [verifier = '', back = ''] = cookieOf(event, pending)?.split('.') ?? []
  const { state = '', code = '' } = event.queryStringParameters ?? {}
  if (verifier === '' || !markMatches(state, derived(verifier, 'state')))
    return await notCompleted(dependencies, 'state')
  if (code === '') return await notCompleted(dependencies, 'code')
  const token = await issuer.exchange({ code, verifier, redirectUri: redirectUri(dependencies) })
  if (token === undefined) return await notCompleted(dependencies, 'code')
  const claims = await issuer.claimsOf(token)
  if (claims?.nonce !== derived(verifier, 'nonce')) return await notCompleted(dependencies, 'token')
  if (token.length > longestToken) return await tooManyRoles()
  const seconds = claims.exp - Math.floor(Date.parse(clock.now()) / 1000)
  return {
    ...seeAgain(pathOf(back)),
    cookies: [cookie(session, token, seconds), cookie(pending, '', 0)],
  }
}

/** A path of the board, whatever a browser remembered. */
function pathOf(back: string): string {
  const path = Buffer.from(back, 'base64url').toString('utf8')
  return /^\/board[\w/?&=.%-]*$/.test(path) ? path : '/board'
}

async function notCompleted(
  { logger, publicUrl }: BoardDependencies,
  lacks: 'state' | 'code' | 'token',
): Answered {
  logger.warn('sign-in not completed', { lacks })
  return await messagePage(
    400,
    'You are not signed in',
    'The sign-in was not completed: it took too long, was begun in another window, or this browser keeps no cookies.',
    html`<a href="${publicUrl}/board">Sign in again</a>`,
  )
}

const tooManyRoles = async (): Answered =>
  await messagePage(
    403,
    'You are not signed in',
    'Your sign-in names more groups than a browser can keep.',
    'Ask a company admin to take you out of those that you do not need.',
  )

/** Ends the session here and with the issuer, who would else let the next person at this browser in without asking. */
export async function signOut({ issuer, publicUrl }: BoardDependencies): Answered {
  const { end_session_endpoint } = await issuer.description()
  const afterwards = `${publicUrl}/board/signed_out`
  const url = new URL(end_session_endpoint ?? afterwards)
  url.searchParams.set('client_id', issuer.client)
  // Cognito's name for it, and that of OpenID Connect's own log-out.
  url.searchParams.set('logout_uri', afterwards)
  url.searchParams.set('post_logout_redirect_uri', afterwards)
  return {
    ...seeAgain(end_session_endpoint === undefined ? afterwards : url.href),
    cookies: [cookie(session, '', 0)],
  }
}

export const signedOut = async (): Answered =>
  await messagePage(200, 'You are signed out', html`<a href="/board">Sign in again</a>`)
