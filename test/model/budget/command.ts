import * as fc from 'fast-check'
import type { step } from '../../functions/api/workflow-by-hand.ts'
import type { SignIn } from '../../functions/api/api-event.ts'
import type { PlainBudget, SageTotal } from './plain-budget.ts'
import type { SheetRows } from './plain-file.ts'
import type { CommandName } from './reached.ts'

/** What a command leaves, once the model has done it too. */
export interface Done {
  readonly status: number
  /** Nothing was written where what was asked stands already: such an answer is not kept for a repeat. */
  readonly wrote: boolean
  /** Members that the answer must have. */
  readonly says?: object
}

/** Text of a CSV file, a sheet that another program writes, or the workbook that was exported last. */
export type FileSent =
  | { readonly kind: 'csv'; readonly text: string }
  | { readonly kind: 'sheet'; readonly rows: SheetRows }
  | { readonly kind: 'exported' }

/** One request to the real API, and what the model says to it. */
export interface Asked {
  readonly name: CommandName
  /** It is not yet what was drawn, which is asked again after it. */
  readonly onTheWay?: boolean
  readonly as: SignIn
  readonly method: 'POST' | 'PATCH' | 'PUT'
  /** Below `/projects/<project>`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** What Sage is read to hold before the request is sent. */
  readonly reads?: readonly SageTotal[] | undefined
  /** A file instead of a body. */
  readonly file?: FileSent
  /** Whether the budget is exported as a workbook before the request is sent. */
  readonly exports?: boolean
  readonly ifMatch: 'required' | 'optional' | 'none'
  readonly key: 'required' | 'optional' | 'none'
  /** The code with which it is refused whatever the revision and the key are. */
  readonly unread?: string | undefined
  /**
   * The code with which the rules refuse it; otherwise the model has done it.
   * @param stale the code with which an old If-Match is refused, or a missing one where it is required
   */
  readonly decide: (stale: string | undefined) => string | Done
  /** Steps of the workflow that then carry it out. */
  readonly steps?: readonly Parameters<typeof step>[2][]
  /** Whether somebody tries to edit before they did. */
  readonly interrupted?: boolean
  /** As many files are then accepted, delivered and posted in Sage. */
  readonly posts?: number
}

export const onTheWay = (step: Asked): Asked => ({ ...step, onTheWay: true })

/** A command as drawn; what it asks depends on where the budget stands by then. */
export interface Command {
  readonly ask: (plain: PlainBudget) => Asked
}

export const command = <T>(
  name: string,
  drawn: fc.Arbitrary<T>,
  ask: (plain: PlainBudget, drawn: T) => Asked,
): fc.Arbitrary<Command> =>
  drawn.map((data) => ({
    ask: (plain: PlainBudget) => ask(plain, data),
    [fc.toStringMethod]: () => `${name} ${fc.stringify(data)}`,
  }))

/** How a request is sent: from the current revision or not, with a key of its own, with one used before, or twice. */
export interface Manner {
  readonly ifMatch: 'current' | 'stale' | 'missing'
  readonly key: 'none' | 'fresh' | 'used'
  readonly twice: boolean
}

export const anyManner: fc.Arbitrary<Manner> = fc.record({
  ifMatch: fc.oneof(
    { weight: 9, arbitrary: fc.constant('current' as const) },
    { weight: 1, arbitrary: fc.constantFrom('stale' as const, 'missing' as const) },
  ),
  key: fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom('none' as const, 'fresh' as const) },
    { weight: 1, arbitrary: fc.constant('used' as const) },
  ),
  twice: fc.constantFrom(...Array.from({ length: 10 }, (_, i) => i === 0)),
})
