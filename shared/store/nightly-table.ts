import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type CompanyId, Day } from '../domain/ids.ts'
import { companyPk, companySk } from './keys.ts'
import { readBody } from './row-body.ts'
import { createRows } from './rows.ts'

/** On which day the budgets of a company were last compared with Sage. */
export interface Nights {
  last(company: CompanyId): Promise<Day | undefined>
  /** An earlier day never replaces a later one. */
  record(company: CompanyId, day: Day): Promise<void>
}

const Recorded = z.strictObject({ day: Day })

const keyOf = (company: CompanyId) => ({ pk: companyPk(company), sk: companySk.nightlyCheck })

export function createNights(options: { document: DynamoDBDocumentClient; table: string }): Nights {
  const rows = createRows(options)
  return {
    async last(company) {
      const row = await rows.get(keyOf(company))
      return row && readBody(Recorded, row).day
    },
    async record(company, day) {
      await rows.putIf(
        { ...keyOf(company), day },
        {
          expression: 'attribute_not_exists(pk) OR #day < :day',
          names: { '#day': 'day' },
          values: { ':day': day },
        },
      )
    },
  }
}
