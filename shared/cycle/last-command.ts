import * as z from 'zod'
import type { BudgetHead, LastCommand, StepCommand } from '../domain/budget-head.ts'
import type { Instant } from '../domain/ids.ts'
import type { Refusal } from '../domain/refusal.ts'

/** Keeps the row small: a person reads the first ones and asks the pre-check for the rest. */
const findingsKept = 100

type Asked = Pick<BudgetHead, 'pending'>

/** Who asked, and for what besides the command itself. */
const asked = ({ pending }: Asked): Pick<LastCommand, 'by' | 'budget_changes'> => ({
  by: pending?.by ?? 'system',
  budget_changes: pending?.budget_changes,
})

export const commandDone = (command: StepCommand | 'export', head: Asked, at: Instant): LastCommand => ({
  command,
  outcome: 'done',
  ...asked(head),
  at,
})

/** What the refusal names: findings of the pre-check, or the places of lines that are not valid. */
export const commandRefused = (
  command: StepCommand | 'export',
  head: Asked,
  at: Instant,
  refused: Refusal,
): LastCommand => ({
  command,
  outcome: 'refused',
  ...asked(head),
  at,
  code: refused.code,
  sentence: refused.sentence,
  what_to_do: refused.what_to_do,
  ...named(refused.findings ?? refused.places),
})

const named = (found: Refusal['findings'] | Refusal['places']): Pick<LastCommand, 'findings'> =>
  found === undefined ? {} : { findings: z.array(z.json()).parse(found.slice(0, findingsKept)) }
