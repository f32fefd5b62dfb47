import * as z from 'zod'
import { reassignApproval, resendMail } from '../../shared/approving/ask-approver.ts'
import { PersonId } from '../../shared/domain/ids.ts'
import { ok } from '../../shared/http/answer.ts'
import { rolesOf } from '../../shared/http/caller.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import type { ApiDependencies } from './dependencies.ts'
import { commander, projectKey } from './input.ts'

const Reassigned = z.strictObject({
  /** The approver who is asked no longer. */
  from: PersonId,
  /** Who is asked in that place. */
  to: PersonId,
})

const Resent = z.strictObject({ to: PersonId })

const askedBy = (ask: Ask) => ({
  key: projectKey(ask),
  by: ask.caller.person?.id,
  admin: rolesOf(ask.caller).includes('company_admin'),
})

/** What is asked about the people whom a sent budget waits for. */
export const approverCommandRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'POST',
    path: '/projects/{project}/budget/reassign',
    operation: 'reassign',
    body: Reassigned,
    handle: async (ask, { body }) =>
      ok(await reassignApproval(dependencies, commander(ask), { ...askedBy(ask), ...body })),
  }),
  route({
    method: 'POST',
    path: '/projects/{project}/budget/resend',
    operation: 'resend_mail',
    body: Resent,
    handle: async (ask, { body }) =>
      ok(await resendMail(dependencies, commander(ask), { ...askedBy(ask), ...body })),
  }),
]
