import { randomUUID } from 'node:crypto'
import type { Draws } from '../../sage/whole-cycle/dealt.ts'

export interface Message {
  readonly body: string
  readonly id: string
  readonly group: string | undefined
  received: number
}

export interface QueueKept {
  readonly known: ReadonlyMap<string, number>
  readonly waiting: readonly Message[]
  readonly sent: readonly string[]
}

const remembers = 5 * 60_000 // milliseconds for which a queue knows a deduplication id (SQS)
const mostTries = 10

/** A queue of SQS: in order within a group where it has groups, at least once, dead letters after ten tries. */
export class Queue {
  readonly name: string
  readonly #draws: Draws
  readonly #now: () => number
  readonly #known = new Map<string, number>()
  readonly waiting: Message[] = []
  /** Every body that was ever taken. */
  readonly sent: string[] = []
  readonly dead: Message[] = []

  constructor(name: string, draws: Draws, now: () => number) {
    this.name = name
    this.#draws = draws
    this.#now = now
  }

  send(
    body: string,
    { group, id = randomUUID() }: { group?: string | undefined; id?: string | undefined } = {},
  ): void {
    const known = this.#known.get(id)
    if (known !== undefined && this.#now() - known < remembers) return
    this.#known.set(id, this.#now())
    this.sent.push(body)
    this.waiting.push({ body, id, group, received: 0 })
  }

  /** Hands one message to a consumer. It is gone when that succeeds, but for one in ten, whose deletion is lost. */
  async deliver(consume: (body: string, received: number) => Promise<unknown>): Promise<void> {
    const first = this.waiting.filter(
      (each, at) =>
        each.group === undefined || this.waiting.findIndex(({ group }) => group === each.group) === at,
    )
    if (first.length === 0) return
    const message = this.#draws.one(first)
    message.received += 1
    try {
      await consume(message.body, message.received)
      if (this.#draws.whole(1, 10) > 1 || message.received > 3) this.#remove(message)
    } catch {
      if (message.received < mostTries) return
      this.#remove(message)
      this.dead.push(message)
    }
  }

  /** The messages of a moment, for a world that goes on from it. */
  kept(): QueueKept {
    return {
      known: new Map(this.#known),
      waiting: this.waiting.map((each) => ({ ...each })),
      sent: [...this.sent],
    }
  }

  restore({ known, waiting, sent }: QueueKept): void {
    for (const [id, at] of known) this.#known.set(id, at)
    this.waiting.push(...waiting.map((each) => ({ ...each })))
    this.sent.push(...sent)
  }

  purge(): void {
    this.waiting.length = 0
    this.dead.length = 0
  }

  redrive(): void {
    for (const letter of this.dead.splice(0)) this.waiting.push({ ...letter, received: 0 })
  }

  #remove(message: Message): void {
    const at = this.waiting.indexOf(message)
    if (at !== -1) this.waiting.splice(at, 1)
  }
}
