import type { Instant } from './ids.ts'
import { type MasterData, MasterList } from './sage-company.ts'

/** When a list was read; undefined: never. */
export const readAt = ({ as_of, lists_as_of }: MasterData, list: MasterList): Instant | undefined =>
  lists_as_of ? lists_as_of[list] : as_of

/** When the list was read that was not read for longest, and the lists that never were. */
export function oldestReading(data: MasterData): { readonly as_of: Instant; readonly never: MasterList[] } {
  const read = MasterList.options.flatMap((list) => readAt(data, list) ?? [])
  const [oldest = data.as_of] = read.toSorted((a, b) => Date.parse(a) - Date.parse(b))
  return { as_of: oldest, never: MasterList.options.filter((list) => readAt(data, list) === undefined) }
}

/** What is known of Sage once one list was read anew; the others stay as they are. */
export function withList(
  before: MasterData | undefined,
  list: MasterList,
  rows: Partial<Pick<MasterData, MasterList>>,
  as_of: Instant,
): MasterData {
  const others = before && MasterList.options.map((each) => [each, readAt(before, each)] as const)
  const newest = before && Date.parse(before.as_of) > Date.parse(as_of) ? before.as_of : as_of
  return {
    jobs: [],
    cost_codes: [],
    categories: [],
    extras: [],
    ...before,
    ...rows,
    as_of: newest,
    lists_as_of: {
      ...Object.fromEntries(others?.filter(([, at]) => at !== undefined) ?? []),
      [list]: as_of,
    },
  }
}

/** What a list that was read anew does to the one before, by the names of its rows. */
export interface ListChanges {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  /** Open before, closed now. */
  readonly closed: readonly string[]
  readonly removed: readonly string[]
}

/** Rows of one name count once, the last of them. */
export function listChanges<Row extends object>(
  before: readonly Row[],
  after: readonly Row[],
  nameOf: (row: Row) => string,
): ListChanges {
  const old = new Map(before.map((row) => [nameOf(row), row]))
  const now = new Map(after.map((row) => [nameOf(row), row]))
  const both = [...now].flatMap(([name, row]) => {
    const was = old.get(name)
    return was ? [{ name, closes: isClosed(row) && !isClosed(was), same: sameRow(was, row) }] : []
  })
  const names = (of: typeof both): string[] => of.map(({ name }) => name)
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    changed: names(both.filter(({ same, closes }) => !same && !closes)),
    closed: names(both.filter(({ closes }) => closes)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
  }
}

const isClosed = (row: object): boolean => 'closed' in row && row.closed === true

const sameRow = (a: object, b: object): boolean => {
  const cells = new Map(Object.entries(b))
  return Object.entries(a).every(([name, cell]) => cells.get(name) === cell)
}
