import { queueClient } from '../../shared/aws.ts'
import { Environment, readEnvironment } from '../../shared/config.ts'
import { reportSageEvent } from '../../shared/sage/report-sage-event.ts'
import { connectorReportRoutes } from './connector-reports.ts'
import type { SageDependencies } from './dependencies.ts'
import { erpExportRoutes } from './erp-exports.ts'
import { exportCommandRoutes } from './export-commands.ts'
import { exportRoutes } from './exports.ts'
import { masterDataRoutes } from './master-data.ts'
import { apiDependencies, onApi } from './on-api.ts'
import { sageListUploadRoutes } from './sage-list-upload.ts'
import { sageReportRoutes } from './sage-report.ts'

/** Sage's side: exports and what is reported of them, Sage's lists and totals, the report of a job. */
export const sageSideRoutes = (dependencies: SageDependencies) => [
  ...erpExportRoutes(dependencies),
  ...exportRoutes(dependencies),
  ...exportCommandRoutes(dependencies),
  ...connectorReportRoutes(dependencies),
  ...masterDataRoutes(dependencies),
  ...sageListUploadRoutes(dependencies),
  ...sageReportRoutes(dependencies),
]

export function fromEnvironment(): SageDependencies {
  const environment = readEnvironment(Environment.pick({ SAGE_EVENTS_QUEUE_URL: true }))
  const queue = queueClient()
  return {
    ...apiDependencies(),
    report: async (event) => {
      await reportSageEvent(queue, environment.SAGE_EVENTS_QUEUE_URL, event)
    },
  }
}

export const handler = onApi(sageSideRoutes, fromEnvironment)
