import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startFauxqs } from 'fauxqs'
import { processEnvironment } from '../../../local/runtime/process-environment.ts'

/** What an agent finds on the customer's machine: its bundle, its configuration, folders, and a queue. */
export interface AgentSite {
  /** Where files for originals are dropped. */
  readonly originals: string
  readonly reports: string
  send(message: unknown): void
  /** The agent in a process of its own; `check` runs its check. */
  start(...words: readonly 'check'[]): ChildProcess
  stop(): Promise<void>
}

const queue = 'sage-agent-northwind-nw-main.fifo'
const bundle = join(import.meta.dirname, '../../../dist/agent/index.cjs')

/** A site in a folder; the agent's bundle has to be made already. */
export async function openSite(root: string, apiUrl: string): Promise<AgentSite> {
  const fauxqs = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  // Without groups, so that messages come again and out of order without waiting for each other.
  fauxqs.createQueue(queue)
  const endpoint = `http://127.0.0.1:${String(fauxqs.port)}`
  const folder = join(root, 'NORTHWIND')
  const reports = join(root, 'reports')
  const originals = join(folder, '1-ORIGINAL')
  for (const each of [folder, originals, reports]) mkdirSync(each)
  writeFileSync(join(root, 'token'), 'token')
  const configuration = join(root, 'agent.json')
  writeFileSync(
    configuration,
    JSON.stringify({
      api_url: apiUrl,
      token_file: join(root, 'token'),
      queue_url: `${endpoint}/000000000000/${queue}`,
      company: 'northwind',
      sage_company: 'nw-main',
      folder,
      reports,
      state: join(root, 'state'),
    }),
  )
  const started: ChildProcess[] = []
  return {
    originals,
    reports,
    send: (message) => void fauxqs.sendMessage(queue, JSON.stringify(message)),
    start: (...words) => {
      const child = spawn(process.execPath, [bundle, ...words, configuration], {
        env: {
          ...process.env,
          // Half of what a short life costs is its start: code that was compiled before is not compiled again.
          ...processEnvironment,
          AWS_ENDPOINT_URL_SQS: endpoint,
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: 'local',
          AWS_SECRET_ACCESS_KEY: 'local',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      started.push(child)
      return child
    },
    stop: async () => {
      await Promise.all(started.map(kill))
      await fauxqs.stop()
    },
  }
}

/** Ends an agent as a power cut does. */
export async function kill(agent: ChildProcess): Promise<void> {
  if (agent.exitCode !== null || agent.signalCode !== null) return
  const gone = once(agent, 'exit')
  agent.kill('SIGKILL')
  await gone
}
