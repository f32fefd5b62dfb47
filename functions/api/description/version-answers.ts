import * as z from 'zod'
import { BudgetVersion } from '../../../shared/domain/budget-head.ts'
import { Actor, Instant, Sha256 } from '../../../shared/domain/ids.ts'
import { LineGroup } from '../../../shared/domain/line-filter.ts'
import { group, LineItem, Preview } from './budget-answers.ts'
import { LoggedMail } from '../../../shared/store/mail-log.ts'
import * as words from './words.ts'

export const Version = z
  .strictObject({
    version: z.int(),
    hash: Sha256,
    ...words.totals,
    ...words.made,
    why: BudgetVersion.shape.why,
    name: z.string().nullable(),
  })
  .meta({ id: 'Version' })

export const Versions = z.strictObject({ versions: z.array(Version), next_cursor: words.Cursor })

export const VersionLines = z.strictObject({
  version: z.int(),
  line_items: z.array(LineItem),
  next_cursor: words.Cursor,
})

export const Verified = z.strictObject({
  version: z.int(),
  hash: Sha256,
  verified: z.literal(true),
  ...words.totals,
})

export const Restored = z.strictObject({ ...Preview.shape, version: z.int() })

const Side = z.strictObject({
  version: z.union([z.int(), z.literal('current')]),
  hash: Sha256,
  ...words.totals,
})

const differing = {
  counts: z.strictObject({ added: z.int(), removed: z.int(), changed: z.int() }),
  delta: z.strictObject(words.amounts),
}

export const DifferenceSubtotals = z.strictObject({
  by: LineGroup,
  from: Side,
  to: Side,
  subtotals: z.array(z.strictObject({ ...group, ...differing })),
  ...differing,
  next_cursor: words.Cursor,
})

export const Difference = z.strictObject({
  from: Side,
  to: Side,
  ...differing,
  line_items: z.array(
    z.strictObject({
      kind: z.enum(['added', 'removed', 'changed']),
      ...words.shownCode,
      fields: z.array(z.string()),
      before: LineItem.nullable(),
      after: LineItem.nullable(),
      delta: z.strictObject(words.amounts),
    }),
  ),
  next_cursor: words.Cursor,
})

const held = words.AmountsByMode

const due = { revised_estimate: words.Money, difference_to_send: words.Money }

export const AgainstSageSubtotals = z.strictObject({
  by: LineGroup,
  of: Side,
  subtotals: z.array(z.strictObject({ ...group, in_sage: held, ...due })),
  in_sage: held,
  ...due,
  next_cursor: words.Cursor,
})

export const AgainstSage = z.strictObject({
  of: Side,
  in_sage: held,
  ...due,
  line_items: z.array(
    z.strictObject({
      ...words.shownCode,
      description: z.string().nullable(),
      in_sage: held,
      ...due,
    }),
  ),
  line_items_in_all: z.int(),
  next_cursor: words.Cursor,
})

export const History = z.strictObject({
  history: z.array(
    z.strictObject({
      sequence: z.int(),
      event: z.string(),
      by: Actor,
      request: z.string().optional(),
      at: Instant,
      detail: z.record(z.string(), words.AnyJson),
      previous: Sha256,
      hash: Sha256,
    }),
  ),
  next_cursor: words.Cursor,
})

export const HistoryChanges = z.strictObject({
  sequence: z.int(),
  event: z.string(),
  by: Actor,
  at: Instant,
  request: z.string().nullable(),
  changes: z.array(
    z.strictObject({
      sub_job: z.string().optional(),
      cost_code: z.string().optional(),
      cost_type: z.string().optional(),
      budget_code: z.string().nullable(),
      field: z.string(),
      old_value: words.AnyJson,
      new_value: words.AnyJson,
    }),
  ),
  next_cursor: words.Cursor,
})

export const HistoryVerified = z.strictObject({
  verified: z.boolean(),
  complete: z.boolean(),
  rows: z.int(),
  last_hash: z.string(),
  rows_in_all: z.int(),
  fault: z
    .strictObject({ sequence: z.int(), fault: z.enum(['altered', 'missing']) })
    .nullable()
    .meta({ description: 'The first row that does not fit.' }),
  next_cursor: words.Cursor,
})

const { mail, to, attempts, first_at, sent_at, undelivered } = LoggedMail.shape
export const Mails = z.strictObject({
  mails: z.array(
    z.strictObject({
      mail: mail.meta({ description: 'Its kind: ready_for_review, file_ready ...' }),
      to: to.meta({ description: 'The person of the directory.' }),
      fate: z.enum(['sent', 'unknown', 'not_delivered']).meta({
        description: 'Unknown: it was begun and its sender did not hear that it is out; it is tried again.',
      }),
      attempts: attempts.meta({ description: 'Above 1 it may have come more than once.' }),
      first_at,
      sent_at: sent_at.unwrap().nullable(),
      undelivered: undelivered.unwrap().nullable(),
    }),
  ),
  next_cursor: words.Cursor,
})
