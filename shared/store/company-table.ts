import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { ApprovalPolicy, defaultPolicy } from '../domain/approval.ts'
import type { Clock } from '../domain/clock.ts'
import { type CompanyId, Instant, PersonId, ProjectId, type SageCompanyId, Sha256 } from '../domain/ids.ts'
import { Person, withGrants } from '../domain/person.ts'
import { notNarrowed, notNarrower, ProjectPolicy } from '../domain/project-policy.ts'
import { type FaultyPlace, type Refusal, refusal, Refused } from '../domain/refusal.ts'
import { JobTotals, MasterData, SageCompany } from '../domain/sage-company.ts'
import type { Pause } from './again.ts'
import { changeCompany, companyHead, side } from './company-change.ts'
import { folderTaken, personWrites, sageCompanyWrites, subjectTaken } from './company-rows.ts'
import { type CompanyStore, Link } from './company-store.ts'
import { personTold, policyTold, projectPolicyTold, sageCompanyTold } from './company-told.ts'
import { canonicalJson, sha256 as hashOf } from './content-hash.ts'
import { isNew } from './condition.ts'
import { Broken } from './errors.ts'
import { HistoryBody } from './history.ts'
import { companyPk, companySk, jobKey, linkKey, type RowKey } from './keys.ts'
import { readBody, rowBody } from './row-body.ts'
import { createRows, type Rows } from './rows.ts'
import { countUpload } from './spent.ts'
import { putRow } from './transaction.ts'
import type { Objects } from './objects.ts'

/** An object in the bucket, as a row points at it. */
const Pointer = z.strictObject({ sha256: Sha256, as_of: Instant })
const Subject = z.strictObject({ person: PersonId })
const JobLink = z.strictObject({ project: ProjectId })

/** The set-up of all companies in the one table; large readings from Sage in the bucket. */
export function createCompanyStore(options: {
  document: DynamoDBDocumentClient
  table: string
  clock: Clock
  objects: Objects
  pause?: Pause
}): CompanyStore {
  const rows = createRows(options)
  return { ...readsOf(rows, options.objects), ...writesOf(rows, options.clock, options.objects) }
}

type Writes =
  | 'putPerson'
  | 'putPolicy'
  | 'putProjectPolicy'
  | 'putSageCompany'
  | 'putMasterData'
  | 'putJobTotals'
  | 'uploadJobTotals'
  | 'putLink'
  | 'countUpload'

const of = (company: CompanyId, sk: string): RowKey => ({ pk: companyPk(company), sk })

async function read<T>(rows: Rows, key: RowKey, schema: z.ZodType<T>): Promise<T | undefined> {
  const row = await rows.get(key)
  return row && readBody(schema, row)
}

function readsOf(rows: Rows, objects: Objects): Omit<CompanyStore, Writes> {
  const person: CompanyStore['person'] = async (company, id) =>
    await read(rows, of(company, companySk.person(id)), Person)
  return {
    revision: async (company) => (await companyHead(rows, company)).revision,
    person,
    async personOfSubject(company, subject) {
      const found = await read(rows, of(company, companySk.subject(subject)), Subject)
      return found && (await person(company, found.person))
    },
    async people(company) {
      const found = await rows.list(companyPk(company), { begins: companySk.people })
      return found.map((row) => readBody(Person, row))
    },
    policy: async (company) =>
      (await read(rows, of(company, companySk.policy), ApprovalPolicy)) ?? defaultPolicy,
    projectPolicy: async (company, project) =>
      (await read(rows, of(company, companySk.projectPolicy(project)), ProjectPolicy)) ?? notNarrowed,
    sageCompany: async (company, id) => await read(rows, of(company, companySk.sageCompany(id)), SageCompany),
    async sageCompanies(company) {
      const found = await rows.list(companyPk(company), { begins: companySk.sageCompanies })
      return found.map((row) => readBody(SageCompany, row))
    },
    async masterData(company, sage) {
      const pointer = await read(rows, of(company, companySk.masterData(sage)), Pointer)
      if (!pointer) return undefined
      const { sha256 } = pointer
      return { data: MasterData.parse(await objects.getJson(company, sha256)), sha256 }
    },
    async jobTotals(company, sage, job) {
      const pointer = await read(rows, of(company, companySk.jobTotals(sage, job)), Pointer)
      return pointer && JobTotals.parse(await objects.getJson(company, pointer.sha256))
    },
    totalsReadAt: async (company, sage, job) =>
      (await read(rows, of(company, companySk.jobTotals(sage, job)), Pointer))?.as_of,
    async totalsRead(company, sage) {
      const begins = companySk.totalsOf(sage)
      const found = await rows.list(companyPk(company), { begins })
      return new Map(found.map((row) => [row.sk.slice(begins.length), readBody(Pointer, row).as_of]))
    },
    projectOfJob: async (company, sage, job) =>
      (await read(rows, jobKey(company, sage, job), JobLink))?.project,
    link: async (sha256) => await read(rows, linkKey(sha256), Link),
    async history(company, { after = 0, limit }) {
      const sort = { from: companySk.history(after + 1), to: companySk.history(999_999_999) }
      const found = await rows.list(companyPk(company), sort, limit)
      return found.map((row) => readBody(HistoryBody, row))
    },
  }
}

