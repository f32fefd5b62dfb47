import { resolve as absolute } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, systemClock } from '../engine/clock.ts'
import type { Engine } from '../engine/engine.ts'
import type { ApiServer } from './api/api-server.ts'
import { type DataFolder, openDataFolder } from './data-folder.ts'
import { tellUndeliverable } from './event-sources/mail-events.ts'
import { runSchedules } from './event-sources/schedules.ts'
import type { StreamRecord } from './event-sources/stream-record.ts'
import { tellRules } from './event-sources/tell-rules.ts'
import { clientEnvironment, type Endpoints, functionEnvironment } from './function-environment.ts'
import { createFunctions, type Functions, type Invocation } from './functions.ts'
import { createIssuer, type Issuer } from './issuer.ts'
import type { LocalClients } from './local-clients.ts'
import { openLog, type WriteLine } from './log-file.ts'
import type { FaultOfMail, Mail } from './mailbox.ts'
import { choosePorts, type Ports } from './ports.ts'
import { Refused } from './refused.ts'
import type { SignInPerson } from './sign-in-pages.ts'
import type { BucketPart } from './resources/buckets.ts'
import type { QueuePart } from './resources/queues.ts'
import type { Machine } from './resources/resource-type.ts'
import type { TablePart } from './resources/tables.ts'
import { type LocalResource, type LocalStack, planStack } from './stack.ts'
import { startApi } from './start-api.ts'
import { startEngine } from './start-engine.ts'
import { startEventSources } from './start-event-sources.ts'
import { type Closers, startServices } from './start-services.ts'
import { endStaleTableServer } from './table-process.ts'
import { readTemplates } from './templates.ts'

const region = 'us-east-1'
const account = '000000000000' // the account that fauxqs and Dynoxide write into their ARNs
const lastDeliveries = 5000 // milliseconds that a stop waits for functions at work

export interface RuntimeOptions {
  /** Folder of the synthesized assembly. */
  readonly cdkOut: string
  /** Folder that holds all data; made when it is not there. */
  readonly dataFolder: string
  /** Ports other than the usual ones; 0 takes any free one. */
  readonly ports?: Partial<Ports>
  /** Time of state machines, schedules, tokens and functions; queues have that of this process, the table the real one. */
  readonly clock?: Clock
  /** Who may sign in by the pages of the user pools. */
  readonly people?: readonly SignInPerson[]
  /** Values of template parameters, by name. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Told of every failed call and every error of a poller, as a line; all of them are in `logs/problems.log` too. */
  readonly onProblem?: (line: string) => void
  /** Told of what is started, before it is. */
  readonly onStep?: (step: StartStep) => void
  readonly faults?: {
    /** May repeat, hold back or reorder the records that a stream's function is about to get. */
    readonly streamRecords?: (records: readonly StreamRecord[]) => Promise<readonly StreamRecord[]>
    /**
     * Stands before every call, which `go` makes: what it answers or throws is what the caller gets, an error named
     * `TooManyRequestsException` for one.
     */
    readonly call?: FaultOfCall
    /** Name of the error with which a mail is refused; undefined where it is taken. */
    readonly mail?: FaultOfMail
    /** Where functions and the agent find the services, if something stands in between. */
    readonly between?: (endpoints: Endpoints) => Promise<Endpoints>
  }
}

export type FaultOfCall = (
  functionNameOrArn: string,
  go: () => Promise<Invocation>,
  payload: unknown,
) => Promise<Invocation>

export type StartStep = 'table' | 'functions'

/** The running stack. */
export interface Runtime {
  /** Address of the API and of what is mounted, without a slash at the end. */
  readonly url: string
  readonly endpoints: Endpoints
  /** Variables by which an SDK client of another process finds this stack. */
  readonly environment: Readonly<Record<string, string>>
  readonly mount: ApiServer['mount']
  readonly issueToken: Issuer['issueToken']
  readonly invoke: Functions['invoke']
  /** The newest first. */
  readonly readMailbox: () => readonly Mail[]
  readonly engine: Engine
  readonly resources: ReadonlyMap<string, LocalResource>
  /** A resource by `Stack/LogicalId`, by its physical name or by its ARN. @throws {Refused} */
  readonly resource: (name: string) => LocalResource
  readonly tables: readonly TablePart[]
  readonly queues: readonly QueuePart[]
  readonly buckets: readonly BucketPart[]
  /** The machine's own clients, for pages and demos. */
  readonly clients: LocalClients
  readonly stop: () => Promise<void>
}

