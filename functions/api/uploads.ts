import { randomBytes } from 'node:crypto'
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import * as z from 'zod'
import { CompanyId, Instant } from '../../shared/domain/ids.ts'
import { refusal, Refused } from '../../shared/domain/refusal.ts'
import type { Answer } from '../../shared/http/answer.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { orLater } from '../../shared/store/errors.ts'
import type { ApiDependencies } from './dependencies.ts'

/** 256 random bits: whoever has it may import the file into a budget of the company it was made for. */
export const UploadId = z
  .string()
  .regex(/^[\w-]{43}$/, { error: 'This is no id of an upload, as POST /uploads answers it.' })
  .brand('UploadId')
export type UploadId = z.infer<typeof UploadId>

/** Where one file may be put, once and until `expires`. */
export interface UploadOffer {
  readonly id: UploadId
  readonly url: string
  readonly expires: Instant
}

/** Files on their way in that are larger than a request: put in the bucket by the client, read by an import. */
export interface Uploads {
  /** `bytes`: the exact size, which the address is signed with. */
  offer(company: CompanyId, bytes: number, now: Instant): Promise<UploadOffer>
  /** Undefined where nothing was put; throws `Refused` TOO_LARGE before a byte is read. */
  read(company: CompanyId, id: UploadId): Promise<Uint8Array | undefined>
}

/** 100,000 lines are 8 MB as CSV and 13 MB as some programs write a workbook. */
export const largestUpload = 33_554_432
const secondsToUpload = 900

/** What stands below is removed after a day (infra: data stack). */
const uploadKey = (company: CompanyId, id: UploadId): string =>
  `passing/c/${CompanyId.parse(company)}/uploads/${UploadId.parse(id)}`

const tooLarge = (bytes: number, largest = largestUpload): Refused =>
  new Refused(
    refusal(
      'TOO_LARGE',
      `The file has ${String(bytes)} bytes; at most ${String(largest)} are taken.`,
      'Split the file and import the pieces one after the other, each merged into the budget.',
    ),
  )

interface Place {
  readonly s3: S3Client
  readonly bucket: string
  /** Bytes that are read at most. */
  readonly largest?: number
}

export function createUploads({ s3, bucket, largest = largestUpload }: Place): Uploads {
  async function sizeAt(Key: string) {
    try {
      return await orLater(s3.send(new HeadObjectCommand({ Bucket: bucket, Key })))
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'NotFound') return undefined
      throw error
    }
  }
  return {
    async offer(company, bytes, now) {
      const id = UploadId.parse(randomBytes(32).toString('base64url'))
      const put = new PutObjectCommand({ Bucket: bucket, Key: uploadKey(company, id), ContentLength: bytes })
      const signingDate = new Date(now)
      const url = await getSignedUrl(s3, put, { expiresIn: secondsToUpload, signingDate })
      const expires = new Date(signingDate.getTime() + secondsToUpload * 1000)
      return { id, url, expires: Instant.parse(expires.toISOString()) }
    },
    async read(company, id) {
      const Key = uploadKey(company, id)
      const found = await sizeAt(Key)
      if (!found) return undefined
      const { ContentLength = 0, ETag } = found
      if (ContentLength > largest) throw tooLarge(ContentLength, largest)
      // The very object whose size was looked at.
      const get = new GetObjectCommand({ Bucket: bucket, Key, ...(ETag !== undefined && { IfMatch: ETag }) })
      const { Body } = await orLater(s3.send(get))
      return await Body?.transformToByteArray()
    },
  }
}

const Wanted = z.strictObject({ bytes: z.int().min(1) })

async function offerUpload(
  { uploads, companies, clock }: ApiDependencies,
  { caller }: Ask,
  { bytes }: z.infer<typeof Wanted>,
): Promise<Answer> {
  if (bytes > largestUpload) throw tooLarge(bytes)
  const refused = await companies.countUpload(caller.company)
  if (refused) throw new Refused(refused)
  const { id, url, expires } = await uploads.offer(caller.company, bytes, clock.now())
  return {
    status: 201,
    body: {
      upload: id,
      method: 'PUT',
      url,
      headers: { 'content-length': String(bytes) },
      expires_at: expires,
    },
  }
}

export const uploadRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    method: 'POST',
    path: '/uploads',
    operation: 'import_file',
    body: Wanted,
    handle: async (ask, { body }) => await offerUpload(dependencies, ask, body),
  }),
]
