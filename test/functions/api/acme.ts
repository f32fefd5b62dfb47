import { CompanyId, Instant, PersonId, SageCompanyId } from '../../../shared/domain/ids.ts'
import type { Person, Role } from '../../../shared/domain/person.ts'
import type { MasterData, SageCompany } from '../../../shared/domain/sage-company.ts'
import { givenSage } from '../../given.ts'
import type { SignIn } from './api-event.ts'
import type { Came, LocalApi } from './local-api.ts'

// A company as its people know it: Acme Builders, with one Sage folder and a handful of people.

export const acme = CompanyId.parse('acme')
export const east = SageCompanyId.parse('east')

const everyone: Readonly<Record<string, readonly Role[]>> = {
  vera: ['viewer'],
  ed: ['estimator'],
  mia: ['project_manager'],
  bob: ['budget_admin'],
  ann: ['accounting_approver'],
  pat: ['accounting_poster'],
  ada: ['company_admin'],
  otto: ['operator'],
  ruth: ['auditor'],
}

const signIn = (id: string, company = 'acme'): SignIn => ({
  sub: `sub-${id}`,
  groups: (everyone[id] ?? []).map((role) => `${company}:${role}`),
})

export const vera = signIn('vera')
export const ed = signIn('ed')
export const mia = signIn('mia')
export const bob = signIn('bob')
export const ann = signIn('ann')
export const pat = signIn('pat')
export const ada = signIn('ada')
export const otto = signIn('otto')
export const ruth = signIn('ruth')
export const agent: SignIn = { sub: 'agent-east', groups: ['acme:connector'] }

/** One sign-in per role. */
export const byRole: Readonly<Record<Role, SignIn>> = {
  viewer: vera,
  estimator: ed,
  project_manager: mia,
  budget_admin: bob,
  accounting_approver: ann,
  accounting_poster: pat,
  company_admin: ada,
  connector: agent,
  operator: otto,
  auditor: ruth,
}

export const personOf = (id: string, roles = everyone[id] ?? []): Person => ({
  id: PersonId.parse(id),
  name: id.charAt(0).toUpperCase() + id.slice(1),
  email: `${id}@acme.example`,
  subjects: [`sub-${id}`],
  roles: [...roles],
  active: true,
})

export const eastFolder: SageCompany = givenSage(east, {
  name: 'Acme East',
  folder: 'ACME EAST',
  connector: 'agent',
  posters: [PersonId.parse('pat')],
  entry_date_window: { before: 31, after: 31 },
})

const costCode = (cost_code: string, description: string) => ({
  cost_code,
  description,
  group: false,
  closed: false,
})

/** What Sage knows; its jobs are those that tests link projects to. */
export const masterData = (jobs: readonly string[]): MasterData => ({
  as_of: Instant.parse('2026-11-22T12:00:00.000Z'),
  jobs: jobs.map((job) => ({ job, description: `Job ${job}`, closed: false, original_finalized: false })),
  cost_codes: [
    costCode('01-1000', 'General conditions'),
    costCode('03-3000', 'Concrete'),
    costCode('05-1200', 'Structural steel'),
  ],
  categories: [
    { category: 'L', description: 'Labor', accumulate_as: 'L' },
    { category: 'M', description: 'Material', accumulate_as: 'M' },
    { category: 'S', description: 'Subcontract', accumulate_as: 'S' },
  ],
  extras: [],
})

/** Jobs that projects of the tests are linked to: as many as a file makes projects. */
const jobs = Array.from({ length: 240 }, (_, i) => `26-${String(i + 1).padStart(3, '0')}`)

let made = 0

/** Number of the job that a project of `newProject` is linked to. */
export const jobOf = (project: string): string => jobs[Number(project.replace(/\D+/, '')) - 1] ?? ''

/** The directory, the Sage company and its master data: once for each database. */
export async function setUpAcme({ companies }: LocalApi): Promise<void> {
  made = 0
  for (const id of Object.keys(everyone)) await companies.putPerson(acme, personOf(id), 'system')
  await companies.putSageCompany(acme, eastFolder, 'system')
  await companies.putMasterData(acme, east, masterData(jobs), 'system')
}

/** A project of its own, linked to a job of its own, with no lines yet. */
export async function newProject(api: LocalApi, name = 'Bridge'): Promise<string> {
  made += 1
  const project = `bridge-${String(made)}`
  const job = { sage_company: 'east', number: jobOf(project) }
  const came = await api.call('PUT', `/projects/${project}`, { as: bob, body: { name, job } })
  if (came.status !== 201) throw new Error(came.text)
  return project
}

/** Lines as a client sends them: two codes and one automatic line. */
export const lines = [
  {
    cost_code: '03-3000',
    cost_type: 'S',
    description: 'Concrete, placed',
    original_budget_amount: '325000.00',
  },
  {
    cost_code: '05-1200',
    cost_type: 'M',
    description: 'Steel',
    quantity: '120.5',
    uom: 'ton',
    unit_cost: '1500',
    original_budget_amount: '180750.00',
  },
]

/** A project with lines, stored by the estimator. */
export async function projectWithLines(api: LocalApi): Promise<string> {
  const project = await newProject(api)
  const came = await api.call('PATCH', `/projects/${project}/budget/line_items`, {
    as: ed,
    body: { upserts: lines },
    headers: { 'if-match': '"1"' },
  })
  if (came.status !== 200) throw new Error(came.text)
  return project
}

/** The ETag that a change of this project must name. */
export async function etagOf(api: LocalApi, project: string): Promise<string> {
  const came: Came = await api.call('GET', `/projects/${project}/budget`, { as: vera })
  return came.headers['etag'] ?? ''
}
