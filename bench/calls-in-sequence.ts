import { SFNClient } from '@aws-sdk/client-sfn'
import { SQSClient } from '@aws-sdk/client-sqs'
import { requestEvent, type Request } from './api-request.ts'
import type { Figure, Measure } from './bar.ts'
import { withCycleOf } from './cycle-of-lines.ts'
import { mailedLink } from './mailed-link.ts'
import { acceptBy, anna, ask, askFor, declarePosted, paula, type SignedIn } from './people.ts'
import { type Recorded, type Recorder, recordCalls } from './recorded-calls.ts'
import {
  approval,
  changedLines,
  clinicLines,
  edit,
  head,
  key,
  receipt,
} from '../test/statemachines/cycle/clinic.ts'
import { aliasArn, type CycleMachine } from '../test/statemachines/cycle/machine.ts'
import { exportBudget } from '../functions/cycle/export-budget.ts'
import { deliver } from '../functions/relay/deliver.ts'
import { review } from '../functions/review/index.ts'
import type { Dependencies } from '../shared/cycle/dependencies.ts'
import { formatCents } from '../shared/domain/cents.ts'
import { createCompanyStore } from '../shared/store/company-table.ts'
import type { Objects } from '../shared/store/objects.ts'
import type { LocalDatabase } from '../test/store/local-database.ts'

type Hop = Recorded & { readonly name: string }

/** A machine, and what its functions are handed when their calls are to be counted. */
interface Watched {
  readonly machine: CycleMachine
  readonly dependencies: Dependencies
  readonly record: Recorder
}

/** The calls of S3 that each of these makes: shared/store/objects.ts. */
const noted = (objects: Objects, { note }: Recorder): Objects => ({
  putJson: async (...of) => await note('PutObject', async () => await objects.putJson(...of)),
  getJson: async (...of) => await note('GetObject', async () => await objects.getJson(...of)),
  getFile: async (...of) => await note('GetObject', async () => await objects.getFile(...of)),
  async putFile(...of) {
    await note('HeadObject', async () => await Promise.resolve())
    await note('PutObject', async () => await objects.putFile(...of))
  },
})

async function watching<T>(work: (watched: Watched) => Promise<T>): Promise<T> {
  return await withCycleOf(
    clinicLines,
    (database) => ({ database, watch: { database, record: recordCalls(database.document) } }),
    async (machine, { database, record }) =>
      await work({ machine, record, dependencies: dependenciesOf(machine, database, record) }),
  )
}

function dependenciesOf(machine: CycleMachine, { document }: LocalDatabase, record: Recorder): Dependencies {
  const { table, clock, store, logger } = machine
  const objects = noted(machine.objects, record)
  return { store, clock, logger, objects, companies: createCompanyStore({ document, table, clock, objects }) }
}

/** Step Functions as the relay hears it, which tells nobody: the machine's own relay then does. */
function silentWorkflow({ note }: Recorder): SFNClient {
  const workflow = new SFNClient({ region: 'us-east-1' })
  workflow.middlewareStack.add(
    (_, context) => async () =>
      await note(
        String(context['commandName']),
        async () => await Promise.resolve({ output: { $metadata: {} }, response: undefined }),
      ),
    { step: 'initialize', name: 'silent' },
  )
  return workflow
}

const queueForSage: Hop = { name: 'Queue for Sage', names: ['SendMessageCommand'], rounds: 1 }

/** From the click on Accept to the message in the queue, hop by hop; the stream and the invocations lie in between. */
async function clickToQueue({ machine, dependencies, record }: Watched): Promise<readonly Hop[]> {
  const link = await mailedLink(machine)
  const clicked = await record(async () => await acceptBy(dependencies, link))
  const outside = {
    store: machine.store,
    workflow: silentWorkflow(record),
    queue: new SQSClient({ region: 'us-east-1' }),
    stateMachine: aliasArn,
    mailQueue: '',
  }
  const rows = await machine.undelivered()
  const relayed = await record(async () => {
    for (const row of rows) await deliver(outside, row)
  })
  // The engine's own call of the step fails before it does anything, so that it can be made here, and counted.
  machine.breakOnce('ExportBudgetFunction', 'Lambda.ServiceException')
  await machine.settle()
  const asked = machine.calls.at(-1)
  if (asked?.name !== 'ExportBudgetFunction') throw new Error(`The workflow went to ${asked?.name ?? ''}`)
  const prepared = await record(async () => await exportBudget(dependencies, asked.payload))
  const before = machine.messages.length
  await machine.pass(longestPause)
  if (machine.messages.length !== before + 1) throw new Error('Nothing came to the queue')
  return [
    { name: 'click: POST review', ...clicked },
    { name: 'relay', ...relayed },
    { name: 'Export budget', ...prepared },
    queueForSage,
  ]
}

const longestPause = 60_000 // milliseconds before the first retry, statemachines/budget-cycle.asl.json

