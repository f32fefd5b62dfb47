import { GetObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { bucketClient } from '../../shared/aws.ts'

/** Long enough to begin a download, too short to be passed around. */
const secondsToDownload = 60

/** An address of a file in the bucket that works without a sign-in for a minute, and saves under `fileName`. */
export async function downloadAddress(bucket: string, key: string, fileName: string): Promise<string> {
  const ResponseContentDisposition = `attachment; filename="${fileName}"`
  const get = new GetObjectCommand({ Bucket: bucket, Key: key, ResponseContentDisposition })
  return await getSignedUrl(bucketClient(), get, { expiresIn: secondsToDownload })
}
