import { parse } from 'csv-parse/sync'
import * as z from 'zod'
import { job, sageFolder } from '../local-company.ts'
import { readSample } from '../sample.ts'
import type { Sage } from '../sage/open-sage.ts'

/** When the figures are compared: after the first export, or after the update. */
export type Moment = 'the first export' | 'the update'

const decimal = /^-?\d+\.\d{2}$/
const Cents = z
  .string()
  .regex(decimal)
  .transform((text) => Number(text.replace('.', '')))

const Expected = z.object({
  Extra: z.string(),
  'Cost Code': z.string(),
  Category: z.string(),
  'Original Estimate': Cents,
  'Approved Changes after the first export': Cents,
  'Approved Changes after the update': Cents,
})

interface Figures {
  readonly original: number
  readonly changes: number
}

const keyOf = (extra: string, costCode: string, category: string): string =>
  [extra, costCode, category]
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' / ')

/** What should stand in Sage, worked out by hand beside the sample budget; cents by key. */
function expectedFigures(moment: Moment): Map<string, Figures> {
  const rows = z.array(Expected).parse(parse(readSample('expected-in-sage.csv'), { columns: true }))
  return new Map(
    rows.map((row) => [
      keyOf(row.Extra, row['Cost Code'], row.Category),
      { original: row['Original Estimate'], changes: row[`Approved Changes after ${moment}`] },
    ]),
  )
}

const Category = z.looseObject({
  Job: z.string(),
  Extra: z.string(),
  Cost_Code: z.string(),
  Category: z.string(),
  Original_Estimate: z.number(),
  Approved_Estimate_Changes: z.number(),
})

const asCents = (amount: number): number => Math.round(amount * 100)

/** What Sage itself shows for the job, in its own view; cents by key. */
function figuresInSage(sage: Sage): Map<string, Figures> {
  const rows = z.array(Category).parse(sage.company(sageFolder).view('JCM_MASTER__CATEGORY'))
  return new Map(
    rows
      .filter((row) => row.Job.trim() === job)
      .map((row) => [
        keyOf(row.Extra, row.Cost_Code, row.Category),
        { original: asCents(row.Original_Estimate), changes: asCents(row.Approved_Estimate_Changes) },
      ]),
  )
}

const nothing: Figures = { original: 0, changes: 0 }
const shown = (cents: number): string => (cents / 100).toFixed(2)

/** Keys at which Sage shows other figures than it should, in words; empty when every cent agrees. */
export function differencesInSage(
  sage: Sage,
  moment: Moment,
): { readonly keys: number; readonly differing: string[] } {
  const expected = expectedFigures(moment)
  const found = figuresInSage(sage)
  const keys = [...new Set([...expected.keys(), ...found.keys()])]
  const differing = keys.flatMap((key) => {
    const want = expected.get(key) ?? nothing
    const have = found.get(key) ?? nothing
    return (['original', 'changes'] as const)
      .filter((mode) => want[mode] !== have[mode])
      .map((mode) => `${key}, ${mode}: Sage shows ${shown(have[mode])}, it should be ${shown(want[mode])}`)
  })
  return { keys: keys.length, differing }
}
