import { defaultPolicy } from '../../../shared/domain/approval.ts'
import { key } from '../../statemachines/cycle/clinic.ts'
import { hire } from '../simulation/another-company.ts'
import { drain } from '../simulation/at-rest.ts'
import type { DrawsByStep } from '../simulation/draws-by-step.ts'
import { type Kept, makeWorld, type World } from '../simulation/world.ts'
import * as asks from './asks.ts'

// Where contests begin. Each place is made once, on from the one before it.

/** Nothing is lost, nobody stops, and of several the first is taken. */
export const calmly: DrawsByStep = {
  at: () => undefined,
  whole: (_, most) => most,
  one: (of) => of[0]!,
  shuffled: (of) => [...of],
}

interface Way {
  /** The place before it. */
  readonly from?: string
  /** What is asked there, one after the other. */
  readonly asked: readonly asks.Asking[]
  /** What was asked is recorded, and not carried out. */
  readonly underWay?: boolean
  readonly before?: (world: World) => Promise<unknown>
}

const hireAll = async ({ calm }: World): Promise<void> => {
  await hire(calm, key.company, { bob: 'budget_admin', ben: 'accounting_approver' })
}

const ways = {
  unlocked: { asked: [], before: hireAll },
  'unlocked, two must accept': { from: 'unlocked', asked: [], before: twoMustAccept },
  locking: { from: 'unlocked', asked: [asks.locks], underWay: true },
  locked: { from: 'unlocked', asked: [asks.locks] },
  'with a draft': { from: 'locked', asked: [asks.draftsChange] },
  sending: { from: 'locked', asked: [asks.sends], underWay: true },
  sent: { from: 'locked', asked: [asks.sends] },
  'sent to two': { from: 'unlocked, two must accept', asked: [asks.locks, asks.sends] },
  exporting: { from: 'sent', asked: [asks.accepts('anna')] },
  claimed: { from: 'exporting', asked: [asks.claims('agent-nw')] },
  'export failed': { from: 'claimed', asked: [asks.fails] },
  exported: { from: 'claimed', asked: [asks.receives] },
} satisfies Record<string, Way>

export type Place = keyof typeof ways

async function twoMustAccept({ calm }: World): Promise<void> {
  const steps = [{ name: 'Accounting', approvers: [], accepts: 2 }]
  await calm.companies.putPolicy(key.company, { ...defaultPolicy, steps }, 'system')
}

const made = new Map<Place, Promise<Kept>>()

/** A place, for any number of worlds to go on from. */
export async function place(name: Place): Promise<Kept> {
  const there = made.get(name) ?? make(name)
  made.set(name, there)
  return await there
}

async function make(name: Place): Promise<Kept> {
  const { from, asked, underWay, before }: Way = ways[name]
  const world = await makeWorld(calmly, from === undefined ? undefined : await place(from as Place))
  await before?.(world)
  for (const [at, asking] of asked.entries()) {
    const answers: asks.Answer[] = []
    await world.together(async () => {
      const request = `${name}-${String(at)}`.replaceAll(/\W/g, '-')
      answers.push(await asks.ask(world, await asking(world), request, request))
    })
    const [answer] = answers
    if (answer === undefined || answer.status >= 300) throw new Error(`${name}: ${answer?.body ?? ''}`)
    if (underWay !== true) await drain(world)
  }
  return world.kept()
}
