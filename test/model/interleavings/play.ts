import { createHash } from 'node:crypto'
import { key } from '../../statemachines/cycle/clinic.ts'
import { Accounting } from '../simulation/accounting.ts'
import type { Cast } from '../simulation/acts.ts'
import { Agent } from '../simulation/agent.ts'
import { comeToRest, drain } from '../simulation/at-rest.ts'
import { drawsByStep } from '../simulation/draws-by-step.ts'
import { Invariants } from '../simulation/invariants.ts'
import { People } from '../simulation/people.ts'
import { type Line, SageBooks } from '../simulation/sage.ts'
import { Violated } from '../simulation/violated.ts'
import { type Kept, makeWorld, type World } from '../simulation/world.ts'
import { type Answer, type Ask, ask, type Asking } from './asks.ts'
import { calmly, place } from './places.ts'
import type { Contest, Doing } from './contests.ts'
import { everyOrder, Schedule } from './schedule.ts'

/** What all orders of a contest came to. */
export interface Explored {
  readonly orders: number
  /** States that differ in anything stored or queued. */
  readonly states: number
  /** How the orders end: what became of each request, and where the budget then stands. */
  readonly ends: ReadonlySet<string>
}

/** Plays a contest in every order with at most so many preemptions; each state that it leads to is carried out once. */
export async function explore(contest: Contest, preemptions: number): Promise<Explored> {
  const from = await place(contest.from)
  const ends = new Map<string, string>()
  const orders = await everyOrder(preemptions, async (schedule) => {
    try {
      const { state } = await new Play(contest, await makeWorld(calmly, from)).contested(schedule)
      if (!ends.has(state)) ends.set(state, await carriedOut(contest, from, schedule, state))
    } catch (error) {
      const story = schedule.turns.map(({ went }) => went).join(', ')
      throw new Error(`${contest.name}, in the order ${story}: ${String(error)}`, { cause: error })
    }
  })
  return { orders, states: ends.size, ends: new Set(ends.values()) }
}

/** Plays an order once more, with all that must hold, and carries out what came of it; answers how it ends. */
async function carriedOut(
  contest: Contest,
  from: Kept,
  { turns }: Schedule,
  before: string,
): Promise<string> {
  const world = await makeWorld(calmly, from)
  // Who does what once the contest is over is drawn.
  const people = new People({ ...world, draws: drawsByStep(1) })
  const agent = new Agent(people)
  const cast = { people, agent, accounting: new Accounting(people, agent) }
  const invariants = new Invariants(world, agent)
  const holds = async (): Promise<void> => {
    await fillFolder(cast)
    await invariants.hold()
  }
  try {
    await holds()
    const play = new Play(contest, world)
    const { state, stored } = await play.contested(new Schedule(turns.map(({ went }) => went)))
    if (state !== before) throw new Error('The same order led to another state: it cannot be repeated')
    const marks = await play.marks()
    await play.askAgain()
    if (storedIn(world.kept()) !== stored)
      throw new Violated('a repeat of what was answered changed something')
    await holds()
    await drain(world)
    await holds()
    const head = await world.calm.store.head(key)
    await play.askAgain(({ status }) => status < 300)
    await play.act('afterwards', contest.afterwards ?? [])
    await fillFolder(cast)
    await fillBooks(cast, contest.inSage ?? false)
    await comeToRest(people.world, cast, invariants)
    return `${marks}: ${String(head?.edit)} ${String(head?.erp)}`
  } finally {
    agent.remove()
  }
}

/** The requests of one order, with their answers. */
class Play {
  readonly #contest: Contest
  readonly #world: World
  readonly #asked = new Map<string, { readonly ask: Ask; readonly answer: Answer }>()

  constructor(contest: Contest, world: World) {
    this.#contest = contest
    this.#world = world
  }

  /** Has all actors act in this order; `state` is what is stored then, and what they were answered. */
  async contested({ choose }: Schedule): Promise<{ state: string; stored: string }> {
    const { outside, together, kept } = this.#world
    outside.order(choose)
    await together(
      ...Object.entries(this.#contest.actors).map(
        ([name, doing]) =>
          async () =>
            await outside.as(name, async () => await this.#do(name, doing)),
      ),
    )
    outside.order(({ length }) => length - 1)
    const stored = storedIn(kept())
    const answers = [...this.#asked].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return { stored, state: hashOf([stored, answers.map(([, { answer }]) => answer)]) }
  }

  async act(name: string, doing: Doing): Promise<void> {
    await this.#world.together(async () => await this.#do(name, doing))
  }

  async #do(name: string, doing: Doing): Promise<void> {
    await this.#world.outside.turn()
    for (const each of doing) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is what an actor does
      if (typeof each === 'function') await this.#ask(name, each)
      // oxlint-disable-next-line no-await-in-loop
      else if (typeof each === 'string') await this.#world.serve[each]()
      // oxlint-disable-next-line no-await-in-loop
      else await this.#world.time.advance(each.passes)
    }
  }