const equal = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b)

/** A project's policy stays narrower, whatever becomes of the company's: all of them are changed one after the other. */
async function assertNarrower(rows: Rows, company: CompanyId, policy: ApprovalPolicy): Promise<void> {
  for (const row of await rows.list(companyPk(company), { begins: companySk.projectPolicies })) {
    const places = notNarrower(policy, readBody(ProjectPolicy, row))
    if (places.length > 0) throw new Refused(notOverProject(row.sk.slice(companySk.projectPolicies.length)))
  }
}

const wider = (places: readonly FaultyPlace[]): Refusal =>
  refusal(
    'INVALID_INPUT',
    'A project may only narrow the policy of its company.',
    'Correct what is named, or change the policy of the company first.',
    { places },
  )

const notOverProject = (project: string): Refusal =>
  refusal(
    'INVALID_INPUT',
    `The policy of the project ${project} would not be narrower than this any more.`,
    'Change the policy of the project first.',
    { places: [{ pointer: '/steps', code: 'NOT_WIDER', sentence: `The project ${project} narrows it.` }] },
  )

const overtakenByReading = refusal(
  'CHANGED_MEANWHILE',
  'Sage was read again meanwhile.',
  'Look at the preview again.',
)

function totalsRow(company: CompanyId, sage: SageCompanyId, totals: JobTotals, sha256: Sha256) {
  // Compared as text by the database, so written in one form: `…00Z` would come after `…00.500Z`.
  const as_of = Instant.parse(new Date(totals.as_of).toISOString())
  return {
    row: { ...of(company, companySk.jobTotals(sage, totals.job)), sha256, as_of },
    newer: {
      expression: 'attribute_not_exists(pk) OR as_of <= :as_of',
      values: { ':as_of': as_of },
    },
  }
}

