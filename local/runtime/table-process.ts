import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { type DataFolder, startOf, writeWhole } from './data-folder.ts'
import { Refused } from './refused.ts'

/** Where the table is served, and how to stop that. */
export interface TableServer {
  readonly endpoint: string
  readonly stop: () => Promise<void>
}

const answersWithin = 5000 // milliseconds; Dynoxide answers after 50 on the slowest machine tried

/**
 * Starts Dynoxide on a file of the data folder; with `DYNAMODB_ENDPOINT` set, that endpoint is used and nothing is started.
 *
 * Dynoxide ends when this process does, however it ends: a shell between the two reads a pipe that closes with us.
 *
 * @param onEnd told when it ends though nobody stopped it.
 * @throws {Refused} where there is no binary for this platform, or it does not answer.
 */
export async function startTableServer(
  folder: DataFolder,
  port: number,
  onEnd: () => void,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<TableServer> {
  const given = environment['DYNAMODB_ENDPOINT']
  if (given !== undefined && given !== '') return { endpoint: given, stop: async () => {} }
  const program = binary()
  mkdirSync(folder.path('table'), { recursive: true })
  const log = openSync(folder.path('logs', 'dynoxide.log'), 'a')
  const child = spawn('/bin/sh', ['-c', untilParentEnds, program, ...serve(folder, port)], {
    // A group of its own: Ctrl+C in the terminal must reach us alone, so that functions end before their table.
    detached: true,
    stdio: ['pipe', log, log, 'pipe'],
  })
  let stopping = false
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve()
      if (!stopping) onEnd()
    })
  })
  rememberProcess(child, folder)
  const endpoint = `http://127.0.0.1:${String(port)}`
  await answer(endpoint, child, folder)
  return {
    endpoint,
    stop: async () => {
      stopping = true
      child.stdin?.end()
      await ended
      rmSync(folder.path('table', 'pid'), { force: true })
    },
  }
}

/** Runs the command with its arguments and ends it when standard input closes. */
const untilParentEnds = `
exec 4<&0
"$0" "$@" 4<&- </dev/null & table=$!
echo $table >&3
{ read -r _ <&4; kill $table 2>/dev/null; } &
exec 4<&- 3>&-
wait $table
`

const serve = (folder: DataFolder, port: number): string[] => [
  'serve',
  '--host',
  '127.0.0.1',
  '--port',
  String(port),
  '--db-path',
  folder.path('table', 'table.sqlite'),
]

function binary(): string {
  const require = createRequire(import.meta.url)
  try {
    return join(
      dirname(require.resolve(`@dynoxide/${process.platform}-${process.arch}/package.json`)),
      'dynoxide',
    )
  } catch {
    throw new Refused(
      `There is no Dynoxide for ${process.platform} ${process.arch} in node_modules. ` +
        'Install the package @dynoxide/linux-x64 on Linux, or run DynamoDB Local elsewhere ' +
        'and name it with DYNAMODB_ENDPOINT=http://host:port.',
    )
  }
}

/** Keeps the process id of Dynoxide itself, which the shell writes as its first line. */
function rememberProcess(child: ChildProcess, folder: DataFolder): void {
  child.stdio[3]?.once('data', (line: Buffer) => {
    const pid = Number(line.toString())
    writeWhole(folder.path('table', 'pid'), JSON.stringify({ pid, started: startOf(pid) ?? '' }))
  })
}

const Remembered = z.object({ pid: z.number(), started: z.string() })

/** Ends a Dynoxide that outlived its stack: one killed a moment ago may still hold its port and its file. */
export async function endStaleTableServer(folder: DataFolder): Promise<void> {
  const file = folder.path('table', 'pid')
  if (!existsSync(file)) return
  const { pid, started } = Remembered.parse(JSON.parse(readFileSync(file, 'utf8')))
  for (let tries = 0; startOf(pid) === started && tries < 100; tries += 1) {
    process.kill(pid, tries < 50 ? 'SIGTERM' : 'SIGKILL')
    // oxlint-disable-next-line no-await-in-loop -- waiting for the process to go is the point
    await sleep(20)
  }
  rmSync(file, { force: true })
}

async function answer(endpoint: string, child: ChildProcess, folder: DataFolder): Promise<void> {
  const latest = performance.now() + answersWithin
  while (performance.now() < latest && child.exitCode === null) {
    // oxlint-disable-next-line no-await-in-loop -- asking again is the point
    const up = await fetch(endpoint).then(
      () => true,
      () => false,
    )
    if (up) return
    // oxlint-disable-next-line no-await-in-loop
    await sleep(10)
  }
  child.stdin?.end()
  throw new Refused(
    `The table does not answer at ${endpoint}. ${folder.path('logs', 'dynoxide.log')} tells why.`,
  )
}
