import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { LocalDatabase } from './local-database.ts'

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
  { document }: Pick<LocalDatabase, 'document'>,
  fault: (call: Call) => Promise<unknown>,
): DynamoDBDocumentClient {
  const send = async (command: Sent): Promise<unknown> =>
    await fault({
      name: command.constructor.name,
      input: command.input,
      through: async () => await document.send(command as never),
    })
  return { send } as unknown as DynamoDBDocumentClient
}

interface Sent {
  readonly input: Readonly<Record<string, unknown>>
}

/** Passes every call on and remembers it. */
export function recordedCalls(database: Pick<LocalDatabase, 'document'>): {
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
