import * as z from 'zod'
import { Day } from '../domain/ids.ts'
import type { Condition } from './condition.ts'
import type { RowKey } from './keys.ts'
import { readBody } from './row-body.ts'
import type { Rows } from './rows.ts'

// A row that says on which day something that is done once a day was done last.

const Recorded = z.strictObject({ day: Day })

export async function lastDay(rows: Rows, key: RowKey): Promise<Day | undefined> {
  const row = await rows.get(key)
  return row && readBody(Recorded, row).day
}

/** That an earlier day never replaces a later one. */
export const laterThanLast = (day: Day): Condition => ({
  expression: 'attribute_not_exists(pk) OR #day < :day',
  names: { '#day': 'day' },
  values: { ':day': day },
})
