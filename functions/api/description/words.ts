import * as z from 'zod'
import { Actor, Instant, SageCompanyId } from '../../../shared/domain/ids.ts'
import { PartTotal as Total } from '../../../shared/domain/approval.ts'
import { EditState, ErpState } from '../../../shared/domain/budget-head.ts'
import { ObservationKind } from '../../../shared/domain/export.ts'
import { FindingCode, Severity } from '../../../shared/domain/finding.ts'

// What answers of the API are made of. These schemas describe; no function loads them.

export const AnyJson = z.json().meta({ id: 'Json', description: 'Any JSON value.' })

/** Signed, two decimals, no separators, in the currency of the Sage company. */
export const Money = z
  .string()
  .regex(/^-?\d+\.\d{2}$/)
  .meta({ id: 'Money', description: 'Signed decimal with two places, such as -1250.50.' })

/** What a part would hold. Increases and decreases are absent in what an earlier release stored. */
export const PartTotal = z.strictObject({
  ...Total.shape,
  total: Money,
  increases: Money.optional(),
  decreases: Money.optional(),
})

export const Decimal = z
  .string()
  .regex(/^-?\d+(\.\d{1,4})?$/)
  .meta({ id: 'Decimal', description: 'Decimal with up to four places, such as 120.5.' })

export const Cursor = z
  .string()
  .nullable()
  .meta({ description: 'Sent as `cursor` it gives the next page; null on the last.' })

export const code = { sub_job: z.string(), cost_code: z.string(), cost_type: z.string() }
export const shownCode = {
  ...code,
  budget_code: z.string().meta({ description: 'For display; its parts are the identity.' }),
}

export const amounts = {
  original_budget_amount: Money,
  budget_changes: Money,
  revised_estimate: Money,
}

export const AmountsByMode = z.strictObject({
  original_estimate: Money,
  approved_estimate_changes: Money,
  total: Money,
})

export const totals = { line_items: z.int(), ...amounts }
export const Totals = z.strictObject(totals).meta({ id: 'Totals' })

export const states = {
  edit_state: EditState,
  erp_state: ErpState,
  erp_since: Instant,
  shown_as: z.string().meta({ description: 'The state in words for people.' }),
}

export const Job = z
  .strictObject({ sage_company: SageCompanyId, number: z.string() })
  .meta({ id: 'Job', description: 'The one job in Sage that the project is linked to.' })

export const made = { created_by: Actor, created_at: Instant }

export const Finding = z
  .strictObject({
    code: FindingCode,
    severity: Severity,
    sentence: z.string(),
    what_to_do: z.string(),
    sub_job: z.string().optional(),
    cost_code: z.string().optional(),
    cost_type: z.string().optional(),
    budget_code: z.string().optional(),
  })
  .meta({ id: 'Finding', description: 'One finding of the pre-check; an error stops a send.' })

export const observation = {
  kind: ObservationKind,
  at: Instant.meta({ description: 'Names it: a later reading that shows the same leaves it.' }),
  read_at: Instant.optional().meta({ description: 'When the totals were read in Sage that show it.' }),
  by: Actor.optional().meta({ description: 'Who told it; absent for a reading.' }),
  sentence: z.string(),
  what_to_do: z.string(),
  keys: z.array(
    z.strictObject({ ...shownCode, expected: Money, original_moved: Money, changes_moved: Money }),
  ),
}

const FaultyPlace = z.strictObject({
  pointer: z.string().optional().meta({ description: 'JSON pointer into what was sent.' }),
  line: z.int().optional().meta({ description: 'Line or row of a file, from 1.' }),
  column: z.string().optional().meta({ description: 'Heading of the column of a file.' }),
  code: z.string(),
  sentence: z.string(),
})

/** RFC 9457. */
export const Problem = z
  .strictObject({
    type: z.string().meta({ description: '`urn:sage-budget-export:problem:` and the code.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    what_to_do: z.string(),
    instance: z.string(),
    errors: z.array(FaultyPlace).optional(),
    errors_in_all: z.int().optional(),
    findings: z.array(Finding).optional(),
    findings_in_all: z.int().optional(),
  })
  .meta({ id: 'Problem', description: 'What was refused, why, and what to do next (RFC 9457).' })

export const Command = z
  .strictObject({
    command: z.string(),
    allowed: z.boolean(),
    code: z.string().optional(),
    sentence: z.string().optional(),
    what_to_do: z.string().optional(),
  })
  .meta({ id: 'Command', description: 'Whether the caller may give a command now and, if not, why.' })
