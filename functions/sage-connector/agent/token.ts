import * as z from 'zod'
import { Role } from '../../../shared/domain/person.ts'

/** What a token says of itself, read without verifying it: good for a hint, since the API decides. */
export interface TokenRead {
  /** Undefined for one that does not say. */
  readonly ends: Date | undefined
  /** Entries `<company>:<role>`, of whichever claim; none of a token that cannot be read. */
  readonly roles: readonly string[]
}

const Claims = z.looseObject({ exp: z.number().optional() })

export function readClaims(token: string): TokenRead {
  try {
    const claims = Claims.parse(
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')),
    )
    const ends = claims.exp === undefined ? undefined : new Date(claims.exp * 1000)
    return { ends, roles: Object.values(claims).flat().flatMap(rolesIn) }
  } catch {
    return { ends: undefined, roles: [] }
  }
}

const rolesIn = (claim: unknown): readonly string[] =>
  typeof claim === 'string' ? claim.split(/[\s,]+/).filter(isRole) : []

function isRole(entry: string): boolean {
  const [, role, ...rest] = entry.split(':')
  return rest.length === 0 && Role.safeParse(role).success
}

/** What an agent shows to the API: its token, and for which company it is to be taken. */
export interface Shown {
  readonly token: string
  readonly company: string
}

/** Headers of a request; the API refuses a token that names no role in the company. */
export const headersOf = ({ token, company }: Shown): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  'x-company-id': company,
})

/** Why a token was refused and what to do, in one line; undefined for a status that is not about the token. */
export function whyRefused(
  status: number,
  said: { readonly detail?: string | undefined; readonly what_to_do?: string | undefined } | undefined,
  { token, company }: Shown,
): string | undefined {
  if (status === 401)
    return 'The API does not accept the token. Renew it, or compare api_url with the issuer of the token.'
  if (status !== 403) return undefined
  const { roles } = readClaims(token)
  const wanted = `${company}:connector`
  const names = roles.length === 0 ? '' : `, and this token names ${roles.join(', ')}`
  return [
    `The API refuses the token: ${said?.detail ?? 'it does not say why.'}`,
    roles.includes(wanted) ? said?.what_to_do : `The agent needs the role ${wanted}${names}.`,
  ]
    .filter((sentence) => sentence !== undefined)
    .join(' ')
}
