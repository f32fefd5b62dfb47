import type { SageDependencies } from '../../../functions/api/dependencies.ts'
import { apiRoutes } from '../../../functions/api/routes.ts'
import { apiHandler } from '../../../shared/http/pipeline.ts'

/** All of the API's functions as one handler, over what it is handed. */
export const createApi = (dependencies: SageDependencies) => apiHandler(dependencies, apiRoutes(dependencies))
