import { createHash } from 'node:crypto'

/** Where expressions take the time and chance from: the engine's clock, so that tests and simulations repeat. */
export type ExpressionWorld = { readonly now: () => number; readonly random: () => number }

const hashes = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
])

/**
 * JSONata 2.0.6's own functions, which are what AWS implements, without `$eval` (AWS has `$parse` instead),
 * `$shuffle` (chance that no seed repeats) and `$clone` (undocumented).
 */
const languageFunctions =
  'abs append assert average base64decode base64encode boolean ceil contains count decodeUrl decodeUrlComponent ' +
  'distinct each encodeUrl encodeUrlComponent error exists filter floor formatBase formatInteger formatNumber ' +
  'fromMillis join keys length lookup lowercase map match max merge min millis not now number pad parseInteger ' +
  'power random reduce replace reverse round sift single sort split spread sqrt string substring substringAfter ' +
  'substringBefore sum toMillis trim type uppercase zip'

/** Names of the functions an expression may call. */
export const functionNames: ReadonlySet<string> = new Set(
  `${languageFunctions} hash parse partition range uuid`.split(' '),
)

/** Most arguments a call may have here: the seed of `$random` and a picture's defaults would not follow our clock. */
export const mostArguments: ReadonlyMap<string, number> = new Map([
  ['random', 0],
  ['toMillis', 1],
  ['now', 0],
])

/** The functions that Step Functions adds to JSONata, and those of JSONata's that ask for time or chance. */
export function expressionFunctions(world: ExpressionWorld): Record<string, unknown> {
  return {
    now: () => new Date(world.now()).toISOString(),
    millis: () => world.now(),
    random: () => world.random(),
    uuid: () => uuid(world.random),
    parse,
    partition,
    range,
    hash,
  }
}

function parse(text: unknown): unknown {
  if (text === undefined) return undefined
  if (typeof text !== 'string') throw new TypeError('$parse needs a string')
  return JSON.parse(text)
}

/** Arguments that make no chunks give nothing, which the field then fails on; the size is cut towards zero. */
function partition(list: unknown, size: unknown): unknown {
  if (!Array.isArray(list) || typeof size !== 'number' || Math.trunc(size) < 1) return undefined
  const items: readonly unknown[] = list
  const length = Math.trunc(size)
  const chunks = Array.from({ length: Math.ceil(items.length / length) }, (_, at) =>
    items.slice(at * length, (at + 1) * length),
  )
  return chunks.length === 0 ? undefined : chunks
}

const longestRange = 360_145 // the most that AWS was seen to take: floci-io/floci, docs of its Step Functions

/** Inclusive; one element comes as the bare number, as on AWS. */
function range(first: unknown, last: unknown, step: unknown): unknown {
  if (typeof first !== 'number' || typeof last !== 'number' || typeof step !== 'number') return undefined
  const [from, to, by] = [Math.trunc(first), Math.trunc(last), Math.trunc(step)]
  if (by === 0 || (to - from) * by < 0) return undefined
  const length = Math.floor((to - from) / by) + 1
  if (length > longestRange) throw new RangeError(`$range makes more than ${String(longestRange)} elements`)
  const numbers = Array.from({ length }, (_, at) => from + at * by)
  return numbers.length === 1 ? from : numbers
}

function hash(text: unknown, algorithm: unknown): unknown {
  if (typeof text !== 'string' || typeof algorithm !== 'string') return undefined
  const name = hashes.get(algorithm)
  if (name === undefined) throw new RangeError(`$hash knows ${[...hashes.keys()].join(', ')}`)
  return createHash(name).update(text, 'utf8').digest('hex')
}

/** A version 4 UUID out of the given chance. */
export function uuid(random: () => number): string {
  const bytes = Uint8Array.from({ length: 16 }, (_, at) => {
    const byte = Math.floor(random() * 256)
    if (at === 6) return (byte & 0x0f) | 0x40
    return at === 8 ? (byte & 0x3f) | 0x80 : byte
  })
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
