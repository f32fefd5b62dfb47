import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { createInterface } from 'node:readline'
import { type Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import type { FunctionFailure, WorkerAnswer, WorkerCall, WorkerStart } from './function-worker.ts'

/** A thread with one function's bundle; it takes one call at a time. */
export interface FunctionThread {
  /**
   * Calls the function; a call that cannot go on (time, memory, an exit) fails and ends the thread.
   *
   * @param call JSON text in, JSON text out.
   */
  readonly call: (call: Omit<WorkerCall, 'deadline'>) => Promise<WorkerAnswer>
  readonly end: () => Promise<void>
  /** Settles when the thread has ended, for whatever reason. */
  readonly ended: Promise<void>
}

export interface ThreadOptions extends WorkerStart {
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
  readonly writeLine: (line: string) => void
}

const initWithin = 10_000 // milliseconds, as Lambda gives a bundle to load
const watchEvery = 500 // milliseconds

/**
 * The thread's code without its types: stripping them in every thread again would cost each of them 6 MB and 40 ms.
 * Its last line is the name that it has in the trace of an error, which would hold all of the code otherwise.
 */
const code = new URL(
  `data:text/javascript,${encodeURIComponent(`${withoutTypes('./function-worker.ts')}\n//# sourceURL=function-worker.ts`)}`,
)

/** Node.js warns that this is experimental, which is of no use to whoever starts the stack. */
function withoutTypes(file: string): string {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(readFileSync(new URL(file, import.meta.url), 'utf8'))
  } finally {
    process.emitWarning = emitWarning
  }
}

export function startFunctionThread(options: ThreadOptions): FunctionThread {
  const { environment, timeoutSeconds, writeLine, ...start } = options
  const worker = new Worker(code, {
    name: start.functionName,
    // The whole environment of the thread: nothing of ours, and no variable that is set to nothing.
    env: { ...environment },
    workerData: start,
    stdout: true,
    stderr: true,
    resourceLimits: {
      maxYoungGenerationSizeMb: 4,
      stackSizeMb: 2,
      // As the Node.js runtime of Lambda shares the memory of a function out.
      maxOldGenerationSizeMb: Math.floor(start.memoryMegabytes * 0.9),
    },
  })
  pipeLines(worker.stdout, writeLine)
  pipeLines(worker.stderr, writeLine)
  let answered: (answer: WorkerAnswer) => void = nobody
  const next = async (): Promise<WorkerAnswer> =>
    await new Promise((resolve) => {
      answered = resolve
    })

  worker.on('message', (answer: WorkerAnswer) => {
    answered(answer)
  })
  worker.on('error', (error: unknown) => {
    answered({ kind: 'broken', failure: failureOfThread(error) })
  })
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', (exitCode) => {
      answered(
        broken('Runtime.ExitError', `Error: Runtime exited with error: exit status ${String(exitCode)}`),
      )
      resolve()
    })
  })
  const loaded = within(next(), initWithin, timedOut(initWithin / 1000))

  const call: FunctionThread['call'] = async (given) => {
    const ready = await loaded
    if (ready.kind !== 'ready') return ready
    const milliseconds = timeoutSeconds * 1000
    const answer = next()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    worker.postMessage({ ...given, deadline: given.now + milliseconds } satisfies WorkerCall)
    const memory = watchMemory(worker, start.memoryMegabytes)
    const first = await within(
      Promise.race([answer, memory.exceeded]),
      milliseconds,
      timedOut(timeoutSeconds),
    )
    memory.stop()
    return withRequestId(first, given.requestId)
  }

  return {
    call: async (given) => {
      const answer = await call(given)
      if (answer.kind === 'broken') await worker.terminate()
      return answer
    },
    end: async () => {
      await worker.terminate()
    },
    ended,
  }
}

/** Takes what arrives when no call is waiting for it. */
const nobody = (): void => {}

const broken = (errorType: string, errorMessage: string): WorkerAnswer => ({
  kind: 'broken',
  failure: { errorType, errorMessage, trace: [] },
})

/** The message in which Lambda tells of a time out; Step Functions knows it by the type. */
const timedOut = (seconds: number): WorkerAnswer =>
  broken('Sandbox.Timedout', `Error: Task timed out after ${seconds.toFixed(2)} seconds`)

/** What the host says of a call carries the request's id in front, as Lambda writes it. */
function withRequestId(answer: WorkerAnswer, requestId: string): WorkerAnswer {
  if (answer.kind !== 'broken' || answer.failure.trace.length > 0) return answer
  return broken(answer.failure.errorType, `RequestId: ${requestId} ${answer.failure.errorMessage}`)
}

function failureOfThread(error: unknown): FunctionFailure {
  if (!(error instanceof Error)) return { errorType: 'Error', errorMessage: String(error), trace: [] }
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return { errorType: 'Runtime.ExitError', errorMessage: killed, trace: [] }
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
}

const killed = 'Error: Runtime exited with error: signal: killed'

/** V8's limits do not count what Buffers hold, so a look from outside does. */
function watchMemory(
  worker: Worker,
  megabytes: number,
): { exceeded: Promise<WorkerAnswer>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  const exceeded = new Promise<WorkerAnswer>((resolve) => {
    timer = setInterval(() => {
      void bytesOf(worker).then((bytes) => {
        if (bytes > megabytes * 1024 * 1024) resolve(broken('Runtime.ExitError', killed))
        return undefined
      })
    }, watchEvery)
    timer.unref()
  })
  return {
    exceeded,
    stop: () => {
      clearInterval(timer)
    },
  }
}

/** What a thread holds on the heap and beside it; nothing once it has ended. */
async function bytesOf(worker: Worker): Promise<number> {
  try {
    const heap = await worker.getHeapStatistics()
    return heap.used_heap_size + heap.external_memory
  } catch {
    return 0
  }
}

async function within<T>(work: Promise<T>, milliseconds: number, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => {
      resolve(otherwise)
    }, milliseconds)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function pipeLines(stream: Readable, writeLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', writeLine)
}
