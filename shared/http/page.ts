import * as z from 'zod'
import { refusal, Refused } from '../domain/refusal.ts'
import { faulty } from './request.ts'

/** `?limit=&cursor=`, by default 50 items and at most `most`. */
export const pageQuery = (most = 200) =>
  z.strictObject({
    limit: z.coerce.number().int().min(1).max(most).default(Math.min(50, most)),
    cursor: z.string().min(1).max(1000).optional(),
  })

/** A page as it was asked for. */
export type Page = z.output<ReturnType<typeof pageQuery>>

/** Opaque to the caller: where the next page begins. */
export const cursorOf = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url')

/** What a cursor of ours says; any other text is refused. */
export function placeOf<Schema extends z.ZodType>(cursor: string, schema: Schema): z.output<Schema> {
  const bad = faulty('/cursor', 'CURSOR', 'This is no cursor of a page before.')
  let place: unknown
  try {
    place = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    throw bad
  }
  const result = schema.safeParse(place)
  if (!result.success) throw bad
  return result.data
}

/** Whether this was not given yet, where the page before ended with `last`; undefined: there was none. */
export const comesAfter = (key: string, last: string | undefined): boolean => last === undefined || key > last

/** The first of what is left, and the cursor that goes on after the last of them: null when nothing is left then. */
export function pageOf<Item>(
  rest: readonly Item[],
  limit: number,
  placeAfter: (last: Item) => unknown,
): { readonly page: readonly Item[]; readonly next_cursor: string | null } {
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  const more = last !== undefined && rest.length > limit
  return { page, next_cursor: more ? cursorOf(placeAfter(last)) : null }
}

/** A page that cannot go on where the one before ended. */
export const changedBetween = (): Refused =>
  new Refused(
    refusal(
      'CHANGED_MEANWHILE',
      'The lines were changed between two pages.',
      'Begin again with the first page, so that no line is shown twice or left out.',
    ),
  )
