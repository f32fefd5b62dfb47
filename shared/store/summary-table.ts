import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { CompanyId, type Day, type Instant, type ProjectKey } from '../domain/ids.ts'
import { Later } from './errors.ts'
import { companiesPk, companyPk, companySk, projectSk } from './keys.ts'
import { outboxRow } from './outbox-row.ts'
import type { OutboxMessage } from './outbox.ts'
import { lastDay, laterThanLast } from './last-day.ts'
import type { Row } from './row-body.ts'
import { createRows } from './rows.ts'
import { byDue } from './table.ts'
import { putRow, transact, unexpected } from './transaction.ts'

/** Which companies there are, and which day's summary each was sent last. */
export interface Summaries {
  /** Every company that has a directory, from the index. */
  companies(): Promise<readonly CompanyId[]>
  /** The last day whose summary of a company was recorded. */
  last(company: CompanyId): Promise<Day | undefined>
  /**
   * Records the day's summary of a company, and leaves the mail for the relay with a project of it, in one transaction;
   * false where the day's was recorded before. Throws `Later` when the table is busy.
   */
  record(key: ProjectKey, day: Day, mail: OutboxMessage, at: Instant): Promise<boolean>
}

const mostOfAPage = 1000

const Listed = z.object({ [byDue.sk]: CompanyId })

export function createSummaries(options: { document: DynamoDBDocumentClient; table: string }): Summaries {
  const rows = createRows(options)
  return {
    async companies() {
      const found: CompanyId[] = []
      let after: Row | undefined
      do {
        const page = await rows.listByIndex(byDue, { pk: companiesPk }, mostOfAPage, after)
        found.push(...page.keys.map((row) => Listed.parse(row)[byDue.sk]))
        after = page.next
      } while (after)
      return found
    },
    last: async (company) => await lastDay(rows, { pk: companyPk(company), sk: companySk.summary }),
    async record(key, day, mail, at) {
      const stopped = await transact(rows, [
        putRow({ pk: companyPk(key.company), sk: companySk.summary, day }, laterThanLast(day), 'summary'),
        putRow(outboxRow(key, projectSk.summary(day), mail, at)),
      ])
      if (!stopped) return true
      if (stopped.failed.some(({ role }) => role === 'summary')) return false
      throw stopped.conflict
        ? new Later(`Another summary of ${key.company} is under way`)
        : unexpected(stopped)
    },
  }
}
