import * as z from 'zod'
import { decideApproval, type DecisionAnswer } from '../../shared/approving/decide-approval.ts'
import { stepUnderWay } from '../../shared/domain/budget-head.ts'
import { type AcceptChoice, mostComments, type RejectChoice } from '../../shared/domain/decide.ts'
import { Day, ProjectId, type ProjectKey, Sha256 } from '../../shared/domain/ids.ts'
import { stepOver } from '../../shared/domain/lifecycle.ts'
import { type Refusal, refusal, Refused } from '../../shared/domain/refusal.ts'
import type { Who } from '../../shared/exporting/record.ts'
import { decidedFrom } from '../../shared/http/decided-from.ts'
import { accepted, type Answer } from '../../shared/http/answer.ts'
import { notFound } from '../../shared/http/request.ts'
import { busy, problemFor, refusalOf } from '../../shared/http/problem.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { AnsweredBefore, Later } from '../../shared/store/errors.ts'
import type { ApiDependencies } from './dependencies.ts'
import { Amount, CodeParts, codeOf, commander, projectKey } from './input.ts'

const Shown = z.strictObject({
  version_hash: Sha256,
  export_hash: Sha256,
  parts: z.array(z.strictObject({ part: z.int().min(1), total: Amount })).max(2),
})

const Comments = z
  .array(z.strictObject({ ...CodeParts.shape, comment: z.string() }))
  .max(mostComments)
  .default([])

const Accept = z.strictObject({
  choice: z.literal('accept'),
  shown: Shown,
  ticks: z.array(z.enum(['import_from_sage_closes', 'job_has_no_estimate', 'create_job'])).default([]),
  entry_date: Day.optional(),
  comments: Comments,
})

const Reject = z.strictObject({
  choice: z.literal('reject'),
  reason: z.string(),
  shown: Shown.optional(),
  comments: Comments,
})

const DecisionInput = z.discriminatedUnion('choice', [Accept, Reject])

type DecisionInput = z.infer<typeof DecisionInput>

function choiceOf({ comments, ...input }: DecisionInput): AcceptChoice | RejectChoice {
  const commented = comments.map(({ comment, ...code }) => ({ code: codeOf(code), comment }))
  return { ...input, comments: commented, by: 'sign_in' }
}

const decidedOtherwise = (): Refusal =>
  refusal(
    'APPROVAL_ENDED',
    'You have decided otherwise before.',
    'A decision stands. Read the budget again for where it is now.',
  )

async function decide(
  { store, companies, clock }: ApiDependencies,
  { caller, event }: Ask,
  who: Who,
  key: ProjectKey,
  input: DecisionInput,
): Promise<DecisionAnswer> {
  const choice = choiceOf(input)
  const head = await store.head(key)
  const { person } = caller
  if (!head || !person) throw notFound('project')
  const of = stepUnderWay(head)
  const wanted = { key, of, person: person.id, choice, from: decidedFrom(event) }
  const came = await decideApproval({ store, companies, clock }, who, wanted)
  // One's own decision again is answered as it stands; a decision after the end is refused.
  const own = came.decision?.person === person.id && came.decision.choice === choice.choice
  if (came.decided === 'now' || own) return came
  const approval = await store.approval(key, of)
  throw new Refused((approval && stepOver(approval)) ?? decidedOtherwise())
}

// Each takes a read and a transaction, one after another: this many are answered well within a request's time.
const mostDecisions = 25

const Decisions = z.strictObject({
  decisions: z
    .array(
      z.discriminatedUnion('choice', [
        z.strictObject({ project: ProjectId, ...Accept.shape }),
        z.strictObject({ project: ProjectId, ...Reject.shape }),
      ]),
    )
    .min(1)
    .max(mostDecisions)
    .refine((all) => new Set(all.map(({ project }) => project)).size === all.length, {
      message: 'A project stands here once.',
    }),
})
type Decisions = z.infer<typeof Decisions>

/** What became of one of several decisions. */
interface Outcome {
  readonly project: ProjectId
  readonly status: number
  readonly decided: unknown
  readonly problem: unknown
  /** Recorded by an earlier sending of the same request. */
  readonly repeated: boolean
  readonly refused?: Refusal
}

/** Each on its own merits: one that is refused stops none of the others. */
async function decideSeveral(
  dependencies: ApiDependencies,
  ask: Ask,
  { decisions }: Decisions,
): Promise<Answer> {
  const who = commander(ask)
  const outcomes: Outcome[] = []
  for (const decision of decisions) outcomes.push(await oneOfSeveral(dependencies, ask, who, decision))
  const recorded = outcomes.filter(({ refused }) => !refused)
  // Nothing was recorded now, and the key is another request's: then it is refused as a whole, as anywhere else.
  const reused = outcomes.find(({ refused }) => refused?.code === 'IDEMPOTENCY_KEY_REUSED')
  if (reused?.refused && recorded.length === 0) throw new Refused(reused.refused)
  const repeat = recorded.length > 0 && recorded.every(({ repeated }) => repeated)
  return {
    ...accepted({
      recorded: recorded.length,
      decisions: outcomes.map(({ project, status, decided, problem }) => ({
        project,
        status,
        decided,
        problem,
      })),
    }),
    ...(repeat && { headers: { 'idempotent-replayed': 'true' } }),
  }
}

async function oneOfSeveral(
  dependencies: ApiDependencies,
  ask: Ask,
  who: Who,
  { project, ...input }: Decisions['decisions'][number],
): Promise<Outcome> {
  const key = { company: ask.caller.company, project }
  try {
    const decided = await decide(dependencies, ask, keptApart(who, project), key, input)
    return { project, status: 202, decided, problem: null, repeated: false }
  } catch (error) {
    if (error instanceof AnsweredBefore) {
      const { status, body } = error.answer
      const decided: unknown = JSON.parse(body)
      return { project, status, decided, problem: null, repeated: true }
    }
    const refused = error instanceof Later ? busy : refusalOf(error)
    if (!refused) throw error
    const { status, body } = problemFor(new Refused(refused), ask.request)
    return { project, status, decided: null, problem: body, repeated: false, refused }
  }
}

/** Each is kept under a key of its own, with its own transaction. A caller's key holds no space, so none is the same. */
const keptApart = (who: Who, project: ProjectId): Who =>
  who.idempotency
    ? { ...who, idempotency: { ...who.idempotency, key: `${who.idempotency.key} ${project}` } }
    : who

export const erpDecisionRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'POST',
    path: '/erp/budgets/{project}/decision',
    operation: 'accept',
    body: DecisionInput,
    handle: async (ask, { body }) =>
      accepted(await decide(dependencies, ask, commander(ask), projectKey(ask), body)),
  }),
  route({
    method: 'POST',
    path: '/erp/budgets/decisions',
    operation: 'accept',
    body: Decisions,
    handle: async (ask, { body }) => await decideSeveral(dependencies, ask, body),
  }),
]
