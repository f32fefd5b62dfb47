import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type BuildStep, synthesize } from '../infra/synthesize.ts'
import { agentQueueName } from '../shared/sage/agent-queue-name.ts'
import { desk } from './desk/desk.ts'
import {
  agents,
  agentToken,
  company,
  groupsOf,
  people,
  sageCompany,
  sageFolder,
  subjectOf,
} from './local-company.ts'
import { type RuntimeOptions, type Runtime, type StartStep, startRuntime } from './runtime/runtime.ts'
import { type ImportableFile, sageDesk } from './sage/http.ts'
import { nodeListener } from './sage/node-listener.ts'
import { openSage, type Sage } from './sage/open-sage.ts'

/** The folders in which the product and the Sage simulator meet, as they would on the customer's server. */
export interface Folders {
  readonly drop: string
  readonly reports: string
  readonly downloads: string
}

export interface LocalStack {
  readonly runtime: Runtime
  readonly sage: Sage
  readonly folders: Folders
  /** The program on the customer's server, which runs from the start on. */
  readonly agent: Agent
  readonly stop: () => Promise<void>
}

export interface Agent {
  readonly start: () => void
  readonly stop: () => Promise<void>
}

const agentReadsEvery = 1

export type Step = BuildStep | StartStep

export interface StackOptions extends Pick<RuntimeOptions, 'ports' | 'onProblem' | 'clock' | 'faults'> {
  /** Told of what is made or started, before it is. */
  readonly onStep?: (step: Step) => void
}

/** Starts everything on this machine: the synthesized stack, the agent, the Sage simulator, and the desk. */
export async function startStack(dataFolder: string, options: StackOptions = {}): Promise<LocalStack> {
  const data = resolve(dataFolder)
  const cdkOut = await synthesize({
    context: { agents },
    ...(options.onStep && { onStep: options.onStep }),
  })
  const signIns = Object.values(people).map((person) => ({
    ...person,
    subject: subjectOf(person),
    groups: groupsOf(person),
  }))
  const runtime = await startRuntime({ cdkOut, dataFolder: data, people: signIns, ...options })
  const folders = makeFolders(data)
  const sage = openSage(join(data, 'sage'))
  const agent = await agentOf(runtime, data, folders)
  agent.start()
  const pages = sageDesk({
    sage,
    importableFiles: async () => await Promise.resolve(filesOf(folders)),
    saveRejects: async (_company, fileName, bytes) => {
      const path = join(folders.drop, 'rejects', basename(fileName))
      await writeFile(path, bytes)
      return path
    },
    reportsFolder: () => folders.reports,
  })
  runtime.mount(
    '/sage',
    nodeListener(pages, (error) => options.onProblem?.(String(error))),
  )
  runtime.mount('/desk', desk(runtime))
  runtime.mount('/', (_request, response) => {
    response.writeHead(303, { location: '/desk' }).end()
  })
  return {
    runtime,
    sage,
    folders,
    agent,
    stop: async () => {
      await agent.stop()
      await runtime.stop()
    },
  }
}

function makeFolders(data: string): Folders {
  const folders = {
    drop: join(data, 'server', sageFolder),
    reports: join(data, 'server', 'reports'),
    downloads: join(data, 'server', 'downloads'),
  }
  for (const folder of [join(folders.drop, 'rejects'), folders.reports, folders.downloads])
    mkdirSync(folder, { recursive: true })
  return folders
}

const importFolders = ({ drop, downloads }: Folders): string[] => [
  join(drop, '1-ORIGINAL'),
  join(drop, '2-CHANGE-tick-the-box'),
  join(drop, 'rejects'),
  downloads,
]

const filesOf = (folders: Folders): ImportableFile[] =>
  importFolders(folders)
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { withFileTypes: true })
        .filter((found) => found.isFile() && !found.name.endsWith('.writing'))
        .map(({ name }) => ({ name: `${basename(folder)}/${name}`, path: join(folder, name) })),
    )

/** The same bundle that runs on the customer's server, in a thread of its own, and what it is set up with. */
async function agentOf(runtime: Runtime, data: string, folders: Folders): Promise<Agent> {
  const state = join(data, 'agent')
  mkdirSync(state, { recursive: true })
  const token_file = join(state, 'token')
  writeFileSync(token_file, await runtime.issueToken(agentToken(sageCompany)))
  const queue = runtime.queues.find(
    ({ name }) => name === `${agentQueueName({ company, sage: sageCompany })}.fifo`,
  )
  if (!queue) throw new Error(`The templates have no queue for the agent of ${company}/${sageCompany}.`)
  const configuration = join(state, 'agent.json')
  writeFileSync(
    configuration,
    JSON.stringify({
      api_url: runtime.url,
      token_file,
      queue_url: queue.url,
      company,
      sage_company: sageCompany,
      folder: folders.drop,
      folder_shown_as: sageFolder,
      reports: folders.reports,
      state,
      read_every_seconds: agentReadsEvery,
    }),
  )
  let worker: Worker | undefined
  return {
    start: () => {
      worker = startAgent(configuration, runtime.environment, data)
    },
    stop: async () => {
      await worker?.terminate()
    },
  }
}

function startAgent(configuration: string, environment: Runtime['environment'], data: string): Worker {
  const worker = new Worker(join(import.meta.dirname, '../dist/agent/index.cjs'), {
    argv: [configuration],
    env: { ...process.env, ...environment },
  })
  worker.on('error', (error: unknown) => {
    // It may be the first to see that the data folder was taken away, which is told apart.
    setTimeout(() => {
      if (existsSync(join(data, 'lock')))
        console.error(`The agent stopped: ${String(error)}. Start again; nothing is lost.`)
    }, 500).unref()
  })
  return worker
}
