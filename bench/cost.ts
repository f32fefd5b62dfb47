import { synthesize } from '../infra/synthesize.ts'
import { readTemplates } from '../local/runtime/templates.ts'
import { agents } from '../local/local-company.ts'
import { cents } from '../shared/domain/cents.ts'
import { tradeLines } from '../test/store/trade-lines.ts'
import type { Measure, Section } from './bar.ts'
import { unitsOfItem } from './line-items.ts'
import { priced, prices, pricesOf } from './prices.ts'
import { type Invoked, type RecordedCycle, recordedCycles, type Stretch } from './recorded-cycle.ts'
import { roundsOf } from './recorded-calls.ts'
import type { ServiceCall } from './recording-proxies.ts'

const sizes = [100, 1000, 10_000, 50_000]
// Of an original alone: one file, as the bar on transitions counts.
const lines = tradeLines(Math.max(...sizes)).map((line) => ({ ...line, changes: cents(0) }))

/** Dollars by service. */
type Cost = Readonly<Record<(typeof services)[number], number>>
const services = [
  'Step Functions',
  'Lambda',
  'DynamoDB',
  'HTTP API',
  'SQS',
  'S3',
  'EventBridge',
  'Logs',
] as const

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0)
const total = (cost: Cost): number => sum(Object.values(cost))

const reads = /\.(Get|BatchGet|Query|Scan|TransactGet)/
const sizeOf64 = ({ sent }: ServiceCall): number => Math.ceil(sent / 65_536)
// Lambda writes three lines of its own about every call, and the API one about every request; that they come to this is assumed.
const ownLines = 350 // bytes
const accessLine = 400 // bytes

const wholeProcessor = 1769 // megabytes; below it a function has its share of one (Lambda, configuring memory)
const aCall = 0.01 // seconds that a call of a service is waited for: assumed

/** What Lambda would bill: the processor's time at the share that the memory buys, and what is waited for in between. */
function gigabyteSeconds({ processor, megabytes, calls }: Invoked): number {
  const seconds = processor * Math.max(1, wholeProcessor / megabytes) + aCall * roundsOf(calls)
  return (seconds * megabytes) / 1024
}

function costOf({ invoked, outside, logged, transitions, files }: Stretch): Cost {
  const calls = [...invoked.flatMap((each) => each.calls), ...outside]
  const of = (service: string): ServiceCall[] => calls.filter(({ name }) => name.startsWith(`${service}.`))
  const units = (isRead: boolean): number =>
    sum(of('DynamoDB').map((call) => (reads.test(call.name) === isRead ? call.units : 0)))
  const [puts, gets] = [/PUT|POST/, /GET|HEAD/].map(
    (method) => of('S3').filter(({ name }) => method.test(name)).length,
  )
  const requests = invoked.filter(({ by }) => by === 'http').length
  // Lambda's own poller receives and deletes what a function is called with; the workflow sends what it queues.
  const polled = invoked.filter(({ by }) => by === 'queue').length
  return {
    'Step Functions': priced('transition', transitions),
    Lambda:
      priced('invocation', invoked.length) + priced('gigabyteSecond', sum(invoked.map(gigabyteSeconds))),
    DynamoDB: priced('writeUnit', units(false)) + priced('readUnit', units(true)),
    'HTTP API': priced('request', requests),
    SQS: priced('message', sum(of('SQS').map(sizeOf64)) + 2 * polled + files),
    S3: priced('put', puts ?? 0) + priced('get', gets ?? 0),
    EventBridge: priced('event', sum(of('EventBridge').map(({ events }) => events))),
    Logs: priced('logged', logged + ownLines * invoked.length + accessLine * requests),
  }
}

/** If all are recorded: a request begins one, as does a row of the stream and an execution; queues pass theirs on. */
const traces = ({ invoked }: Stretch): number =>
  1 + invoked.filter(({ by, name }) => by === 'http' || name === 'relay' || name === 'events-out').length

/** What mails cost is told apart: who gets them is a setting of the company. */
const isOfMails = ({ name, calls }: Invoked): boolean =>
  name === 'mailer' || (name === 'relay' && calls.some((call) => call.name === 'SQS.SendMessageBatch'))

const nothing = { outside: [], logged: 0, transitions: 0, files: 0 }

function costsOf({ lines: count, imported, cycle }: RecordedCycle) {
  const mails = cycle.invoked.filter(isOfMails)
  const sent = mails.flatMap(({ calls }) => calls).filter(({ name }) => name.startsWith('SES.')).length
  const rest = cycle.invoked.filter((each) => !isOfMails(each))
  return {
    count,
    cycle: costOf({ ...cycle, invoked: rest }),
    mails: total(costOf({ ...nothing, invoked: mails })) + priced('mail', sent),
    imported: total(costOf(imported)),
    traced: priced('trace', traces(cycle)),
    sent,
  }
}
type Costs = ReturnType<typeof costsOf>

