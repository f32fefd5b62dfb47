import * as z from 'zod'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { compressed, decompressed } from './compressed.ts'
import { Broken } from './errors.ts'
import type { RowKey } from './keys.ts'

/** A row as the document client gives and takes it. */
export interface Row extends RowKey {
  readonly [attribute: string]: unknown
}

// Small rows stay readable in the console; above this a write unit saved is worth more than that.
const longestPlain = 3_000
// An item may have 400 KB with its keys and names (DynamoDB limits).
const longestRow = 400 * 1024 - 2_048
const longestText = 64 * 1024 * 1024
const level = 9

/** Attributes that belong to the row, not to what it says. */
const ownAttributes = new Set(['pk', 'sk', 'mark', 'state_pk', 'state_at', 'due_pk', 'due_at', 'expires'])

/** The attributes that say `value`: as they are, or compressed as JSON where that is long. */
export function rowBody(value: object): Readonly<Record<string, unknown>> {
  const text = JSON.stringify(value)
  return text.length <= longestPlain ? { ...value } : { zstd: compressed(Buffer.from(text), level) }
}

/** Says no to what would not fit one row. */
export function tooLong(row: Row): Refusal | undefined {
  const { zstd } = row
  if (!(zstd instanceof Uint8Array) || zstd.length <= longestRow) return undefined
  return refusal(
    'TOO_LARGE',
    `This is more than one record of the database can hold (${row.sk}).`,
    'Divide it: fewer lines or shorter comments at a time.',
  )
}

/**
 * What a row says, checked against its schema; a row that does not fit is broken, by its key. What a later release has
 * added to it is kept: where that release was taken back, this one neither stops at it nor loses it.
 */
export function readBody<T>(schema: z.ZodType<T>, row: Row): T {
  const body = bodyOf(row)
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  const added = fieldsNotNamed(body, issues)
  const again = schema.safeParse(without(body, added))
  if (again.success) return withFields(again.data, added)
  const told = issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  throw new Broken('Store', `The row ${row.pk} ${row.sk} cannot be read: ${told}`)
}

type Body = Readonly<Record<string, unknown>>

/** A field that the schema does not name, and where it is. */
interface Field {
  readonly path: readonly PropertyKey[]
  readonly name: string
  readonly value: unknown
}

const fieldsNotNamed = (body: Body, issues: readonly z.core.$ZodIssue[]): readonly Field[] =>
  issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((name) => ({ path: issue.path, name, value: valueAt(body, [...issue.path, name]) }))
      : [],
  )

function without(body: Body, fields: readonly Field[]): Body {
  const copy = structuredClone(body)
  for (const { path, name } of fields) {
    const place = valueAt(copy, path)
    if (isObject(place)) Reflect.deleteProperty(place, name)
  }
  return copy
}

/** What was read, which is nobody else's yet, with these fields in it. */
function withFields<T>(read: T, fields: readonly Field[]): T {
  for (const { path, name, value } of fields) {
    const place = valueAt(read, path)
    if (isObject(place)) Reflect.set(place, name, value)
  }
  return read
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((place, name) => (isObject(place) ? Reflect.get(place, name) : undefined), value)

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const AnyBody = z.record(z.string(), z.unknown())

function bodyOf(row: Row): Body {
  const { zstd } = row
  if (zstd instanceof Uint8Array)
    return AnyBody.parse(JSON.parse(Buffer.from(decompressed(zstd, longestText)).toString()))
  return Object.fromEntries(Object.entries(row).filter(([name]) => !ownAttributes.has(name)))
}
