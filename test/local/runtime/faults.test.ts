import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anyPorts } from '../../../local/runtime/ports.ts'
import { type Runtime, startRuntime } from '../../../local/runtime/runtime.ts'
import { synthesizeFixture } from './fixture/assembly.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

let runtime: Runtime
let throttles = 2
const handedOver: string[][] = []

beforeAll(async () => {
  runtime = await startRuntime({
    cdkOut: await synthesizeFixture(),
    dataFolder: temporaryFolder('faults'),
    ports: anyPorts,
    faults: {
      streamRecords: async (records) => {
        handedOver.push(records.map(({ dynamodb }) => dynamodb.SequenceNumber))
        return [...records, ...records]
      },
      call: async (name, go) => {
        if (!name.includes('relay') || throttles === 0) return await go()
        throttles -= 1
        throw Object.assign(new Error('slow down'), { name: 'TooManyRequestsException' })
      },
    },
  })
})

afterAll(async () => {
  await runtime.stop()
})

test('records are handed over again until a throttled function takes them', async () => {
  const TableName = runtime.tables[0]?.name
  const item = { pk: { S: 'p1' }, sk: { S: 'OUTBOX#1' }, body: { S: 'x' } }
  await runtime.clients.table.send(new PutItemCommand({ TableName, Item: item }))
  const Key = { pk: { S: 'p1' }, sk: { S: 'DELIVERED' } }
  const delivered = async () =>
    (await runtime.clients.table.send(new GetItemCommand({ TableName, Key }))).Item
  await expect.poll(delivered, { timeout: 10_000 }).toBeDefined()
  expect(handedOver).toEqual([['1'], ['1'], ['1']])
})
