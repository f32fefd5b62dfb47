import { queueClient } from '../../shared/aws.ts'
import { Environment, readEnvironment } from '../../shared/config.ts'
import { reportSageEvent } from '../../shared/sage/report-sage-event.ts'
import { approverCommandRoutes } from './approver-commands.ts'
import { budgetRoutes } from './budget.ts'
import { budgetChangeRoutes } from './budget-changes.ts'
import { changeDecisionRoutes } from './change-decisions.ts'
import { commandRoutes } from './commands.ts'
import { companyHistoryRoutes } from './company-history.ts'
import { companyPeopleRoutes } from './company-people.ts'
import { companyPolicyRoutes } from './company-policy.ts'
import { companySageRoutes } from './company-sage.ts'
import { connectorReportRoutes } from './connector-reports.ts'
import type { ApiDependencies } from './dependencies.ts'
import { erpBudgetRoutes } from './erp-budgets.ts'
import { erpExportRoutes } from './erp-exports.ts'
import { erpDecisionRoutes } from './erp-decisions.ts'
import { exportCommandRoutes } from './export-commands.ts'
import { exportRoutes } from './exports.ts'
import { historyFileRoutes } from './history-file.ts'
import { historyRoutes } from './history.ts'
import { lineEditRoutes } from './line-edits.ts'
import { lineListRoutes } from './line-list.ts'
import { importFromSageRoutes } from './import-from-sage.ts'
import { mailRoutes } from './mails.ts'
import { masterDataRoutes } from './master-data.ts'
import { fileDependencies, onApi } from './on-api.ts'
import { projectRoutes } from './projects.ts'
import { restoreVersionRoutes } from './restore-version.ts'
import { sageDifferenceRoutes } from './sage-difference.ts'
import { sageListUploadRoutes } from './sage-list-upload.ts'
import { sageReportRoutes } from './sage-report.ts'
import { versionDifferenceRoutes } from './version-difference.ts'
import { uploadRoutes } from './uploads.ts'
import { versionRoutes } from './versions.ts'

/** The routes of the API but for whole budget files, which a function of their own reads and writes. */
export const routesButFiles = (dependencies: ApiDependencies) => [
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
  ...sageReportRoutes(dependencies),
  ...historyRoutes(dependencies),
  ...historyFileRoutes(dependencies),
  ...mailRoutes(dependencies),
  ...erpBudgetRoutes(dependencies),
  ...erpExportRoutes(dependencies),
  ...erpDecisionRoutes(dependencies),
  ...exportRoutes(dependencies),
  ...exportCommandRoutes(dependencies),
  ...connectorReportRoutes(dependencies),
  ...companyPeopleRoutes(dependencies),
  ...companyPolicyRoutes(dependencies),
  ...companySageRoutes(dependencies),
  ...masterDataRoutes(dependencies),
  ...sageListUploadRoutes(dependencies),
  ...companyHistoryRoutes(dependencies),
]

export function fromEnvironment(): ApiDependencies {
  const environment = readEnvironment(Environment.pick({ SAGE_EVENTS_QUEUE_URL: true }))
  const queue = queueClient()
  return {
    ...fileDependencies(),
    report: async (event) => {
      await reportSageEvent(queue, environment.SAGE_EVENTS_QUEUE_URL, event)
    },
  }
}

export const handler = onApi(routesButFiles, fromEnvironment)
