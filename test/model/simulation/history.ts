import * as z from 'zod'
import { key } from '../../statemachines/cycle/clinic.ts'
import { Accounting } from './accounting.ts'
import { type Act, actsOf, drawn } from './acts.ts'
import { Agent } from './agent.ts'
import { hire, settleBeside } from './another-company.ts'
import { comeToRest } from './at-rest.ts'
import { drawsByStep } from './draws-by-step.ts'
import { Invariants } from './invariants.ts'
import { People } from './people.ts'
import { type Moment, restoreTo } from './restore.ts'
import type { Fault } from './outside.ts'
import { Violated } from './violated.ts'
import { makeWorld, type World } from './world.ts'

/** One step of a story: who acted, which faults were met, and how the API answered. */
export interface Step {
  readonly at: number
  readonly acts: readonly string[]
  readonly faults: readonly string[]
  readonly asked: readonly string[]
}

/** What happened in one history. */
export interface Told {
  readonly seed: number
  readonly story: readonly Step[]
  readonly violation?: string
  readonly states: ReadonlySet<string>
  readonly transitions: ReadonlySet<string>
  readonly workflow: ReadonlySet<string>
  readonly sites: World['outside']['sites']
  readonly answers: ReadonlyMap<string, number>
  /** How often the order of calls was chosen, and how often budgets came to be synced. */
  readonly choices: number
  readonly cycles: number
  /** Whether the table was set back to a moment. */
  readonly restored: boolean
}

export interface Wanted {
  readonly seed: number
  readonly steps?: number
  /** One call in so many meets a fault; none for 0. */
  readonly oneIn?: number
  /** A call that meets this fault whatever else is met: the first of its place. */
  readonly strike?: { readonly site: string; readonly fault: Fault }
  /** Steps that are left out, and steps without faults, by number: for a shorter story. */
  readonly without?: ReadonlySet<number>
  readonly calmAt?: ReadonlySet<number>
}

/** Lives through one history. Everything in it follows from the seed. */
export async function live(wanted: Wanted): Promise<Told> {
  const { seed, steps = 60, oneIn = 25, strike, without, calmAt } = wanted
  const draws = drawsByStep(seed)
  const world = await makeWorld(draws)
  await settle(world)
  const people = new People(world)
  const agent = new Agent(people)
  const accounting = new Accounting(people, agent)
  const invariants = new Invariants(world, agent)
  const { outside } = world
  const story: Step[] = []
  let moment: Moment | undefined
  let restored = false
  const told = (violation?: string): Told => ({
    seed,
    story,
    ...(violation !== undefined && { violation }),
    states: invariants.states,
    transitions: invariants.transitions,
    workflow: statesOf(world),
    sites: outside.sites,
    answers: people.answers,
    choices: outside.choices,
    cycles: invariants.cycles,
    restored,
  })
  const step = async (at: number, acts: Readonly<Record<string, Act>>): Promise<void> => {
    const asked = people.asked.length
    try {
      await world.together(...Object.values(acts))
      await invariants.hold()
    } finally {
      story.push({
        at,
        acts: Object.keys(acts),
        faults: outside.takeMet(),
        asked: people.asked.slice(asked),
      })
    }
  }
  const cast = { people, agent, accounting }
  try {
    if (strike) outside.strike(strike.site, strike.fault)
    for (let at = 0; at < steps; at += 1) {
      if (without?.has(at)) continue
      draws.at(at)
      outside.storm(calmAt?.has(at) ? 0 : oneIn)
      if (moment && !restored && draws.whole(1, 80) === 1) {
        restored = true
        const then = moment
        // oxlint-disable-next-line no-await-in-loop -- nothing else happens meanwhile
        await step(at, {
          'the table is set back to a moment': async () => {
            await restoreTo(then, cast)
            invariants.beginAnew()
          },
        })
        continue
      }
      if (draws.whole(1, 20) === 1) moment = world.table.kept()
      const acts = actsOf(cast)
      const together = draws.whole(1, 6) === 1 ? draws.whole(2, 3) : 1
      const names = Array.from({ length: together }, () => drawn(world, acts))
      // oxlint-disable-next-line no-await-in-loop -- one step after the other
      await step(at, Object.fromEntries(names.map((name) => [name, async () => await acts[name]?.[1]()])))
    }
    draws.at(steps)
    outside.storm(0)
    await step(steps, {
      'faults stop, and everybody does what is theirs': async () => {
        await Promise.resolve()
      },
    })
    await comeToRest(world, cast, invariants)
    return told()
  } catch (error) {
    if (error instanceof Violated) return told(error.message)
    throw Object.assign(new Error(`Seed ${String(seed)} broke: ${String(error)}`), { cause: error })
  } finally {
    agent.remove()
  }
}

/** Who is there beside those of the clinic, and how many have to accept. */
async function settle({ calm, draws }: World): Promise<void> {
  await hire(calm, key.company, { bob: 'budget_admin', vera: 'viewer', ben: 'accounting_approver' })
  await settleBeside(calm)
  if (draws.whole(1, 3) > 1) return
  const policy = await calm.companies.policy(key.company)
  const second = { name: 'Controller', approvers: [], accepts: draws.whole(1, 2) }
  await calm.companies.putPolicy(key.company, { ...policy, steps: [...policy.steps, second] }, 'system')
}

const Entered = z.object({ stateEnteredEventDetails: z.object({ name: z.string() }) })

/** Names of the states that any execution entered. */
function statesOf({ engine }: World): Set<string> {
  const executions = engine
    .listStateMachines({})
    .stateMachines.flatMap(
      ({ stateMachineArn }) => engine.listExecutions({ stateMachineArn, maxResults: 1000 }).executions,
    )
  const events = executions.flatMap(
    ({ executionArn }) => engine.getExecutionHistory({ executionArn, maxResults: 1000 }).events,
  )
  return new Set(
    events.flatMap((event) => Entered.safeParse(event).data?.stateEnteredEventDetails.name ?? []),
  )
}
