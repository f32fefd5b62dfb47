/** What a function may reach beyond its own log; each use is one grant of `infra/access.ts`, and the variables that go with it. */
export type Use =
  /** Rows of the table: read and write. */
  | 'table'
  /** The two indexes of the table: lists by state, and what is due. */
  | 'lists'
  | 'read objects'
  | 'write objects'
  /** Put mails on the mail queue. */
  | 'mail queue'
  /** Hand the mailer's mails to SES. */
  | 'send mail'
  /** Write links, or compare a request's origin with where links point to. */
  | 'public address'
  /** Read roles from a sign-in token. */
  | 'sign-in'
  /** Have people sign in, and verify their tokens. */
  | 'sign-in pages'
  /** Report what connectors said. */
  | 'sage events'
  /** Pass an export on to an agent's own queue. */
  | 'agent queues'
  /** Start, tell and stop executions. */
  | 'workflow'
  /** Put events on the bus for other systems. */
  | 'event bus'

/** One Lambda function: where its code begins, what it is given (megabytes, seconds), what it may use. */
export interface Deployable {
  readonly name: string
  readonly entry: string
  readonly memory: number
  readonly timeout: number
  readonly uses: readonly Use[]
}

/** Reads all lines of a budget: at 50,000 of them, a whole processor (1,769 MB) is cheaper than a slow share of one. */
const readsAllLines = 1769

/** Behind the API: API Gateway gives up after 30 s, so a function does before. */
export const apiFunctions = [
  {
    name: 'api',
    entry: 'functions/api/index.ts',
    memory: 1024,
    timeout: 29,
    uses: ['table', 'lists', 'read objects', 'write objects', 'sign-in'],
  },
  {
    name: 'sage-api',
    entry: 'functions/api/sage.ts',
    memory: 1024,
    timeout: 29,
    uses: ['table', 'lists', 'read objects', 'write objects', 'sage events', 'sign-in'],
  },
  {
    name: 'budget-files',
    entry: 'functions/api/budget-files.ts',
    memory: readsAllLines,
    timeout: 29,
    uses: ['table', 'read objects', 'write objects', 'sign-in'],
  },
  {
    name: 'review',
    entry: 'functions/review/index.ts',
    memory: 1024,
    timeout: 15,
    uses: ['table', 'read objects', 'public address'],
  },
  {
    name: 'posting',
    entry: 'functions/posting/index.ts',
    memory: 1024,
    timeout: 15,
    uses: ['table', 'read objects', 'write objects', 'public address'],
  },
  {
    name: 'board',
    entry: 'functions/board/index.ts',
    memory: readsAllLines,
    timeout: 29,
    uses: ['table', 'lists', 'read objects', 'public address', 'sign-in', 'sign-in pages'],
  },
] as const satisfies readonly Deployable[]

// The definition gives a step 120 s; the function ends before, so that its own error is what the history shows.
const stepTimeout = 100
const step = <const Name extends string>(name: Name, memory: number, ...uses: readonly Use[]) => ({
  name,
  entry: `functions/cycle/${name}.ts`,
  memory,
  timeout: stepTimeout,
  uses: ['table', ...uses] satisfies readonly Use[],
})

/** The state machine's: `lock-budget` is `${LockBudgetFunction}` in its definition. */
export const cycleFunctions = [
  step('lock-budget', readsAllLines),
  step('unlock-budget', 512),
  step('send-to-erp', readsAllLines, 'read objects', 'write objects'),
  step('close-or-continue', 512),
  step('reject-budget', 512),
  step('retrieve-budget', 512),
  step('expire-budget', 512),
  step('export-budget', readsAllLines, 'read objects', 'write objects'),
  step('record-receipt', 512),
  step('receipt-overdue', 512),
  step('export-failed', 512),
  step('prepare-next-part', 1024, 'read objects', 'write objects'),
  step('export-corrections', 1024, 'read objects', 'write objects'),
  step('record-observation', 512),
  step('remind-posters', 512),
  step('close-cycle', readsAllLines, 'read objects', 'write objects'),
  step('park-budget', 512),
  step('continue-in-new-run', 512),
  step('open-wait', 512),
] as const satisfies readonly Deployable[]

/** Called by queues, the table's stream, and the clock. */
export const workerFunctions = [
  {
    name: 'relay',
    entry: 'functions/relay/index.ts',
    memory: 512,
    timeout: 60,
    uses: ['table', 'mail queue', 'workflow'],
  },
  {
    name: 'events-out',
    entry: 'functions/events-out/index.ts',
    memory: 512,
    timeout: 60,
    uses: ['event bus'],
  },
  {
    name: 'mailer',
    entry: 'functions/mailer/index.ts',
    memory: 512,
    timeout: 60,
    uses: ['table', 'lists', 'send mail', 'public address'],
  },
  {
    name: 'sage-gateway',
    entry: 'functions/sage-connector/gateway/index.ts',
    memory: 512,
    timeout: 60,
    uses: ['table', 'read objects', 'sage events', 'agent queues'],
  },
  {
    name: 'sage-events',
    entry: 'functions/sage-events/index.ts',
    memory: 1024,
    timeout: 60,
    uses: ['table', 'read objects'],
  },
  {
    name: 'sweep',
    entry: 'functions/schedule/sweep.ts',
    memory: 512,
    timeout: 55,
    uses: ['table', 'lists'],
  },
  {
    name: 'mail-not-delivered',
    entry: 'functions/mailer/not-delivered.ts',
    memory: 512,
    timeout: 60,
    uses: ['table'],
  },
  {
    name: 'daily-summary',
    entry: 'functions/schedule/daily-summary.ts',
    memory: 512,
    timeout: 300,
    uses: ['table', 'lists'],
  },
  {
    name: 'nightly-check',
    entry: 'functions/schedule/nightly-check.ts',
    memory: 1024,
    timeout: 900,
    uses: ['table', 'lists', 'read objects'],
  },
  {
    name: 'workflow-ended',
    entry: 'functions/schedule/workflow-ended.ts',
    memory: 512,
    timeout: 60,
    uses: ['table'],
  },
] as const satisfies readonly Deployable[]

export const functions: readonly Deployable[] = [...apiFunctions, ...cycleFunctions, ...workerFunctions]

type Row = (typeof apiFunctions | typeof cycleFunctions | typeof workerFunctions)[number]
export type FunctionName = Row['name']

/** The connector's part on premises: a program, not a Lambda function. */
export const agentEntry = 'functions/sage-connector/agent/index.ts'

/** @throws when the table has no such function. */
export function deployable(name: FunctionName): Deployable {
  const found = functions.find((row) => row.name === name)
  if (found === undefined) throw new Error(`infra/functions.ts lists no function ${name}.`)
  return found
}

/** `lock-budget` as a construct and, with `Function` behind it, as a name in the definition: `LockBudget`. */
export const constructId = (name: string): string =>
  name.replaceAll(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase())
