import type { Dependencies } from '../../../shared/cycle/dependencies.ts'
import type { BudgetCode } from '../../../shared/domain/budget-code.ts'
import { entriesOf } from '../../../shared/cycle/export-parts.ts'
import { key } from '../../statemachines/cycle/clinic.ts'
import { type Cast, whoeverIsNext } from './acts.ts'
import type { Invariants } from './invariants.ts'
import { keyOf } from './sage.ts'
import { Violated } from './violated.ts'
import type { World } from './world.ts'

const minute = 60_000
const rounds = 60

/** Everybody does what is theirs: the budget is sent and comes to be posted, and Sage shows it to the cent. */
export async function comeToRest(world: World, cast: Cast, invariants: Invariants): Promise<void> {
  world.table.catchUp()
  cast.agent.share(true)
  for (let round = 0; round < rounds; round += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    if (await isAtRest(world, cast, invariants)) {
      // oxlint-disable-next-line no-await-in-loop
      await nothingWaits(world, cast)
      return await sagesAgree(world, cast)
    }
    // oxlint-disable-next-line no-await-in-loop
    await world.together(async () => await whoeverIsNext(cast, false))
  }
  const head = await world.calm.store.head(key)
  throw new Violated(
    `I4: the budget stays ${String(head?.edit)} ${String(head?.erp)}, ${JSON.stringify(head?.pending ?? null)}`,
  )
}

/** Messages to the agent that came to nothing are taken by it, and no queue keeps anything. */
async function nothingWaits(world: World, { agent }: Cast): Promise<void> {
  for (let turn = 0; turn < 100 && world.agent.waiting.length > 0; turn += 1)
    // oxlint-disable-next-line no-await-in-loop -- one message after the other
    await world.together(async () => await agent.work())
  for (const { name, waiting, dead } of [world.exports, world.events, world.mail, world.agent])
    if (waiting.length + dead.length > 0)
      throw new Violated(`I4: ${name} keeps ${waiting[0]?.body ?? 'a dead letter'}`)
}

async function isAtRest(world: World, { people }: Cast, invariants: Invariants): Promise<boolean> {
  await drain(world)
  let isMended = false
  await world.together(async () => {
    isMended = await people.mend()
  })
  if (isMended) await drain(world)
  await invariants.hold()
  const head = await world.calm.store.head(key)
  return head?.erp === 'synced' && !head.pending && head.edit === 'locked'
}

/** Lets everything that was recorded and queued be carried out. */
export async function drain(world: World): Promise<void> {
  const { serve, table, stream, exports, events, mail, time } = world
  for (const queue of [exports, events, mail, world.agent]) queue.redrive()
  for (let turn = 0; turn < 1_000; turn += 1) {
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
    if (![...table.kept().keys()].some((name) => name.includes('"OUTBOX#'))) return
    await world.together(serve.sweep)
  }
  throw new Violated('I4: what is queued is never carried out')
}

/**
 * Every line of the settled version is in Sage to the cent, but for what was closed as not taken; and what Sage shows of
 * each key is what the product says that Sage took.
 */
async function sagesAgree({ calm }: World, { accounting }: Cast): Promise<void> {
  await accounting.putRight()
  const head = await calm.store.head(key)
  const version = head && (await calm.store.version(key, head.settled_version))
  if (!version) return
  const exports = await calm.store.exports(key)
  const taken = new Map<string, number>()
  const missing = new Map<string, number>()
  for (const { number } of exports) {
    missing.clear()
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    for (const { code, cents, outcome } of await entriesSent(calm, number))
      add(outcome === 'taken' ? taken : missing, nameOf(code), cents)
  }
  const totals = accounting.books.totals()
  const inSage = (name: string): number => {
    const { original = 0, changes = 0 } = totals.get(name) ?? {}
    return original + changes
  }
  for (const name of new Set([...taken.keys(), ...totals.keys()]))
    agree(`${name}, taken and in Sage`, taken.get(name) ?? 0, inSage(name))
  for (const { code, original, changes } of await calm.store.lines(key, version.hash)) {
    const name = nameOf(code)
    const left = missing.get(name) ?? 0
    agree(`${name} of version ${String(version.number)}`, original + changes - left, inSage(name))
  }
}

/** What one export asked Sage to take, with how each ended; a line that a correction carries again ends there. */
async function entriesSent(calm: Dependencies, number: number) {
  const parts = await calm.store.parts(key, number)
  const entries = await Promise.all(
    parts.map(async (part) => {
      const outcomes = new Map(part.exceptions.map(({ code, outcome }) => [nameOf(code), outcome]))
      return (await entriesOf(calm, key, part)).map(({ code, cents }) => ({
        part,
        code,
        cents,
        outcome: outcomes.get(nameOf(code)) ?? part.outcome,
      }))
    }),
  )
  const all = entries.flat()
  return all.filter(
    ({ part, code }) =>
      !all.some((later) => later.part.corrects === part.part && nameOf(later.code) === nameOf(code)),
  )
}

const nameOf = ({ sub_job: extra, cost_code, cost_type: category }: BudgetCode): string =>
  keyOf({ extra, cost_code, category })

const add = (sums: Map<string, number>, name: string, cents: number): void =>
  void sums.set(name, (sums.get(name) ?? 0) + cents)

function agree(what: string, here: number, there: number): void {
  if (here !== there) throw new Violated(`I5: ${what}: ${String(here)} and ${String(there)}`)
}
