import type { CompanyId } from '../../shared/domain/ids.ts'
import { pageQuery } from '../../shared/http/page.ts'
import { type Route, route } from '../../shared/http/route.ts'
import type { ApiDependencies } from './dependencies.ts'
import { historyFile, historyFileKinds } from './history-file.ts'
import { historyPage, type ReadHistory } from './history.ts'
import { fileQuery } from './paged-text.ts'
import { ownChanges } from './told-changes.ts'

/** What was altered in a company's set-up: directory, policy, Sage companies, master data. */
const companyHistory = ({ companies }: ApiDependencies, company: CompanyId): ReadHistory => ({
  rows: async (page) => await companies.history(company, page),
  changes: async (row) => await Promise.resolve(ownChanges(row)),
})

export const companyHistoryRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'GET',
    path: '/company/history',
    operation: 'view_company',
    query: pageQuery(),
    handle: async ({ caller: { company } }, { query }) =>
      await historyPage(companyHistory(dependencies, company), query),
  }),
  ...historyFileKinds.map((kind) =>
    route({
      method: 'GET',
      path: `/company/history.${kind}`,
      operation: 'view_company',
      query: fileQuery,
      handle: async ({ caller: { company } }, { query }) =>
        await historyFile(companyHistory(dependencies, company), `${company}-company`, query, kind),
    }),
  ),
]
