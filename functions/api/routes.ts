import { budgetFileRoutes } from './budget-files.ts'
import type { SageDependencies } from './dependencies.ts'
import { budgetSideRoutes } from './index.ts'
import { sageSideRoutes } from './sage.ts'

/** Every route of the API with what it does; whatever is not listed here does not exist. */
export const apiRoutes = (dependencies: SageDependencies) => [
  ...budgetSideRoutes(dependencies),
  ...sageSideRoutes(dependencies),
  ...budgetFileRoutes(dependencies),
]
