import type { Logger } from '@aws-lambda-powertools/logger'
import type { Dependencies } from '../cycle/dependencies.ts'
import type { Link } from '../store/company-store.ts'
import { notFromHere } from './frame.ts'

/** What the functions behind mailed links are handed. */
export interface PageDependencies extends Dependencies {
  readonly logger: Pick<Logger, 'warn' | 'error'>
}

type OfThePage = 'form' | 'own origin' | 'mark of the page'

/**
 * Logs a form that records nothing since it lacks what only a person gives, or what only the page does: as a rule
 * a program sent it that looks through mail. The line names the page and whose link it was, never the reference.
 */
export function logIncomplete(
  { logger }: Pick<PageDependencies, 'logger'>,
  { kind: page, company, project, person }: Link,
  lacks: OfThePage | 'choice',
): void {
  logger.warn('incomplete form', { page, company, project, person, lacks })
}

/** Logs a form that our page did not send, and answers so. */
export async function notFromOurPage(dependencies: PageDependencies, link: Link, lacks: OfThePage) {
  logIncomplete(dependencies, link, lacks)
  return await notFromHere()
}
