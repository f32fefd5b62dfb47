import * as z from 'zod'
import { type Actor, CompanyId } from '../domain/ids.ts'
import { type Person, Role } from '../domain/person.ts'
import { type Refusal, refusal, Refused } from '../domain/refusal.ts'
import { mayDo, type Operation, rolesHeld } from '../domain/roles.ts'
import type { CompanyStore } from '../store/company-store.ts'
import { type ApiEvent, faulty } from './request.ts'

/** Who asks, for which company: roles by the token's claim, and the person by the company's directory. */
export interface Caller {
  readonly company: CompanyId
  /** `sub` of the token. */
  readonly subject: string
  readonly claimed: readonly Role[]
  /** The person of the directory who signs in with this subject; a connector needs none. */
  readonly person?: Person
  /** What history says of who acted. */
  readonly actor: Actor
  /** Whether this admin sets up a company whose directory is still empty. */
  readonly first: boolean
}

const notSignedIn = (): Refused =>
  new Refused(
    refusal('NOT_SIGNED_IN', 'You are not signed in.', 'Sign in and send the token with the request.'),
  )

/** What a token says of who signed in. */
export const Claims = z.looseObject({ sub: z.string().min(1) })
export type Claims = z.infer<typeof Claims>

const Authorizer = z.object({ authorizer: z.object({ jwt: z.object({ claims: Claims }) }) })

// API Gateway writes a list claim as `[a b]`; other issuers give a list, or one text.
const ListClaim = z
  .union([z.array(z.string()), z.string()])
  .transform((claim) =>
    typeof claim === 'string' ? claim.replaceAll(/^\[|\]$/g, '').split(/[\s,]+/) : claim,
  )

/** Roles by company, from the claim's `<company>:<role>` entries; other entries are somebody else's groups. */
function rolesByCompany(claim: unknown): ReadonlyMap<CompanyId, readonly Role[]> {
  const roles = new Map<CompanyId, Role[]>()
  const entries = ListClaim.safeParse(claim)
  for (const entry of entries.success ? entries.data : []) {
    const [company, role, ...rest] = entry.split(':')
    const parsed = z.tuple([CompanyId, Role]).safeParse([company, role])
    if (!parsed.success || rest.length > 0) continue
    roles.set(parsed.data[0], [...(roles.get(parsed.data[0]) ?? []), parsed.data[1]])
  }
  return roles
}

function chosenCompany(named: string | undefined, companies: readonly CompanyId[]): CompanyId {
  const chosen = named === undefined ? companies : companies.filter((company) => company === named)
  const [company, ...others] = chosen
  if (company === undefined)
    throw new Refused(
      refusal(
        'NOT_ALLOWED',
        'Your sign-in names no role in this company.',
        'Ask a company admin for a role, then sign in again.',
      ),
    )
  if (others.length > 0)
    throw faulty(
      '/x-company-id',
      'REQUIRED',
      'Your sign-in holds several companies: name one in x-company-id.',
    )
  return company
}

/** The caller behind a token that the gateway verified: NOT_SIGNED_IN without one, else as `callerClaiming`. */
export async function callerOf(event: ApiEvent, roleClaim: string, companies: Directory): Promise<Caller> {
  const authorizer = Authorizer.safeParse(event.requestContext)
  if (!authorizer.success) throw notSignedIn()
  const { claims } = authorizer.data.authorizer.jwt
  return await callerClaiming(claims, event.headers['x-company-id'], roleClaim, companies)
}

type Directory = Pick<CompanyStore, 'personOfSubject' | 'people'>

/** Companies that the claims of a token name a role in. */
export const companiesOf = (claims: Claims, roleClaim: string): readonly CompanyId[] => [
  ...rolesByCompany(claims[roleClaim]).keys(),
]

/**
 * The caller behind the claims of a verified token, in the company that is named, or in the only one. Throws NOT_ALLOWED
 * when neither the directory nor a connector's claim knows the subject there, INVALID_INPUT where one must be named.
 */
export async function callerClaiming(
  claims: Claims,
  named: string | undefined,
  roleClaim: string,
  companies: Directory,
): Promise<Caller> {
  const roles = rolesByCompany(claims[roleClaim])
  const company = chosenCompany(named, [...roles.keys()])
  const claimed = roles.get(company) ?? []
  const subject = claims.sub
  const person = await companies.personOfSubject(company, subject)
  if (person) return { company, subject, claimed, person, actor: person.id, first: false }
  if (claimed.includes('connector')) return { company, subject, claimed, actor: 'connector', first: false }
  const first = claimed.includes('company_admin') && (await companies.people(company)).length === 0
  if (first) return { company, subject, claimed, actor: 'system', first }
  throw new Refused(
    refusal(
      'NOT_ALLOWED',
      'The directory of this company does not know your sign-in.',
      'Ask a company admin to add you to the directory.',
    ),
  )
}

// All that may be done before there is a directory: to write it.
const whileDirectoryIsEmpty: readonly Operation[] = ['view_company', 'save_person']

/**
 * The roles that claim and directory both give, with those that come with each. Without a person: a connector's,
 * from the claim alone, and those of the admin who writes the first person.
 */
export function rolesOf({ claimed, person, first }: Caller): readonly Role[] {
  if (!person) return claimed.filter((role) => role === (first ? 'company_admin' : 'connector'))
  const byDirectory = rolesHeld(person.roles)
  return [...rolesHeld(claimed)].filter((role) => byDirectory.has(role))
}

/** Why this caller may not do it, if so: claim and directory must both give a role that may. */
export function whyMayNot(caller: Caller, operation: Operation): Refusal | undefined {
  const tooEarly = caller.first && !whileDirectoryIsEmpty.includes(operation)
  const roles = tooEarly ? [] : [...rolesOf(caller)]
  return mayDo({ active: caller.person?.active ?? true, roles }, operation)
}

/** The same, thrown. */
export function assertMay(caller: Caller, operation: Operation): void {
  const refused = whyMayNot(caller, operation)
  if (refused) throw new Refused(refused)
}
