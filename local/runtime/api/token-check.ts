import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as z from 'zod'
import type { AuthorizerPart } from '../resources/apis.ts'

/** What a route's function is told of a token. */
export interface Claims {
  /** Every value as text: API Gateway writes a list as `[a b]`. */
  readonly values: Readonly<Record<string, string>>
  /** Null where the route asks for none. */
  readonly scopes: readonly string[] | null
}

export type TokenCheck = (
  authorization: string | undefined,
  scopes: readonly string[],
) => Promise<Claims | 'unauthorized' | 'forbidden'>

export interface TokenCheckOptions {
  readonly authorizer: AuthorizerPart
  /** Keys of the issuers that are served here, by issuer. */
  readonly localKeys: ReadonlyMap<string, JWTVerifyGetKey>
  /** Epoch milliseconds. */
  readonly now: () => number
}

/**
 * Checks a token as the JWT authorizer of an HTTP API does: RS256, signature, issuer, audience (`aud`, or `client_id`
 * where there is no `aud`), `exp`, `nbf`, `iat`, and one of the route's scopes.
 */
export function tokenCheck({ authorizer, localKeys, now }: TokenCheckOptions): TokenCheck {
  const { issuer, audience } = authorizer
  let keys = localKeys.get(issuer)
  return async (authorization, wantedScopes) => {
    const token = authorization?.replace(/^Bearer /i, '')
    if (token === undefined || token === '') return 'unauthorized'
    try {
      keys ??= await remoteKeys(issuer)
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        algorithms: ['RS256'],
        requiredClaims: ['exp'],
        currentDate: new Date(now()),
      })
      if (!isFor(payload, audience) || (payload.iat ?? 0) * 1000 > now()) return 'unauthorized'
      const held = scopesOf(payload)
      if (wantedScopes.length > 0 && !wantedScopes.some((scope) => held.includes(scope))) return 'forbidden'
      return { values: claimTexts(payload), scopes: wantedScopes.length > 0 ? held : null }
    } catch {
      return 'unauthorized'
    }
  }
}

const Discovery = z.object({ jwks_uri: z.url() })

async function remoteKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  return createRemoteJWKSet(new URL(Discovery.parse(await answer.json()).jwks_uri))
}

function isFor({ aud, client_id: client }: JWTPayload, audience: readonly string[]): boolean {
  const named = aud ?? (typeof client === 'string' ? client : [])
  return [named].flat().some((each) => audience.includes(each))
}

function scopesOf({ scope, scp }: JWTPayload): readonly string[] {
  const given: unknown = scope ?? scp
  if (typeof given === 'string') return given.split(' ')
  return Array.isArray(given) ? given.map(String) : []
}

/** Lists in brackets, objects as JSON, nothing for null: as measured on a real HTTP API with a user pool. */
function claimTexts(payload: JWTPayload): Record<string, string> {
  return Object.fromEntries(
    Object.entries(payload).flatMap(([name, value]: [string, unknown]) =>
      value === null || value === undefined ? [] : [[name, claimText(value)]],
    ),
  )
}

function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(String).join(' ')}]`
  return typeof value === 'string' ? value : JSON.stringify(value)
}
