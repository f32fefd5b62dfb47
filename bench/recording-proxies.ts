import { buffer } from 'node:stream/consumers'
import * as z from 'zod'
import type { Timed } from './recorded-calls.ts'
import type { Endpoints } from '../local/runtime/function-environment.ts'
import { standBetween } from '../test/stand-between.ts'
import { consumedIn } from '../test/store/write-units.ts'

/** One request to a service, as its bill would count it. */
export interface ServiceCall extends Timed {
  /** `DynamoDB.GetItem`, `S3.PUT`. */
  readonly name: string
  /** Trace of the function that made it; none where a program outside made it. */
  readonly trace: string | undefined
  /** Bytes of the request. */
  readonly sent: number
  /** Events of a `EventBridge.PutEvents`. */
  readonly events: number
  /** What DynamoDB says that it consumed, indexes and transactions included. */
  readonly units: number
}

const services = {
  table: 'DynamoDB',
  queuesAndBuckets: 'S3',
  mail: 'SES',
  stateMachines: 'States',
  events: 'EventBridge',
} as const satisfies Record<keyof Endpoints, string>

const Events = z.object({ Entries: z.array(z.unknown()) })

const unitsIn = (answer: Buffer): number =>
  consumedIn(JSON.parse(answer.toString())).reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0)

/** Stands between the functions and every service, and writes down what is asked. */
export async function recordingProxies(): Promise<{
  readonly calls: readonly ServiceCall[]
  readonly between: (endpoints: Endpoints) => Promise<Endpoints>
  readonly stop: () => void
}> {
  const calls: ServiceCall[] = []
  const stops: (() => void)[] = []

  const proxy = async (service: keyof Endpoints, endpoint: string): Promise<string> => {
    const proxied = await standBetween(endpoint, async (request, response, askService) => {
      const began = performance.now()
      const { method, headers } = request
      const target = headers['x-amz-target']
      const [api = '', action = method ?? ''] = String(target ?? '').split('.')
      const given = await buffer(request)
      const asks = api.startsWith('DynamoDB_') ? withConsumption(given) : given
      const answer = await askService(request, asks)
      const got = await buffer(answer)
      calls.push({
        name: `${api === 'AmazonSQS' ? 'SQS' : services[service]}.${action}`,
        began,
        ended: performance.now(),
        trace: headers['x-amzn-trace-id']?.toString(),
        sent: given.length,
        events: action === 'PutEvents' ? Events.parse(JSON.parse(given.toString())).Entries.length : 0,
        units: asks === given || answer.statusCode !== 200 ? 0 : unitsIn(got),
      })
      response.writeHead(answer.statusCode ?? 500, answer.headers).end(got)
    })
    stops.push(proxied.stop)
    return proxied.endpoint
  }

  return {
    calls,
    between: async ({ table, queuesAndBuckets, mail, stateMachines, events }) => ({
      table: await proxy('table', table),
      queuesAndBuckets: await proxy('queuesAndBuckets', queuesAndBuckets),
      mail: await proxy('mail', mail),
      stateMachines: await proxy('stateMachines', stateMachines),
      events: await proxy('events', events),
    }),
    stop: () => {
      for (const stop of stops) stop()
    },
  }
}

const Body = z.looseObject({})

const withConsumption = (body: Buffer): Buffer =>
  Buffer.from(
    JSON.stringify({ ...Body.parse(JSON.parse(body.toString())), ReturnConsumedCapacity: 'INDEXES' }),
  )
