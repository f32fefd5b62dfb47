import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import {
  type ExecutionSummary,
  executionSummary,
  type Journal,
  type JournalEntry,
  journalEntry,
} from './journal.ts'

/**
 * A journal in a folder, one file of JSON lines per execution, appended to and never rewritten. It outlives the
 * process being killed at any instant: a line is handed to the operating system before `append` returns, and a last
 * line that was cut is left out when read. It does not force the disk, so the machine losing power may lose the
 * newest steps. One engine at a time may use a folder.
 *
 * `ended.jsonl` lists the executions that have ended, so that a start reads only the files of those that have not.
 */
export function fileJournal(folder: string): Journal {
  const executions = path.join(folder, 'executions')
  const definitions = path.join(folder, 'definitions')
  const endedList = path.join(folder, 'ended.jsonl')
  const ended = new Set<string>()

  const fileOf = (executionArn: string): string => path.join(executions, fileName(executionArn))
  const noteStatus = (summary: ExecutionSummary): void => {
    appendLine(endedList, summary)
  }

  const openExecutions = (known: ReadonlySet<string>): ExecutionSummary[] =>
    readdirSync(executions)
      .filter((file) => !known.has(file))
      .flatMap((file) => readEntries(path.join(executions, file)).slice(-1))
      .map((entry) => entry.summary)

  return {
    open: () => {
      mkdirSync(executions, { recursive: true })
      mkdirSync(definitions, { recursive: true })
      const listed = readEnded(endedList)
      const unlisted = openExecutions(new Set([...listed.keys()].map(fileName)))
      for (const summary of unlisted) {
        if (summary.status === 'RUNNING') continue
        noteStatus(summary) // killed between the execution's last line and the list's
        listed.set(summary.executionArn, summary)
      }
      for (const executionArn of listed.keys()) ended.add(executionArn)
      const running = unlisted.filter(({ status }) => status === 'RUNNING')
      return { ended: [...listed.values()], running: running.map(({ executionArn }) => executionArn) }
    },
    append: (entry) => {
      const { executionArn, status } = entry.summary
      // a redrive leaves the list first: killed in between, the file's last line still says that it has ended
      if (status === 'RUNNING' && ended.delete(executionArn)) noteStatus(entry.summary)
      appendLine(fileOf(executionArn), entry)
      if (status !== 'RUNNING') {
        ended.add(executionArn)
        noteStatus(entry.summary)
      }
    },
    read: (executionArn) => readEntries(fileOf(executionArn)),
    keepDefinition: (hash, text) => {
      const file = path.join(definitions, `${hash}.json`)
      if (!existsSync(file)) writeFileSync(file, text)
    },
    definition: (hash) => {
      const file = path.join(definitions, `${hash}.json`)
      return existsSync(file) ? readFileSync(file, 'utf8') : undefined
    },
  }
}

/** The name a person looks for, made safe and short, and enough of a hash to keep names apart. */
function fileName(executionArn: string): string {
  const readable = executionArn
    .split(':')
    .slice(-2)
    .join('.')
    .replaceAll(/[^\w.-]/g, '_')
  const hash = createHash('sha256').update(executionArn).digest('hex').slice(0, 16)
  return `${readable.slice(0, 180)}.${hash}.jsonl`
}

/** One write of one line. A line that a kill had cut short is closed first, so that it spoils no other. */
function appendLine(file: string, value: unknown): void {
  appendFileSync(file, `\n${JSON.stringify(value)}`)
}

/** The whole lines of a file; what is not JSON was cut by a kill. */
function readLines(file: string): unknown[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      if (line === '') return []
      try {
        const value: unknown = JSON.parse(line)
        return [value]
      } catch {
        return []
      }
    })
}

const readEntries = (file: string): JournalEntry[] => readLines(file).map((line) => journalEntry.parse(line))

/** The latest word on each execution of the list, of those that have not been redriven since. */
function readEnded(file: string): Map<string, ExecutionSummary> {
  const listed = new Map<string, ExecutionSummary>()
  for (const line of readLines(file)) {
    const summary = executionSummary.parse(line)
    if (summary.status === 'RUNNING') listed.delete(summary.executionArn)
    else listed.set(summary.executionArn, summary)
  }
  return listed
}