  #keyOf(name: string): string {
    return this.#contest.oneKey === true ? 'one' : name
  }

  async #ask(name: string, asking: Asking): Promise<void> {
    const asked = await asking(this.#world)
    const answer = await ask(this.#world, asked, this.#keyOf(name), name)
    this.#asked.set(name, { ask: asked, answer })
  }

  /** What became of each request: why it was refused, or whether it is in history or stood there before. */
  async marks(): Promise<string> {
    const bodies = new Set([...this.#asked.values()].map(({ answer }) => answer.body))
    if (this.#contest.oneKey === true && bodies.size > 1)
      throw new Violated(`one request was answered ${[...bodies].join(' and ')}`)
    const rows = await this.#world.calm.store.history(key, { limit: 1000 })
    const marks = [...this.#asked]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { answer }]) => {
        const events = rows.filter(({ request }) => request === name).map(({ event }) => event)
        if (new Set(events).size < events.length || (answer.code !== '' && events.length > 0))
          throw new Violated(
            `${name}, answered ${String(answer.status)} ${answer.code}, is in history as ${events.join()}`,
          )
        return `${name} ${answer.code || (events.length > 0 ? 'recorded' : 'taken')}`
      })
    return marks.join(', ')
  }

  /**
   * Asks once more under the same keys: each is to be answered as it was. Which refusal it is may be another once all is
   * recorded; and once somebody has carried it out, there may be none.
   */
  async askAgain(which?: (answer: Answer) => boolean): Promise<void> {
    const actors = Object.values(this.#contest.actors)
    const still = actors.every((doing) => doing.every((each) => typeof each === 'function'))
    for (const [name, { ask: asked, answer }] of this.#asked) {
      if (!(which?.(answer) ?? (still || answer.status < 300))) continue
      // Asked again it is another claim, with a number of its own.
      if (asked.path.endsWith('/claim')) continue
      const again: Answer[] = []
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await this.#world.together(
        async () => void again.push(await ask(this.#world, asked, this.#keyOf(name), `${name} again`)),
      )
      const [{ status, code, body } = answer] = again
      if (status !== answer.status || (code === '' && body !== answer.body))
        throw new Violated(`${name} was answered ${answer.body}, and then ${String(status)} ${body}`)
    }
  }
}

const bytesAsText = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value

const hashOf = (all: unknown): string =>
  createHash('sha256').update(JSON.stringify(all, bytesAsText)).digest('hex')

/** Everything that is stored or waits, as one hash: two worlds of one hash go on alike. */
function storedIn({ now, items, journal, objects, stream, queues, mailbox, ended }: Kept): string {
  const { running, ended: over } = journal.open()
  const stands = running.map((arn) => journal.read(arn).at(-1)?.position)
  // A message without an id of its own has one by chance.
  const waiting = Object.values(queues).map((queue) =>
    queue.waiting.map(({ body, group, received }) => [body, group, received]),
  )
  const rows = [...items].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const files = [...objects.files.keys(), ...objects.json.keys()].toSorted()
  const all = [now, rows, stands, over.length, files, stream, waiting, mailbox, ended]
  return hashOf(all)
}

/** Every part of every export, with the bytes of its file. */
async function filesOf({ calm, objects }: World) {
  const exports = await calm.store.exports(key)
  const parts = await Promise.all(exports.map(async ({ number }) => await calm.store.parts(key, number)))
  return parts
    .flat()
    .map((part) => ({ part, bytes: Buffer.from(objects.files.get(part.file_key) ?? new Uint8Array()) }))
}

/** What was received lies in the folder. */
async function fillFolder({ people, agent }: Cast): Promise<void> {
  for (const { part, bytes } of await filesOf(people.world))
    if (part.receipt) agent.wrote(part.file_name, bytes)
}

/** Sage holds what was said of it: what is posted, without the lines that were rejected. */
async function fillBooks({ people, accounting: { books } }: Cast, inSage: boolean): Promise<void> {
  for (const { part, bytes } of await filesOf(people.world)) {
    const { file_name: name, file_sha256: sha256, mode, receipt, posted, rejected, exceptions } = part
    if (!receipt || (!inSage && !posted && !rejected)) continue
    const refused = new Set(
      exceptions.map(({ code }) => [code.sub_job, code.cost_code, code.cost_type].join()),
    )
    const isRefused = ({ extra, cost_code, category }: Line): boolean =>
      refused.has([extra, cost_code, category].join())
    const all = SageBooks.linesOf(bytes)
    const lines = all.filter((each) => !isRefused(each))
    const changes = mode === 'approved_estimate_change'
    const rejectedLines = all.filter(isRefused)
    books.importFile({ name, sha256, changes, lines, rejected: rejectedLines, posted: lines.length })
  }
}
