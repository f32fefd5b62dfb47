import type { ApprovalPolicy } from '../domain/approval.ts'
import type { Actor, CompanyId, Instant, PersonId, SageCompanyId, Sha256 } from '../domain/ids.ts'
import type { Person } from '../domain/person.ts'
import type { JobTotals, MasterData, SageCompany } from '../domain/sage-company.ts'

/** What a mailed reference opens. */
export interface Link {
  readonly kind: 'review' | 'posting'
  readonly company: CompanyId
  readonly project: string
  readonly person: PersonId
  readonly approval?: { readonly version: number; readonly send: number; readonly step: number }
  readonly export?: number
  readonly made_at: Instant
}

/** One company's directory, policy and Sage set-up. Writes keep a company history; `revision` is the ETag. */
export interface CompanyStore {
  revision(company: CompanyId): Promise<number>
  person(company: CompanyId, id: PersonId): Promise<Person | undefined>
  personOfSubject(company: CompanyId, subject: string): Promise<Person | undefined>
  people(company: CompanyId): Promise<readonly Person[]>
  policy(company: CompanyId): Promise<ApprovalPolicy>
  sageCompany(company: CompanyId, id: SageCompanyId): Promise<SageCompany | undefined>
  sageCompanies(company: CompanyId): Promise<readonly SageCompany[]>
  /** Throws `Refused` CHANGED_MEANWHILE when the revision is another, SAGE_FOLDER_TAKEN when a folder belongs to another tenant. */
  putPerson(company: CompanyId, person: Person, by: Actor): Promise<void>
  putPolicy(company: CompanyId, policy: ApprovalPolicy, by: Actor): Promise<void>
  putSageCompany(company: CompanyId, sage: SageCompany, by: Actor): Promise<void>
  masterData(
    company: CompanyId,
    sage: SageCompanyId,
  ): Promise<{ data: MasterData; sha256: Sha256 } | undefined>
  putMasterData(company: CompanyId, sage: SageCompanyId, data: MasterData, by: Actor): Promise<void>
  /** Sage's posted totals of one job, as last read. */
  jobTotals(company: CompanyId, sage: SageCompanyId, job: string): Promise<JobTotals | undefined>
  putJobTotals(company: CompanyId, sage: SageCompanyId, totals: JobTotals): Promise<void>
  /** The project linked to a job. */
  projectOfJob(company: CompanyId, sage: SageCompanyId, job: string): Promise<string | undefined>
  /** Only the SHA-256 of a reference is stored. */
  putLink(sha256: Sha256, link: Link): Promise<void>
  link(sha256: Sha256): Promise<Link | undefined>
}

/** Immutable bytes by their SHA-256, in the bucket; a read checks the hash. */
export interface Objects {
  /** Canonical JSON, compressed; returns the hash of the uncompressed bytes. */
  putJson(company: CompanyId, value: unknown): Promise<Sha256>
  getJson(company: CompanyId, sha256: Sha256): Promise<unknown>
  /** A file under its own key (part files). Equal bytes may be put again; other bytes under the same key are refused. */
  putFile(key: string, bytes: Uint8Array): Promise<void>
  getFile(key: string, sha256: Sha256): Promise<Uint8Array>
}
