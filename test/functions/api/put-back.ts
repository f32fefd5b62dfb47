import { isDeepStrictEqual } from 'node:util'
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb'
import { expect } from 'vitest'
import { companyPk, companySk } from '../../../shared/store/keys.ts'
import type { Row } from '../../../shared/store/row-body.ts'
import { inPieces } from '../../../shared/store/rows.ts'
import { acme, jobOf } from './acme.ts'
import type { LocalApi } from './local-api.ts'

type Carry = (api: LocalApi) => Promise<string>

/** Everything that is stored of a project: its rows, Sage's totals of its job, and the names of its part files. */
interface Stored {
  readonly rows: readonly Row[]
  readonly files: readonly string[]
}

interface Carried {
  readonly project: string
  readonly stored: Stored
  /** The test that was given it last. */
  test: string | undefined
}

const carriedIn = new WeakMap<LocalApi, Map<Carry, Carried>>()

/**
 * Carries a project somewhere once for all tests of a file, and puts it back there for each later one that asks: what
 * is stored of it is what it was then. Asked a second time within one test, it is another project. Where `carry` goes on
 * from a project that is put back itself, it takes that one over, and who asks for that place next gets a new one.
 * People, policy, Sage's folder and the link to the job stay as tests leave them.
 */
export const putBack =
  (carry: Carry): Carry =>
  async (api) => {
    const carried = carriedIn.get(api) ?? new Map<Carry, Carried>()
    carriedIn.set(api, carried)
    const test = expect.getState().currentTestName
    const there = carried.get(carry)
    if (there && there.test !== test) {
      there.test = test
      await restore(api, there)
      return there.project
    }
    const project = await carry(api)
    for (const [other, { project: taken }] of carried) if (taken === project) carried.delete(other)
    carried.set(carry, { project, stored: await storedOf(api, project), test })
    return project
  }

export async function storedOf({ rows, bucket }: LocalApi, project: string): Promise<Stored> {
  const job = jobOf(project)
  const files = new ListObjectsV2Command({ Bucket: bucket.bucket, Prefix: `c/${acme}/sage/east/${job}_` })
  const [own, totals, { Contents = [] }] = await Promise.all([
    rows.list(`${companyPk(acme)}#P#${project}`, { from: ' ', to: '~' }),
    rows.list(companyPk(acme), { begins: companySk.jobTotals('east', job) }),
    bucket.s3.send(files),
  ])
  return { rows: [...own, ...totals], files: Contents.map(({ Key = '' }) => Key) }
}

const placeOf = ({ pk, sk }: Row): string => `${pk} ${sk}`

async function restore(api: LocalApi, { project, stored: { rows, files } }: Carried): Promise<void> {
  const now = await storedOf(api, project)
  const standing = new Map(now.rows.map((row) => [placeOf(row), row]))
  const places = new Set(rows.map(placeOf))
  const writes = [
    ...rows
      .filter((row) => !isDeepStrictEqual(row, standing.get(placeOf(row))))
      .map((row) => ({ PutRequest: { Item: { ...row } } })),
    ...now.rows
      .filter((row) => !places.has(placeOf(row)))
      .map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
  ]
  for (const piece of inPieces(writes, 25))
    await api.rows.document.send(
      new BatchWriteCommand({ RequestItems: { [api.database.table]: [...piece] } }),
    )
  const { bucket, s3 } = api.bucket
  for (const Key of now.files.filter((file) => !files.includes(file)))
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }))
}
