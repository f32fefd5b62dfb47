import { createServer } from 'node:net'
import { Refused } from './refused.ts'

/** Ports of the local stack, all on 127.0.0.1. */
export interface Ports {
  readonly api: number
  readonly queuesAndBuckets: number
  readonly mail: number
  readonly stateMachines: number
  readonly table: number
  readonly events: number
}

/** Where each port is when nothing else is said, the variable that says otherwise, and its name in a sentence. */
const choices = {
  api: { port: 4100, variable: 'API_PORT', serves: 'the API and the pages' },
  queuesAndBuckets: { port: 4101, variable: 'QUEUE_PORT', serves: 'queues and buckets' },
  mail: { port: 4102, variable: 'MAIL_PORT', serves: 'the mailbox' },
  stateMachines: { port: 4103, variable: 'STATES_PORT', serves: 'state machines' },
  table: { port: 4104, variable: 'TABLE_PORT', serves: 'the table' },
  events: { port: 4105, variable: 'EVENTS_PORT', serves: 'the event bus' },
} as const

type PortName = keyof typeof choices

/** Asks the system for ports that are free now; for tests, and for a start that names no fixed ones. */
export const anyPorts: Ports = { api: 0, queuesAndBuckets: 0, mail: 0, stateMachines: 0, table: 0, events: 0 }

/**
 * Chooses every port: the one given, else the one of its environment variable, else the default; 0 asks for any free one.
 *
 * @throws {Refused} when a variable holds no port, or one of them cannot be had.
 */
export async function choosePorts(
  given: Partial<Ports> = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Ports> {
  const wanted = (name: PortName): number => {
    const fromEnvironment = environment[choices[name].variable]
    return given[name] ?? (fromEnvironment === undefined ? choices[name].port : portIn(name, fromEnvironment))
  }
  const [api, queuesAndBuckets, mail, stateMachines, table, events] = await Promise.all([
    take('api', wanted('api')),
    take('queuesAndBuckets', wanted('queuesAndBuckets')),
    take('mail', wanted('mail')),
    take('stateMachines', wanted('stateMachines')),
    take('table', wanted('table')),
    take('events', wanted('events')),
  ])
  return { api, queuesAndBuckets, mail, stateMachines, table, events }
}

function portIn(name: PortName, text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  const { variable, port: usual } = choices[name]
  throw new Refused(
    `${variable} is "${text}", which is no port. Choose a whole number up to 65535, such as ${variable}=${String(usual + 1000)}.`,
  )
}

/** Listens for a moment, which both finds a free port and shows that a fixed one is free. */
async function take(name: PortName, port: number): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Refused(error.code === 'EADDRINUSE' ? inUse(name, port) : notGiven(name, port)))
    })
    server.listen({ port, host: '127.0.0.1' }, () => {
      const address = server.address()
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      })
    })
  })
}

function inUse(name: PortName, port: number): string {
  const { variable, serves } = choices[name]
  return (
    `Port ${String(port)}, where ${serves} should be, is in use by another program. ` +
    `Stop that program, or choose another port with ${variable}=${String(port + 1000)}.`
  )
}

/** Below 1024 a port is the administrator's. */
function notGiven(name: PortName, port: number): string {
  const { variable, port: usual } = choices[name]
  return `Port ${String(port)} cannot be had on this machine. Choose another with ${variable}=${String(usual + 1000)}.`
}
