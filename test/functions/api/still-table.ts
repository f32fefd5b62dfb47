import {
  BatchGetCommand,
  BatchWriteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb'
import type { CompanyId, Sha256 } from '../../../shared/domain/ids.ts'
import type { Place } from './local-api.ts'

/** Reads each object once. */
function once<Of extends string, T>(read: (of: Of, sha256: Sha256) => Promise<T>) {
  const known = new Map<string, Promise<T>>()
  return async (of: Of, sha256: Sha256): Promise<T> => {
    const found = known.get(`${of} ${sha256}`) ?? read(of, sha256)
    known.set(`${of} ${sha256}`, found)
    return await found
  }
}

export interface StillTable {
  /** The way to the table, and to objects, which are what they are for good. */
  readonly through: (place: Place) => Place
  /** From now on the table answers as it stands: a write is taken, counted and not kept. */
  stand(): void
  /** From now on writes are kept again. */
  goOn(): void
  /** How many writes were taken since the table stands. */
  writes(): number
}

// Rows that nothing points at yet are written outside of transactions, to be read again by who wrote them.
const sentOnce = [GetCommand, BatchGetCommand, QueryCommand, BatchWriteCommand]

/**
 * A table that can be made to stand still, so that a great many requests are asked of one and the same state: what one
 * of them writes does not reach the next, and what was read once is not read again.
 */
export function stillTable(): StillTable {
  let still = false
  let written = 0
  const known = new Map<string, Promise<unknown>>()

  async function whileStill(
    command: { readonly input: unknown },
    send: () => Promise<unknown>,
  ): Promise<unknown> {
    if (!sentOnce.some((kind) => command instanceof kind)) {
      written += 1
      return {}
    }
    const asked = JSON.stringify(command.input)
    const answer = known.get(asked) ?? send()
    known.set(asked, answer)
    return await answer
  }

  const documentOver = (document: DynamoDBDocumentClient): DynamoDBDocumentClient =>
    ({
      send: async (command: Parameters<DynamoDBDocumentClient['send']>[0]) => {
        const send = async (): Promise<unknown> => await document.send(command)
        return await (still ? whileStill(command, send) : send())
      },
    }) as unknown as DynamoDBDocumentClient

  return {
    through: ({ document, objects }) => ({
      document: documentOver(document),
      objects: {
        ...objects,
        getJson: once(async (company: CompanyId, sha256) => await objects.getJson(company, sha256)),
        getFile: once(async (key, sha256) => await objects.getFile(key, sha256)),
      },
    }),
    stand() {
      still = true
      written = 0
      known.clear()
    },
    goOn() {
      still = false
    },
    writes: () => written,
  }
}
