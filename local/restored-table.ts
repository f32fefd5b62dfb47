import { createHash } from 'node:crypto'
import { DeleteCommand, type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Clock } from '../shared/domain/clock.ts'
import { restartCycle } from '../shared/repairing/restart-cycle.ts'
import { createBudgetStore } from '../shared/store/budget-table.ts'
import { readHead } from '../shared/store/head-row.ts'
import { projectSk, type RowKey } from '../shared/store/keys.ts'
import { createRows, inPieces } from '../shared/store/rows.ts'

const Row = z.looseObject({ pk: z.string(), sk: z.string() })
type AnyRow = z.infer<typeof Row>

const atOnce = 25

/**
 * Makes the rows of table `to` those of table `from`, which a restore made, and writes and deletes only what differs.
 * Nobody else may write to either meanwhile; broken off, it is begun again.
 *
 * @returns how many rows were written, deleted, and left as they were.
 * @throws when `from` is empty, and nothing is changed then.
 */
export async function putBack(
  document: DynamoDBDocumentClient,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<{ readonly written: number; readonly deleted: number; readonly unchanged: number }> {
  const there = new Map<string, { readonly key: RowKey; readonly hash: string }>()
  for await (const page of pagesOf(document, to))
    for (const row of page) there.set(nameOf(row), { key: { pk: row.pk, sk: row.sk }, hash: hashOf(row) })
  const rows = createRows({ document, table: to })
  const all = there.size
  let same = 0
  let written = 0
  for await (const page of pagesOf(document, from)) {
    const differ = page.filter((row) => there.get(nameOf(row))?.hash !== hashOf(row))
    await rows.putMany(differ)
    written += differ.length
    same += page.length - differ.length
    for (const row of page) there.delete(nameOf(row))
  }
  if (all > 0 && written + same === 0) throw new Error(`The table ${from} is empty. Nothing was changed.`)
  for (const piece of inPieces([...there.values()], atOnce))
    // oxlint-disable-next-line no-await-in-loop -- a few at a time
    await Promise.all(
      piece.map(async ({ key: Key }) => await document.send(new DeleteCommand({ TableName: to, Key }))),
    )
  return { written, deleted: there.size, unchanged: same }
}

/**
 * Hands every cycle that is open in a table that was put back over to a new run, which begins once functions are on: an
 * execution from before has no say in it, whoever redrives it.
 *
 * @returns how many there were.
 */
export async function handOverCycles(
  document: DynamoDBDocumentClient,
  { table, clock, reason }: { readonly table: string; readonly clock: Clock; readonly reason: string },
): Promise<number> {
  const store = createBudgetStore({ document, table, clock })
  let open = 0
  for await (const page of pagesOf(document, table))
    for (const head of page.filter(({ sk }) => sk === projectSk.head).map(readHead)) {
      if (head.execution === undefined) continue
      const { company, project } = head
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await restartCycle({ store, clock }, { by: 'operator' }, { key: { company, project }, reason })
      open += 1
    }
  return open
}

async function* pagesOf(client: DynamoDBDocumentClient, TableName: string): AsyncGenerator<AnyRow[]> {
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true }))
    yield Items.map((item) => Row.parse(item))
}

const nameOf = ({ pk, sk }: RowKey): string => JSON.stringify([pk, sk])

const bytesAsText = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value

function hashOf(row: AnyRow): string {
  const inOrder = Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(inOrder, bytesAsText)).digest('hex')
}
