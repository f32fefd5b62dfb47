import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { refuseOthersIn } from './events-fit.ts'
import type { LocalDatabase } from './local-database.ts'
import { MemoryTable } from './memory-table.ts'

/** What a test needs that reads and writes by the document client alone. */
export type Tables = Pick<LocalDatabase, 'document' | 'createTable' | 'rowsOf'>

interface Sent {
  readonly input: {
    readonly TableName?: string
    readonly RequestItems?: Readonly<Record<string, unknown>>
    readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName?: string }>>[]
  }
}

const tableOf = ({ input: { TableName, RequestItems = {}, TransactItems = [] } }: Sent): string =>
  TableName ?? Object.keys(RequestItems)[0] ?? Object.values(TransactItems[0] ?? {})[0]?.TableName ?? ''

/** One client of tables in memory, by their names. */
export function documentOver(tables: ReadonlyMap<string, MemoryTable>): DynamoDBDocumentClient {
  const send = async (command: Sent): Promise<unknown> => {
    refuseOthersIn(command.input as object)
    return await named(tables, tableOf(command)).document.send(command as never)
  }
  // The SDK's paginators ask for an instance.
  return Object.assign(Object.create(DynamoDBDocumentClient.prototype) as DynamoDBDocumentClient, { send })
}

function named(tables: ReadonlyMap<string, MemoryTable>, table: string): MemoryTable {
  const found = tables.get(table)
  if (!found) throw new Error(`There is no table ${table}`)
  return found
}

/**
 * The local database in this process, for tests whose subject is not the store: the same answers (the contract test
 * compares), without a call over the wire. It refuses history that is not described, as the local one does.
 */
export function memoryDatabase(): Tables {
  const tables = new Map<string, MemoryTable>()
  return {
    document: documentOver(tables),
    async createTable() {
      const table = `t${String(tables.size + 1)}`
      tables.set(table, new MemoryTable())
      return await Promise.resolve(table)
    },
    rowsOf: async (table) => await Promise.resolve(named(tables, table).rows()),
  }
}
