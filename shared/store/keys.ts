import type { Wait } from './signals.ts'
import type { ApprovalStep } from '../domain/approval.ts'
import { CompanyId, PersonId, type ProjectKey, ProjectId, SageCompanyId, type Sha256 } from '../domain/ids.ts'
import type { IdempotencyKey } from './budget-store.ts'
import { sha256 } from './content-hash.ts'
import { Broken } from './errors.ts'

export interface RowKey {
  readonly pk: string
  readonly sk: string
}

/** Numbers sort as text only while all have the same width. */
function padded(number: number, width: number): string {
  const digits = String(number)
  if (!/^\d+$/.test(digits) || digits.length > width)
    throw new Broken('Store', `${digits} does not fit a key of ${String(width)} digits`)
  return digits.padStart(width, '0')
}

// Ids are parsed again where they become part of a key: an id with a # in it could name another tenant's rows.
export const companyPk = (company: string): string => `C#${CompanyId.parse(company)}`
export const projectPk = ({ company, project }: ProjectKey): string =>
  `${companyPk(company)}#P#${ProjectId.parse(project)}`

const projectPkForm = /^C#([^#]+)#P#([^#]+)$/

/** Company and project of a partition; anything else is broken. */
export function projectOfPk(pk: string): ProjectKey {
  const [, company, project] = projectPkForm.exec(pk) ?? []
  const parsed = { company: CompanyId.safeParse(company), project: ProjectId.safeParse(project) }
  if (!parsed.company.success || !parsed.project.success) throw new Broken('Store', `${pk} is no project`)
  return { company: parsed.company.data, project: parsed.project.data }
}

const companyPkForm = /^C#([^#]+)$/

/** Whose history lies in a partition: a project's or, with none, a company's; anything else is broken. */
export function historyOfPk(pk: string): { company: CompanyId; project?: ProjectId } {
  const company = CompanyId.safeParse(companyPkForm.exec(pk)?.[1])
  return company.success ? { company: company.data } : projectOfPk(pk)
}

/** Sort keys within a project. */
export const projectSk = {
  project: 'PROJECT',
  head: 'BUDGET',
  lastCommand: 'LAST_COMMAND',
  editors: 'EDITORS',
  manifest: (hash: Sha256): string => `MANIFEST#${hash}`,
  chunk: (hash: Sha256): string => `CHUNK#${hash}`,
  versions: 'VERSION#',
  version: (number: number): string => `VERSION#${padded(number, 5)}`,
  changes: 'CHANGE#',
  change: (number: number): string => `CHANGE#${padded(number, 5)}`,
  approvals: 'APPROVAL#',
  approval: (of: ApprovalStep): string =>
    `APPROVAL#${padded(of.version, 5)}#${padded(of.send, 5)}#${padded(of.step, 2)}`,
  code: (of: ApprovalStep, person: PersonId): string =>
    `CODE#${projectSk.approval(of)}#${PersonId.parse(person)}`,
  exports: 'EXPORT#',
  export: (number: number): string => `EXPORT#${padded(number, 5)}`,
  parts: (exportNumber: number): string => `EXPORT#${padded(exportNumber, 5)}#PART#`,
  part: (exportNumber: number, part: number): string =>
    `EXPORT#${padded(exportNumber, 5)}#PART#${padded(part, 2)}`,
  isPart: (sk: string): boolean => sk.includes('#PART#'),
  mails: 'MAIL#',
  mail: (id: string): string => `MAIL#${id}`,
  signals: (cycle: number): string => `SIGNAL#${padded(cycle, 5)}#`,
  signal: (cycle: number, n: number): string => `SIGNAL#${padded(cycle, 5)}#${padded(n, 5)}`,
  wait: (cycle: number): string => `WAIT#${padded(cycle, 5)}`,
  history: (sequence: number): string => `HISTORY#${padded(sequence, 9)}`,
  undelivered: 'OUTBOX#',
  outbox: (sequence: number, index: number): string => `OUTBOX#${padded(sequence, 9)}#${padded(index, 2)}`,
  /** Outbox row of a company's daily summary, with one of its projects. */
  summary: (day: string): string => `OUTBOX#SUMMARY#${day}`,
  /** Outbox row of a wait that found its signal already there; one per wait: those of two runs may open at once. */
  reissued: ({ order, execution }: Pick<Wait, 'order' | 'execution'>): string =>
    `OUTBOX#W#${order}#${execution}`,
} as const

