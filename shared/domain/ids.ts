import * as z from 'zod'

const plainId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, {
  error: 'An id is 1 to 40 letters, digits, - and _, and begins with a letter or digit.',
})

/** The tenant. */
export const CompanyId = plainId.brand('CompanyId')
export type CompanyId = z.infer<typeof CompanyId>

export const ProjectId = plainId.brand('ProjectId')
export type ProjectId = z.infer<typeof ProjectId>

/** A person of the company's directory; people are compared by this, never by address. */
export const PersonId = plainId.brand('PersonId')
export type PersonId = z.infer<typeof PersonId>

/** One Sage data folder. */
export const SageCompanyId = plainId.brand('SageCompanyId')
export type SageCompanyId = z.infer<typeof SageCompanyId>

/** Lower-case hexadecimal SHA-256. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, { error: 'A SHA-256 is 64 digits and letters a to f.' })
  .brand('Sha256')
export type Sha256 = z.infer<typeof Sha256>

/** A UTC instant, `2026-11-22T19:38:31.000Z`. */
export const Instant = z.iso.datetime().brand('Instant')
export type Instant = z.infer<typeof Instant>

/** A calendar day, `2026-11-22`. */
export const Day = z.iso.date().brand('Day')
export type Day = z.infer<typeof Day>

const NoPerson = z.enum(['system', 'connector', 'clock', 'operator'])

/** Who acted: a person of the directory, or the part of the system that did it. */
export const Actor = z.union([PersonId, NoPerson])
export type Actor = z.infer<typeof Actor>

export const isPerson = (actor: Actor): actor is PersonId => !NoPerson.safeParse(actor).success

export interface ProjectKey {
  readonly company: CompanyId
  readonly project: ProjectId
}
