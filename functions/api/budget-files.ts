import { budgetDownloadRoutes } from './budget-download.ts'
import { budgetImportRoutes } from './budget-import.ts'
import type { FileDependencies } from './dependencies.ts'
import { fileDependencies, onApi } from './on-api.ts'

/** The routes that read and write whole budget files: for them a processor of their own, and the readers of their formats. */
export const budgetFileRoutes = (dependencies: FileDependencies) => [
  ...budgetDownloadRoutes(dependencies),
  ...budgetImportRoutes(dependencies),
]

export const handler = onApi(budgetFileRoutes, fileDependencies)
