import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { byState } from '../../shared/store/table.ts'
import { type LocalDatabase, localClient, localDocument } from './local-database.ts'
import { rowBytes } from './row-bytes.ts'

const Units = z.object({ CapacityUnits: z.number() })
const Capacity = Units.extend({ GlobalSecondaryIndexes: z.record(z.string(), Units).optional() })
const Consumed = z.object({ ConsumedCapacity: z.union([Capacity, z.array(Capacity)]).optional() })

/** What an answer of the database says that was consumed, by table. */
export const consumedIn = (answer: unknown): readonly z.infer<typeof Capacity>[] =>
  [Consumed.parse(answer).ConsumedCapacity ?? []].flat()

export interface Measured {
  /** Write units, indexes and transactions counted as the database counts them. */
  readonly units: number
  /** Those among them that went to index 1, where a company's budgets stand by their state. */
  readonly by_state: number
  readonly calls: number
  /** Read units, and the calls that took them. */
  readonly read_units: number
  readonly reads: number
  /** Bytes of the items written in batches: chunks and manifests. */
  readonly bytes: number
}

const nothing = { units: 0, by_state: 0, calls: 0, read_units: 0, reads: 0, bytes: 0 }

/** A client of the same database that adds up what its writes and reads cost. */
export function measuredDocument(database: LocalDatabase): {
  document: DynamoDBDocumentClient
  /** What was written and read since the last time this was asked. */
  since: () => Measured
} {
  const document = localDocument(localClient(database.endpoint))
  let measured = { ...nothing }
  document.middlewareStack.add(
    (next, context) => async (args) => {
      const name = String(context['commandName'])
      const writes = /^(TransactWrite|BatchWrite|Put|Update|Delete)/.test(name)
      Object.assign(args.input, { ReturnConsumedCapacity: 'INDEXES' })
      const result = await next(args)
      measured[writes ? 'calls' : 'reads'] += 1
      for (const { CapacityUnits, GlobalSecondaryIndexes } of consumedIn(result.output)) {
        measured[writes ? 'units' : 'read_units'] += CapacityUnits
        if (writes) measured.by_state += GlobalSecondaryIndexes?.[byState.name]?.CapacityUnits ?? 0
      }
      for (const item of batchItems(args.input)) measured.bytes += rowBytes(item)
      return result
    },
    { step: 'initialize', name: 'measured' },
  )
  return {
    document,
    since() {
      const before = measured
      measured = { ...nothing }
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
