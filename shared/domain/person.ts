import * as z from 'zod'
import { Cents } from './cents.ts'
import { Day, PersonId } from './ids.ts'

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
})
export type Person = z.infer<typeof Person>
