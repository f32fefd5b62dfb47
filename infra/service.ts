import { join } from 'node:path'
import type { App } from 'aws-cdk-lib'
import { settingsOf } from './settings.ts'
import { ApiStack } from './stacks/api.ts'
import { CycleStack } from './stacks/cycle.ts'
import { DataStack } from './stacks/data.ts'
import { OperationsStack } from './stacks/operations.ts'

const root = join(import.meta.dirname, '..')

export interface ServiceFiles {
  /** Folder that holds one folder per bundled function. */
  readonly bundles?: string
  readonly definition?: string
}

/**
 * All stacks of one deployment, in the order in which they are deployed.
 * Between them cross only table, queues, event bus, bucket, key, sign-in and the API's id.
 */
export function addService(app: App, files: ServiceFiles = {}) {
  const settings = settingsOf(app.node)
  const { bundles = join(root, 'dist/functions') } = files
  const { definition = join(root, 'statemachines/budget-cycle.asl.json') } = files
  const data = new DataStack(app, settings)
  const api = new ApiStack(app, { settings, data, bundles })
  const { publicUrl, apiId } = api
  const cycle = new CycleStack(app, { settings, data, bundles, definition, publicUrl })
  const operations = new OperationsStack(app, { settings, data, apiId })
  // It counts lines in logs that are named, not handed over.
  operations.addStackDependency(cycle)
  return { data, api, cycle, operations }
}
