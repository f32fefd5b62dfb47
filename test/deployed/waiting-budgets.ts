import * as z from 'zod'

/** What the list of budgets that wait for accounting says of each, as far as a decision repeats it. */
export const Waiting = z.looseObject({
  budgets: z.array(
    z.looseObject({
      project: z.string(),
      approval: z.looseObject({
        version_hash: z.string(),
        export_hash: z.string(),
        parts: z.array(z.looseObject({ part: z.int(), total: z.string() })),
        ticks: z.array(z.string()),
      }),
    }),
  ),
})

/** What an accept must repeat of what is shown, and the ticks that it asks for. */
export const asShown = ({ approval }: z.infer<typeof Waiting>['budgets'][number]) => {
  const { ticks, version_hash, export_hash, parts } = approval
  return {
    ticks,
    shown: { version_hash, export_hash, parts: parts.map(({ part, total }) => ({ part, total })) },
  }
}
