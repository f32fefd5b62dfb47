import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import type { LocalApi } from './local-api.ts'

/** Somebody whose calls of the database are let through one by one. */
class Actor {
  readonly #waiting: { readonly command: unknown; readonly go: () => void }[] = []
  #under_way = 0
  #ended = false
  #moved: () => void = () => {}
  readonly #work: Promise<void>

  constructor(work: () => Promise<void>) {
    this.#work = actors.run(this, async () => {
      await setImmediate()
      await work().finally(() => {
        this.#ended = true
        this.#moved()
      })
    })
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Whether its next call would write what it came for. */
  async aboutToWrite(): Promise<boolean> {
    await this.stands()
    return this.#waiting[0]?.command instanceof TransactWriteCommand
  }

  /** Called for each of its calls: waits to be let through. */
  async call<Answer>(command: unknown, send: () => Promise<Answer>): Promise<Answer> {
    await new Promise<void>((go) => {
      this.#waiting.push({ command, go })
      this.#moved()
    })
    this.#under_way += 1
    return await send().finally(() => {
      this.#under_way -= 1
    })
  }

  /** Until it has ended, or every call of its that was let through is answered and it waits with another. */
  async stands(): Promise<void> {
    while (!this.#ended && (this.#under_way > 0 || this.#waiting.length === 0))
      // oxlint-disable-next-line no-await-in-loop -- one move after the other
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#moved = resolve
        }),
        setImmediate(),
      ])
  }

  async oneCall(): Promise<void> {
    await this.stands()
    this.#waiting.shift()?.go()
    await this.stands()
  }

  async toTheEnd(): Promise<void> {
    // oxlint-disable-next-line no-await-in-loop -- one call after the other
    while (!this.#ended) await this.oneCall()
    await this.#work
  }
}

const actors = new AsyncLocalStorage<Actor>()

/** From now on, whoever is an actor makes its calls when it is let. */
export function directed(api: LocalApi): void {
  const { document } = api.rows
  const send = document.send.bind(document) as (command: unknown) => Promise<unknown>
  document.send = (async (command: unknown) => {
    const actor = actors.getStore()
    return await (actor ? actor.call(command, async () => await send(command)) : send(command))
  }) as typeof document.send
}

/** How the calls of two are ordered: the first comes as far as this, then the second to its end, then the first. */
export type Pause = 'before it writes' | { readonly calls: number }

/** @returns false where the first had ended before it came so far. */
export async function interleaved(
  first: () => Promise<void>,
  second: () => Promise<void>,
  pause: Pause,
): Promise<boolean> {
  const one = new Actor(first)
  let calls = 0
  const far = async (): Promise<boolean> =>
    pause === 'before it writes' ? await one.aboutToWrite() : calls === pause.calls
  // oxlint-disable-next-line no-await-in-loop -- one call after the other
  while (!one.ended && !(await far())) {
    // oxlint-disable-next-line no-await-in-loop
    await one.oneCall()
    calls += 1
  }
  const paused = !one.ended
  await new Actor(second).toTheEnd()
  await one.toTheEnd()
  return paused
}
