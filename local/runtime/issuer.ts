import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTVerifyGetKey,
  SignJWT,
} from 'jose'
import * as z from 'zod'
import type { MountedHandler } from './api/api-server.ts'
import { type DataFolder, writeWhole } from './data-folder.ts'
import { Refused } from './refused.ts'
import type { UserPoolClientPart, UserPoolPart } from './resources/user-pools.ts'
import { type SignInPerson, signInPages } from './sign-in-pages.ts'

export interface TokenRequest {
  /** The person, `sub`. */
  readonly subject: string
  readonly email?: string
  readonly groups?: readonly string[]
  /** Default one hour; negative for a token that has expired. */
  readonly expiresInSeconds?: number
  /** What the client asked to be said again. */
  readonly nonce?: string | undefined
  /** Which client of which pool, `Stack/LogicalId`; default: the first there is. */
  readonly client?: string
}

/** Stands in for the user pools: one key, one issuer for each pool. */
export interface Issuer {
  /** An ID token as Cognito writes it. */
  readonly issueToken: (request: TokenRequest) => Promise<string>
  /** Keys by issuer. */
  readonly keys: ReadonlyMap<string, JWTVerifyGetKey>
  /** Paths to serve, each the beginning of what a pool answers at. */
  readonly pages: ReadonlyMap<string, MountedHandler>
}

export interface IssuerOptions {
  readonly folder: DataFolder
  readonly pools: readonly UserPoolPart[]
  readonly clients: readonly UserPoolClientPart[]
  /** Who may sign in by the pools' pages. */
  readonly people: readonly SignInPerson[]
  /** Where the API server listens; an issuer is this and the pool's id. */
  readonly origin: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

export async function createIssuer(options: IssuerOptions): Promise<Issuer> {
  const { folder, pools, clients, people, origin, now } = options
  const privateJwk = await signingKey(folder)
  const signWith = await importJWK(privateJwk, 'RS256')
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicJwk } = privateJwk
  const jwks = { keys: [publicJwk] }
  const issuerOf = (poolId: string): string => `${origin}/${poolId}`
  const issueToken: Issuer['issueToken'] = async (request) => {
    const { subject, email, groups = [], expiresInSeconds = 3600, nonce, client } = request
    const found = client === undefined ? clients[0] : clients.find(({ id }) => id === client)
    if (found === undefined)
      throw new Refused(`There is no user pool client ${client ?? ''} in the templates.`)
    const seconds = Math.floor(now() / 1000)
    return await new SignJWT({
      sub: subject,
      'cognito:username': subject,
      ...(groups.length === 0 ? {} : { 'cognito:groups': groups }),
      ...(email === undefined ? {} : { email, email_verified: true }),
      ...(nonce === undefined ? {} : { nonce }),
      token_use: 'id',
      auth_time: seconds,
      event_id: randomUUID(),
      origin_jti: randomUUID(),
    })
      .setProtectedHeader({ alg: 'RS256', kid: privateJwk.kid ?? '' })
      .setIssuer(issuerOf(found.poolId))
      .setAudience(found.clientId)
      .setIssuedAt(Math.min(seconds, seconds + expiresInSeconds))
      .setExpirationTime(seconds + expiresInSeconds)
      .setJti(randomUUID())
      .sign(signWith)
  }
  return {
    issueToken,
    keys: new Map(pools.map(({ poolId }) => [issuerOf(poolId), createLocalJWKSet(jwks)])),
    pages: new Map(
      pools.flatMap(({ poolId }) => [
        [`/${poolId}/.well-known/jwks.json`, json(jwks)],
        [`/${poolId}/.well-known/openid-configuration`, json(discovery(issuerOf(poolId)))],
        ...signInPages({
          path: `/${poolId}`,
          clients: clients.filter((client) => client.poolId === poolId),
          people,
          idToken: async ({ subject, email, groups }, { id }, nonce) =>
            await issueToken({ subject, email, groups, nonce, client: id }),
          now,
        }),
      ]),
    ),
  }
}

const StoredKey = z.looseObject({
  kty: z.literal('RSA'),
  kid: z.string(),
  n: z.string(),
  e: z.string(),
  d: z.string(),
})

async function signingKey(folder: DataFolder): Promise<JWK> {
  mkdirSync(folder.path('issuer'), { recursive: true })
  const file = folder.path('issuer', 'key.json')
  if (existsSync(file)) return StoredKey.parse(JSON.parse(readFileSync(file, 'utf8')))
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const key = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'RS256', use: 'sig' }
  writeWhole(file, JSON.stringify(key))
  return key
}

/** As Cognito writes it, less what nobody here asks for. */
const discovery = (issuer: string): object => ({
  issuer,
  authorization_endpoint: `${issuer}/oauth2/authorize`,
  token_endpoint: `${issuer}/oauth2/token`,
  end_session_endpoint: `${issuer}/logout`,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  id_token_signing_alg_values_supported: ['RS256'],
  response_types_supported: ['code', 'token'],
  subject_types_supported: ['public'],
})

const json =
  (content: object): MountedHandler =>
  (_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(content))
  }
