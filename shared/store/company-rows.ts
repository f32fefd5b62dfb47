import type { CompanyId } from '../domain/ids.ts'
import type { Person } from '../domain/person.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import type { SageCompany } from '../domain/sage-company.ts'
import { canonicalJson, sha256 } from './content-hash.ts'
import { companyPk, companySk, sageFolderKey } from './keys.ts'
import { rowBody } from './row-body.ts'
import { checkRow, deleteRow, type FailedWrite, putRow, type Write } from './transaction.ts'

const markOf = (person: Person): string => sha256(canonicalJson(person))

/** That a person is in the directory as this says; rows of an earlier release have no mark. */
export const personStands = (company: CompanyId, person: Person): Write =>
  checkRow(
    { pk: companyPk(company), sk: companySk.person(person.id) },
    {
      expression: '#mark = :mark OR attribute_not_exists(#mark)',
      names: { '#mark': 'mark' },
      values: { ':mark': markOf(person) },
    },
    'person',
  )

/** The person, and the sign-in subjects that are theirs and no other person's. */
export function personWrites(
  company: CompanyId,
  before: Person | undefined,
  person: Person,
): readonly Write[] {
  const pk = companyPk(company)
  const had = new Set(before?.subjects)
  const has = new Set(person.subjects)
  const gained = [...has].filter((subject) => !had.has(subject))
  const lost = [...had].filter((subject) => !has.has(subject))
  const theirs = {
    expression: 'attribute_not_exists(pk) OR #person = :person',
    names: { '#person': 'person' },
    values: { ':person': person.id },
  }
  const subjectKey = (subject: string) => ({ pk, sk: companySk.subject(subject) })
  return [
    putRow({ pk, sk: companySk.person(person.id), ...rowBody(person), mark: markOf(person) }),
    ...gained.map((subject) => putRow({ ...subjectKey(subject), person: person.id }, theirs, 'subject')),
    ...lost.map((subject) => deleteRow(subjectKey(subject), theirs)),
  ]
}

export const subjectTaken = ({ role }: FailedWrite): Refusal | undefined =>
  role === 'subject'
    ? refusal(
        'INVALID_INPUT',
        'One of these sign-ins belongs to another person already.',
        'Take it off the other person first: a sign-in is one person.',
        { places: [{ pointer: '/subjects', code: 'SUBJECT_TAKEN', sentence: 'Belongs to another person.' }] },
      )
    : undefined

/** The Sage company, and its data folder, which is nobody else's: not another tenant's, and not another of this one. */
export function sageCompanyWrites(
  company: CompanyId,
  before: SageCompany | undefined,
  sage: SageCompany,
): readonly Write[] {
  const row = { pk: companyPk(company), sk: companySk.sageCompany(sage.id), ...rowBody(sage) }
  const folder = sageFolderKey(sage.folder)
  const old = before && sageFolderKey(before.folder)
  if (old?.pk === folder.pk) return [putRow(row)]
  const ours = {
    expression: 'attribute_not_exists(pk) OR (#company = :company AND #sage = :sage)',
    names: { '#company': 'company', '#sage': 'sage_company' },
    values: { ':company': company, ':sage': sage.id },
  }
  return [
    putRow(row),
    putRow({ ...folder, company, sage_company: sage.id }, ours, 'folder'),
    ...(old ? [deleteRow(old, ours)] : []),
  ]
}

// Says nothing of whose it is: a tenant learns nothing about another.
export const folderTaken = ({ role }: FailedWrite): Refusal | undefined =>
  role === 'folder'
    ? refusal(
        'SAGE_FOLDER_TAKEN',
        'This Sage data folder is set up already.',
        'Check the name of the folder. If it is right, ask us: a data folder is kept by one company only.',
      )
    : undefined
