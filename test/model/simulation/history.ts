import * as z from 'zod'
import type { ErpState } from '../../../shared/domain/budget-head.ts'
import { PersonId } from '../../../shared/domain/ids.ts'
import type { Role } from '../../../shared/domain/person.ts'
import { key } from '../../statemachines/cycle/clinic.ts'
import { drawsFrom } from '../../sage/whole-cycle/dealt.ts'
import { Invariants, Violated } from './invariants.ts'
import { People } from './people.ts'
import type { Fault } from './outside.ts'
import { keyOf } from './sage.ts'
import { makeWorld, type World } from './world.ts'

const minute = 60_000
const day = 86_400_000

/** What happened, as a story of one line for each step. */
export interface Told {
  readonly seed: number
  readonly story: readonly string[]
  readonly violation?: string
  readonly states: ReadonlySet<string>
  readonly transitions: ReadonlySet<string>
  readonly workflow: ReadonlySet<string>
  readonly sites: World['outside']['sites']
  readonly answers: ReadonlyMap<string, number>
  readonly asked: readonly string[]
}

type Act = () => Promise<unknown>

/** Everything that can happen next, each with how often it does. */
function actsOf(people: People): Record<string, readonly [weight: number, act: Act]> {
  const { world } = people
  const { serve, draws, time } = world
  return {
    'paula locks': [8, async () => await people.project('lock')],
    'bob unlocks': [4, async () => await people.unlock()],
    'paula edits': [8, async () => await people.edit()],
    'paula changes': [4, async () => await people.change()],
    'paula sends': [12, async () => await people.project('send')],
    'paula takes back': [1, async () => await people.project('retrieve')],
    'anna accepts by link': [12, async () => await people.decideByLink('accept')],
    'anna rejects by link': [2, async () => await people.decideByLink('reject')],
    'anna accepts by API': [3, async () => await people.decideByApi('accept')],
    'anna rejects by API': [1, async () => await people.decideByApi('reject')],
    'a scanner opens a link': [2, async () => await people.scan()],
    'the agent works': [14, async () => await people.agent()],
    'peter posts': [12, async () => await people.post(true)],
    'the agent reads Sage': [4, async () => await people.readBack()],
    'anna retries': [3, async () => await people.answerFailure('retry')],
    'anna returns': [2, async () => await people.answerFailure('return')],
    'otto restarts': [1, async () => await people.operate('restart')],
    'otto tells again': [1, async () => await people.operate('tell_again')],
    'an execution is stopped': [1, async () => await people.stopExecution()],
    'otto mends': [4, async () => await people.mend()],
    'minutes pass': [10, async () => await time.advance(draws.whole(1, 20) * minute)],
    'days pass': [1, async () => await time.advance(draws.whole(1, 40) * day)],
    'the relay': [40, serve.relay],
    'the gateway': [12, serve.gateway],
    'the reports': [12, serve.events],
    'the mailer': [20, serve.mailer],
    'the sweep': [3, serve.sweep],
    'the summary': [1, serve.summary],
    'the nightly check': [1, serve.night],
    'the end of an execution is told': [4, serve.ended],
    'indexes lag': [1, async () => await Promise.resolve(world.table.lag())],
    'indexes catch up': [2, async () => await Promise.resolve(world.table.catchUp())],
  }
}

function drawn(world: World, acts: ReturnType<typeof actsOf>): string {
  const names = Object.keys(acts)
  const total = names.reduce((sum, name) => sum + (acts[name]?.[0] ?? 0), 0)
  let left = world.draws.whole(1, total)
  for (const name of names) {
    left -= acts[name]?.[0] ?? 0
    if (left <= 0) return name
  }
  return names[0] ?? ''
}

export interface Wanted {
  readonly seed: number
  readonly steps?: number
  /** One call in so many meets a fault; none for 0. */
  readonly oneIn?: number
  /** The one call that meets a fault, in the place of a storm: the first of its place. */
  readonly strike?: { readonly site: string; readonly fault: Fault }
}

