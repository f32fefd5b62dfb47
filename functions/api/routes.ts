import { apiHandler } from '../../shared/http/pipeline.ts'
import { budgetFileRoutes } from './budget-files.ts'
import type { ApiDependencies } from './dependencies.ts'
import { requestRoutes } from './index.ts'

/** Every route of the API with what it does; whatever is not listed here does not exist. */
export const apiRoutes = (dependencies: ApiDependencies) => [
  ...requestRoutes(dependencies),
  ...budgetFileRoutes(dependencies),
]

/** Both of the API's functions as one handler, over what it is handed. */
export const createApi = (dependencies: ApiDependencies) => apiHandler(dependencies, apiRoutes(dependencies))
