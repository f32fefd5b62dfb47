import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { CompanyId, type Sha256 } from '../domain/ids.ts'
import { compressed, decompressed } from './compressed.ts'
import { canonicalJson, sha256 } from './content-hash.ts'
import { Altered, Broken, Later, orLater } from './errors.ts'

/** Immutable bytes by their SHA-256, in the bucket; a read checks the hash. */
export interface Objects {
  /** Canonical JSON, compressed; returns the hash of the uncompressed bytes. */
  putJson(company: CompanyId, value: unknown): Promise<Sha256>
  getJson(company: CompanyId, sha256: Sha256): Promise<unknown>
  /** A file under its own key (part files). Equal bytes may be put again; other bytes under the same key are refused. */
  putFile(key: string, bytes: Uint8Array): Promise<void>
  getFile(key: string, sha256: Sha256): Promise<Uint8Array>
}

// A higher level costs several times the processor time for a tenth of the size.
const level = 3
// Guard of decompression: master data and sheets of 50,000 lines are below 20 MB.
const longestJson = 128 * 1024 * 1024

/** See `Objects`. The bucket's own metadata carries the hash of what was put. */
export function createObjects({ s3, bucket }: { s3: S3Client; bucket: string }): Objects {
  async function bytesAt(key: string): Promise<Uint8Array> {
    try {
      const answer = await orLater(s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })))
      if (!answer.Body) throw new Broken('Store', `The object ${key} has no bytes`)
      return await orLater(answer.Body.transformToByteArray())
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'NoSuchKey')
        throw new Altered(`There is no object ${key}`)
      throw error
    }
  }

  /** The hash with which a file was put; undefined where there is none. */
  async function hashAt(key: string): Promise<string | undefined> {
    try {
      const answer = await orLater(s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key })))
      return answer.Metadata?.['sha256'] ?? 'none'
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'NotFound') return undefined
      throw error
    }
  }

  async function put(key: string, bytes: Uint8Array, hash: Sha256, onlyNew: boolean): Promise<void> {
    const request = new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: bytes,
      // S3 compares the checksum with the bytes that arrive; the metadata is what a later look compares with.
      ChecksumSHA256: Buffer.from(sha256(bytes), 'hex').toString('base64'),
      Metadata: { sha256: hash },
      ...(onlyNew && { IfNoneMatch: '*' }),
    })
    await orLater(s3.send(request))
  }

  return {
    async putJson(company, value) {
      const bytes = Buffer.from(canonicalJson(value))
      const hash = sha256(bytes)
      await put(objectKey(company, hash), compressed(bytes, level), hash, false)
      return hash
    },
    async getJson(company, hash) {
      const key = objectKey(company, hash)
      const bytes = decompressed(await bytesAt(key), longestJson)
      checkHash(key, bytes, hash)
      const value: unknown = JSON.parse(Buffer.from(bytes).toString())
      return value
    },
    async putFile(key, bytes) {
      const hash = sha256(bytes)
      const there = await hashAt(key)
      if (there === hash) return
      if (there !== undefined)
        throw new Broken(
          'OtherFile',
          `The file ${key} is there already, with other bytes; see the runbook workflow-failed.`,
        )
      try {
        await put(key, bytes, hash, true)
      } catch (error) {
        // Somebody put it between our look and our put: look again next time.
        if (error instanceof S3ServiceException && lostRace.has(error.name))
          throw new Later(`The file ${key} is being put twice at once`, { cause: error })
        throw error
      }
    },
    async getFile(key, hash) {
      const bytes = await bytesAt(key)
      checkHash(key, bytes, hash)
      return bytes
    },
  }
}

const lostRace = new Set(['PreconditionFailed', 'ConditionalRequestConflict'])

const objectKey = (company: string, hash: Sha256): string =>
  `c/${CompanyId.parse(company)}/objects/${hash}.json.zst`

function checkHash(key: string, bytes: Uint8Array, hash: Sha256): void {
  if (sha256(bytes) !== hash) throw new Altered(`The bytes of ${key} are not those that were put`)
}
