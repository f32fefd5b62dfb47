import {
  BatchWriteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  paginateQuery,
} from '@aws-sdk/lib-dynamodb'
import type { LineItem } from '../shared/domain/line-item.ts'
import { lineKey } from '../shared/domain/line-item.ts'
import { type LocalDatabase, startLocalDatabase } from '../test/store/local-database.ts'
import { tradeLines, withOriginal } from '../test/store/trade-lines.ts'
import { type Measured, measuredDocument } from '../test/store/write-units.ts'
import type { ChartBar, Measure } from './bar.ts'
import { withMeasuredBudget } from './measured-table.ts'

// One item per line, in the same table of the same database: what would be stored by whoever had not met a large budget.

const pk = 'LINES'
const itemOf = ({ code, ...line }: LineItem) => ({ pk, sk: lineKey({ code, ...line }), ...code, ...line })
const batch = 25 // items; the most that BatchWriteItem takes
const atOnce = 8 // batches

async function put(
  document: DynamoDBDocumentClient,
  table: string,
  lines: readonly LineItem[],
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(lines.length / batch) }, (_, i) =>
    lines.slice(i * batch, (i + 1) * batch).map((line) => ({ PutRequest: { Item: itemOf(line) } })),
  )
  const writer = async (): Promise<void> => {
    for (let next = batches.pop(); next; next = batches.pop())
      // oxlint-disable-next-line no-await-in-loop -- so many at once
      await document.send(new BatchWriteCommand({ RequestItems: { [table]: next } }))
  }
  await Promise.all(Array.from({ length: atOnce }, writer))
}

async function read(document: DynamoDBDocumentClient, table: string): Promise<number> {
  const query = {
    TableName: table,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': pk },
    ConsistentRead: true,
  }
  let count = 0
  for await (const { Items = [] } of paginateQuery({ client: document }, query)) count += Items.length
  return count
}

interface Work extends Measured {
  readonly ms: number
}

async function timed(since: () => Measured, work: () => Promise<unknown>): Promise<Work> {
  since()
  const began = performance.now()
  await work()
  return { ms: performance.now() - began, ...since() }
}

async function asItems(database: LocalDatabase, lines: readonly LineItem[]) {
  const table = await database.createTable()
  const { document, since } = measuredDocument(database)
  const stored = await timed(since, async () => await put(document, table, lines))
  const all = await timed(since, async () => {
    if ((await read(document, table)) !== lines.length) throw new Error('Not every line was stored')
  })
  const edited = await timed(since, async () => {
    const [line] = lines
    if (line) await document.send(new PutCommand({ TableName: table, Item: itemOf(withOriginal(line, 1)) }))
  })
  return { stored, read: all, edited }
}

/** Units of one line as an item: to write it, and to read it with all others. */
export async function unitsOfItem(): Promise<{ readonly writes: number; readonly reads: number }> {
  const database = await startLocalDatabase()
  try {
    const lines = tradeLines(2000)
    const { stored, read: all } = await asItems(database, lines)
    return { writes: stored.units / lines.length, reads: all.read_units / lines.length }
  } finally {
    database.stop()
  }
}

const count = 10_000

const cells = ({ ms, units, read_units }: Work): string[] => [
  `${ms.toFixed(0)} ms`,
  units.toFixed(0),
  read_units.toFixed(0),
]

const unitsBar = (name: string, { units, read_units }: Work): ChartBar => {
  const value = units + read_units
  return { name, value, shown: value.toFixed(0) }
}

/** Storing, reading and editing the same lines, as chunks here and as items, each in a database of its own. */
export const lineItems: Measure = async () => {
  const lines = tradeLines(count)
  const ours = await withMeasuredBudget([], async ({ store, key, since, edit, head }) => {
    const stored = await timed(
      since,
      async () => await edit(new Map(lines.map((line) => [lineKey(line), line]))),
    )
    const all = await timed(since, async () => await store.lines(key, head().manifest))
    const [line] = lines
    const edited = await timed(since, async () => {
      if (line) await edit(new Map([[lineKey(line), withOriginal(line, 1)]]))
    })
    return { stored, read: all, edited }
  })
  const database = await startLocalDatabase()
  const theirs = await asItems(database, lines).finally(() => database.stop())
  const works = [
    ['store all lines', ours.stored, theirs.stored],
    ['read all lines', ours.read, theirs.read],
    ['edit one line', ours.edited, theirs.edited],
  ] as const
  return [
    {
      heading: 'One item per line',
      words: `The same ${count.toLocaleString('en-US')} lines in the same database, once as this product keeps them (compressed chunks under the hash of their content, with a head, a
history row and a check of what stands there), once as one item per line, written 25 at a time, eight batches at once, and nothing else. One line is edited more cheaply as an item; a version
is a copy of every item, and costs what storing costs, where here it is a name. Each time is of a single run.`,
      columns: ['Work', 'Here', 'Write units', 'Read units', 'As items', 'Write units', 'Read units'],
      rows: works.map(([work, here, items]) => [work, ...cells(here), ...cells(items)]),
      chart: {
        name: 'performance-items',
        title: `Write and read units for ${count.toLocaleString('en-US')} lines`,
        groups: works.map(([name, here, items]) => ({
          name,
          bars: [unitsBar('as kept here', here), unitsBar('one item per line', items)],
        })),
      },
    },
  ]
}
