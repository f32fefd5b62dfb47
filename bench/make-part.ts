import { S3Client } from '@aws-sdk/client-s3'
import { makePart } from '../shared/cycle/export-parts.ts'
import { cents } from '../shared/domain/cents.ts'
import { CompanyId, Day, Instant, PersonId, ProjectId, Sha256 } from '../shared/domain/ids.ts'
import { createObjects } from '../shared/store/objects.ts'
import { tradeLines } from '../test/store/trade-lines.ts'
import { job, masterDataFor, sageCompany } from './sage-company.ts'

// Makes the part of 50,000 entries in a bucket, and says what that took: processor time in microseconds, the most
// memory in bytes, and the length of the file.

const [, , endpoint = '', bucket = ''] = process.argv
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const s3 = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
const lines = tradeLines(50_000)
const at = Instant.parse('2026-11-22T12:00:00.000Z')
const hash = Sha256.parse('a'.repeat(64))
const master = masterDataFor(lines, at)
const key = { company: CompanyId.parse('northwind'), project: ProjectId.parse('clinic') }

const before = process.cpuUsage()
let bytes = 0
const objects = createObjects({ s3, bucket })
await makePart(
  {
    objects: {
      ...objects,
      async putFile(name, file) {
        bytes = file.byteLength
        await objects.putFile(name, file)
      },
    },
  },
  {
    key,
    export: {
      id: 'clinic-e1',
      number: 1,
      version: 1,
      version_hash: hash,
      export_hash: hash,
      first: true,
      sage_company: sageCompany.id,
      job,
      create_job: false,
      entry_date: Day.parse('2026-11-22'),
      accepted_by: [PersonId.parse('anna')],
      attempt: 1,
      parts: 1,
      current_part: 1,
      opened_at: at,
    },
    part: 1,
    kind: 'original',
    entries: {
      mode: 'original_estimate',
      entries: lines.map(({ code }, i) => ({ code, cents: cents(10_000 + i) })),
    },
    sage: sageCompany,
    master,
    newExtras: new Map(),
  },
)
const { user, system } = process.cpuUsage(before)
console.log(String(user + system), String(process.resourceUsage().maxRSS * 1024), String(bytes))
s3.destroy()
