import type { Dependencies } from '../../../shared/cycle/dependencies.ts'
import { CompanyId, PersonId } from '../../../shared/domain/ids.ts'
import type { Role } from '../../../shared/domain/person.ts'
import { newHead } from '../../../shared/store/head-row.ts'
import { key, line } from '../../statemachines/cycle/clinic.ts'

export const otherCompany = CompanyId.parse('westline')

/** Words that are in what one company stores, and in nothing of the other. */
export const ours: readonly string[] = ['Riverside', '24-1007', 'anna@', 'paula@']
export const theirs: readonly string[] = ['Westline Tower', 'wes@']

export async function hire(
  { companies }: Dependencies,
  company: CompanyId,
  people: Readonly<Record<string, Role>>,
): Promise<void> {
  for (const [name, role] of Object.entries(people)) {
    const person = {
      id: PersonId.parse(name),
      name,
      email: `${name}@example.com`,
      subjects: [`sub-${name}`],
      roles: [role],
      active: true,
    }
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await companies.putPerson(company, person, 'system')
  }
}

/** A company beside ours, with a person of its own and a project of the same name. */
export async function settleBeside(calm: Dependencies): Promise<void> {
  await hire(calm, otherCompany, { wes: 'budget_admin' })
  const theirKey = { company: otherCompany, project: key.project }
  const { manifest, totals } = await calm.store.saveLines(theirKey, [line('', '03-3000', 'S', 100)])
  const at = calm.clock.now()
  await calm.store.commit(theirKey, undefined, {
    head: { ...newHead(theirKey, manifest, at), ...totals, creator: PersonId.parse('wes') },
    history: [{ event: 'project_created', by: PersonId.parse('wes'), detail: { before: null, after: {} } }],
    project: {
      project: key.project,
      name: 'Westline Tower',
      settings: { one_sided_changes: true },
      created_by: PersonId.parse('wes'),
      created_at: at,
    },
  })
}
