import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type LocalDatabase, localClient, localDocument } from './local-database.ts'
import { rowBytes } from './row-bytes.ts'

const Capacity = z.object({ CapacityUnits: z.number() })
const Consumed = z.object({ ConsumedCapacity: z.union([Capacity, z.array(Capacity)]).optional() })

export interface Measured {
  /** Write units, indexes and transactions counted as the database counts them. */
  readonly units: number
  /** Read units. */
  readonly read: number
  /** Calls that write. */
  readonly calls: number
  /** Bytes of the items written in batches: chunks and manifests. */
  readonly bytes: number
}

/** A client of the same database that adds up what its calls cost. */
export function measuredDocument(database: LocalDatabase): {
  document: DynamoDBDocumentClient
  /** What was written and read since the last time this was asked. */
  since: () => Measured
} {
  const document = localDocument(localClient(database.endpoint))
  let measured = { units: 0, read: 0, calls: 0, bytes: 0 }
  document.middlewareStack.add(
    (next, context) => async (args) => {
      const name = String(context['commandName'])
      const writes = /^(TransactWrite|BatchWrite|Put|Update|Delete)/.test(name)
      Object.assign(args.input, { ReturnConsumedCapacity: 'INDEXES' })
      const result = await next(args)
      const { ConsumedCapacity = [] } = Consumed.parse(result.output)
      const units = [ConsumedCapacity].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0)
      if (writes) measured.units += units
      else measured.read += units
      if (!writes) return result
      measured.calls += 1
      for (const item of batchItems(args.input)) measured.bytes += rowBytes(item)
      return result
    },
    { step: 'initialize', name: 'measured' },
  )
  return {
    document,
    since() {
      const before = measured
      measured = { units: 0, read: 0, calls: 0, bytes: 0 }
      return before
    },
  }
}

const Batch = z.object({
  RequestItems: z.record(
    z.string(),
    z.array(z.object({ PutRequest: z.object({ Item: z.record(z.string(), z.unknown()) }) })),
  ),
})

const batchItems = (input: unknown): Record<string, unknown>[] =>
  Object.values(Batch.safeParse(input).data?.RequestItems ?? {})
    .flat()
    .map(({ PutRequest }) => PutRequest.Item)
