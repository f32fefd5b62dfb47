import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { FunctionName } from '../../infra/functions.ts'
import type { Invocation } from '../../local/runtime/functions.ts'
import { functionNameOf } from '../../local/runtime/resources/functions.ts'
import type { FaultOfCall } from '../../local/runtime/runtime.ts'

/** What a broken function's caller meets; `go` is the call as it would be. */
export type Fault = (go: () => Promise<Invocation>, payload: unknown) => Promise<Invocation>

/** What Lambda counts of a function beyond its calls. */
export interface Counted {
  readonly metric: 'Errors' | 'Throttles' | 'IteratorAge'
  readonly of: string
  readonly at: number
  /** How often; of an age, milliseconds. */
  readonly value: number
}

export interface Faults {
  readonly call: FaultOfCall
  /** From now on the function is so; answers what mends it. */
  readonly breaks: (name: FunctionName, fault: Fault) => () => void
  readonly counted: readonly Counted[]
  /** Waits until no function has been at work for so many real milliseconds, but for those that the clock calls. */
  readonly atRest: (ms: number) => Promise<void>
}

/** What is called by the clock, whether there is anything to do or not. */
export const calledByTheClock = ['sweep', 'daily-summary', 'nightly-check'] as const

const isOfTheClock = (of: string): boolean => calledByTheClock.some((name) => of.endsWith(`-${name}`))

export function createFaults(): Faults {
  const broken = new Map<string, Fault>()
  const counted: Counted[] = []
  const at = { work: 0, rest: performance.now() }

  const call: FaultOfCall = async (nameOrArn, go, payload) => {
    const of = functionNameOf(nameOrArn)
    const count = (metric: Counted['metric'], value = 1): void =>
      void counted.push({ metric, of, at: Date.now(), value })
    const age = ageOfRows(payload)
    if (age !== undefined) count('IteratorAge', age)
    at.work += 1
    try {
      const fault = broken.get(of)
      const invocation = await (fault === undefined ? go() : fault(go, payload))
      if (invocation.outcome === 'failed') count('Errors')
      return invocation
    } catch (error) {
      if (error instanceof Error && error.name === throttledName) count('Throttles')
      throw error
    } finally {
      at.work -= 1
      if (!isOfTheClock(of)) at.rest = performance.now()
    }
  }

  return {
    call,
    breaks: (name, fault) => {
      const of = `sage-budget-export-${name}`
      broken.set(of, fault)
      return () => void broken.delete(of)
    },
    counted,
    atRest: async (ms) => {
      // A call that is due now begins a few turns later.
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      for (let turns = 0; turns < 10; turns += 1) await turn()
      // oxlint-disable-next-line no-await-in-loop -- looking again is the point
      while (at.work > 0 || performance.now() - at.rest < ms) await sleep(2)
    },
  }
}

const Rows = z.object({
  Records: z.array(
    z.object({ dynamodb: z.object({ NewImage: z.object({ at: z.object({ S: z.string() }) }) }) }),
  ),
})

/** Of the last row of the stream that a function is called with, as Lambda has it when it calls, and only then. */
function ageOfRows(payload: unknown): number | undefined {
  const last = Rows.safeParse(payload).data?.Records.at(-1)
  return last && Date.now() - Date.parse(last.dynamodb.NewImage.at.S)
}

const throttledName = 'TooManyRequestsException'

/** Its process dies, before its work or when that is done and not yet answered. */
export const killed =
  (when: 'before' | 'after'): Fault =>
  async (go) => {
    if (when === 'after') await go()
    return failed('Runtime.ExitError', 'RequestId: 0 Error: Runtime exited with error: signal: killed')
  }

/** Its code throws once its work is done. */
export const throwsAfterwards: Fault = async (go) => {
  await go()
  return failed('TypeError', 'Cannot read properties of undefined')
}

const failed = (errorType: string, errorMessage: string): Invocation => ({
  outcome: 'failed',
  requestId: '0',
  failure: { errorType, errorMessage, trace: [] },
})

/** It is not called, and the caller is answered. */
export const answersNothing: Fault = async () =>
  await Promise.resolve({ outcome: 'returned', requestId: '0', payload: null })

/** Its calls wait; `held` tells that the first does, and `release` lets all go on. */
export function holds(): {
  readonly fault: Fault
  readonly held: Promise<void>
  readonly release: () => void
} {
  const held = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  return {
    fault: async (go) => {
      held.resolve()
      await released.promise
      return await go()
    },
    held: held.promise,
    release: released.resolve,
  }
}

/** Its first calls are so, and the rest as they would be. */
export function first(times: number, fault: Fault): Fault {
  let left = times
  return async (go, payload) => {
    left -= 1
    return await (left < 0 ? go() : fault(go, payload))
  }
}
