import * as z from 'zod'
import { type ApprovalPolicy, ApprovalStep } from '../domain/approval.ts'
import {
  type Actor,
  CompanyId,
  Instant,
  PersonId,
  type ProjectId,
  type ProjectKey,
  SageCompanyId,
  type Sha256,
} from '../domain/ids.ts'
import type { Person } from '../domain/person.ts'
import type { ProjectPolicy } from '../domain/project-policy.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { JobTotals, MasterData, SageCompany } from '../domain/sage-company.ts'
import type { HistoryRow } from './budget-store.ts'
import type { ChangeAsked } from './company-change.ts'

/** What a mailed reference opens. */
export const Link = z.strictObject({
  kind: z.enum(['review', 'posting']),
  company: CompanyId,
  project: z.string(),
  person: PersonId,
  approval: ApprovalStep.optional(),
  export: z.int().optional(),
  made_at: Instant,
  /** Where a decision's rows are likely to be found, as of `made_at`: read with the others in one call, believed by none. */
  sage_company: SageCompanyId.optional(),
  delegators: z.array(PersonId).optional(),
})
export type Link = z.infer<typeof Link>

/**
 * One company's directory, policy and Sage set-up. Writes keep a company history; `revision` is the ETag.
 * A write is asked for over the revision its asker saw, or goes over whatever stands; it answers the revision that stands
 * then. Writing what stands already changes nothing. A write throws `Refused`: what `stale` of its asker says
 * (CHANGED_MEANWHILE, IF_MATCH_MISSING), IDEMPOTENCY_KEY_REUSED, TOO_LARGE; `AnsweredBefore` when its key repeats it;
 * `Later` when other writes were first too often.
 */
export interface CompanyStore {
  revision(company: CompanyId): Promise<number>
  person(company: CompanyId, id: PersonId): Promise<Person | undefined>
  personOfSubject(company: CompanyId, subject: string): Promise<Person | undefined>
  people(company: CompanyId): Promise<readonly Person[]>
  policy(company: CompanyId): Promise<ApprovalPolicy>
  sageCompany(company: CompanyId, id: SageCompanyId): Promise<SageCompany | undefined>
  sageCompanies(company: CompanyId): Promise<readonly SageCompany[]>
  /** Throws `Refused` also INVALID_INPUT, when a sign-in subject belongs to another person. */
  putPerson(company: CompanyId, person: Person, by: Actor, asked?: ChangeAsked): Promise<number>
  /** How a project narrows it; nothing where nobody did. */
  projectPolicy(company: CompanyId, project: ProjectId): Promise<ProjectPolicy>
  /** Throws `Refused` also INVALID_INPUT, where a project's policy would not be narrower any more. */
  putPolicy(company: CompanyId, policy: ApprovalPolicy, by: Actor, asked?: ChangeAsked): Promise<number>
  /** Throws `Refused` also INVALID_INPUT, where it is not narrower than the company's. */
  putProjectPolicy(key: ProjectKey, policy: ProjectPolicy, by: Actor, asked?: ChangeAsked): Promise<number>
  /** Throws `Refused` also SAGE_FOLDER_TAKEN, when the folder belongs to another Sage company, of any tenant. */
  putSageCompany(company: CompanyId, sage: SageCompany, by: Actor, asked?: ChangeAsked): Promise<number>
  /** What was changed in the set-up, by whom; chained as a project's history is. */
  history(company: CompanyId, page: { after?: number; limit: number }): Promise<readonly HistoryRow[]>
  masterData(
    company: CompanyId,
    sage: SageCompanyId,
  ): Promise<{ data: MasterData; sha256: Sha256 } | undefined>
  /** Whether this reading stands: an older one never replaces a newer one. It leaves `revision` as it is. */
  putMasterData(
    company: CompanyId,
    sage: SageCompanyId,
    data: MasterData,
    by: Actor,
    request?: string,
    /** What it was made from; throws `Refused` CHANGED_MEANWHILE where something else stands. */
    over?: Sha256 | null,
  ): Promise<boolean>
  /** Sage's posted totals of one job, as last read; an older reading never replaces a newer one. */
  jobTotals(company: CompanyId, sage: SageCompanyId, job: string): Promise<JobTotals | undefined>
  /** When Sage's posted totals of one job were read last. */
  totalsReadAt(company: CompanyId, sage: SageCompanyId, job: string): Promise<Instant | undefined>
  /** When the totals of each job of a Sage company were read last. */
  totalsRead(company: CompanyId, sage: SageCompanyId): Promise<ReadonlyMap<string, Instant>>
  putJobTotals(company: CompanyId, sage: SageCompanyId, totals: JobTotals): Promise<void>
  /**
   * The same as somebody uploaded them over what they saw, which the company's history keeps; whether this reading stands.
   * Throws `Refused` CHANGED_MEANWHILE where something else stands.
   */
  uploadJobTotals(
    company: CompanyId,
    sage: SageCompanyId,
    totals: JobTotals,
    over: JobTotals | undefined,
    by: Actor,
    request?: string,
  ): Promise<boolean>
  /** The project linked to a job. */
  projectOfJob(company: CompanyId, sage: SageCompanyId, job: string): Promise<string | undefined>
  /** Only the SHA-256 of a reference is stored. */
  putLink(sha256: Sha256, link: Link): Promise<void>
  link(sha256: Sha256): Promise<Link | undefined>
  /** Counts an upload for today; TOO_MANY_TODAY where the company had enough. */
  countUpload(company: CompanyId): Promise<Refusal | undefined>
}
