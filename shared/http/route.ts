import type { Method } from '@middy/http-router'
import * as z from 'zod'
import type { Operation } from '../domain/roles.ts'
import type { Answer } from './answer.ts'
import type { Caller } from './caller.ts'
import { type ApiEvent, contentType, jsonBody, type JsonTaken, noBody, parsed, query } from './request.ts'

/** A request of somebody who may make it. */
export interface Ask {
  readonly event: ApiEvent
  readonly caller: Caller
  /** Request id, kept with the history. */
  readonly request: string
}

/** One row of the API; `operation` names the row of the authorisation table. */
export interface Route {
  readonly method: Method
  readonly path: string
  readonly operation: Operation
  /** What the query may say; a route without one takes none. */
  readonly query?: z.ZodType
  /** The JSON body; a route without one takes none, or a file. */
  readonly body?: z.ZodType
  /** The JSON body may come gzipped. */
  readonly gzipped?: boolean
  readonly handle: (ask: Ask) => Promise<Answer>
}

/** What was sent, read by the schemas of the row. */
interface Input<Query, Body> {
  readonly query: Query
  readonly body: Body
}

interface Row<Query extends z.ZodType, Body extends z.ZodType> extends Omit<Route, 'handle'> {
  readonly query?: Query
  readonly body?: Body
  /** The largest body that is taken, in bytes. */
  readonly largest?: number
  readonly handle: (ask: Ask, input: Input<z.output<Query>, z.output<Body>>) => Promise<Answer>
}

const nothing = z.strictObject({})
type Nothing = typeof nothing

// What is not sent is asked for by its names, field by field, and where all may be left out, nothing is asked for.
const bodyOr = (event: ApiEvent, schema: z.ZodType, taken: JsonTaken): unknown =>
  (event.body ?? '') === '' ? parsed(schema, {}) : jsonBody(event, schema, taken)

/**
 * A row whose query and body are read before its handler runs. What the schemas do not name is refused, and the
 * description of the API is made of the same schemas, so that none of the two can say anything else.
 */
export function route<Query extends z.ZodType = Nothing, Body extends z.ZodType = Nothing>(
  row: Row<Query, Body>,
): Route
export function route({ handle, largest, ...row }: Row<z.ZodType, z.ZodType>): Route {
  const read = (event: ApiEvent): Input<unknown, unknown> => ({
    query: query(event, row.query ?? nothing),
    body: row.body ? bodyOr(event, row.body, { largest, gzipped: row.gzipped }) : noBody(event),
  })
  return { ...row, handle: async (ask) => await handle(ask, read(ask.event)) }
}

interface FileRow<Query extends z.ZodType, Body extends z.ZodType> extends Omit<Row<Query, Body>, 'handle'> {
  readonly handle: (ask: Ask, input: Input<z.output<Query>, z.output<Body> | undefined>) => Promise<Answer>
}

/** A row whose body is a file, which its handler reads, or JSON in its place. */
export function fileRoute<Query extends z.ZodType, Body extends z.ZodType>(row: FileRow<Query, Body>): Route
export function fileRoute({ handle, ...row }: FileRow<z.ZodType, z.ZodType>): Route {
  const read = (event: ApiEvent): Input<unknown, unknown> => ({
    query: query(event, row.query ?? nothing),
    body: row.body && contentType(event) === 'application/json' ? jsonBody(event, row.body) : undefined,
  })
  return { ...row, handle: async (ask) => await handle(ask, read(ask.event)) }
}
