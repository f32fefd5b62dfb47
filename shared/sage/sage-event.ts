import * as z from 'zod'
import { LineMessage } from '../domain/export.ts'
import { CompanyId, Instant, ProjectId, SageCompanyId, Sha256 } from '../domain/ids.ts'

const about = {
  v: z.literal(1),
  company: CompanyId,
  project: ProjectId,
  export: z.int().min(1),
  part: z.int().min(1),
  attempt: z.int().min(1),
}

/** A file, and where it lies now. */
const fileAt = { ...about, sha256: Sha256, where: z.string().max(500), by: z.string().max(100) }

/** What connectors report, as it travels on the inside queue. */
export const SageEvent = z.discriminatedUnion('kind', [
  /** The file is where an accountant finds it. */
  z.strictObject({ ...fileAt, kind: z.literal('receipt') }),
  /** The agent has moved the file of an export that was returned or closed out of its drop folder. */
  z.strictObject({ ...fileAt, kind: z.literal('withdrawn') }),
  z.strictObject({
    ...about,
    kind: z.literal('failure'),
    messages: z.array(z.string().max(1000)).min(1).max(100),
    lines: z.array(LineMessage).max(200).optional(),
    /** Absent in the message of an earlier release: nobody said so. */
    nothing_written: z.boolean().optional(),
    /** The number of the claim that this is said of, 0 for none; absent in what an earlier agent says: the first. */
    claim: z.int().min(0).optional(),
  }),
  /** Sage's totals of a job were read anew: compare what waits for posting. */
  z.strictObject({
    v: z.literal(1),
    kind: z.literal('totals'),
    company: CompanyId,
    sage_company: SageCompanyId,
    job: z.string(),
    /** The reading that is to be compared. */
    as_of: Instant.optional(),
  }),
])
export type SageEvent = z.infer<typeof SageEvent>
export type ReceiptEvent = Extract<SageEvent, { kind: 'receipt' }>
export type WithdrawnEvent = Extract<SageEvent, { kind: 'withdrawn' }>
export type FailureEvent = Extract<SageEvent, { kind: 'failure' }>
export type TotalsEvent = Extract<SageEvent, { kind: 'totals' }>

/** A job whose totals Sage shows. */
export type JobRead = Pick<TotalsEvent, 'company' | 'sage_company' | 'job'>
