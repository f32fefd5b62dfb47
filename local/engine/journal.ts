import * as z from 'zod'

/**
 * What the engine writes down. One entry is one step of one execution: the events it added and where it stands
 * after them, so that the last entry alone is enough to go on from.
 */

const json = z.unknown()

/** One pass through a state: what it was entered with and what its retriers have spent. */
const visit = z.object({
  state: z.string(),
  input: json,
  variables: z.record(z.string(), json),
  /** Epoch milliseconds; the same over all retries of the visit. */
  enteredAt: z.number(),
  /** Id of the event that entered the state. */
  enteredEvent: z.number(),
  retryCount: z.number(),
  /** Attempts that each retrier has made, in the order of the definition. */
  spent: z.array(z.number()),
})
export type Visit = z.infer<typeof visit>

const attempt = z.object({
  /** Of a task that waits for one. */
  token: z.string().optional(),
  /** Epoch milliseconds when `States.Timeout` ends the attempt. */
  deadline: z.number().optional(),
  /** Evaluated Arguments; kept until the call has been answered. */
  arguments: json,
})
export type Attempt = z.infer<typeof attempt>

const outcome = z.union([
  z.object({ result: json, failure: z.undefined().optional() }),
  z.object({ failure: z.object({ error: z.string(), cause: z.string().optional() }) }),
])
export type Outcome = z.infer<typeof outcome>

const entering = z.object({
  at: z.literal('entering'),
  state: z.string(),
  input: json,
  variables: z.record(z.string(), json),
})
const scheduling = z.object({ at: z.literal('scheduling'), visit, deadline: z.number().optional() })

/** Where an execution stands. */
const positionSchema = z.discriminatedUnion('at', [
  entering,
  /** A task's attempt is about to be made; `deadline` is that of an attempt which a restart cut short. */
  scheduling,
  /** The function or queue has been called and has not answered. */
  z.object({ at: z.literal('calling'), visit, attempt }),
  /** The function has answered; the token decides. */
  z.object({ at: z.literal('waiting'), visit, attempt }),
  /** The task has ended; Output, Assign, Retry and Catch follow. */
  z.object({ at: z.literal('settling'), visit, outcome }),
  z.object({ at: z.literal('backing off'), visit, until: z.number() }),
  z.object({
    at: z.literal('ended'),
    /** Of an execution that succeeded. */
    output: json.optional(),
    error: z.string().optional(),
    cause: z.string().optional(),
    /** Where a redrive goes on. */
    redrive: z.discriminatedUnion('at', [entering, scheduling]).optional(),
  }),
])
export type Position = z.infer<typeof positionSchema>

export const executionSummary = z.object({
  executionArn: z.string(),
  stateMachineArn: z.string(),
  stateMachineName: z.string(),
  stateMachineVersionArn: z.string().optional(),
  stateMachineAliasArn: z.string().optional(),
  name: z.string(),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  /** Dates are epoch milliseconds. */
  startDate: z.number(),
  stopDate: z.number().optional(),
  /** When the whole execution times out. */
  deadline: z.number(),
  /** SHA-256 of the definition it was started with, which it keeps. */
  definition: z.string(),
  redriveCount: z.number(),
  redriveDate: z.number().optional(),
  redriveClientToken: z.string().optional(),
})
/** What is known of an execution without reading its history. */
export type ExecutionSummary = z.infer<typeof executionSummary>

const historyEvent = z.looseObject({
  id: z.number(),
  previousEventId: z.number(),
  /** Epoch milliseconds. */
  timestamp: z.number(),
  type: z.string(),
})
/** An event as GetExecutionHistory gives it, with its details under their own name. */
export type HistoryEvent = z.infer<typeof historyEvent>

export const journalEntry = z.object({
  summary: executionSummary,
  position: positionSchema,
  events: z.array(historyEvent),
})
export type JournalEntry = z.infer<typeof journalEntry>

/** What a journal holds when the engine starts. */
export type JournalContents = {
  readonly ended: readonly ExecutionSummary[]
  /** ARNs of executions to go on with. */
  readonly running: readonly string[]
}

/**
 * Where executions are kept. An entry is safe once `append` has returned, and the engine calls a function, answers
 * a caller or sets a timer only after that.
 */
export type Journal = {
  readonly open: () => JournalContents
  readonly append: (entry: JournalEntry) => void
  /** What was appended for an execution, oldest first; entries may have been put together. */
  readonly read: (executionArn: string) => readonly JournalEntry[]
  /** Keeps the text of a definition under its hash; executions outlive deploys. */
  readonly keepDefinition: (hash: string, text: string) => void
  readonly definition: (hash: string) => string | undefined
}

/**
 * A journal that lasts as long as its object: for simulations, which may hand it to a second engine, or begin with a
 * copy of another. Of each execution it keeps the history and the last position only.
 */
export function memoryJournal(before?: Journal): Journal {
  const entries = new Map<string, JournalEntry>()
  const definitions = new Map<string, string>()
  const journal: Journal = {
    open: () => {
      const summaries = [...entries.values()].map((entry) => entry.summary)
      return {
        ended: summaries.filter(({ status }) => status !== 'RUNNING'),
        running: summaries.filter(({ status }) => status === 'RUNNING').map((each) => each.executionArn),
      }
    },
    append: ({ summary, position, events: added }) => {
      const events = entries.get(summary.executionArn)?.events ?? []
      events.push(...added)
      entries.set(summary.executionArn, { summary, position, events })
    },
    read: (executionArn) => {
      const entry = entries.get(executionArn)
      return entry === undefined ? [] : [entry]
    },
    keepDefinition: (hash, text) => {
      definitions.set(hash, text)
    },
    definition: (hash) => definitions.get(hash),
  }
  const { ended = [], running = [] } = before?.open() ?? {}
  for (const arn of [...ended.map(({ executionArn }) => executionArn), ...running])
    for (const entry of before?.read(arn) ?? []) {
      const { definition } = entry.summary
      journal.keepDefinition(definition, before?.definition(definition) ?? '')
      journal.append(entry)
    }
  return journal
}
