import { Approval, type ApprovalStep, ConfirmationCode } from '../domain/approval.ts'
import { BudgetVersion, Project } from '../domain/budget-head.ts'
import type { PersonId, ProjectKey } from '../domain/ids.ts'
import { Person } from '../domain/person.ts'
import { SageCompany } from '../domain/sage-company.ts'
import type { DecisionAsked, DecisionRows } from './budget-store.ts'
import { headKey, readHead } from './head-row.ts'
import { companyPk, companySk, projectPk, projectSk } from './keys.ts'
import { readBody, rowBody } from './row-body.ts'
import type { Rows } from './rows.ts'

// Members of one batch read, less the five of the project and the Sage company (API_BatchGetItem).
const mostPeople = 94

/** See `BudgetStore.decisionRows`. */
export async function decisionRowsOf(
  rows: Rows,
  key: ProjectKey,
  { approval: of, people, sage_company, code_of }: DecisionAsked,
): Promise<DecisionRows> {
  const ours = (sk: string) => ({ pk: projectPk(key), sk })
  const company = (sk: string) => ({ pk: companyPk(key.company), sk })
  const persons = people.slice(0, mostPeople).map((id) => company(companySk.person(id)))
  const [head, approval, version, project, ...found] = await rows.getMany([
    headKey(key),
    ours(projectSk.approval(of)),
    ours(projectSk.version(of.version)),
    ours(projectSk.project),
    ...persons,
    ...(sage_company === undefined ? [] : [company(companySk.sageCompany(sage_company))]),
    ...(code_of === undefined ? [] : [ours(projectSk.code(of, code_of))]),
  ])
  const sage = found[persons.length]
  const code = code_of === undefined ? undefined : found.at(-1)
  const read = { project: project && readBody(Project, project) }
  const theirs = sage_company !== undefined && read.project?.job?.sage_company === sage_company
  return {
    ...read,
    head: head && readHead(head),
    approval: approval && readBody(Approval, approval),
    version: version && readBody(BudgetVersion, version),
    people: found.slice(0, persons.length).flatMap((row) => (row ? [readBody(Person, row)] : [])),
    code: code && readBody(ConfirmationCode, code),
    sage: theirs && sage ? readBody(SageCompany, sage) : undefined,
  }
}

/** See `BudgetStore.putCode`. The database deletes it some time after its end. */
export async function putCodeTo(
  rows: Rows,
  key: ProjectKey,
  of: ApprovalStep,
  person: PersonId,
  code: ConfirmationCode,
): Promise<void> {
  const expires = Math.ceil(Date.parse(code.until) / 1000)
  await rows.putMany([{ pk: projectPk(key), sk: projectSk.code(of, person), ...rowBody(code), expires }])
}
