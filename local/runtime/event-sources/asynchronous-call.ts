import type { Clock } from '../../engine/clock.ts'
import type { Functions } from '../functions.ts'
import type { WriteLine } from '../log-file.ts'

/** Pauses before the second and the third try (AWS Lambda, "Asynchronous invocation": two retries, one and two minutes). */
const pauses = [60_000, 120_000]

export interface AsynchronousCalls {
  readonly functions: Pick<Functions, 'invoke'>
  readonly clock: Clock
  readonly writeLine: WriteLine
  readonly signal: AbortSignal
}

/**
 * Calls a function for an event that nobody waits for; a failure is tried twice more, then written to the log.
 *
 * @returns false when the machine stopped before that; the event is then still to be told.
 */
export async function callUntilDone(
  functionArn: string,
  payload: unknown,
  calls: AsynchronousCalls,
): Promise<boolean> {
  const { functions, clock, writeLine, signal } = calls
  for (let tries = 0; ; tries += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    const done = await functions.invoke(functionArn, payload).then(
      ({ outcome }) => outcome === 'returned',
      (error: unknown) => {
        writeLine(`${functionArn}: ${String(error)}`)
        return false
      },
    )
    const pause = pauses[tries]
    if (done) return true
    if (signal.aborted) return false
    if (pause === undefined) {
      writeLine(`${functionArn}: given up after ${String(tries + 1)} calls`)
      return true
    }
    // oxlint-disable-next-line no-await-in-loop
    await until(clock, clock.now() + pause, signal)
    if (signal.aborted) return false
  }
}

async function until(clock: Clock, instant: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = clock.at(instant, resolve)
    signal.addEventListener(
      'abort',
      () => {
        cancel()
        resolve()
      },
      { once: true },
    )
  })
}
