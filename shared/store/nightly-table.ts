import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { CompanyId, Day } from '../domain/ids.ts'
import { companyPk, companySk } from './keys.ts'
import { lastDay, laterThanLast } from './last-day.ts'
import { createRows } from './rows.ts'

/** On which day the budgets of a company were last compared with Sage. */
export interface Nights {
  last(company: CompanyId): Promise<Day | undefined>
  /** An earlier day never replaces a later one. */
  record(company: CompanyId, day: Day): Promise<void>
}

const keyOf = (company: CompanyId) => ({ pk: companyPk(company), sk: companySk.nightlyCheck })

export function createNights(options: { document: DynamoDBDocumentClient; table: string }): Nights {
  const rows = createRows(options)
  return {
    last: async (company) => await lastDay(rows, keyOf(company)),
    async record(company, day) {
      await rows.putIf({ ...keyOf(company), day }, laterThanLast(day))
    },
  }
}