/** Sort keys within a company. */
export const companySk = {
  company: 'COMPANY',
  summary: 'SUMMARY',
  nightlyCheck: 'NIGHTLY_CHECK',
  policy: 'POLICY',
  projectPolicies: 'POLICY#',
  projectPolicy: (project: string): string => `POLICY#${ProjectId.parse(project)}`,
  people: 'PERSON#',
  person: (id: string): string => `PERSON#${PersonId.parse(id)}`,
  subject: (subject: string): string => `SUBJECT#${subject}`,
  sageCompanies: 'SAGE#',
  sageCompany: (id: string): string => `SAGE#${SageCompanyId.parse(id)}`,
  masterData: (sage: string): string => `MASTER#${SageCompanyId.parse(sage)}`,
  // The job number is free text: it stands last, where it cannot be taken for another part of the key.
  totalsOf: (sage: string): string => `TOTALS#${SageCompanyId.parse(sage)}#`,
  jobTotals: (sage: string, job: string): string => `${companySk.totalsOf(sage)}${job.trim()}`,
  history: projectSk.history,
} as const

export const jobKey = (company: string, sage: string, job: string): RowKey => ({
  pk: `JOB#${CompanyId.parse(company)}#${SageCompanyId.parse(sage)}#${job.trim()}`,
  sk: 'JOB',
})

/** Windows compares folder names without case. */
export const sageFolderKey = (folder: string): RowKey => ({
  pk: `SAGEFOLDER#${folder.trim().toLowerCase()}`,
  sk: 'SAGEFOLDER',
})

export const linkKey = (hash: Sha256): RowKey => ({ pk: `LINK#${hash}`, sk: 'LINK' })

/** Rows that count for a day: what a company uploads, and what costs something of one of its budgets. */
export const uploadsOfDay = (company: string, day: string): RowKey => ({
  pk: `SPENT#${CompanyId.parse(company)}#${day}`,
  sk: 'UPLOADS',
})
export const workOfDay = ({ company, project }: ProjectKey, day: string): RowKey => ({
  pk: uploadsOfDay(company, day).pk,
  sk: `BUDGET#${ProjectId.parse(project)}`,
})

/** Caller and key are anybody's text: escaped, no # of theirs can be taken for ours. */
export const idempotencyKey = (company: string, asked: Pick<IdempotencyKey, 'caller' | 'key'>): RowKey => ({
  pk: `IDEMPOTENCY#${CompanyId.parse(company)}#${escaped(asked.caller)}#${escaped(asked.key)}`,
  sk: 'IDEMPOTENCY',
})

// DynamoDB takes 2,048 bytes of partition key; what is longer goes in by its hash.
const longestPart = 300
function escaped(text: string): string {
  const plain = encodeURIComponent(text.toWellFormed())
  return plain.length <= longestPart ? plain : `sha256%${sha256(plain)}`
}

export const statePk = companyPk

/** Where index 2 lists every company, by its id. */
export const companiesPk = 'COMPANIES'

/** Undelivered outbox rows lie in sixteen partitions, so that no one of them becomes hot. */
const duePartitions = 16
const dueIn = (partition: number): string => `DUE#${String(partition)}`
export const duePk = (pk: string): string =>
  dueIn(Number.parseInt(sha256(pk).slice(0, 8), 16) % duePartitions)
export const duePks: readonly string[] = Array.from({ length: duePartitions }, (_, i) => dueIn(i))
