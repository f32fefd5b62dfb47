import { randomUUID } from 'node:crypto'
import { type FunctionThread, startFunctionThread } from './function-thread.ts'
import type { FunctionFailure } from './function-worker.ts'
import type { WriteLine } from './log-file.ts'
import { type FunctionPart, functionNameOf, type FunctionQualifierPart } from './resources/functions.ts'

/** How a call ended; the payloads are what JSON can hold. `processor` is in milliseconds. */
export type Invocation =
  | {
      readonly outcome: 'returned'
      readonly requestId: string
      readonly payload: unknown
      readonly processor?: number
    }
  | { readonly outcome: 'failed'; readonly requestId: string; readonly failure: FunctionFailure }

export interface Functions {
  /**
   * Calls a function and waits for its answer.
   *
   * @param nameOrArn a name, an ARN, or an ARN with a version or an alias.
   * @throws {Error} named `ResourceNotFoundException` for a function or qualifier that the templates do not have, and
   * `RequestTooLargeException` beyond 6 MB; everything the function does wrong is an outcome.
   */
  readonly invoke: (nameOrArn: string, payload: unknown) => Promise<Invocation>
  /** Threads that are alive. */
  readonly alive: () => number
  readonly stop: () => Promise<void>
}

export interface FunctionsOptions {
  readonly functions: readonly FunctionPart[]
  readonly qualifiers: readonly FunctionQualifierPart[]
  /** Endpoints and region, for every function; its own variables come on top. */
  readonly environment: Readonly<Record<string, string>>
  /** Epoch milliseconds, for functions and for their log. */
  readonly now: () => number
  /** Takes what functions print. */
  readonly writeLine: WriteLine
  /** Takes what went wrong. */
  readonly writeProblem: WriteLine
  readonly limits?: Partial<Limits>
}

interface Limits {
  /** Threads alive at a time. */
  readonly alive: number
  /** Threads of one function at a time. */
  readonly perFunction: number
  /** Milliseconds without a call after which a thread is stopped. */
  readonly idle: number
  /** Milliseconds that a call waits for a thread of its function before another is started: less than a start takes. */
  readonly patience: number
}

const usual: Limits = { alive: 16, perFunction: 4, idle: 20_000, patience: 250 }
const largestPayload = 6_291_556 // bytes; AWS Lambda quotas, synchronous invocation

interface Slot {
  readonly part: FunctionPart
  readonly thread: FunctionThread
  busy: boolean
  lastUsed: number
}

interface Waiting {
  readonly part: FunctionPart
  readonly since: number
  readonly run: (slot: Slot) => void
  readonly giveUp: (reason: Error) => void
}

