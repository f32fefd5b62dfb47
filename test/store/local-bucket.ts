import { S3Client } from '@aws-sdk/client-s3'
import { type FauxqsServer, startFauxqs } from 'fauxqs'

/** A bucket of its own, in this process, gone when stopped. */
export interface LocalBucket {
  readonly endpoint: string
  readonly bucket: string
  readonly s3: S3Client
  stop(): Promise<void>
}

export async function startLocalBucket(): Promise<LocalBucket> {
  const server: FauxqsServer = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  const bucket = 'budgets'
  server.createBucket(bucket)
  const endpoint = `http://127.0.0.1:${String(server.port)}`
  const s3 = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  return {
    endpoint,
    bucket,
    s3,
    async stop() {
      s3.destroy()
      await server.stop()
    },
  }
}
