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

/** Cells of a row, by the names of their columns. */
export type Cells = Readonly<Record<string, string | boolean>>

/** A row of one name in both lists, with the cells that differ. */
export interface ChangedRow {
  readonly name: string
  readonly before: Cells
  readonly after: Cells
}

/** What a list that was read anew does to the one before, by the names of its rows. */
export interface ListChanges {
  readonly added: readonly string[]
  readonly changed: readonly ChangedRow[]
  /** Open before, closed now. */
  readonly closed: readonly ChangedRow[]
  readonly removed: readonly string[]
}

/** Rows of one name count once, the last of them. */
export function listChanges<Row extends Cells>(
  before: readonly Row[],
  after: readonly Row[],
  nameOf: (row: Row) => string,
): ListChanges {
  const old = new Map(before.map((row) => [nameOf(row), row]))
  const now = new Map(after.map((row) => [nameOf(row), row]))
  const both = [...now].flatMap(([name, row]) => {
    const was = old.get(name)
    return was ? [{ name, before: differing(was, row), after: differing(row, was) }] : []
  })
  const changed = both.filter((row) => Object.keys(row.before).length > 0)
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    changed: changed.filter((row) => !closes(row)),
    closed: changed.filter(closes),
    removed: [...old.keys()].filter((name) => !now.has(name)),
  }
}

const closes = ({ after }: ChangedRow): boolean => after['closed'] === true

/** The cells of a row that the other has otherwise. */
const differing = (row: Cells, other: Cells): Cells =>
  Object.fromEntries(Object.entries(row).filter(([name, cell]) => other[name] !== cell))
