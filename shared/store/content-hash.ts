import { createHash } from 'node:crypto'
import { Sha256 } from '../domain/ids.ts'

export const sha256 = (bytes: Uint8Array | string): Sha256 =>
  Sha256.parse(createHash('sha256').update(bytes).digest('hex'))

/** Only this hash of a mailed reference is ever stored. */
export const referenceHash = (reference: string): Sha256 => sha256(reference)

/**
 * JSON with sorted keys and no spaces, so that equal values have equal bytes and one hash.
 * Absent and undefined members are the same; takes plain JSON values only.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}
