import * as z from 'zod'

const plainId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/

/** The tenant. */
export const CompanyId = z.string().regex(plainId).brand('CompanyId')
export type CompanyId = z.infer<typeof CompanyId>

export const ProjectId = z.string().regex(plainId).brand('ProjectId')
export type ProjectId = z.infer<typeof ProjectId>

/** A person of the company's directory; people are compared by this, never by address. */
export const PersonId = z.string().regex(plainId).brand('PersonId')
export type PersonId = z.infer<typeof PersonId>

/** One Sage data folder. */
export const SageCompanyId = z.string().regex(plainId).brand('SageCompanyId')
export type SageCompanyId = z.infer<typeof SageCompanyId>

/** Lower-case hexadecimal SHA-256. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
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
