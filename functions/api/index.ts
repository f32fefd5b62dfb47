import { Logger } from '@aws-lambda-powertools/logger'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { queueClient } from '../../shared/aws.ts'
import { Environment, readEnvironment } from '../../shared/config.ts'
import { dependenciesFromEnvironment } from '../../shared/cycle/dependencies.ts'
import { apiHandler } from '../../shared/http/pipeline.ts'
import { reportSageEvent } from '../../shared/sage/report-sage-event.ts'
import { budgetRoutes } from './budget.ts'
import { budgetChangeRoutes } from './budget-changes.ts'
import { budgetFileRoutes } from './budget-file.ts'
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
import { historyRoutes } from './history.ts'
import { importFromSageRoutes } from './import-from-sage.ts'
import { lineItemRoutes } from './line-items.ts'
import { masterDataRoutes } from './master-data.ts'
import { projectRoutes } from './projects.ts'
import { versionRoutes } from './versions.ts'

/** Every route of the API with what it does; whatever is not listed here does not exist. */
export const apiRoutes = (dependencies: ApiDependencies) => [
  ...projectRoutes(dependencies),
  ...budgetRoutes(dependencies),
  ...lineItemRoutes(dependencies),
  ...budgetFileRoutes(dependencies),
  ...importFromSageRoutes(dependencies),
  ...commandRoutes(dependencies),
  ...budgetChangeRoutes(dependencies),
  ...changeDecisionRoutes(dependencies),
  ...versionRoutes(dependencies),
  ...historyRoutes(dependencies),
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

function fromEnvironment(): ApiDependencies {
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
  }
}

let api: ReturnType<typeof createApi> | undefined

export const handler = async (
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> => await (api ??= createApi(fromEnvironment()))(event, context)
