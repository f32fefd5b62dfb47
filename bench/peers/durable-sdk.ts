import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

// The AWS SDK of durable functions and its local runner, as far as the bench uses them: they are installed at the first
// run, so that types are checked without them.

export interface DurableContext {
  step<T>(name: string, work: () => Promise<T>): Promise<T>
  /** Hands a token to whoever shall answer it, and waits; answers what was sent with the token. */
  waitForCallback(
    name: string,
    hand: (token: string) => Promise<void>,
    until: { readonly timeout: { readonly seconds: number } },
  ): Promise<string>
}

interface Callback {
  /** Answers once the token was handed on. */
  waitForData(status: 'SUBMITTED'): Promise<unknown>
  sendCallbackSuccess(result: string): Promise<unknown>
}

interface Ended {
  getOperations(): readonly unknown[]
  getHistoryEvents(): readonly unknown[]
}

interface Runner {
  run(of: { readonly payload: unknown }): Promise<Ended>
  getOperation(name: string): Callback
}

type Handler = (event: unknown, context: unknown) => Promise<{ readonly Status: string }>
type Work = (input: unknown, context: DurableContext) => Promise<unknown>

export interface DurableSdk {
  readonly withDurableExecution: (work: Work) => Handler
  readonly LocalDurableTestRunner: (new (of: { readonly handlerFunction: Handler }) => Runner) & {
    setupTestEnvironment(): Promise<void>
    teardownTestEnvironment(): Promise<void>
  }
}

const folder = import.meta.dirname
const names = ['@aws/durable-execution-sdk-js', '@aws/durable-execution-sdk-js-testing']

/** Installs what is missing. */
export async function durableSdk(): Promise<DurableSdk> {
  if (names.some((name) => !existsSync(join(folder, 'node_modules', name)))) {
    const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (status !== 0) throw new Error(`npm ci in bench/peers ended with ${String(status)}`)
  }
  const [sdk, testing] = await Promise.all(names.map(async (name) => (await import(name)) as object))
  return { ...sdk, ...testing } as DurableSdk
}

/** One execution of a durable function, on the local runner. */
export interface DurableRun {
  /** The next end of an invocation: its status. */
  invoked(): Promise<string>
  invocations(): number
  answer(callback: string, result: string): Promise<void>
  /** What the service kept of it, once it has ended. */
  readonly ended: Promise<Ended>
}

/** Every invocation begins from the checkpoints alone, as in a process of its own. */
export function startDurable(
  { LocalDurableTestRunner, withDurableExecution }: DurableSdk,
  callbacks: readonly string[],
  work: Work,
): DurableRun {
  const ends: string[] = []
  let taken = 0
  let wake: (() => void) | undefined
  const runner = new LocalDurableTestRunner({
    async handlerFunction(event, context) {
      const output = await withDurableExecution(work)(event, context)
      ends.push(output.Status)
      wake?.()
      return output
    },
  })
  // Asked for before the run begins: the runner tells of what comes, not of what was.
  const waits = new Map(
    callbacks.map((name) => {
      const callback = runner.getOperation(name)
      const open = callback.waitForData('SUBMITTED')
      open.catch(() => 'the run ended before') // and whoever answers hears of it
      return [name, { callback, open }]
    }),
  )
  const ended = runner.run({ payload: {} })
  return {
    ended,
    invocations: () => ends.length,
    async invoked() {
      if (taken === ends.length) await new Promise<void>((resolve) => (wake = resolve))
      taken += 1
      return ends[taken - 1] ?? ''
    },
    async answer(name, result) {
      const wait = waits.get(name)
      await wait?.open
      await wait?.callback.sendCallbackSuccess(result)
    },
  }
}
