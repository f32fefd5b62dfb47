import { budgetFileRoutes } from './budget-files.ts'
import type { ApiDependencies } from './dependencies.ts'
import { routesButFiles } from './index.ts'

/** Every route of the API with what it does; whatever is not listed here does not exist. */
export const apiRoutes = (dependencies: ApiDependencies) => [
  ...routesButFiles(dependencies),
  ...budgetFileRoutes(dependencies),
]
