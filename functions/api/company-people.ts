import * as z from 'zod'
import { tellOfNobodyLeft } from '../../shared/approving/nobody-left.ts'
import { formatCents } from '../../shared/domain/cents.ts'
import { Day, PersonId } from '../../shared/domain/ids.ts'
import { type Person, Role } from '../../shared/domain/person.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { etag } from '../../shared/http/conditional.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { faulty, notFound, segment } from '../../shared/http/request.ts'
import type { ApiDependencies } from './dependencies.ts'
import { changeAsked } from './change-asked.ts'
import { Amount } from './input.ts'

const PersonInput = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    email: z.email().max(254),
    /** Subjects of the sign-in tokens that are this person. */
    subjects: z.array(z.string().min(1).max(255)).max(10).default([]),
    roles: z.array(Role),
    /** Largest amount this person may accept; left out: no limit. */
    limit: Amount.nullish(),
    delegate: z.strictObject({ person: PersonId, from: Day, until: Day }).nullish(),
    active: z.boolean().default(true),
  })
  .refine(({ delegate }) => !delegate || delegate.from <= delegate.until, {
    path: ['delegate', 'until'],
    error: 'A delegation ends on or after the day it begins.',
  })

const personShown = ({ limit, delegate, granted: _granted, ...person }: Person) => ({
  ...person,
  limit: limit === undefined ? null : formatCents(limit),
  delegate: delegate ?? null,
})

async function listPeople({ companies }: ApiDependencies, { caller: { company } }: Ask): Promise<Answer> {
  const [people, revision] = await Promise.all([companies.people(company), companies.revision(company)])
  return ok({ people: people.map(personShown) }, { etag: etag(revision) })
}

/** For whoever audits who may accept: everyone with the role, active or not, by name. */
async function reportApprovers(
  { companies }: ApiDependencies,
  { caller: { company } }: Ask,
): Promise<Answer> {
  const people = await companies.people(company)
  const approvers = people
    .filter(({ roles }) => roles.includes('accounting_approver'))
    .toSorted((a, b) => a.name.localeCompare(b.name))
  return ok({
    approvers: approvers.map((approver) => {
      const { id, name, active, limit, delegate } = personShown(approver)
      const granted = approver.granted?.accounting_approver
      return {
        person: id,
        name,
        active,
        limit,
        delegate,
        since: granted?.at ?? null,
        granted_by: granted?.by ?? null,
      }
    }),
  })
}

async function showPerson({ companies }: ApiDependencies, { event, caller }: Ask): Promise<Answer> {
  const [person, revision] = await Promise.all([
    companies.person(caller.company, segment(event, 'person', PersonId)),
    companies.revision(caller.company),
  ])
  if (!person) throw notFound('person')
  return ok(personShown(person), { etag: etag(revision) })
}

async function savePerson(
  dependencies: ApiDependencies,
  ask: Ask,
  { limit, delegate, ...input }: z.infer<typeof PersonInput>,
): Promise<Answer> {
  const { companies } = dependencies
  const { event, caller } = ask
  const id = segment(event, 'person', PersonId)
  const person: Person = {
    id,
    ...input,
    ...(typeof limit === 'number' && { limit }),
    ...(delegate && { delegate }),
  }
  if (caller.first) assertSelf(person, caller.subject)
  if (delegate && !(await companies.person(caller.company, delegate.person)))
    throw faulty('/delegate/person', 'NOT_FOUND', `There is no person ${delegate.person}.`)
  const answer = personShown(person)
  const by = caller.first ? id : caller.actor
  const revision = await companies.putPerson(caller.company, person, by, changeAsked(ask, answer))
  await tellOfNobodyLeft(dependencies, caller.company)
  return ok(answer, { etag: etag(revision) })
}

/** The first entry must be the admin who writes it: with anybody else's, nobody could write the second. */
function assertSelf({ subjects, roles, active }: Person, subject: string): void {
  if (!subjects.includes(subject))
    throw faulty('/subjects', 'NOT_YOURSELF', 'The first person of a directory is the one who writes it.')
  if (!roles.includes('company_admin') || !active)
    throw faulty('/roles', 'NOT_ADMIN', 'The first person of a directory is an active company admin.')
}

export const companyPeopleRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/company/people',
    operation: 'view_company',
    handle: async (ask) => await listPeople(dependencies, ask),
  }),
  route({
    method: 'GET',
    path: '/company/people/{person}',
    operation: 'view_company',
    handle: async (ask) => await showPerson(dependencies, ask),
  }),
  route({
    method: 'GET',
    path: '/company/approvers',
    operation: 'view_company',
    handle: async (ask) => await reportApprovers(dependencies, ask),
  }),
  route({
    method: 'PUT',
    path: '/company/people/{person}',
    operation: 'save_person',
    body: PersonInput,
    handle: async (ask, { body }) => await savePerson(dependencies, ask, body),
  }),
]