/** Lives through one history. Everything in it follows from the seed. */
export async function live({ seed, steps = 150, oneIn = 25, strike }: Wanted): Promise<Told> {
  const draws = drawsFrom(seed)
  const world = await makeWorld(draws)
  await hire(world)
  const people = new People(world)
  const invariants = new Invariants(world)
  const acts = actsOf(people)
  const story: string[] = []
  const told = (violation?: string): Told => ({
    seed,
    story,
    ...(violation !== undefined && { violation }),
    states: invariants.states,
    transitions: invariants.transitions,
    workflow: statesOf(world),
    sites: world.outside.sites,
    answers: people.answers,
    asked: people.asked,
  })
  const step = async (...names: readonly string[]): Promise<void> => {
    story.push(names.join(' & '))
    await world.together(...names.map((name) => async () => await acts[name]?.[1]()))
    await invariants.hold()
  }
  try {
    if (strike) world.outside.strike(strike.site, 1, strike.fault)
    else if (oneIn > 0) world.outside.storm(oneIn)
    for (let at = 0; at < steps; at += 1) {
      const together = draws.whole(1, 6) === 1 ? draws.whole(2, 3) : 1
      await step(...Array.from({ length: together }, () => drawn(world, acts)))
    }
    story.push('faults stop')
    if (!strike) world.outside.calm()
    await comeToRest(world, people, invariants)
    return told()
  } catch (error) {
    if (error instanceof Violated) return told(error.message)
    throw Object.assign(new Error(`Seed ${String(seed)} broke after: ${story.slice(-12).join('; ')}`), {
      cause: error,
    })
  }
}

async function hire({ calm }: World): Promise<void> {
  const more: Record<string, Role> = { bob: 'budget_admin', vera: 'viewer' }
  for (const [id, role] of Object.entries(more))
    await calm.companies.putPerson(
      key.company,
      {
        id: PersonId.parse(id),
        name: id,
        email: `${id}@example.com`,
        subjects: [`sub-${id}`],
        roles: [role],
        active: true,
      },
      'system',
    )
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

const rounds = 60

/** Everybody does what is theirs: the budget is sent and comes to be posted, and Sage shows it to the cent. */
async function comeToRest(world: World, people: People, invariants: Invariants): Promise<void> {
  world.table.catchUp()
  for (let round = 0; round < rounds; round += 1) {
    await drain(world)
    await world.together(async () => await people.mend())
    await drain(world)
    await invariants.hold()
    const head = await world.calm.store.head(key)
    if (head?.erp === 'synced' && !head.pending && head.edit === 'locked')
      return await sagesAgree(world, people)
    await world.together(async () => await helped(world, people))
  }
  const head = await world.calm.store.head(key)
  throw new Violated(
    `I4: the budget stays ${String(head?.edit)} ${String(head?.erp)}, ${JSON.stringify(head?.pending ?? null)}`,
  )
}

/** What the person whose turn it is does. */
async function helped({ calm, draws }: World, people: People): Promise<void> {
  const head = await calm.store.head(key)
  if (!head) return
  if (head.edit === 'unlocked' && !head.pending) return await people.project('lock')
  const turn: Partial<Record<ErpState, Act>> = {
    sent: async () => await people.decideByApi('accept'),
    exporting: async () => await people.agent(),
    exported: async () => await people.post(false),
    export_failed: async () => await people.answerFailure(draws.whole(1, 3) === 1 ? 'return' : 'retry'),
    partly_posted: async () => await (draws.whole(1, 2) === 1 ? people.readBack() : people.post(false)),
    mismatch: async () => await (draws.whole(1, 2) === 1 ? people.readBack() : people.post(false)),
  }
  await (turn[head.erp]?.() ?? people.project('send'))
}

/** Lets everything that was recorded and queued be carried out. */
async function drain(world: World): Promise<void> {
  const { serve, stream, exports, events, mail, time } = world
  for (const queue of [exports, events, mail, world.agent]) queue.redrive()
  for (let turn = 0; turn < 200; turn += 1) {
    await world.together(serve.relay, serve.gateway, serve.events, serve.mailer, serve.ended)
    if (
      stream.length +
        exports.waiting.length +
        events.waiting.length +
        mail.waiting.length +
        world.ended.length >
      0
    )
      continue
    // The sweep writes anew what the relay was not told of; retries of steps are due in minutes.
    await world.together(async () => await time.advance(6 * minute))
    await world.together(serve.sweep)
    if (stream.length === 0) return
  }
  throw new Violated('I4: what is queued is never carried out')
}

async function sagesAgree({ calm }: World, people: People): Promise<void> {
  const head = await calm.store.head(key)
  const version = head && (await calm.store.version(key, head.settled_version))
  if (!version) return
  const totals = people.books.totals()
  for (const { code, original, changes } of await calm.store.lines(key, version.hash)) {
    const name = keyOf({ extra: code.sub_job, cost_code: code.cost_code, category: code.cost_type })
    const shown = totals.get(name) ?? { original: 0, changes: 0 }
    if (shown.original + shown.changes !== original + changes)
      throw new Violated(
        `I5: ${name} is ${String(original + changes)} in version ${String(version.number)} and ${String(shown.original + shown.changes)} in Sage`,
      )
  }
}
