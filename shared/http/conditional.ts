import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { type Refusal, refusal } from '../domain/refusal.ts'

/** The revision as a strong entity tag: `"12"`. */
export const etag = (revision: number): string => `"${String(revision)}"`

const tags = /^\s*"\d{1,15}"(\s*,\s*"\d{1,15}")*\s*$/

/**
 * Why a change may not be made on top of what stands (RFC 9110, 13.1.1: strong comparison, so a weak tag never
 * matches): IF_MATCH_MISSING without the header, INVALID_INPUT where it holds no tag of ours, CHANGED_MEANWHILE when
 * another revision stands.
 */
export function notMatching(
  event: Pick<APIGatewayProxyEventV2, 'headers'>,
  revision: number,
): Refusal | undefined {
  const given = event.headers['if-match']
  if (given === undefined)
    return refusal(
      'IF_MATCH_MISSING',
      'A change must name the revision it was made from.',
      'Read it again and send its ETag as If-Match.',
    )
  if (!tags.test(given))
    return refusal(
      'INVALID_INPUT',
      'If-Match does not hold an ETag of ours.',
      'Send the ETag as it came, in its quotes and without W/ before it, such as If-Match: "12".',
    )
  const seen = given.split(',').map((tag) => tag.trim())
  return seen.includes(etag(revision))
    ? undefined
    : refusal(
        'CHANGED_MEANWHILE',
        `It was changed since: revision ${String(revision)} stands now.`,
        'Read it again, look at what changed, and send your change with the new ETag.',
      )
}

/** The same where a command may be given without having looked: CHANGED_MEANWHILE where it names another revision. */
export const overtaken = (
  event: Pick<APIGatewayProxyEventV2, 'headers'>,
  revision: number,
): Refusal | undefined => (event.headers['if-match'] === undefined ? undefined : notMatching(event, revision))
