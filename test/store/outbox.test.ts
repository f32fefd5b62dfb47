import { TransactionCanceledException, TransactionInProgressException } from '@aws-sdk/client-dynamodb'
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { beforeEach, describe, expect, test } from 'vitest'
import { Instant } from '../../shared/domain/ids.ts'
import { Later } from '../../shared/store/errors.ts'
import { projectPk } from '../../shared/store/keys.ts'
import { outboxRow } from '../../shared/store/outbox-row.ts'
import { createOutbox, type Outbox } from '../../shared/store/outbox-table.ts'
import { OutboxRow } from '../../shared/store/outbox.ts'
import { projectKey } from './budgets.ts'
import { documentWithFaults } from './faults.ts'
import { useLocalDatabase } from './use-local.ts'

const database = useLocalDatabase()
const left = Instant.parse('2026-11-22T19:38:31.000Z')
const due = '2026-11-22T19:40:31.000Z'
const now = Instant.parse('2026-11-22T19:50:00.000Z')
const [tower, bridge] = [projectKey('tower'), projectKey('bridge')]
let table = ''
let outbox: Outbox

beforeEach(async () => {
  table = await database().createTable()
  outbox = createOutbox({ document: database().document, table })
})

/** A row that a commit left for the relay. */
async function leave(sk: string, of = tower, request?: string): Promise<OutboxRow> {
  const row = outboxRow(of, sk, { kind: 'stop', execution: 'e1' }, left, request)
  await database().document.send(new PutCommand({ TableName: table, Item: { ...row } }))
  return OutboxRow.parse(row)
}
const overdue = async (at: string) =>
  (await outbox.overdue(Instant.parse(at))).map(({ pk, sk }) => `${pk} ${sk}`).toSorted()

describe('a row for the relay', () => {
  test('says whose it is, what to deliver, since when, and after which request', async () => {
    expect(await leave('OUTBOX#1', tower, 'r1')).toMatchObject({
      ...tower,
      message: { kind: 'stop', execution: 'e1' },
      at: left,
      request: 'r1',
    })
    expect(await leave('OUTBOX#2')).not.toHaveProperty('request')
  })

  test('is overdue when two minutes have passed, in whichever project', async () => {
    await leave('OUTBOX#1')
    await leave('OUTBOX#1', bridge)
    expect(await overdue(due)).toEqual([])
    expect(await overdue('2026-11-22T19:40:31.001Z')).toEqual([
      `${projectPk(bridge)} OUTBOX#1`,
      `${projectPk(tower)} OUTBOX#1`,
    ])
  })

  test('is gone when it was delivered, and no other with it', async () => {
    const row = await leave('OUTBOX#1')
    await leave('OUTBOX#2')
    await outbox.delivered(row)
    await outbox.delivered(row)
    expect(await overdue(now)).toEqual([`${row.pk} OUTBOX#2`])
  })

  test('stays, though one was delivered that stood in its place before the table was restored', async () => {
    const forgotten = await leave('OUTBOX#1')
    const row = { ...forgotten, at: Instant.parse(due) }
    await database().document.send(new PutCommand({ TableName: table, Item: row }))
    await outbox.delivered(forgotten)
    expect(await outbox.again(forgotten, now)).toBe('delivered')
    expect(await overdue(now)).toEqual([`${row.pk} OUTBOX#1`])
  })

  test('that was delivered while it was looked for is not overdue', async () => {
    const row = await leave('OUTBOX#1')
    const document = documentWithFaults(database(), async ({ name, through }) => {
      if (name.startsWith('BatchGet')) await outbox.delivered(row)
      return await through()
    })
    expect(await createOutbox({ document, table }).overdue(now)).toEqual([])
  })
})

const stopped = (Code: string): Error =>
  new TransactionCanceledException({
    message: 'held',
    $metadata: {},
    CancellationReasons: [{ Code }, { Code: 'None' }],
  })

describe('an overdue row', () => {
  test('is written anew under another name, overdue five minutes later', async () => {
    const row = await leave('OUTBOX#1', tower, 'r1')
    expect(await outbox.again(row, now)).toBe('again')
    expect(await overdue('2026-11-22T19:55:00.000Z')).toEqual([])
    expect(await outbox.overdue(Instant.parse('2026-11-22T19:55:00.001Z'))).toEqual([
      { ...row, sk: `OUTBOX#1#again-${now}`, due_at: '2026-11-22T19:55:00.000Z' },
    ])
  })

  test('that is written anew again takes the place of the one before', async () => {
    await outbox.again(await leave('OUTBOX#1'), now)
    const [once] = await outbox.overdue(Instant.parse('2026-11-22T20:00:00.000Z'))
    const later = Instant.parse('2026-11-22T20:00:00.000Z')
    expect(await outbox.again(once!, later)).toBe('again')
    expect(await overdue('2026-11-23T00:00:00.000Z')).toEqual([`${once!.pk} OUTBOX#1#again-${later}`])
  })

  test('that was delivered meanwhile is not written anew', async () => {
    const row = await leave('OUTBOX#1')
    await outbox.delivered(row)
    expect(await outbox.again(row, now)).toBe('delivered')
    expect(await overdue('2026-11-23T00:00:00.000Z')).toEqual([])
  })

  test.each([
    ['a conflict', stopped('TransactionConflict')],
    ['a transaction in progress', new TransactionInProgressException({ message: 'x', $metadata: {} })],
    ['a busy table', stopped('ThrottlingError')],
  ])('that meets %s is left for the next look', async (_, error) => {
    const row = await leave('OUTBOX#1')
    const document = documentWithFaults(database(), async () => await Promise.reject(error))
    expect(await createOutbox({ document, table }).again(row, now)).toBe('held')
  })
})

test('a busy table is later', async () => {
  const row = await leave('OUTBOX#1')
  const busy = Object.assign(new Error('busy'), { name: 'ThrottlingException' })
  const document = documentWithFaults(database(), async () => await Promise.reject(busy))
  const held = createOutbox({ document, table })
  await expect(held.delivered(row)).rejects.toThrow(Later)
  await expect(held.overdue(now)).rejects.toThrow(Later)
})
