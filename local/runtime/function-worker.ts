// Runs in a worker thread, loaded as text: built-in modules only, and nothing of ours.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'

/** What a worker is started with. */
export interface WorkerStart {
  readonly folder: string
  /** `file.export`. */
  readonly handler: string
  readonly functionName: string
  readonly functionVersion: string
  readonly memoryMegabytes: number
}

export interface WorkerCall {
  readonly requestId: string
  /** JSON text. */
  readonly payload: string
  /** Epoch milliseconds: the machine's time, which may be ahead of the real one, and when the call has to end. */
  readonly now: number
  readonly deadline: number
  readonly invokedFunctionArn: string
}

/** An error as the Node.js runtime of Lambda writes it. */
export interface FunctionFailure {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace: readonly string[]
}

export type WorkerAnswer =
  | { readonly kind: 'ready' }
  /** JSON text, and milliseconds of processor time that the call took. */
  | { readonly kind: 'returned'; readonly payload: string; readonly processor: number }
  | { readonly kind: 'failed'; readonly failure: FunctionFailure }
  /** The worker is of no further use. */
  | { readonly kind: 'broken'; readonly failure: FunctionFailure }

type Handler = (event: unknown, context: object) => unknown

function failureOf(error: unknown): FunctionFailure {
  if (error instanceof Error)
    return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
  return { errorType: typeof error, errorMessage: String(error), trace: [] }
}

const named = (errorType: string, error: unknown): FunctionFailure => {
  const failure = failureOf(error)
  return { ...failure, errorType, errorMessage: `${failure.errorType}: ${failure.errorMessage}` }
}

/** A `.js` file is CommonJS in Lambda whatever package.json lies above the assembly here, so it is not guessed at. */
function bundleFile(folder: string, name: string): string {
  const file = ['.cjs', '.mjs']
    .map((extension) => join(folder, `${name}${extension}`))
    .find((each) => existsSync(each))
  if (file === undefined) throw new Error(`${join(folder, name)}: there is neither .cjs nor .mjs`)
  return file
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function'
}

function loadHandler({ folder, handler }: WorkerStart): Handler {
  const dot = handler.lastIndexOf('.')
  const file = bundleFile(folder, handler.slice(0, dot))
  const loaded: unknown = createRequire(file)(file)
  const exported = typeof loaded === 'object' && loaded !== null ? Object.entries(loaded) : []
  const found: unknown = new Map<string, unknown>(exported).get(handler.slice(dot + 1))
  if (!isHandler(found)) throw new Error(`${handler} is not a function`)
  return found
}

function contextOf(start: WorkerStart, call: WorkerCall): object {
  return {
    awsRequestId: call.requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: start.functionName,
    functionVersion: start.functionVersion,
    getRemainingTimeInMillis: () => Math.max(0, call.deadline - Date.now()),
    invokedFunctionArn: call.invokedFunctionArn,
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    memoryLimitInMB: String(start.memoryMegabytes),
  }
}

async function run(handler: Handler, start: WorkerStart, call: WorkerCall): Promise<WorkerAnswer> {
  const before = process.threadCpuUsage()
  try {
    const result = await handler(JSON.parse(call.payload), contextOf(start, call))
    const payload = JSON.stringify(result ?? null)
    const { user, system } = process.threadCpuUsage(before)
    return { kind: 'returned', payload, processor: (user + system) / 1000 }
  } catch (error) {
    return { kind: 'failed', failure: failureOf(error) }
  }
}

const theWay = 1000 // milliseconds that a call may take to come here

/** Sets the clock of this thread to the machine's where that is another than the real one. */
function setClock(now: number): void {
  const real = performance.timeOrigin + performance.now()
  const ahead = Math.abs(now - real) < theWay ? 0 : now - real
  globalThis.Date = ahead === 0 ? RealDate : dateAhead(ahead)
}

const RealDate = Date

function dateAhead(milliseconds: number): DateConstructor {
  const now = (): number => Math.floor(RealDate.now() + milliseconds)
  return new Proxy(RealDate, {
    construct: (target, given: [] | [value: number]) =>
      given.length === 0 ? new target(now()) : new target(...given),
    get: (target, name): unknown => (name === 'now' ? now : Reflect.get(target, name)),
  })
}

/** The trace of one call, which SDK clients send with every request that they make during it. */
const traceOf = ({ requestId }: WorkerCall): string => {
  const digits = requestId.replaceAll('-', '')
  return `Root=1-${digits.slice(0, 8)}-${digits.slice(8)};Sampled=0`
}

function answer(message: WorkerAnswer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(message)
}

function serve(start: WorkerStart): void {
  process.on('unhandledRejection', (reason) => {
    answer({ kind: 'broken', failure: named('Runtime.UnhandledPromiseRejection', reason) })
    process.exit(1)
  })
  try {
    const handler = loadHandler(start)
    parentPort?.on('message', (call: WorkerCall) => {
      setClock(call.now)
      process.env['_X_AMZN_TRACE_ID'] = traceOf(call)
      void run(handler, start, call).then(answer)
    })
    answer({ kind: 'ready' })
  } catch (error) {
    answer({ kind: 'broken', failure: failureOf(error) })
  }
}

function isStart(data: unknown): data is WorkerStart {
  return typeof data === 'object' && data !== null && 'handler' in data
}

const data: unknown = workerData
if (isStart(data)) serve(data)
