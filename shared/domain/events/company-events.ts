import * as z from 'zod'
import { event, sides } from './event-schema.ts'

const pointer = z.object({ sha256: z.string(), as_of: z.string().describe('When Sage was read') })

const policy = { before: sides, after: sides }
const person = { person: z.string(), before: sides, after: sides }
const sageCompany = { sage_company: z.string(), before: sides, after: sides }

/** Of a company's set-up: they name no project in their envelope, and have their own sequence. */
export const companyEvents = {
  person_added: event('A person was entered, with roles and limits.', person),
  person_changed: event('Roles, limits or other members of a person were changed.', person),
  policy_changed: event('The approval policy of the company was changed.', policy),
  project_policy_changed: event('The approval policy of one project was changed.', {
    project: z.string(),
    ...policy,
  }),
  sage_company_added: event('A Sage company was set up.', sageCompany),
  sage_company_changed: event('The set-up of a Sage company was changed.', sageCompany),
  master_data_stored: event('Cost codes and categories of a Sage company were read anew.', {
    sage_company: z.string(),
    before: pointer.nullable(),
    after: pointer,
  }),
  job_totals_uploaded: event('Totals of a job in Sage were uploaded as a file.', {
    sage_company: z.string(),
    job: z.string(),
    before: pointer.nullable(),
    after: pointer,
  }),
}
