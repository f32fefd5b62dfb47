import { GetObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, test } from 'vitest'
import { CompanyId } from '../../shared/domain/ids.ts'
import { compressed } from '../../shared/store/compressed.ts'
import { canonicalJson, sha256 } from '../../shared/store/content-hash.ts'
import { Altered, Broken, Later } from '../../shared/store/errors.ts'
import { createObjects, type Objects } from '../../shared/store/objects.ts'
import { aHash } from './budgets.ts'
import { useLocalBucket } from './use-local.ts'

const local = useLocalBucket()
const acme = CompanyId.parse('acme')
let objects: Objects

beforeAll(() => {
  objects = createObjects({ s3: local().s3, bucket: local().bucket })
})

const put = async (key: string, Body: Uint8Array): Promise<void> => {
  await local().s3.send(new PutObjectCommand({ Bucket: local().bucket, Key: key, Body }))
}

describe('JSON objects', () => {
  test('come out as they went in', async () => {
    const value = { b: [1, null, 'ü'], a: { nested: true } }
    expect(await objects.getJson(acme, await objects.putJson(acme, value))).toEqual(value)
  })

  test('with equal members are one object, whatever their order', async () => {
    expect(await objects.putJson(acme, { a: 1, b: 2 })).toBe(await objects.putJson(acme, { b: 2, a: 1 }))
  })

  test('are named by the hash of their canonical bytes', async () => {
    expect(await objects.putJson(acme, [1])).toBe(sha256('[1]'))
  })

  test('of one company are not another’s', async () => {
    const hash = await objects.putJson(acme, { secret: 1 })
    await expect(objects.getJson(CompanyId.parse('other'), hash)).rejects.toThrow(Altered)
  })

  test('lie compressed under the company and their hash', async () => {
    const hash = await objects.putJson(acme, { here: true })
    const key = `c/acme/objects/${hash}.json.zst`
    const found = await local().s3.send(new GetObjectCommand({ Bucket: local().bucket, Key: key }))
    expect(found.Metadata?.['sha256']).toBe(hash)
  })

  test('altered in the bucket are broken', async () => {
    const hash = await objects.putJson(acme, { amount: 1 })
    await put(`c/acme/objects/${hash}.json.zst`, compressed(Buffer.from('{"amount":2}'), 1))
    await expect(objects.getJson(acme, hash)).rejects.toThrow(/not those that were put/)
  })

  test('that are not there are broken, by name', async () => {
    await expect(objects.getJson(acme, aHash)).rejects.toThrow(aHash)
  })
})

describe('files', () => {
  const bytes = Buffer.from('C,comment\r\n')

  test('come out as they went in', async () => {
    await objects.putFile('parts/one.pjd', bytes)
    expect(Buffer.from(await objects.getFile('parts/one.pjd', sha256(bytes)))).toEqual(bytes)
  })

  test('with equal bytes may be put again', async () => {
    await objects.putFile('parts/two.pjd', bytes)
    await objects.putFile('parts/two.pjd', bytes)
    expect(await objects.getFile('parts/two.pjd', sha256(bytes))).toHaveLength(bytes.length)
  })

  test('with other bytes under the same name are refused, and the first stay', async () => {
    await objects.putFile('parts/three.pjd', bytes)
    await expect(objects.putFile('parts/three.pjd', Buffer.from('other'))).rejects.toThrow(Broken)
    expect(await objects.getFile('parts/three.pjd', sha256(bytes))).toHaveLength(bytes.length)
  })

  test('altered in the bucket are broken', async () => {
    await objects.putFile('parts/four.pjd', bytes)
    await put('parts/four.pjd', Buffer.from('altered'))
    await expect(objects.getFile('parts/four.pjd', sha256(bytes))).rejects.toThrow(Altered)
  })

  test('put by somebody else under the name are not taken for ours', async () => {
    await put('parts/five.pjd', bytes)
    await expect(objects.putFile('parts/five.pjd', bytes)).rejects.toThrow(Broken)
  })
})

// The local bucket does not know If-None-Match: S3's answers to it are given here.
const saying = (name: string): Objects => {
  const s3 = new S3Client({ region: 'us-east-1', endpoint: local().endpoint, forcePathStyle: true })
  s3.middlewareStack.add(
    (_, context) => async () => {
      const error = context['commandName'] === 'HeadObjectCommand' ? 'NotFound' : name
      throw new S3ServiceException({ name: error, $fault: 'client', $metadata: {} })
    },
    { step: 'initialize' },
  )
  return createObjects({ s3, bucket: local().bucket })
}

describe('a bucket that says no', () => {
  test.each(['PreconditionFailed', 'ConditionalRequestConflict', 'SlowDown'])(
    'because of %s, will do later',
    async (name) => {
      await expect(saying(name).putFile('parts/six.pjd', Buffer.from('x'))).rejects.toThrow(Later)
    },
  )

  test('is asked to take a file only where there is none yet', async () => {
    const puts: unknown[] = []
    const s3 = new S3Client({ region: 'us-east-1', endpoint: local().endpoint, forcePathStyle: true })
    s3.middlewareStack.add(
      (_, context) => async (args) => {
        if (context['commandName'] === 'HeadObjectCommand')
          throw new S3ServiceException({ name: 'NotFound', $fault: 'client', $metadata: {} })
        puts.push(args.input)
        return { output: { $metadata: {} }, response: {} }
      },
      { step: 'initialize' },
    )
    await createObjects({ s3, bucket: 'b' }).putFile('parts/eight.pjd', Buffer.from('x'))
    expect(puts).toMatchObject([{ Key: 'parts/eight.pjd', IfNoneMatch: '*' }])
  })

  test('because it is not ours, says so', async () => {
    await expect(saying('AccessDenied').putFile('parts/seven.pjd', Buffer.from('x'))).rejects.toThrow(
      S3ServiceException,
    )
  })
})

describe('canonical JSON', () => {
  test('leaves absent and undefined members out alike', () => {
    expect(canonicalJson({ b: undefined, a: [undefined, { d: 1, c: undefined }] })).toBe(
      '{"a":[null,{"d":1}]}',
    )
  })
})