function writesOf(rows: Rows, clock: Clock, objects: Objects): Pick<CompanyStore, Writes> {
  const to = { rows, clock }
  return {
    countUpload: async (company) => await countUpload(rows, company, clock.now()),
    async putPerson(company, wanted, by, asked = {}) {
      const key = of(company, companySk.person(wanted.id))
      return await changeCompany(to, company, by, asked, async () => {
        const before = await read(rows, key, Person)
        const person = withGrants(wanted, before, { at: clock.now(), by })
        if (before && equal(before, person)) return undefined
        return {
          event: before ? 'person_changed' : 'person_added',
          detail: {
            person: person.id,
            before: side(before && personTold(before)),
            after: side(personTold(person)),
          },
          writes: personWrites(company, before, person),
          refuse: subjectTaken,
        }
      })
    },
    async putPolicy(company, policy, by, asked = {}) {
      const key = of(company, companySk.policy)
      return await changeCompany(to, company, by, asked, async () => {
        const before = await read(rows, key, ApprovalPolicy)
        if (before && equal(before, policy)) return undefined
        await assertNarrower(rows, company, policy)
        return {
          event: 'policy_changed',
          detail: { before: side(before && policyTold(before)), after: side(policyTold(policy)) },
          writes: [putRow({ ...key, ...rowBody(policy) })],
        }
      })
    },
    async putProjectPolicy({ company, project }, policy, by, asked = {}) {
      const key = of(company, companySk.projectPolicy(project))
      return await changeCompany(to, company, by, asked, async () => {
        const [before, over] = await Promise.all([
          read(rows, key, ProjectPolicy),
          read(rows, of(company, companySk.policy), ApprovalPolicy),
        ])
        if (equal(before ?? notNarrowed, policy)) return undefined
        const places = notNarrower(over ?? defaultPolicy, policy)
        if (places.length > 0) throw new Refused(wider(places))
        return {
          event: 'project_policy_changed',
          detail: {
            project,
            before: side(before && projectPolicyTold(before)),
            after: side(projectPolicyTold(policy)),
          },
          writes: [putRow({ ...key, ...rowBody(policy) })],
        }
      })
    },
    async putSageCompany(company, sage, by, asked = {}) {
      const key = of(company, companySk.sageCompany(sage.id))
      return await changeCompany(to, company, by, asked, async () => {
        const before = await read(rows, key, SageCompany)
        if (before && equal(before, sage)) return undefined
        return {
          event: before ? 'sage_company_changed' : 'sage_company_added',
          detail: {
            sage_company: sage.id,
            before: side(before && sageCompanyTold(before)),
            after: side(sageCompanyTold(sage)),
          },
          writes: sageCompanyWrites(company, before, sage),
          refuse: folderTaken,
        }
      })
    },
    async putMasterData(company, sage, data, by, request, over) {
      const sha256 = await objects.putJson(company, data)
      const key = of(company, companySk.masterData(sage))
      const pointer = { sha256, as_of: data.as_of }
      let newest = true
      await changeCompany(to, company, by, { request }, async () => {
        const before = await read(rows, key, Pointer)
        if (over !== undefined && over !== (before?.sha256 ?? null)) throw new Refused(overtakenByReading)
        newest = !before || Date.parse(before.as_of) <= Date.parse(data.as_of)
        if (!newest || equal(before, pointer)) return undefined
        return {
          reading: true,
          event: 'master_data_stored',
          detail: { sage_company: sage, before: before ?? null, after: pointer },
          writes: [putRow({ ...key, ...pointer })],
        }
      })
      return newest
    },
    async putJobTotals(company, sage, totals) {
      const { row, newer } = totalsRow(company, sage, totals, await objects.putJson(company, totals))
      await rows.putIf(row, newer)
    },
    async uploadJobTotals(company, sage, totals, over, by, request) {
      const { row } = totalsRow(company, sage, totals, await objects.putJson(company, totals))
      const { sha256, as_of } = row
      const seen = over && hashOf(canonicalJson(over))
      const stands = seen === undefined ? isNew : { expression: 'sha256 = :seen', values: { ':seen': seen } }
      let newest = true
      await changeCompany(to, company, by, { request }, async () => {
        const before = await read(rows, row, Pointer)
        if (before?.sha256 !== seen) throw new Refused(overtakenByReading)
        newest = !before || Date.parse(before.as_of) <= Date.parse(as_of)
        if (!newest || equal(before, { sha256, as_of })) return undefined
        return {
          reading: true,
          event: 'job_totals_uploaded',
          detail: { sage_company: sage, job: totals.job, before: before ?? null, after: { sha256, as_of } },
          writes: [putRow(row, stands)],
          refuse: () => overtakenByReading,
        }
      })
      return newest
    },
    async putLink(sha256, link) {
      const key = linkKey(sha256)
      if (await rows.putIf({ ...key, ...link }, isNew)) return
      const there = await read(rows, key, Link)
      if (!there || !equal({ ...there, made_at: '' }, { ...link, made_at: '' }))
        throw new Broken('Store', 'This reference opens something else already')
    },
  }
}
