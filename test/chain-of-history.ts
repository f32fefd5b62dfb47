import { createHash } from 'node:crypto'

// An independent reader of the chain, from the rows alone: numbered from 1 without a gap, each with the hash of the
// one before, each hash that of the row's other members as JSON with every object's names in order.

const inOrder = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value

const hashOf = (row: object): string =>
  createHash('sha256').update(JSON.stringify(row, inOrder)).digest('hex')

/** The first row, as it is listed, at which the history does not hold; undefined when all of it does. */
export function chainFault(rows: readonly object[]): string | undefined {
  let previous = '0'.repeat(64)
  for (const [index, row] of rows.entries()) {
    const { hash, ...said } = row as { hash: string; sequence: number; previous: string }
    const at = `row ${String(index + 1)}`
    if (said.sequence !== index + 1) return `${at} is numbered ${String(said.sequence)}`
    if (said.previous !== previous) return `${at} does not go on from the one before`
    if (hashOf(said) !== hash) return `${at} was altered`
    previous = hash
  }
  return undefined
}
