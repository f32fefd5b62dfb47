import * as z from 'zod'
import { checkSend } from '../../shared/cycle/check-send.ts'
import {
  type BudgetHead,
  type LastCommand,
  type PendingCommand,
  type StepCommand,
  stepUnderWay,
} from '../../shared/domain/budget-head.ts'
import type { ProjectEvent } from '../../shared/domain/events/domain-event.ts'
import type { Instant, PersonId, ProjectKey } from '../../shared/domain/ids.ts'
import { allowed, stepOver } from '../../shared/domain/lifecycle.ts'
import { isRefusal, type Refusal, refusal } from '../../shared/domain/refusal.ts'
import { told, type Who } from '../../shared/exporting/record.ts'
import { accepted, type Answer } from '../../shared/http/answer.ts'
import { notMatching, overtaken } from '../../shared/http/conditional.ts'
import { faulty, notFound } from '../../shared/http/request.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import type { Commit, NextHead } from '../../shared/store/budget-store.ts'
import { Broken } from '../../shared/store/errors.ts'
import { keptFor } from '../../shared/store/idempotency.ts'
import { tellCommand, tellSignal } from '../../shared/store/workflow.ts'
import type { ApiDependencies } from './dependencies.ts'
import { commander, projectKey } from './input.ts'

/** What a command writes; the head goes on with it pending, until the workflow's step has carried it out. */
type Recorded = Pick<Commit, 'approvals' | 'signal' | 'outbox'> & { readonly head: NextHead }

interface Asked {
  readonly key: ProjectKey
  readonly head: BudgetHead
  /** The head with the command pending. */
  readonly next: NextHead
  readonly by: PersonId
  readonly at: Instant
}

type Recorder = (
  dependencies: ApiDependencies,
  asked: Asked,
) => Promise<Recorded | Refusal> | Recorded | Refusal

/** Its lines are looked at by the step, which is what locks it: every way of editing them has checked them before. */
const lock: Recorder = (_, { key, head, next, at }) =>
  // An unlocked budget has no open cycle but for the moment in which a step ends it.
  head.execution === undefined ? tellCommand(key, next, 'lock', at) : stillEnding()

const stillEnding = (): Refusal =>
  refusal(
    'COMMAND_PENDING',
    'The cycle before is just ending.',
    'Read the budget again in a few seconds, then lock it.',
  )

const send: Recorder = async (dependencies, { key, head, next, by, at }) => {
  const { refused } = await checkSend(dependencies, key, head, by)
  return refused ?? tellCommand(key, next, 'send', at)
}

/** Ends the open approval in the same transaction, so that no decision can come after. */
const retrieve: Recorder = async ({ store }, { key, head, next, at }) => {
  const approval = await store.approval(key, stepUnderWay(head))
  if (!approval)
    throw new Broken(
      'ApprovalMissing',
      `${key.project}: sent, and no approval is stored; see the runbook workflow-failed.`,
    )
  const over = stepOver(approval)
  if (over) return over
  const ended = { ...approval, outcome: 'retrieved' as const, ended_at: at }
  return { ...tellSignal(key, next, 'retrieve', at), approvals: [ended] }
}

const recorders: { readonly [Command in StepCommand]: Recorder } = {
  lock,
  unlock: (_, { key, next, at }) => tellCommand(key, next, 'unlock', at),
  send,
  retrieve,
}

/** What must be written to have an unlock delete the budget changes; nobody deletes them by leaving something out. */
const deletingWords = 'delete all budget changes'

const Unlock = z.strictObject({
  budget_changes: z.enum(['preserve', 'delete']).default('preserve'),
  confirm: z.string().optional(),
})

type Options = Pick<PendingCommand, 'budget_changes'>

/** Budget changes are preserved unless both are there: the option, and the words. */
function unlockOptions({ budget_changes, confirm }: z.infer<typeof Unlock>): Options {
  if (budget_changes === 'delete' && confirm !== deletingWords)
    throw faulty(
      '/confirm',
      'CONFIRMATION_MISSING',
      `Deleting budget changes cannot be undone. Write here, word for word: ${deletingWords}`,
    )
  if (budget_changes === 'preserve' && confirm !== undefined)
    throw faulty(
      '/confirm',
      'NOTHING_TO_CONFIRM',
      'The budget changes are preserved, so there is nothing to confirm.',
    )
  return budget_changes === 'delete' ? { budget_changes } : {}
}

/** Records a command and answers 202 with it; the workflow's step carries it out and says so in `last_command`. */
async function command(
  dependencies: ApiDependencies,
  ask: Ask,
  name: StepCommand,
  options: Options = {},
): Promise<Answer> {
  const key = projectKey(ask)
  const who = commander(ask)
  const { person } = ask.caller
  const pending = await dependencies.store.decide<LastCommand>(
    key,
    async (head) => {
      if (!head || !person) return notFound('project').refusal
      const refused = options.budget_changes
        ? (notMatching(ask.event, head.revision) ?? allowed(head, 'unlock_deleting_changes'))
        : (overtaken(ask.event, head.revision) ?? allowed(head, name))
      if (refused) return refused
      const at = dependencies.clock.now()
      const asked = { command: name, by: person.id, at, ...options }
      const next = { ...head, pending: { ...asked, request: ask.request } }
      const recorded = await recorders[name](dependencies, { key, head, next, by: person.id, at })
      return isRefusal(recorded)
        ? recorded
        : recordedAs(who, eventOf(name, options), { ...asked, outcome: 'pending' }, recorded)
    },
    who.idempotency,
  )
  return accepted(pending)
}

const eventOf = (name: StepCommand, options: Options): ProjectEvent =>
  name === 'unlock' ? { event: 'unlock_asked', detail: options } : { event: `${name}_asked`, detail: {} }

const recordedAs = (who: Who, event: ProjectEvent, pending: LastCommand, recorded: Recorded) => ({
  answer: pending,
  commit: {
    ...recorded,
    // Every lock follows an unlock, and every retrieve a send.
    ...((pending.command === 'send' || pending.command === 'unlock') && { costly: true as const }),
    history: [{ ...told(who), ...event }],
    last_command: pending,
    ...keptFor(who, pending),
  },
})

const commandAt = (name: StepCommand) => ({
  method: 'POST' as const,
  path: `/projects/{project}/budget/${name}`,
  operation: name,
})

export const commandRoutes = (dependencies: ApiDependencies): Route[] => [
  ...(['lock', 'send', 'retrieve'] as const).map((name) =>
    route({ ...commandAt(name), handle: async (ask) => await command(dependencies, ask, name) }),
  ),
  route({
    ...commandAt('unlock'),
    body: Unlock,
    handle: async (ask, { body }) => await command(dependencies, ask, 'unlock', unlockOptions(body)),
  }),
]
