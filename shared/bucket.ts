import { S3Client } from '@aws-sdk/client-s3'
import type { Objects } from './store/company-store.ts'
import { createObjects } from './store/objects.ts'

// Apart from the other clients: importing it costs more than the rest of a function, so `aws.ts` loads it on first use.

/** Named from the package, so that a bundle holds the three operations in use and not all hundred. */
export const bucketClient = (): S3Client => new S3Client({ forcePathStyle: true })

export const objectsIn = (bucket: string): Objects => createObjects({ s3: bucketClient(), bucket })