class InvokeError extends Error {
  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

/**
 * Runs functions in threads: started on a call, shared one call at a time, the longest idle one giving way to another.
 * Loading a function takes longer than most calls, so a call first waits for a busy thread of its own function.
 */
export function createFunctions(options: FunctionsOptions): Functions {
  const limits = { ...usual, ...options.limits }
  const parts = new Map(options.functions.map((part) => [part.name, part]))
  const qualifiers = new Set(
    options.qualifiers.map(({ functionName, qualifier }) => `${functionName}:${qualifier}`),
  )
  const slots = new Set<Slot>()
  const waiting: Waiting[] = []
  let stopped = false

  const find = (nameOrArn: string): { part: FunctionPart; arn: string } => {
    const part = parts.get(functionNameOf(nameOrArn))
    const qualifier = nameOrArn.split(':')[nameOrArn.startsWith('arn:') ? 7 : 1]
    const known = qualifier === undefined || qualifiers.has(`${functionNameOf(nameOrArn)}:${qualifier}`)
    if (part === undefined || !known)
      throw new InvokeError('ResourceNotFoundException', `Function not found: ${nameOrArn}`)
    return { part, arn: qualifier === undefined ? part.arn : `${part.arn}:${qualifier}` }
  }

  const open = (part: FunctionPart): Slot => {
    const thread = startFunctionThread({
      folder: part.folder,
      handler: part.handler,
      memoryMegabytes: part.memoryMegabytes,
      timeoutSeconds: part.timeoutSeconds,
      functionName: part.name,
      functionVersion: '1',
      environment: { ...options.environment, ...ownVariables(part), ...part.environment },
      writeLine: (line) => {
        options.writeLine(`${new Date(options.now()).toISOString()} ${part.name} ${line}`)
      },
    })
    const slot: Slot = { part, thread, busy: false, lastUsed: performance.now() }
    slots.add(slot)
    void forget(slot)
    return slot
  }

  const forget = async (slot: Slot): Promise<void> => {
    await slot.thread.ended
    slots.delete(slot)
    serve()
  }

  const close = (slot: Slot): void => {
    slots.delete(slot)
    void slot.thread.end()
  }

  /** A thread for the function, if one may be had now. */
  const slotFor = ({ part, since }: Waiting): Slot | undefined => {
    const own = [...slots].filter((slot) => slot.part === part)
    const idle = own.find((slot) => !slot.busy)
    if (idle !== undefined) return idle
    if (own.length > 0 && performance.now() - since < limits.patience) return undefined
    if (own.length >= Math.min(limits.perFunction, part.reservedConcurrency ?? Number.POSITIVE_INFINITY))
      return undefined
    if (slots.size >= limits.alive) {
      const [longestIdle] = [...slots]
        .filter((slot) => !slot.busy)
        .toSorted((a, b) => a.lastUsed - b.lastUsed)
      if (longestIdle === undefined) return undefined
      close(longestIdle)
    }
    return open(part)
  }

  const serve = (): void => {
    if (stopped) return
    for (const next of waiting.slice()) {
      const slot = slotFor(next)
      if (slot === undefined) continue
      waiting.splice(waiting.indexOf(next), 1)
      slot.busy = true
      next.run(slot)
    }
  }

  const takeSlot = async (part: FunctionPart): Promise<Slot> =>
    await new Promise((resolve, reject) => {
      const asked = { part, since: performance.now(), run: resolve, giveUp: reject }
      waiting.push(asked)
      serve()
      if (waiting.includes(asked)) setTimeout(serve, limits.patience + 1).unref()
    })

  const release = (slot: Slot, usable: boolean): void => {
    slot.busy = false
    slot.lastUsed = performance.now()
    if (!usable) slots.delete(slot)
    serve()
  }

  const invoke: Functions['invoke'] = async (nameOrArn, payload) => {
    const { part, arn } = find(nameOrArn)
    const text = JSON.stringify(payload ?? null)
    if (Buffer.byteLength(text) > largestPayload)
      throw new InvokeError(
        'RequestTooLargeException',
        `${String(largestPayload)} bytes is the limit of a call`,
      )
    const requestId = randomUUID()
    const slot = await takeSlot(part)
    const answer = await slot.thread.call({
      requestId,
      payload: text,
      now: options.now(),
      invokedFunctionArn: arn,
    })
    release(slot, answer.kind !== 'broken')
    const invocation = outcomeOf(answer, requestId)
    if (invocation.outcome === 'failed' && !stopped) options.writeProblem(failureLine(part, invocation))
    return invocation
  }

  const sweep = setInterval(
    () => {
      const since = performance.now() - limits.idle
      for (const slot of slots) if (!slot.busy && slot.lastUsed < since) close(slot)
    },
    Math.min(limits.idle, 5000),
  )
  sweep.unref()

  return {
    invoke,
    alive: () => slots.size,
    stop: async () => {
      stopped = true
      clearInterval(sweep)
      for (const { giveUp } of waiting.splice(0)) giveUp(new Error('the local stack is stopping'))
      await Promise.all([...slots].map(async ({ thread }) => await thread.end()))
    },
  }
}

function ownVariables({ name, memoryMegabytes, handler, folder }: FunctionPart): Record<string, string> {
  return {
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '1',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: handler,
  }
}

type Answer = Awaited<ReturnType<FunctionThread['call']>>

function outcomeOf(answer: Answer, requestId: string): Invocation {
  if (answer.kind === 'ready') throw new Error('a thread answered a call with its start')
  if (answer.kind !== 'returned') return { outcome: 'failed', requestId, failure: answer.failure }
  const payload: unknown = JSON.parse(answer.payload)
  if (Buffer.byteLength(answer.payload) <= largestPayload)
    return { outcome: 'returned', requestId, payload, processor: answer.processor }
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${String(largestPayload)} bytes).`
  return {
    outcome: 'failed',
    requestId,
    failure: { errorType: 'Function.ResponseSizeTooLarge', errorMessage, trace: [] },
  }
}

function failureLine(
  part: FunctionPart,
  { requestId, failure }: Extract<Invocation, { outcome: 'failed' }>,
): string {
  const trace = failure.trace.slice(1).map((line) => `\n    ${line.trim()}`)
  return `${part.name} ${requestId} failed: ${failure.errorType}: ${failure.errorMessage}${trace.join('')}`
}
