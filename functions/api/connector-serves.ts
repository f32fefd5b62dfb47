import type { SageCompany } from '../../shared/domain/sage-company.ts'
import { refusal, Refused } from '../../shared/domain/refusal.ts'
import type { Caller } from '../../shared/http/caller.ts'

/** Throws NOT_ALLOWED where the caller is a connector, and this Sage company is served by others. */
export function assertServes({ person, subject }: Caller, sage: SageCompany | undefined): void {
  const served = sage?.connector_subjects ?? []
  if (person || served.length === 0 || served.includes(subject)) return
  throw new Refused(
    refusal(
      'NOT_ALLOWED',
      `This sign-in serves another Sage company than ${sage?.name ?? 'this one'}.`,
      'Give the agent the sign-in of its own Sage company, or ask a company admin to name this one there.',
    ),
  )
}
