import * as z from 'zod'
import { ApprovalPolicy } from '../../../shared/domain/approval.ts'
import { Actor, Instant, PersonId, Sha256 } from '../../../shared/domain/ids.ts'
import { Person as StoredPerson } from '../../../shared/domain/person.ts'
import { ProjectPolicy as StoredProjectPolicy } from '../../../shared/domain/project-policy.ts'
import {
  JobTotals as StoredTotals,
  MasterData,
  MasterList,
  SageCompany,
  SageTotal,
} from '../../../shared/domain/sage-company.ts'
import * as words from './words.ts'

export const Person = z
  .strictObject({
    ...StoredPerson.omit({ granted: true }).shape,
    limit: words.Money.nullable(),
    delegate: StoredPerson.shape.delegate.unwrap().nullable(),
  })
  .meta({ id: 'Person' })
export const People = z.strictObject({ people: z.array(Person) })

const { name, active, limit, delegate } = Person.shape
export const Approvers = z.strictObject({
  approvers: z.array(
    z.strictObject({
      person: PersonId,
      name,
      active,
      limit,
      delegate,
      since: Instant.nullable().meta({ description: 'Null: granted before this was kept.' }),
      granted_by: Actor.nullable(),
    }),
  ),
})

const step = ApprovalPolicy.shape.steps.element.shape
export const Policy = z
  .strictObject({
    ...ApprovalPolicy.shape,
    code_from_amount: words.Money.nullable(),
    steps: z.array(
      z.strictObject({
        ...step,
        from_amount: words.Money.nullable(),
        reminder: step.reminder.unwrap().nullable(),
        escalation: step.escalation.unwrap().nullable(),
        expiry: step.expiry.unwrap().nullable(),
      }),
    ),
  })
  .meta({ id: 'ApprovalPolicy' })

const narrowed = StoredProjectPolicy.shape.steps.element.shape
export const ProjectPolicy = z
  .strictObject({
    narrowed: z.strictObject({
      ...StoredProjectPolicy.shape,
      code_from_amount: words.Money.optional(),
      steps: z.array(z.strictObject({ ...narrowed, from_amount: words.Money.optional() })),
    }),
    policy: Policy,
  })
  .meta({ id: 'ProjectPolicy' })

export const Sage = z
  .strictObject({
    ...SageCompany.shape,
    connector_subjects: SageCompany.shape.connector_subjects.unwrap(),
    code_separators: SageCompany.shape.code_separators.unwrap(),
    shortest_job_line: SageCompany.shape.shortest_job_line.unwrap(),
    stale_after_days: SageCompany.shape.stale_after_days.unwrap(),
    job_mask: z.string().nullable(),
    cost_code_mask: z.string().nullable(),
    limits: z.strictObject({ ...SageCompany.shape.limits.shape, amount: words.Money }),
  })
  .meta({ id: 'SageCompany' })
export const SageCompanies = z.strictObject({ sage_companies: z.array(Sage) })

export { MasterData }
export const MasterDataCounts = z.strictObject({
  stored: z.boolean().meta({ description: 'False where a newer reading stands: it was not replaced.' }),
  as_of: Instant,
  jobs: z.int(),
  cost_codes: z.int(),
  categories: z.int(),
  extras: z.int(),
})
export const JobTotals = z.strictObject({
  ...StoredTotals.shape,
  totals: z.array(z.strictObject({ ...SageTotal.shape, original: words.Money, changes: words.Money })),
})
export const JobTotalsStored = z.strictObject({ job: z.string(), as_of: Instant, totals: z.int() })

const names = z.strictObject({ count: z.int(), first: z.array(z.string()) })
const cells = z.record(z.string(), z.union([z.string(), z.boolean()]))
const altered = names.extend({
  values: z
    .array(z.strictObject({ name: z.string(), before: cells, after: cells }))
    .meta({ description: 'Of the first, the columns that differ.' }),
})
const upload = {
  stored: z.boolean().meta({ description: 'False for a preview, and where a newer reading stands.' }),
  preview: Sha256.meta({ description: 'Sent as `preview` with the same file and time, it has that stored.' }),
  as_of: Instant,
  before_as_of: Instant.nullable().meta({ description: 'When what stands now was read; null: never.' }),
  rows: z.int(),
  added: names,
  changed: altered,
  closed: altered,
  removed: names,
}
export const ListUpload = z.strictObject({ ...upload, list: MasterList })
export const TotalsUpload = z.strictObject({
  ...upload,
  job: z.string(),
  before: words.AmountsByMode,
  after: words.AmountsByMode,
})
