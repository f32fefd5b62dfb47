import { Logger } from '@aws-lambda-powertools/logger'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { bucketClient, queueClient } from '../../shared/aws.ts'
import { Environment, readEnvironment } from '../../shared/config.ts'
import { dependenciesFromEnvironment } from '../../shared/cycle/dependencies.ts'
import { apiHandler } from '../../shared/http/pipeline.ts'
import { reportSageEvent } from '../../shared/sage/report-sage-event.ts'
import { budgetRoutes } from './budget.ts'
import { budgetChangeRoutes } from './budget-changes.ts'
import { budgetDownloadRoutes } from './budget-download.ts'
import { budgetImportRoutes } from './budget-import.ts'
import { changeDecisionRoutes } from './change-decisions.ts'
import { commandRoutes } from './commands.ts'
import { companyPeopleRoutes } from './company-people.ts'
import { companyPolicyRoutes } from './company-policy.ts'
import { companySageRoutes } from './company-sage.ts'
import { connectorReportRoutes } from './connector-reports.ts'
import type { ApiDependencies } from './dependencies.ts'
import { downloadAddress } from './download-address.ts'
import { erpBudgetRoutes } from './erp-budgets.ts'
import { exportCommandRoutes } from './export-commands.ts'
import { exportRoutes } from './exports.ts'
import { historyFileRoutes } from './history-file.ts'
import { historyRoutes } from './history.ts'
import { lineEditRoutes } from './line-edits.ts'
import { lineListRoutes } from './line-list.ts'
import { importFromSageRoutes } from './import-from-sage.ts'
import { masterDataRoutes } from './master-data.ts'
import { projectRoutes } from './projects.ts'
import { restoreVersionRoutes } from './restore-version.ts'
import { sageDifferenceRoutes } from './sage-difference.ts'
import { versionDifferenceRoutes } from './version-difference.ts'
import { createUploads, uploadRoutes } from './uploads.ts'
import { versionRoutes } from './versions.ts'

/** Every route of the API with what it does; whatever is not listed here does not exist. */
export const apiRoutes = (dependencies: ApiDependencies) => [
  ...projectRoutes(dependencies),
  ...budgetRoutes(dependencies),
  ...lineListRoutes(dependencies),
  ...lineEditRoutes(dependencies),
  ...budgetDownloadRoutes(dependencies),
  ...budgetImportRoutes(dependencies),
  ...uploadRoutes(dependencies),
  ...importFromSageRoutes(dependencies),
  ...commandRoutes(dependencies),
  ...budgetChangeRoutes(dependencies),
  ...changeDecisionRoutes(dependencies),
  ...versionRoutes(dependencies),
  ...restoreVersionRoutes(dependencies),
  ...versionDifferenceRoutes(dependencies),
  ...sageDifferenceRoutes(dependencies),
  ...historyRoutes(dependencies),
  ...historyFileRoutes(dependencies),
  ...erpBudgetRoutes(dependencies),
  ...exportRoutes(dependencies),
  ...exportCommandRoutes(dependencies),
  ...connectorReportRoutes(dependencies),
  ...companyPeopleRoutes(dependencies),
  ...companyPolicyRoutes(dependencies),
  ...companySageRoutes(dependencies),
  ...masterDataRoutes(dependencies),
]

/** The API over what it is handed. */
export const createApi = (dependencies: ApiDependencies) => apiHandler(dependencies, apiRoutes(dependencies))

export function fromEnvironment(): ApiDependencies {
  const environment = readEnvironment(
    Environment.pick({ BUCKET: true, SAGE_EVENTS_QUEUE_URL: true, ROLE_CLAIM: true }),
  )
  const queue = queueClient()
  return {
    ...dependenciesFromEnvironment(),
    roleClaim: environment.ROLE_CLAIM,
    logger: new Logger({ serviceName: 'api' }),
    report: async (event) => {
      await reportSageEvent(queue, environment.SAGE_EVENTS_QUEUE_URL, event)
    },
    fileUrl: async (key, fileName) => await downloadAddress(environment.BUCKET, key, fileName),
    uploads: createUploads({ s3: bucketClient(), bucket: environment.BUCKET }),
  }
}

let api: ReturnType<typeof createApi> | undefined

export const handler = async (
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> => await (api ??= createApi(fromEnvironment()))(event, context)
