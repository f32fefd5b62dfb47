import * as z from 'zod'
import { Cents } from './cents.ts'
import { Actor, Day, Instant, PersonId } from './ids.ts'

export const Role = z.enum([
  'viewer',
  'estimator',
  'project_manager',
  'budget_admin',
  'accounting_approver',
  'accounting_poster',
  'company_admin',
  'connector',
  'operator',
  'auditor',
])
export type Role = z.infer<typeof Role>

/** When a role was last given, and by whom. */
export const Grant = z.strictObject({ at: Instant, by: Actor })
export type Grant = z.infer<typeof Grant>

/** A person of a company's directory: decides who is mailed and who may act, at send and again at decision. */
export const Person = z.strictObject({
  id: PersonId,
  name: z.string(),
  email: z.email(),
  /** Subjects of the sign-in tokens that are this person. */
  subjects: z.array(z.string()),
  roles: z.array(Role),
  /** Largest amount this person may accept, in cents; absent: no limit. */
  limit: Cents.optional(),
  delegate: z.strictObject({ person: PersonId, from: Day, until: Day }).optional(),
  active: z.boolean(),
  /** By role; kept by the store. A role without one was given by an earlier release. */
  granted: z.partialRecord(Role, Grant).optional(),
})
export type Person = z.infer<typeof Person>

/** What a person is given anew is granted now; what stays keeps its grant, and what is taken away loses it. */
export function withGrants(person: Person, before: Person | undefined, now: Grant): Person {
  const granted = person.roles.flatMap((role): [Role, Grant][] => {
    if (!before?.roles.includes(role)) return [[role, now]]
    const grant = before.granted?.[role]
    return grant ? [[role, grant]] : []
  })
  return granted.length > 0 ? { ...person, granted: Object.fromEntries(granted) } : person
}
