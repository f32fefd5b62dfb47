import { setTimeout as pause } from 'node:timers/promises'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

/** When a call began and ended, in any measure of time. */
export interface Timed {
  readonly began: number
  readonly ended?: number
}

interface Call extends Timed {
  readonly name: string
}

export interface Recorded {
  readonly names: readonly string[]
  /** The longest chain of calls of which each began after the one before it had ended. */
  readonly rounds: number
}

export interface Recorder {
  /** The calls that are made while the work runs. */
  (work: () => Promise<unknown>): Promise<Recorded>
  /** Makes a call of another client, which is recorded with those of the document's. */
  readonly note: <T>(name: string, call: () => Promise<T>) => Promise<T>
}

// Milliseconds, more than any call takes here: when all take the same, none looks as if it had waited for another that was
// made at the same time and was quicker.
const evenly = 25

/** Records the calls that a client makes while it is asked to. */
export function recordCalls(document: DynamoDBDocumentClient): Recorder {
  let calls: Call[] | undefined
  let moment = 0
  async function note<T>(name: string, call: () => Promise<T>): Promise<T> {
    const recording = calls
    const began = (moment += 1)
    if (!recording) return await call()
    const [result] = await Promise.all([call(), pause(evenly)])
    recording.push({ name, began, ended: (moment += 1) })
    return result
  }
  document.middlewareStack.add(
    (next, context) => async (args) =>
      await note(String(context['commandName']), async () => await next(args)),
    { step: 'initialize', name: 'recorded' },
  )
  const record = async (work: () => Promise<unknown>): Promise<Recorded> => {
    calls = []
    await work()
    const made = calls.toSorted((a, b) => a.began - b.began)
    calls = undefined
    return { names: made.map(({ name }) => name), rounds: roundsOf(made) }
  }
  return Object.assign(record, { note })
}

/** The longest chain of calls of which each began after the one before it had ended; in the order of their beginning. */
export function roundsOf(calls: readonly Timed[]): number {
  const depths = new Map<Timed, number>()
  for (const call of calls) {
    const before = calls.filter(({ ended = Infinity }) => ended < call.began)
    depths.set(call, 1 + Math.max(0, ...before.map((each) => depths.get(each) ?? 0)))
  }
  return Math.max(0, ...depths.values())
}
