import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import * as z from 'zod'
import type { Clock } from '../../shared/domain/clock.ts'
import { Claims } from '../../shared/http/caller.ts'

const Description = z.object({
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  /** Where a sign-in is ended; not every issuer has it. */
  end_session_endpoint: z.url().optional(),
  jwks_uri: z.url(),
})
export type Description = z.infer<typeof Description>

const SignedIn = Claims.extend({ exp: z.int(), nonce: z.string().optional() })
/** The claims of a verified ID token. */
export type SignedIn = z.infer<typeof SignedIn>

export interface IssuerOptions {
  /** As tokens name it. */
  readonly issuer: string
  /** Our public client with it. */
  readonly client: string
  readonly clock: Clock
}

/** The OIDC issuer by which people sign in: Cognito's user pool, or the customer's own. */
export interface Issuer {
  readonly client: string
  /** Where its pages are, by its own description; throws while it cannot be reached. */
  readonly description: () => Promise<Description>
  /** The ID token for a code; undefined where the issuer refuses to exchange it. */
  readonly exchange: (asked: {
    readonly code: string
    readonly verifier: string
    readonly redirectUri: string
  }) => Promise<string | undefined>
  /** Undefined for what is no ID token of this issuer for our client, or no longer one; throws while keys cannot be had. */
  readonly claimsOf: (token: string) => Promise<SignedIn | undefined>
}

/** Milliseconds that one call to the issuer may take: a person waits, and its keys are given as long. */
const patience = 5_000

export function createIssuer({ issuer, client, clock }: IssuerOptions): Issuer {
  let known: { readonly description: Description; readonly keys: JWTVerifyGetKey } | undefined
  const find = async () => {
    if (known) return known
    const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(patience),
    })
    const description = Description.parse(await answer.json())
    known = { description, keys: createRemoteJWKSet(new URL(description.jwks_uri)) }
    return known
  }
  return {
    client,
    description: async () => (await find()).description,
    exchange: async ({ code, verifier, redirectUri }) => {
      const { description } = await find()
      const answer = await fetch(description.token_endpoint, {
        method: 'POST',
        signal: AbortSignal.timeout(patience),
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          client_id: client,
          code,
          code_verifier: verifier,
          redirect_uri: redirectUri,
        }),
      })
      if (answer.status >= 500) throw new Error(`The issuer answered ${String(answer.status)} to a code.`)
      const tokens = z.object({ id_token: z.string() }).safeParse(await answer.json())
      return tokens.data?.id_token
    },
    claimsOf: async (token) => {
      const { keys } = await find()
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer,
          audience: client,
          algorithms: ['RS256'],
          requiredClaims: ['exp', 'sub'],
          currentDate: new Date(clock.now()),
        })
        return SignedIn.safeParse(payload).data
      } catch (error) {
        if (isFaultOfToken(error)) return undefined
        throw error
      }
    },
  }
}

/** The rest is about keys that cannot be had: an answer other than 200 is the generic error. */
const isFaultOfToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError && !['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT'].includes(error.code)
