import { crc32, deflateRawSync } from 'node:zlib'

/** One file of an archive. */
export interface ZipFile {
  readonly name: string
  /** In UTF-8, where it is text. */
  readonly text: string | Uint8Array
}

const version = 20 // 2.0: deflate
const utf8Names = 0x0800
const deflated = 8
const firstOfJanuary1980 = 0x0021 // the earliest date there is: equal content gives equal bytes

interface Packed {
  readonly header: Buffer
  readonly name: Buffer
  readonly data: Buffer
}

/** The fields that the local and the central header share, in their order (PKWARE APPNOTE 6.3.10, 4.3.7). */
function pack({ name, text }: ZipFile): Packed {
  const bytes = Buffer.from(text)
  const data = deflateRawSync(bytes)
  const nameBytes = Buffer.from(name)
  const header = Buffer.alloc(26)
  header.writeUInt16LE(version, 0)
  header.writeUInt16LE(utf8Names, 2)
  header.writeUInt16LE(deflated, 4)
  header.writeUInt16LE(firstOfJanuary1980, 8)
  header.writeUInt32LE(crc32(bytes), 10)
  header.writeUInt32LE(data.length, 14)
  header.writeUInt32LE(bytes.length, 18)
  header.writeUInt16LE(nameBytes.length, 22)
  return { header, name: nameBytes, data }
}

const numbers = (...words: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(words.length * 4)
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, index * 4)
  return bytes
}

/** Files as a zip archive; the same files give the same bytes. At most 4 GB. */
export function zipOf(files: readonly ZipFile[]): Uint8Array {
  const body: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const file of files) {
    const { header, name, data } = pack(file)
    const local = Buffer.concat([numbers(0x04034b50), header, name])
    const ofSystem = Buffer.from([version, 0])
    // Comment, disk and attributes are none; then where the local header begins.
    directory.push(numbers(0x02014b50), ofSystem, header, Buffer.alloc(10), numbers(at), name)
    body.push(local, data)
    at += local.length + data.length
  }
  const listed = Buffer.concat(directory)
  const count = files.length
  const ends = [numbers(0x06054b50, 0, count | (count << 16), listed.length, at), Buffer.alloc(2)]
  return Buffer.concat([...body, listed, ...ends])
}
