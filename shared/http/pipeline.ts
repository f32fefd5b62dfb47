import type { Logger } from '@aws-lambda-powertools/logger'
import middy from '@middy/core'
import httpRouter from '@middy/http-router'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { ProjectId } from '../domain/ids.ts'
import type { Clock } from '../domain/clock.ts'
import { refusal, Refused } from '../domain/refusal.ts'
import type { StoredAnswer } from '../store/budget-store.ts'
import type { CompanyStore } from '../store/company-store.ts'
import { Altered, AnsweredBefore, Later } from '../store/errors.ts'
import { type Answer, written } from './answer.ts'
import { assertMay, callerOf } from './caller.ts'
import { busy, problemFor, refusalOf } from './problem.ts'
import type { ApiEvent } from './request.ts'
import type { Ask, Route } from './route.ts'

export interface PipelineDependencies {
  readonly companies: Pick<CompanyStore, 'personOfSubject' | 'people'>
  /** Name of the claim that lists `<company>:<role>`. */
  readonly roleClaim: string
  readonly logger: Logger
  readonly clock: Clock
}

const largestDifference = 5 * 60_000 // milliseconds

const repeated = ({ status, body }: StoredAnswer): Answer => ({
  status,
  text: body,
  headers: { 'idempotent-replayed': 'true' },
})

/** Runs an operation; one that was carried out before answers as it did then. */
const carriedOut = async (ask: Ask, handle: (ask: Ask) => Promise<Answer>): Promise<Answer> =>
  await handle(ask).catch((error: unknown) => {
    if (error instanceof AnsweredBefore) return repeated(error.answer)
    throw error
  })

async function answered(
  dependencies: PipelineDependencies,
  route: Route,
  event: ApiEvent,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { logger, roleClaim, companies } = dependencies
  const request = event.requestContext.requestId
  const project = ProjectId.safeParse(event.pathParameters?.['project']).data
  logger.appendKeys({ request, route: `${route.method} ${route.path}`, ...(project && { project }) })
  const caller = await callerOf(event, roleClaim, companies)
  logger.appendKeys({ company: caller.company, by: caller.actor })
  assertMay(caller, route.operation)
  compareClocks(dependencies, event)
  const answer = await carriedOut({ event, caller, request }, route.handle)
  logger.info('answered', { status: answer.status })
  return written(answer)
}

/** Agents say what time they have: by it Sage is read, and what is read is compared. */
function compareClocks({ logger, clock }: PipelineDependencies, { headers }: ApiEvent): void {
  const difference = Date.parse(headers['x-client-time'] ?? '') - Date.parse(clock.now())
  if (Math.abs(difference) > largestDifference)
    logger.warn('clock differs', { seconds: Math.round(difference / 1000) })
}

function problem(logger: Logger, thrown: unknown, request: string): APIGatewayProxyStructuredResultV2 {
  const error = thrown instanceof Later ? new Refused(busy) : thrown
  const answer = problemFor(error, request)
  // This line raises the alarm.
  if (error instanceof Altered) logger.error('stored data altered', error)
  else if (answer.status === 500 && error instanceof Error) logger.error('broken', error)
  else logger.info('refused', { status: answer.status, code: refusalOf(error)?.code ?? 'other' })
  return written(answer)
}

const noSuchRoute = (): never => {
  throw new Refused(
    refusal(
      'NOT_FOUND',
      'There is nothing at this address.',
      'Look at the description of the API for what there is.',
    ),
  )
}

/**
 * The API as one Lambda handler: routes, callers, authorisation, answers, and one place where errors become
 * RFC 9457 documents. The log holds request id, route, project and codes, never a body or what else a path holds.
 */
export function apiHandler(dependencies: PipelineDependencies, routes: readonly Route[]) {
  const { logger } = dependencies
  const router = httpRouter<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({
    routes: routes.map((route) => ({
      method: route.method,
      path: route.path,
      handler: async (event: ApiEvent) => await answered(dependencies, route, event),
    })),
    notFoundResponse: noSuchRoute,
  })
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .before(() => {
      logger.resetKeys()
    })
    .onError((failed) => {
      failed.response = problem(logger, failed.error, failed.event.requestContext.requestId)
    })
    .handler(router)
}
