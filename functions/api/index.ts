import { approverCommandRoutes } from './approver-commands.ts'
import { budgetRoutes } from './budget.ts'
import { budgetChangeRoutes } from './budget-changes.ts'
import { changeDecisionRoutes } from './change-decisions.ts'
import { commandRoutes } from './commands.ts'
import { companyHistoryRoutes } from './company-history.ts'
import { companyPeopleRoutes } from './company-people.ts'
import { companyPolicyRoutes } from './company-policy.ts'
import { companySageRoutes } from './company-sage.ts'
import type { ApiDependencies } from './dependencies.ts'
import { erpBudgetRoutes } from './erp-budgets.ts'
import { erpDecisionRoutes } from './erp-decisions.ts'
import { historyFileRoutes } from './history-file.ts'
import { historyRoutes } from './history.ts'
import { lineEditRoutes } from './line-edits.ts'
import { lineListRoutes } from './line-list.ts'
import { importFromSageRoutes } from './import-from-sage.ts'
import { mailRoutes } from './mails.ts'
import { apiDependencies, onApi } from './on-api.ts'
import { repairRoutes } from './repair.ts'
import { projectRoutes } from './projects.ts'
import { restoreVersionRoutes } from './restore-version.ts'
import { sageDifferenceRoutes } from './sage-difference.ts'
import { versionDifferenceRoutes } from './version-difference.ts'
import { uploadRoutes } from './uploads.ts'
import { versionRoutes } from './versions.ts'

/** The project's side: budgets, their changes and versions, decisions, and the company's settings. */
export const budgetSideRoutes = (dependencies: ApiDependencies) => [
  ...projectRoutes(dependencies),
  ...budgetRoutes(dependencies),
  ...lineListRoutes(dependencies),
  ...lineEditRoutes(dependencies),
  ...uploadRoutes(dependencies),
  ...importFromSageRoutes(dependencies),
  ...commandRoutes(dependencies),
  ...approverCommandRoutes(dependencies),
  ...budgetChangeRoutes(dependencies),
  ...changeDecisionRoutes(dependencies),
  ...versionRoutes(dependencies),
  ...restoreVersionRoutes(dependencies),
  ...versionDifferenceRoutes(dependencies),
  ...sageDifferenceRoutes(dependencies),
  ...historyRoutes(dependencies),
  ...historyFileRoutes(dependencies),
  ...mailRoutes(dependencies),
  ...erpBudgetRoutes(dependencies),
  ...erpDecisionRoutes(dependencies),
  ...companyPeopleRoutes(dependencies),
  ...companyPolicyRoutes(dependencies),
  ...companySageRoutes(dependencies),
  ...companyHistoryRoutes(dependencies),
  ...repairRoutes(dependencies),
]

export const handler = onApi(budgetSideRoutes, apiDependencies)
