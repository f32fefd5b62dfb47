import { StepFunctionsError } from './step-functions-error.ts'

/** How a caller pages: 0 or nothing means 100 items, 1,000 at most, as in the Step Functions API. */
export type Paging = { readonly maxResults?: number; readonly nextToken?: string }

export type Page<Item> = { readonly items: readonly Item[]; readonly nextToken?: string }

/**
 * One page of a list. The token names the last item given, so that items which join or leave the list between two
 * pages neither repeat nor hide others.
 *
 * @throws StepFunctionsError InvalidToken
 */
export function pageOf<Item>(
  all: readonly Item[],
  keyOf: (item: Item) => string,
  { maxResults = 0, nextToken }: Paging,
  wanted: (item: Item) => boolean = () => true,
): Page<Item> {
  const size = maxResults === 0 ? 100 : Math.min(maxResults, 1_000)
  const rest = all.slice(startOf(all, keyOf, nextToken)).filter((item) => wanted(item))
  const items = rest.slice(0, size)
  const last = items.at(-1)
  if (last === undefined || rest.length <= size) return { items }
  return { items, nextToken: Buffer.from(keyOf(last), 'utf8').toString('base64url') }
}

function startOf<Item>(
  all: readonly Item[],
  keyOf: (item: Item) => string,
  nextToken: string | undefined,
): number {
  if (nextToken === undefined) return 0
  const key = Buffer.from(nextToken, 'base64url').toString('utf8')
  const last = all.findIndex((item) => keyOf(item) === key)
  if (last === -1) throw new StepFunctionsError('InvalidToken', "Invalid Token: 'Invalid token'")
  return last + 1
}
