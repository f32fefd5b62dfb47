import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { approvalId } from '../domain/approval.ts'
import { exportId } from '../domain/export-id.ts'
import type { Dependencies } from '../cycle/dependencies.ts'
import type { Link } from '../store/company-store.ts'
import { notFromHere, unknownLink } from './frame.ts'

/** Logs a link that opens nothing, and answers so: many at once are guesses, or mails with a wrong address. */
export async function notKnown(
  { logger }: Pick<Dependencies, 'logger'>,
  { requestContext, routeKey }: APIGatewayProxyEventV2,
) {
  logger.warn('unknown link', { request: requestContext.requestId, route: routeKey })
  return await unknownLink()
}

/** Logs what a page answered, and whose link it was; the reference never. */
export function logAnswer(
  { logger }: Pick<Dependencies, 'logger'>,
  { requestContext, routeKey }: APIGatewayProxyEventV2,
  { company, project, person, approval, export: number }: Link,
  { statusCode }: APIGatewayProxyStructuredResultV2,
): void {
  logger.info('answered', {
    request: requestContext.requestId,
    route: routeKey,
    status: statusCode,
    company,
    project,
    by: person,
    ...(approval && { approval: approvalId(project, approval) }),
    ...(number !== undefined && { export: exportId(project, number) }),
  })
}

type OfThePage = 'form' | 'own origin' | 'mark of the page'

/**
 * Logs a form that records nothing since it lacks what only a person gives, or what only the page does: as a rule
 * a program sent it that looks through mail. The line names the page and whose link it was, never the reference.
 */
export function logIncomplete(
  { logger }: Pick<Dependencies, 'logger'>,
  { kind: page, company, project, person }: Link,
  lacks: OfThePage | 'choice',
): void {
  logger.warn('incomplete form', { page, company, project, person, lacks })
}

/** Logs a form that our page did not send, and answers so. */
export async function notFromOurPage(dependencies: Dependencies, link: Link, lacks: OfThePage) {
  logIncomplete(dependencies, link, lacks)
  return await notFromHere()
}
