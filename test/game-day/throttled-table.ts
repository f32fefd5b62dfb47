import { buffer } from 'node:stream/consumers'
import * as z from 'zod'
import { standBetween } from '../stand-between.ts'

/** A request that the table refused. */
export interface ThrottleEvent {
  readonly kind: 'Read' | 'Write'
  readonly at: number
}

/** A table that can be asked too much of one partition, as DynamoDB refuses it. */
export interface ThrottledTable {
  readonly endpoint: string
  /** From now on what names this partition is refused; undefined: nothing. */
  readonly throttle: (partition: string | undefined) => void
  readonly events: readonly ThrottleEvent[]
  readonly stop: () => void
}

const reads = /\.(Get|Query|Scan|BatchGet|TransactGet)/
const Batch = z.looseObject({
  RequestItems: z.record(
    z.string(),
    z.looseObject({ Keys: z.array(z.looseObject({ pk: z.object({ S: z.string() }) })) }),
  ),
})

const words = 'Throughput exceeds the current capacity of your table or index.'

/** A transaction is cancelled for it; anything else is refused. */
const refusalOf = (target: string): string =>
  JSON.stringify(
    target.endsWith('.TransactWriteItems')
      ? {
          __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
          Message:
            'Transaction cancelled, please refer cancellation reasons for specific reasons [ThrottlingError]',
          CancellationReasons: [{ Code: 'ThrottlingError', Message: words }],
        }
      : { __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException', message: words },
  )

/** Stands in front of a local database. */
export async function throttledTable(database: string): Promise<ThrottledTable> {
  const events: ThrottleEvent[] = []
  let refused: string | undefined

  /** Whether what is left of the request may be passed on: of a batch, what names other partitions. */
  const taken = (target: string, body: Buffer): { left?: Buffer; refusedKeys?: object } => {
    if (refused === undefined || !body.includes(`"${refused}"`)) return { left: body }
    events.push({ kind: reads.test(target) ? 'Read' : 'Write', at: Date.now() })
    if (!target.endsWith('.BatchGetItem')) return {}
    const batch = Batch.parse(JSON.parse(body.toString()))
    const [[table, { Keys, ...rest }] = ['', { Keys: [] }]] = Object.entries(batch.RequestItems)
    const isRefused = ({ pk }: (typeof Keys)[number]): boolean => pk.S === refused
    const others = Keys.filter((key) => !isRefused(key))
    if (others.length === 0) return {}
    const left = { ...batch, RequestItems: { [table]: { ...rest, Keys: others } } }
    return {
      left: Buffer.from(JSON.stringify(left)),
      refusedKeys: { [table]: { ...rest, Keys: Keys.filter(isRefused) } },
    }
  }

  const { endpoint, stop } = await standBetween(database, async (request, response, askService) => {
    const target = String(request.headers['x-amz-target'])
    const { left, refusedKeys } = taken(target, await buffer(request))
    if (left === undefined) {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(refusalOf(target))
      return
    }
    const answer = await askService(request, left)
    if (refusedKeys === undefined) {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
      return
    }
    const found = JSON.parse((await buffer(answer)).toString()) as object
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
    response.end(JSON.stringify({ ...found, UnprocessedKeys: refusedKeys }))
  })
  return {
    endpoint,
    throttle: (partition) => {
      refused = partition
    },
    events,
    stop,
  }
}
