import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { type LocalDatabase, localClient, localDocument } from './local-database.ts'

/** One call to the database, as a fault sees it. */
export interface Call {
  /** `TransactWriteCommand`, `BatchGetCommand` ... */
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
  /** Carries the call out. */
  readonly through: () => Promise<unknown>
}

/**
 * A client of the same database on which each call goes through `fault`: it may pass the call on, throw before or
 * after it, or answer something else.
 */
export function documentWithFaults(
  { endpoint }: LocalDatabase,
  fault: (call: Call) => Promise<unknown>,
): DynamoDBDocumentClient {
  const client = localClient(endpoint)
  const document = localDocument(client)
  document.middlewareStack.add(
    (next, context) => async (args) => {
      const output = await fault({
        name: String(context['commandName']),
        input: args.input as unknown as Record<string, unknown>,
        through: async () => (await next(args)).output,
      })
      return { output: output as never, response: {} }
    },
    { step: 'initialize', name: 'faults', priority: 'high' },
  )
  return document
}

/** Passes every call on and remembers it. */
export function recordedCalls(database: LocalDatabase): {
  document: DynamoDBDocumentClient
  calls: Call[]
} {
  const calls: Call[] = []
  const document = documentWithFaults(database, async (call) => {
    calls.push(call)
    return await call.through()
  })
  return { document, calls }
}
