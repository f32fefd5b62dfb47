import { notMatching } from '../../shared/http/conditional.ts'
import { keyGiven } from '../../shared/http/idempotency.ts'
import type { Ask } from '../../shared/http/route.ts'
import type { ChangeAsked } from '../../shared/store/company-change.ts'
import { keptFor } from '../../shared/store/idempotency.ts'

/** A change of the set-up names the revision it was made from, and may carry a key under which its answer is kept. */
export const changeAsked = ({ event, caller, request }: Ask, answer: object): ChangeAsked => ({
  request,
  stale: (revision) => notMatching(event, revision),
  ...keptFor({ idempotency: keyGiven(event, caller) }, answer, 200),
})
