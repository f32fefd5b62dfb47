import { isDeepStrictEqual } from 'node:util'
import type { DynamoDBDocumentClient, TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb'
import { domainEvents } from '../../shared/domain/events/domain-event.ts'
import type { HistoryRow } from '../../shared/store/budget-store.ts'
import { HistoryBody } from '../../shared/store/history.ts'
import { readBody, type Row } from '../../shared/store/row-body.ts'

const schemaOf = (event: string) => Object.entries(domainEvents).find(([name]) => name === event)?.[1]

/** Why an event is not one that is described, or tells what its schema does not name; undefined where all is well. */
export function whyNotDescribed({ event, detail }: Pick<HistoryRow, 'event' | 'detail'>): string | undefined {
  const read = schemaOf(event)?.safeParse(detail)
  if (read === undefined) return `no event is named ${event}`
  if (!read.success) return `${event}: ${read.error.message}`
  const named: unknown = read.data
  return isDeepStrictEqual(named, detail) ? undefined : `${event} tells more: ${JSON.stringify(detail)}`
}

/** Fails a transaction that writes history which `shared/domain/events` does not describe. */
export function refuseOthersIn({ TransactItems = [] }: Partial<TransactWriteCommandInput>): void {
  for (const { Put } of TransactItems) {
    const row = Put?.Item as Row | undefined
    const why = row?.sk.startsWith('HISTORY#') && whyNotDescribed(readBody(HistoryBody, row))
    if (why) throw new Error(why)
  }
}

export function refuseOtherEvents(document: DynamoDBDocumentClient): void {
  document.middlewareStack.add(
    (next) => async (sent) => {
      refuseOthersIn(sent.input as Partial<TransactWriteCommandInput>)
      return await next(sent)
    },
    { step: 'initialize', priority: 'high' },
  )
}
