import { millisecondsADay } from '../clock.ts'
import type { Finding } from '../finding.ts'
import { oldestReading } from '../master-data-lists.ts'
import type { MasterList } from '../sage-company.ts'
import type { LinkedInput } from './input.ts'

export const oldAfterDays = 7 // domain: MASTER_DATA_OLD is a warning after 7 days

const inWords = (list: MasterList): string => list.replaceAll('_', ' ')

/** Age of the lists from Sage in days, with fractions. */
const ageInDays = (asOf: string, now: string): number =>
  (Date.parse(now) - Date.parse(asOf)) / millisecondsADay

/** Without Sage's lists no category can be checked, and one that is not standard stops the whole import. */
export function masterDataFindings({ sage, master, now }: LinkedInput): Finding[] {
  if (master === undefined)
    return [
      {
        code: 'MASTER_DATA_MISSING',
        severity: 'error',
        sentence: `The lists of jobs, cost codes, categories and extras of ${sage.name} were never read from Sage.`,
        what_to_do: 'Have accounting upload them, or let the agent read them.',
      },
    ]
  const { as_of, never } = oldestReading(master)
  if (never.length > 0)
    return [
      {
        code: 'MASTER_DATA_MISSING',
        severity: 'error',
        sentence: `Of the lists of ${sage.name} these were never read from Sage: ${never.map(inWords).join(', ')}.`,
        what_to_do: 'Have accounting upload them, or let the agent read them.',
      },
    ]
  const age = ageInDays(as_of, now)
  if (age <= oldAfterDays) return []
  return [
    {
      code: 'MASTER_DATA_OLD',
      severity: 'warning',
      sentence: `The lists from Sage (${sage.name}) are ${String(Math.floor(age))} days old.`,
      what_to_do: 'Have accounting update them before the budget is sent.',
    },
  ]
}
