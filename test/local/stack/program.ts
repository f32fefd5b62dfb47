import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A program of ours in a process of its own. */
export interface Program {
  readonly process: ChildProcess
  /** Everything it has written so far. */
  readonly output: () => string
  /** Waits until it has written this. */
  readonly says: (text: string) => Promise<void>
  /** Its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>
}

const started: ChildProcess[] = []

/** Runs a script of this repository, named from its root. */
export function runScript(
  script: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Program {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../..', script), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  started.push(child)
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      output += bytes.toString('utf8')
      for (const listen of listeners) listen()
    })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return {
    process: child,
    output: () => output,
    says: async (text) => {
      const said = new Promise<void>((resolve) => {
        const listen = () => {
          if (output.includes(text)) resolve()
        }
        listeners.add(listen)
        listen()
      })
      const silent = async (): Promise<void> => {
        await ended
        if (!output.includes(text)) throw new Error(`${script} ended and never said "${text}":\n${output}`)
      }
      await Promise.race([said, silent()])
    },
    ended,
  }
}

/** Ends a program as a power cut does. */
export async function kill({ process: child, ended }: Program): Promise<void> {
  child.kill('SIGKILL')
  await ended
}

/** Kills what still runs when the test file has ended. */
export const killAtTheEnd = (): void =>
  afterAll(() => {
    for (const child of started)
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
