import { crc32, inflateRawSync } from 'node:zlib'
import { BrokenWorkbook } from './broken-workbook.ts'

/** Limits of an archive. */
export interface ZipLimits {
  readonly entries: number
  /** Bytes of all entries together that are read, once inflated. */
  readonly inflated: number
}

// A workbook of 100,000 lines holds 50 MB of XML in some ten entries; pictures and the like are never inflated.
export const zipLimits: ZipLimits = { entries: 2_000, inflated: 100_000_000 }

interface Entry {
  readonly method: number
  readonly crc: number
  readonly compressed: number
  readonly size: number
  /** Where its local header begins. */
  readonly at: number
}

// PKWARE APPNOTE 6.3.10, 4.3.7, 4.3.12 and 4.3.16: fixed parts of the headers, in bytes.
const local = { signature: 0x04034b50, size: 30 }
const central = { signature: 0x02014b50, size: 46 }
const end = { signature: 0x06054b50, size: 22, longestComment: 0xffff }
const encryptedFlag = 1
const stored = 0
const deflated = 8
const chunkSize = 1 << 20 // fewer pieces to put together than with zlib's own 16 KB
const inZip64 = 0xffffffff

export const looksLikeZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04

const broken = (why: string): BrokenWorkbook =>
  new BrokenWorkbook(
    'BROKEN_WORKBOOK',
    `The file is damaged: ${why}. Save it again as an Excel workbook (.xlsx).`,
  )

/**
 * A zip archive in memory. Opening it looks at its directory only; an entry is inflated when it is asked for, never past
 * what is left of the limit, whatever size the archive declares.
 */
export class Zip {
  readonly #bytes: Buffer
  readonly #entries: ReadonlyMap<string, Entry>
  #left: number

  /** @throws BrokenWorkbook for anything that is no plain, whole, unencrypted archive within the limits. */
  constructor(bytes: Uint8Array, limits: ZipLimits = zipLimits) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#entries = readDirectory(this.#bytes, limits)
    this.#left = limits.inflated
  }

  /** The bytes of an entry, its name in any case; undefined where there is none. @throws BrokenWorkbook */
  read(name: string): Buffer | undefined {
    const entry = this.#entries.get(name.toLowerCase())
    if (!entry) return undefined
    const bytes = this.#inflated(dataOf(this.#bytes, entry), entry)
    if (bytes.length !== entry.size || crc32(bytes) !== entry.crc)
      throw broken(`${name} is not what was packed`)
    this.#left -= bytes.length
    return bytes
  }

  #inflated(data: Buffer, { method, size }: Entry): Buffer {
    if (size > this.#left || data.length > this.#left) throw tooLarge()
    if (method === stored) return data
    if (method !== deflated) throw broken('it is packed in a way that workbooks are not')
    try {
      return inflateRawSync(data, { chunkSize, maxOutputLength: Math.max(this.#left, 1) })
    } catch (error) {
      throw error instanceof RangeError ? tooLarge() : broken('it cannot be unpacked')
    }
  }
}

const tooLarge = (): BrokenWorkbook =>
  new BrokenWorkbook(
    'TOO_LARGE_INSIDE',
    'Unpacked, the workbook is larger than any budget; copy the lines into a new workbook and save that.',
  )

function readDirectory(bytes: Buffer, limits: ZipLimits): ReadonlyMap<string, Entry> {
  const found = endOfDirectory(bytes)
  if (found === undefined) throw broken('its end is missing')
  const count = bytes.readUInt16LE(found + 10)
  const onOtherDisks = bytes.readUInt32LE(found + 4) !== 0 || bytes.readUInt16LE(found + 8) !== count
  const size = bytes.readUInt32LE(found + 12)
  const begin = bytes.readUInt32LE(found + 16)
  if (onOtherDisks || count > limits.entries || begin === inZip64) throw broken('it has too many parts')
  if (begin + size > found) throw broken('its directory lies outside of it')
  const entries = new Map<string, Entry>()
  let at = begin
  for (let n = 0; n < count; n += 1) {
    if (at + central.size > found || bytes.readUInt32LE(at) !== central.signature)
      throw broken('its directory cannot be read')
    const nameLength = bytes.readUInt16LE(at + 28)
    const next = at + central.size + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
    if (next > found) throw broken('its directory cannot be read')
    const name = bytes.toString('utf8', at + central.size, at + central.size + nameLength).toLowerCase()
    if (entries.has(name)) throw broken('a part of it is there twice')
    entries.set(name, readEntry(bytes, at, begin))
    at = next
  }
  return entries
}

function endOfDirectory(bytes: Buffer): number | undefined {
  const last = bytes.length - end.size
  for (let at = last; at >= Math.max(0, last - end.longestComment); at -= 1)
    if (bytes.readUInt32LE(at) === end.signature) return at
  return undefined
}

function readEntry(bytes: Buffer, at: number, directory: number): Entry {
  if ((bytes.readUInt16LE(at + 8) & encryptedFlag) !== 0)
    throw new BrokenWorkbook(
      'ENCRYPTED',
      'The workbook is protected by a password; take the password off and save it again.',
    )
  const entry = {
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    compressed: bytes.readUInt32LE(at + 20),
    size: bytes.readUInt32LE(at + 24),
    at: bytes.readUInt32LE(at + 42),
  }
  if (entry.at + local.size + entry.compressed > directory) throw broken('a part of it lies outside of it')
  return entry
}

function dataOf(bytes: Buffer, { at, compressed }: Entry): Buffer {
  if (bytes.readUInt32LE(at) !== local.signature) throw broken('a part of it cannot be found')
  const begin = at + local.size + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28)
  if (begin + compressed > bytes.length) throw broken('a part of it lies outside of it')
  return bytes.subarray(begin, begin + compressed)
}