/** Assumed to be the least that could do it: two waits, three requests with 50 ms at 512 MB each, a head and its history written twice, one file in the bucket, one message sent, received and deleted. */
const floor = (): number =>
  priced('transition', 2) +
  priced('request', 3) +
  priced('invocation', 3) +
  priced('gigabyteSecond', 3 * 0.05 * 0.5) +
  priced('writeUnit', 12) +
  priced('put', 1) +
  priced('message', 3)

// A task that only looks at one line and answers.
const taskOfLine = 0.01 * 0.5 // GB-seconds

/**
 * One item per line, copied for the version, read to be sent, shown and exported; one task for each line of the file.
 * The cycle around it costs what ours does without its lines: what the smallest budget costs here.
 */
const naive = (count: number, least: number, perLine: { writes: number; reads: number }): number =>
  least +
  priced('writeUnit', count * perLine.writes) +
  priced('readUnit', 3 * count * perLine.reads) +
  priced('transition', count) +
  priced('invocation', count) +
  priced('gigabyteSecond', count * taskOfLine)

const money = (dollars: number): string =>
  dollars >= 100 ? `$${Math.round(dollars).toLocaleString('en-US')}` : `$${dollars.toPrecision(3)}`
const thousand = (dollars: number): string => money(dollars * 1000)
const shown = (count: number): string => count.toLocaleString('en-US')

function cyclesSection(costs: readonly Costs[], naiveOf: (count: number) => number): Section {
  return {
    heading: 'What budgets cost',
    words: `Dollars for **a thousand budgets** of one file, from the lock until Sage's totals show every entry, by service; mails (${String(costs[0]?.sent)} a budget) and
the import of the budget's file beside. A second file (approved changes) is not in it: it adds seven transitions ($0.175 for a thousand), and the rest of it (writes, functions, the file) was not recorded. Every call of every function and of the agent was recorded while the running product took the
budget along, with the units that the database itself reports; then multiplied by the prices below. Lambda's time is the processor time of the function on this machine
at the share of a processor that its memory buys, and ${String(aCall * 1000)} ms for each call that it waits for; functions were loaded before. *As items*: what our 100 lines cost, and for each line one write and three reads (units as in *One item per line*), one transition and one call of 10 ms
at 512 MB; most of it is the transitions (beyond about 1,500 lines its state would not fit in Step Functions'
262,144 bytes, and it is priced as if it did). *Least* is assumed: two waits, three requests of 50 ms at 512 MB, a head and its history written twice, one file, one message. *Traces* come on
top if X-Ray records every one; it records the first of each second and a twentieth of the rest. Transactions that fail are not in it: none did.`,
    columns: ['Lines', ...services, 'Lock to synced', 'Mails', 'Import', 'Traces', 'As items', 'Least'],
    rows: costs.map(({ count, cycle, mails, imported, traced }) => [
      shown(count),
      ...services.map((service) => thousand(cycle[service])),
      `**${thousand(total(cycle))}**`,
      thousand(mails),
      thousand(imported),
      thousand(traced),
      thousand(naiveOf(count)),
      thousand(floor()),
    ]),
    chart: {
      name: 'performance-cost',
      title: 'Dollars for a thousand budgets, from lock to synced',
      groups: costs.map(({ count, cycle }) => ({
        name: `${shown(count)} lines`,
        bars: [
          ['assumed least', floor()] as const,
          ['this product', total(cycle)] as const,
          ['lines as items and tasks', naiveOf(count)] as const,
        ].map(([name, value]) => ({ name, value, shown: thousand(value) })),
      })),
    },
  }
}

const pricesSection: Section = {
  heading: 'Prices',
  words: `us-east-1, on demand, without free tiers; read in ${pricesOf} where the last column says, which is AWS's own page for two of them alone. Look them up again before you promise anything.`,
  columns: ['Service', 'Price', 'Of', 'Read at'],
  rows: Object.values(prices).map(({ service, dollars, per, unit, source }) => [
    service,
    `$${dollars.toString()}`,
    `${per === 1 ? '1' : shown(per)} ${unit}`,
    source,
  ]),
}

const minutes = 30 * 24 * 60
const hours = 30 * 24
const days = 30
const agentsOfDeployment = 30

// The nightly check of one settled budget: assumed.
const nightly = priced('readUnit', 8) + priced('gigabyteSecond', 0.04)