/**
 * Starts the stack of the synthesized templates on this machine.
 *
 * @throws {Refused} with a sentence: templates that go beyond what is run here, a data folder that is in use, foreign or
 * of another schema, a port that is taken, no table server for this platform.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const closers: Closers = []
  try {
    const folder = openDataFolder(absolute(options.dataFolder))
    closers.push(folder.release)
    return await start(options, folder, closers)
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

async function closeAll(closers: Closers): Promise<void> {
  const failures: unknown[] = []
  // One that fails must not keep the others running: a table server that stays would hold its port.
  for (let close = closers.pop(); close !== undefined; close = closers.pop())
    try {
      // oxlint-disable-next-line no-await-in-loop -- what was started last stops first
      await close()
    } catch (error) {
      failures.push(error)
    }
  if (failures.length > 0) throw failures[0]
}

async function start(options: RuntimeOptions, folder: DataFolder, closers: Closers): Promise<Runtime> {
  const { clock = systemClock } = options
  // Functions run in UTC; threads share the time zone of their process.
  process.env['TZ'] = 'UTC'
  await endStaleTableServer(folder)
  const ports = await choosePorts(options.ports)
  const machine: Machine = { assembly: absolute(options.cdkOut), region, account, ports }
  const stack = planStack(readTemplates(machine.assembly), machine, options.parameters)
  const writeLine = problemWriter(folder, options.onProblem)
  const stopping = new AbortController()

  options.onStep?.('table')
  const refuseMail = options.faults?.mail
  const services = await startServices(
    { stack, folder, ports, account, region, writeLine, refuseMail },
    closers,
  )
  const { endpoints, clients, mailbox, events } = services
  const seen = (await options.faults?.between?.(endpoints)) ?? endpoints
  const environment = clientEnvironment(seen, region, folder.path('no-such-file'))
  options.onStep?.('functions')
  const threads = createFunctions({
    functions: stack.parts('function'),
    qualifiers: stack.parts('functionQualifier'),
    environment: functionEnvironment(environment),
    now: clock.now,
    writeLine: openLog(folder, 'functions'),
    writeProblem: writeLine,
  })
  const functions = withFaults(threads, options.faults?.call)
  closers.push(functions.stop)
  const common = {
    stack,
    folder,
    ports,
    clients,
    functions,
    clock,
    account,
    region,
    writeLine,
    signal: stopping.signal,
  }
  const engine = await startEngine(common, closers)
  const rules = stack.parts('eventRule')
  mailbox.onUndeliverable((mail) => void tellUndeliverable(mail, { ...common, rules }))
  events.onEvent((bus, event) => void tellRules(bus, rules, event, common))
  const url = `http://127.0.0.1:${String(ports.api)}`
  const pools = stack.parts('userPool')
  const issuer = await createIssuer({
    folder,
    pools,
    clients: stack.parts('userPoolClient'),
    people: options.people ?? [],
    origin: url,
    now: clock.now,
  })
  const api = await startApi({ ...common, issuer }, closers)
  const sources = startEventSources({ ...common, disturb: options.faults?.streamRecords })
  const stopSchedules = runSchedules({ ...common, schedules: stack.parts('schedule') })
  closers.push(async () => {
    stopSchedules()
    stopping.abort()
    await Promise.race([sources, sleep(lastDeliveries, undefined, { ref: false })])
  })

  return {
    url,
    endpoints,
    environment,
    mount: api.mount,
    issueToken: issuer.issueToken,
    invoke: functions.invoke,
    readMailbox: mailbox.read,
    engine,
    resources: stack.resources,
    resource: (name) => findResource(stack, name),
    tables: stack.parts('table'),
    queues: stack.parts('queue'),
    buckets: stack.parts('bucket'),
    clients,
    stop: async () => {
      await closeAll(closers)
    },
  }
}

function withFaults(functions: Functions, fault: FaultOfCall | undefined): Functions {
  if (fault === undefined) return functions
  return {
    ...functions,
    invoke: async (nameOrArn, payload) =>
      await fault(nameOrArn, async () => await functions.invoke(nameOrArn, payload), payload),
  }
}

function problemWriter(folder: DataFolder, onProblem: ((line: string) => void) | undefined): WriteLine {
  const write = openLog(folder, 'problems')
  return (line) => {
    write(`${new Date().toISOString()} ${line}`)
    onProblem?.(line)
  }
}

function findResource(stack: LocalStack, name: string): LocalResource {
  const found =
    stack.resources.get(name) ??
    [...stack.resources.values()].find(
      ({ ref, attributes, part }) =>
        ref === name ||
        Object.values(attributes).includes(name) ||
        (part !== undefined && 'name' in part && part.name === name),
    )
  if (found === undefined) throw new Refused(`The templates have no resource ${name}.`)
  return found
}
