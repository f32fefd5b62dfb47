import { AsyncLocalStorage } from 'node:async_hooks'
import type { Draws } from '../../sage/whole-cycle/dealt.ts'

// The line between the product and everything outside it. Every call over it waits here until the simulation lets it go
// on, and may be lost before its work, after it, or with its caller.

/** What may happen to a call: its caller is killed, or told of a fault, before or after the work was done. */
export const faults = ['killed before', 'killed after', 'lost before', 'lost after', 'throttled'] as const
export type Fault = (typeof faults)[number]

/** What happened at one place of one function. */
export interface Seen {
  calls: number
  readonly faults: Map<Fault, number>
}

interface Invocation {
  readonly name: string
  readonly kill: () => void
}

/** A call that waits to go on, and whose it is. */
export interface Waiting {
  readonly actor: string | undefined
  readonly goOn: () => void
}

/** Names the place of the one among the waiting that goes on; undefined where that is not known yet. */
export type Choose = (waiting: readonly Waiting[]) => number | undefined

const longestIdle = 10_000 // turns of the event loop

export class Killed extends Error {
  override readonly name = 'Killed'
}

const lost = (name: string): Error => Object.assign(new Error('The answer did not come.'), { name })

export class Outside {
  readonly #draws: Draws
  readonly #invocations = new AsyncLocalStorage<Invocation>()
  readonly #actors = new AsyncLocalStorage<string>()
  readonly #waiting: Waiting[] = []
  /** Who goes on; anyone, while nobody has it otherwise. */
  #choose: Choose
  #oneIn = 0
  #struck: { readonly site: string; readonly fault: Fault } | undefined
  #isOut = false
  readonly sites = new Map<string, Seen>()
  /** Faults met since somebody last took them, in words. */
  readonly #met: string[] = []
  /** How often more than one call waited, so that the order was chosen. */
  choices = 0

  constructor(draws: Draws) {
    this.#draws = draws
    this.#choose = ({ length }) => draws.whole(0, length - 1)
  }

  /** From now on this one orders the calls. */
  order(choose: Choose): void {
    this.#choose = choose
  }

  /** Acts under a name, which all calls that follow from it go by. */
  async as<T>(actor: string, act: () => Promise<T>): Promise<T> {
    return await this.#actors.run(actor, act)
  }

  /** From now on one call in so many meets a fault; none for 0. */
  storm(oneIn: number): void {
    this.#oneIn = oneIn
  }

  /** The next call whose place this is meets this fault in the place of what it would meet. */
  strike(site: string, fault: Fault): void {
    this.#struck = { site, fault }
  }

  #faultAt(site: string): Fault | undefined {
    if (this.#isOut) return 'lost before'
    const isMet = this.#oneIn > 0 && this.#draws.whole(1, this.#oneIn) === 1
    const met = isMet ? this.#draws.one(faults) : undefined
    if (this.#struck?.site !== site) return met
    const { fault } = this.#struck
    this.#struck = undefined
    return fault
  }

  /** While it is out no service answers. */
  out(isOut: boolean): void {
    this.#isOut = isOut
  }

  /** Name of the function that is at work here; undefined for whoever is outside. */
  get at(): string | undefined {
    return this.#invocations.getStore()?.name
  }

  /** Faults that were met since the last time this was asked. */
  takeMet(): string[] {
    return this.#met.splice(0)
  }

  /** Runs a function as Lambda does: when it is killed, nothing of it goes on, and its caller is told. */
  async invoke<T>(name: string, serve: () => Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const invocation = { name, kill: () => reject(new Killed(`${name} was killed`)) }
      this.#invocations.run(invocation, serve).then(resolve, reject)
    })
  }

  /** Makes a call to a service. */
  async call<T>(what: string, through: () => Promise<T>): Promise<T> {
    const invocation = this.#invocations.getStore()
    if (!invocation) return await through()
    const site = `${invocation.name}: ${what}`
    await this.turn()
    const fault = this.#faultAt(site)
    this.#note(site, fault)
    if (fault === 'killed before') return await dead(invocation)
    if (fault === 'lost before') throw lost('TimeoutError')
    if (fault === 'throttled') throw lost('ThrottlingException')
    const answer = await through()
    if (fault === 'killed after') return await dead(invocation)
    if (fault === 'lost after') throw lost('TimeoutError')
    return answer
  }

  /** Waits for its turn among the others, as whoever pauses does. */
  async turn(): Promise<void> {
    const actor = this.#actors.getStore()
    await new Promise<void>((goOn) => void this.#waiting.push({ actor, goOn }))
  }

  #note(site: string, fault: Fault | undefined): void {
    const seen = this.sites.get(site) ?? { calls: 0, faults: new Map<Fault, number>() }
    seen.calls += 1
    if (fault) {
      seen.faults.set(fault, (seen.faults.get(fault) ?? 0) + 1)
      this.#met.push(`${site}, ${fault}`)
    }
    this.sites.set(site, seen)
  }

  /** Lets calls go on, one at a time and in any order, until everything that was begun has ended. */
  async until(begun: readonly Promise<unknown>[]): Promise<void> {
    const all = { ended: false }
    const note = async (): Promise<void> => {
      const ends = await Promise.allSettled(begun)
      all.ended = true
      for (const end of ends) if (end.status === 'rejected') throw end.reason
    }
    const noted = note()
    // It is awaited once all have ended.
    noted.catch(() => undefined)
    for (let idle = 0; idle < longestIdle; idle += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one call at a time is what this is for
      await new Promise((resolve) => void setImmediate(resolve))
      if (all.ended) return await noted
      const chosen = this.#waiting.length === 0 ? undefined : this.#choose(this.#waiting)
      if (chosen === undefined) continue
      idle = 0
      if (this.#waiting.length > 1) this.choices += 1
      const [next] = this.#waiting.splice(chosen, 1)
      next?.goOn()
    }
    throw new Error('What was begun neither ends nor calls anything.')
  }
}

async function dead({ kill }: Invocation): Promise<never> {
  kill()
  return await new Promise<never>(() => undefined)
}