interface Month {
  /** One budget of 1,000 lines from import to synced, its mails included. */
  readonly budget: number
  /** One reading of the totals of one job in which nothing has changed. */
  readonly reading: number
  /** The sweep, once. */
  readonly sweep: number
  /** What the templates make: of a deployment, and of each agent. */
  readonly fixed: Readonly<Record<'alarm' | 'alarmOfAgent' | 'dashboard' | 'key', number>>
}

function monthSection({ budget, reading, sweep, fixed }: Month): Section {
  const standing =
    priced('alarm', fixed.alarm) + priced('dashboard', fixed.dashboard) + priced('key', fixed.key)
  const ofAgent = priced('alarm', fixed.alarmOfAgent)
  const clock = sweep * (minutes + 2 * hours)
  const listening = priced('message', (30 * 24 * 3600) / 20)
  const rows = [10, 1000, 100_000].map((projects) => {
    const agentsOf = Math.ceil(projects / 100)
    const deployments = Math.ceil(agentsOf / agentsOfDeployment)
    const parts = [
      projects * budget,
      projects * days * (reading + nightly),
      agentsOf * listening,
      deployments * clock,
      deployments * standing + agentsOf * ofAgent,
    ]
    return [
      shown(projects),
      shown(agentsOf),
      shown(deployments),
      ...parts.map(money),
      `**${money(sum(parts))}**`,
    ]
  })
  return {
    heading: 'What a month costs',
    words: `Every project sends one budget of 1,000 lines a month, imported from a file, with its mails; Sage is read once a day, and every reading tells
the totals of every job, and the nightly check reads every settled budget (assumed: 8 read units, 40 ms); one agent for a hundred projects listens all month (a request each 20 s). *Clock* is
the sweep as it was recorded with nothing overdue, once a minute, and twice an hour more for the summary and the check. Standing: ${String(fixed.alarm)} alarms, ${String(fixed.dashboard)} dashboards and ${String(fixed.key)} key a deployment, ${String(fixed.alarmOfAgent)} alarms an agent, a deployment for every ${String(agentsOfDeployment)} agents ([scale](scale.md#what-gives-first)). Not in it: what is stored (the table with its backups, the bucket),
data that leaves AWS, **the API's metrics by route** (switched on for every route, charged for those that are called: this can exceed all of the above), metrics made of log lines, traces, what Lambda's pollers ask of empty queues, sign-ins of the user pool, and taxes.`,
    columns: [
      'Projects',
      'Agents',
      'Deployments',
      'Budgets',
      'Readings and nightly checks',
      'Agents listening',
      'Clock',
      'Standing',
      'A month',
    ],
    rows,
  }
}

const fixedOf = async (): Promise<Month['fixed']> => {
  const { resources } = readTemplates(await synthesize({ context: { agents } }))
  const made = [...resources.values()]
  const counted = (type: string): number => made.filter((each) => each.type === type).length
  const alarmsOfAgents = made.filter(
    ({ type, properties }) =>
      type === 'AWS::CloudWatch::Alarm' && JSON.stringify(properties).includes('sage-agent'),
  ).length
  return {
    alarm: counted('AWS::CloudWatch::Alarm') - alarmsOfAgents,
    alarmOfAgent: alarmsOfAgents / agents.length,
    dashboard: counted('AWS::CloudWatch::Dashboard'),
    key: counted('AWS::KMS::Key'),
  }
}

/** What the running product's calls would cost on AWS, beside what they would cost otherwise. */
export const cost: Measure = async () => {
  const perLine = await unitsOfItem()
  const { cycles, reading, sweep } = await recordedCycles(sizes.map((size) => lines.slice(0, size)))
  const costs = cycles.map(costsOf)
  const [smallest, , , largest] = costs.map(({ cycle }) => total(cycle))
  const thousandLines = costs[1]
  if (smallest === undefined || largest === undefined || !thousandLines)
    throw new Error('Nothing was recorded')
  const naiveOf = (count: number): number => naive(count, smallest, perLine)
  return [
    {
      bar: 'cost from lock to synced at 50,000 lines, without mails and import',
      unit: '$',
      at_most: 0.0009,
      figure: largest,
      of: 'calls recorded on the running product, times the prices',
    },
    {
      bar: 'the same, 50,000 / 100 lines',
      unit: 'times',
      at_most: 1.5,
      figure: largest / smallest,
      of: `${money(largest)} / ${money(smallest)}`,
    },
    cyclesSection(costs, naiveOf),
    monthSection({
      budget: total(thousandLines.cycle) + thousandLines.mails + thousandLines.imported,
      reading: total(costOf(reading)),
      sweep: total(costOf(sweep)),
      fixed: await fixedOf(),
    }),
    pricesSection,
  ]
}