/** A first export, then one that the second export of the same budget makes. */
async function hops(watched: Watched): Promise<{ first: readonly Hop[]; update: readonly Hop[] }> {
  const { machine } = watched
  for (const name of ['lock', 'send'] as const) {
    await askFor(machine, name)
    await machine.settle()
  }
  const first = await clickToQueue(watched)
  await receipt(machine)
  await declarePosted(machine)
  await machine.settle()
  await edit(machine, changedLines)
  await askFor(machine, 'send')
  await machine.settle()
  return { first, update: await clickToQueue(watched) }
}

const budget = `/projects/${key.project}/budget`

/** The main requests, in the order in which a budget meets them. */
async function requests({ machine, dependencies, record }: Watched): Promise<readonly Hop[]> {
  const measured: Hop[] = []
  const asks = async (who: SignedIn, request: Request): Promise<void> => {
    const made = await record(async () => await ask(dependencies, who, request))
    await machine.settle()
    measured.push({ name: `${request.method} ${request.path}`, ...made })
  }
  const line = { cost_code: '03-3000', cost_type: 'L', original_budget_amount: '185001.00' }
  await asks(paula, { method: 'GET', path: budget })
  await asks(paula, { method: 'GET', path: `${budget}/line_items` })
  await asks(paula, {
    method: 'PATCH',
    path: `${budget}/line_items`,
    headers: {
      'if-match': `"${String((await head(machine)).revision)}"`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ upserts: [line] }),
  })
  await asks(paula, { method: 'POST', path: `${budget}/lock` })
  await asks(paula, { method: 'POST', path: `${budget}/send` })
  const { path, reference } = await mailedLink(machine)
  const shown = await record(async () => {
    const answer = await review(
      dependencies,
      requestEvent({ method: 'GET', path, parameters: { reference } }),
    )
    if (answer.statusCode !== 200) throw new Error(`No page: ${String(answer.statusCode)}`)
  })
  measured.push({ name: 'GET /review/{reference}', ...shown })
  await asks(anna, { method: 'GET', path: '/erp/budgets' })
  const { version_hash, export_hash, parts } = await approval(machine)
  await asks(anna, {
    method: 'POST',
    path: `/erp/budgets/${key.project}/decision`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      choice: 'accept',
      shown: {
        version_hash,
        export_hash,
        parts: parts.map(({ part, total }) => ({ part, total: formatCents(total) })),
      },
      ticks: (await approval(machine)).ticks,
      entry_date: machine.clock.now().slice(0, 10),
    }),
  })
  await asks(anna, { method: 'GET', path: '/erp/exports' })
  return measured
}

const counted = (names: readonly string[]): string =>
  [...new Set(names)]
    .map((name) => {
      const times = names.filter((each) => each === name).length
      return `${times > 1 ? `${String(times)} ` : ''}${name.replace(/(Item|Items)?Command$/, '')}`
    })
    .join(', ')

const rowOf = ({ name, names, rounds }: Hop): readonly string[] => [
  name,
  String(names.length),
  String(rounds),
  counted(names),
]

const inSequence = (all: readonly Hop[]): number => all.reduce((sum, { rounds }) => sum + rounds, 0)

const sum = (name: string, all: readonly Hop[]): Hop => ({
  name,
  names: all.flatMap(({ names }) => names),
  rounds: inSequence(all),
})

const clickToQueueBar = (of: string, at_most: number, all: readonly Hop[]): Figure => ({
  bar: `AWS calls one after the other, from the click on Accept to the message in Sage’s queue, ${of}`,
  unit: 'calls',
  at_most,
  figure: inSequence(all),
  of: all.map(({ name, rounds }) => `${name} ${String(rounds)}`).join(', '),
})

const columns = ['Request or hop', 'Calls', 'One after the other', 'Which']

/** AWS calls of requests and of the way to Sage's queue, and how many of them wait for one another. */
export const callsInSequence: Measure = async () => {
  const { first, update } = await watching(hops)
  const asked = await watching(requests)
  return [
    clickToQueueBar('first export', 20, first),
    clickToQueueBar('later export', 22, update),
    {
      heading: 'Calls one after the other',
      words: [
        'A call to DynamoDB or S3 takes a few milliseconds, whatever it asks for; so what a request waits for is how many stand one after the other.',
        'Counted on the workflow’s definition on the local engine: the calls of the function or the relay to its answer, of the longest chain those that began after another had ended. DynamoDB’s are counted where they leave for the local database, and the relay’s to Step Functions where its client would send them.',
        'Put in by hand: a memory stands for the bucket, so that each of its acts counts as the calls of S3 that `shared/store/objects.ts` makes for it; and *Queue for Sage* is the one message that Step Functions itself sends.',
        'Not counted: the stream between the click and the relay, the relay’s deletion of a row that it has delivered, and Step Functions’ invocation of the step.',
        'The board’s pages read as `GET /erp/exports` does.',
      ].join(' '),
      columns,
      rows: [
        ...first,
        sum('all four: first export of a budget', first),
        sum('all four: a later export', update),
        ...asked,
      ].map(rowOf),
    },
  ]
}
