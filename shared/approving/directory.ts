import type { Dependencies } from '../cycle/dependencies.ts'
import type { ProjectKey } from '../domain/ids.ts'

/** Who may decide about a project: the directory as it is now, and the time zone whose days a delegation counts. */
export async function directoryFor(
  { store, companies }: Pick<Dependencies, 'store' | 'companies'>,
  key: ProjectKey,
) {
  const [people, project] = await Promise.all([companies.people(key.company), store.project(key)])
  const sage = project?.job && (await companies.sageCompany(key.company, project.job.sage_company))
  return { people, timeZone: sage?.time_zone }
}
