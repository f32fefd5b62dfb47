import { budgetDownloadRoutes } from './budget-download.ts'
import { budgetImportRoutes } from './budget-import.ts'
import type { ApiDependencies } from './dependencies.ts'
import { apiDependencies, onApi } from './on-api.ts'

/** The routes that read and write whole budget files: for them a processor of their own, and the readers of their formats. */
export const budgetFileRoutes = (dependencies: ApiDependencies) => [
  ...budgetDownloadRoutes(dependencies),
  ...budgetImportRoutes(dependencies),
]

export const handler = onApi(budgetFileRoutes, apiDependencies)
