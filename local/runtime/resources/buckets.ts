import * as z from 'zod'
import { physicalName } from './physical-name.ts'
import { type Described, runType } from './resource-type.ts'

const Bucket = z.strictObject({ BucketName: z.string().optional() })

export interface BucketPart {
  readonly kind: 'bucket'
  readonly id: string
  readonly name: string
  readonly arn: string
}

export const bucket = runType({
  honoured: Bucket,
  ignored: {
    AccessControl: 'there are no permissions',
    BucketEncryption: 'the data folder is not encrypted',
    LifecycleConfiguration: 'nothing expires; what is stored stays in the data folder',
    LoggingConfiguration: 'there is no access log of buckets',
    OwnershipControls: 'there are no permissions',
    PublicAccessBlockConfiguration: 'there are no permissions, and nothing listens beyond this machine',
    Tags: 'labels only',
    VersioningConfiguration: 'a read without a version id gives the newest, as here',
  },
  describe: (properties, place): Described<BucketPart> => {
    const name = properties.BucketName ?? physicalName(place, 63).toLowerCase()
    const bucketArn = `arn:aws:s3:::${name}`
    return {
      ref: name,
      attributes: { Arn: bucketArn },
      part: { kind: 'bucket', id: place.id, name, arn: bucketArn },
    }
  },
})
