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

/** Records the calls that a client makes while it is asked to. */
export function recordCalls(
  document: DynamoDBDocumentClient,
): <T>(work: () => Promise<T>) => Promise<Recorded> {
  let calls: Call[] | undefined
  let moment = 0
  document.middlewareStack.add(
    (next, context) => async (args) => {
      const recording = calls
      const began = (moment += 1)
      const result = await next(args)
      recording?.push({ name: String(context['commandName']), began, ended: (moment += 1) })
      return result
    },
    { step: 'initialize', name: 'recorded' },
  )
  return async (work) => {
    calls = []
    await work()
    const made = calls.toSorted((a, b) => a.began - b.began)
    calls = undefined
    return { names: made.map(({ name }) => name), rounds: roundsOf(made) }
  }
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
