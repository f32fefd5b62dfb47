import { Logger } from '@aws-lambda-powertools/logger'
import { bucketObjects, documentClient } from '../aws.ts'
import { Environment, readEnvironment } from '../config.ts'
import { type Clock, systemClock } from '../domain/clock.ts'
import { createBudgetStore } from '../store/budget-table.ts'
import type { BudgetStore } from '../store/budget-store.ts'
import { createCompanyStore } from '../store/company-table.ts'
import type { CompanyStore } from '../store/company-store.ts'
import type { Objects } from '../store/objects.ts'

/** What every function that reads or writes budgets is handed. */
export interface Dependencies {
  readonly store: BudgetStore
  readonly companies: CompanyStore
  readonly objects: Objects
  readonly clock: Clock
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>
}

/** Built once per started function, from its environment: TABLE and BUCKET. */
export function dependenciesFromEnvironment(document = documentClient()): Dependencies {
  const { TABLE: table } = readEnvironment(Environment.pick({ TABLE: true }))
  const objects = bucketObjects(() => readEnvironment(Environment.pick({ BUCKET: true })).BUCKET)
  return {
    store: createBudgetStore({ document, table, clock: systemClock }),
    companies: createCompanyStore({ document, table, clock: systemClock, objects }),
    objects,
    clock: systemClock,
    // Its lines name the function by POWERTOOLS_SERVICE_NAME.
    logger: new Logger(),
  }
}

/** A Lambda entry point for a function that is handed its dependencies; they are built on the first call. */
export function onLambda<Event, Answer>(
  serve: (dependencies: Dependencies, event: Event) => Promise<Answer>,
): (event: Event) => Promise<Answer> {
  let dependencies: Dependencies | undefined
  return async (event) => await serve((dependencies ??= dependenciesFromEnvironment()), event)
}
