import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../test/free-port.ts'

const repository = join(import.meta.dirname, '..')
const portNames = ['API_PORT', 'QUEUE_PORT', 'MAIL_PORT', 'STATES_PORT', 'TABLE_PORT', 'EVENTS_PORT']
const patience = 120_000

/** A program that runs the local stack, in a process of its own, on ports that were free a moment ago. */
interface Started {
  readonly url: string
  readonly pid: number
  readonly began: number
  /** Waits until it has said these words; answers the rest of their line. */
  said(words: string): Promise<string>
  stop(): Promise<void>
}

export async function start(program: string, args: readonly string[] = []): Promise<Started> {
  const ports = await Promise.all(portNames.map(freePort))
  const began = performance.now()
  const child = spawn(process.execPath, [join(repository, program), ...args], {
    cwd: repository,
    env: { ...process.env, ...Object.fromEntries(portNames.map((name, i) => [name, String(ports[i])])) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (said: Buffer) => {
    output += said.toString()
  })
  return {
    url: `http://127.0.0.1:${String(ports[0])}`,
    pid: child.pid ?? 0,
    began,
    said: async (words) => {
      await until(`${program} to say ${words}`, () => {
        if (child.exitCode !== null) throw new Error(`${program} ended:\n${output}`)
        return output.slice(output.indexOf(words)).includes('\n') && output.includes(words)
      })
      return /^.*/.exec(output.slice(output.indexOf(words) + words.length))?.[0] ?? ''
    },
    stop: async () => {
      await ended(child)
    },
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const forced = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(forced)
}

export async function until(what: string, look: () => Promise<boolean> | boolean, every = 20): Promise<void> {
  const last = performance.now() + patience
  while (!(await look())) {
    if (performance.now() > last) throw new Error(`Waited two minutes in vain for ${what}`)
    await pause(every)
  }
}
