import * as z from 'zod'
import type { LineGroup } from '../../shared/domain/line-filter.ts'
import { comesAfter, pageOf } from '../../shared/http/page.ts'

/** Where a page of subtotals goes on: a page of lines does with a code, this one with a name, of the same kind of subtotals. */
export const placeBy = <Shape extends z.ZodRawShape>(ofLines: z.ZodObject<Shape>, by: LineGroup) =>
  z.strictObject({ ...ofLines.shape, after: z.string(), by: z.literal(by) })

interface Asked {
  readonly by: LineGroup
  readonly limit: number
  /** Name of the last subtotal of the page before. */
  readonly after: string | undefined
}

/** One page of subtotals, each under the part of the code that it is added up by. */
export function subtotalsPage<Subtotal extends { readonly name: string }>(
  all: readonly Subtotal[],
  { by, limit, after }: Asked,
  placeAfter: (name: string) => object,
  shown: (subtotal: Subtotal) => object,
) {
  const left = all.filter(({ name }) => comesAfter(name, after))
  const { page, next_cursor } = pageOf(left, limit, ({ name }) => ({ ...placeAfter(name), by }))
  return { subtotals: page.map((each) => ({ [by]: each.name, ...shown(each) })), next_cursor }
}
