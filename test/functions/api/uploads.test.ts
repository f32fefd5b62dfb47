import { beforeAll, describe, expect, test } from 'vitest'
import { createUploads, largestUpload, type UploadId } from '../../../functions/api/uploads.ts'
import { CompanyId } from '../../../shared/domain/ids.ts'
import { problemType } from '../../../shared/http/problem.ts'
import { acme, ed, etagOf, projectWithLines, setUpAcme, vera } from './acme.ts'
import { useLocalBucket } from '../../store/use-local.ts'
import { useLocalApi } from './local-api.ts'

const api = useLocalApi()
const bucket = useLocalBucket()
beforeAll(async () => {
  await setUpAcme(api())
})

const file = 'Cost Code,Cost Type,Budget Amount\r\n03-3000,S,330000.00\r\n'

interface Offered {
  readonly upload: UploadId
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly expires_at: string
}

const offered = async (bytes: number): Promise<Offered> =>
  JSON.parse((await api().call('POST', '/uploads', { as: ed, body: { bytes } })).text) as Offered

const put = async (url: string, body: string | Uint8Array<ArrayBuffer>): Promise<number> =>
  (await fetch(url, { method: 'PUT', body })).status

const importUpload = async (project: string, upload: string, headers: Record<string, string> = {}) =>
  await api().call('POST', `/projects/${project}/budget/import`, {
    as: ed,
    body: { upload },
    headers: { 'if-match': await etagOf(api(), project), ...headers },
  })

describe('a file that was uploaded', () => {
  test('is imported like one that was sent', async () => {
    const project = await projectWithLines(api())
    const { upload, url } = await offered(file.length)
    expect(await put(url, file)).toBe(200)
    const came = await importUpload(project, upload)
    expect([came.status, came.json.counts.change]).toEqual([200, 1])
  })

  test('that is faulty is refused like one that was sent', async () => {
    const { upload, url } = await offered(5)
    await put(url, 'A,B\r\n')
    const came = await importUpload(await projectWithLines(api()), upload)
    expect(came.json.type).toBe(problemType('FILE_NOT_READABLE'))
  })

  test('of another company is not there', async () => {
    const { upload, url } = await offered(file.length)
    await put(url, file)
    expect(await api().uploads.read(CompanyId.parse('zenith'), upload)).toBeUndefined()
  })

  test('over the limit is refused before it is read, though its address was for fewer bytes', async () => {
    // Here nobody checks the size that the address was signed with, as S3 does.
    const small = createUploads({ ...bucket(), largest: 10 })
    const { id, url } = await small.offer(acme, 10, api().clock.now())
    await put(url, 'x'.repeat(11))
    await expect(small.read(acme, id)).rejects.toThrow('The file has 11 bytes; at most 10 are taken.')
  })

  test('with the same key is imported once', async () => {
    const project = await projectWithLines(api())
    const { upload, url } = await offered(file.length)
    await put(url, file)
    const headers = { 'idempotency-key': `upload-${project}`, 'if-match': await etagOf(api(), project) }
    const first = await importUpload(project, upload, headers)
    const again = await importUpload(project, upload, headers)
    expect([again.headers['idempotent-replayed'], again.json]).toEqual(['true', first.json])
  })
})

describe('an upload', () => {
  test('is offered for fifteen minutes, for one size, under a name that nobody guesses', async () => {
    const { upload, url, headers, expires_at } = await offered(1_234)
    const query = new URL(url).searchParams
    expect([upload.length, headers, query.get('X-Amz-SignedHeaders'), query.get('X-Amz-Expires')]).toEqual([
      43,
      { 'content-length': '1234' },
      'content-length;host',
      '900',
    ])
    expect(Date.parse(expires_at) - Date.parse(api().clock.now())).toBe(900_000)
    expect(new URL(url).pathname).toContain(`/passing/c/acme/uploads/${upload}`)
  })

  test('carries no checksum of a file that is not there yet', async () => {
    const names = [...new URL((await offered(1)).url).searchParams.keys()]
    expect(names.filter((name) => /checksum/i.test(name))).toEqual([])
  })

  test('of more than is taken is not offered', async () => {
    const came = await api().call('POST', '/uploads', { as: ed, body: { bytes: largestUpload + 1 } })
    expect([came.status, came.json.type]).toEqual([413, problemType('TOO_LARGE')])
  })

  test.each([[0], [-1], [1.5], ['10'], [undefined]])('of %s bytes is not offered', async (bytes) => {
    const came = await api().call('POST', '/uploads', { as: ed, body: { bytes } })
    expect(came.json.errors[0]?.pointer).toBe('/bytes')
  })

  test('is not offered to somebody who may not import', async () => {
    const came = await api().call('POST', '/uploads', { as: vera, body: { bytes: 1 } })
    expect(came.status).toBe(403)
  })

  test('to which nothing was put cannot be imported', async () => {
    const { upload } = await offered(10)
    const came = await importUpload(await projectWithLines(api()), upload)
    expect([came.status, came.json.type]).toEqual([404, problemType('NOT_FOUND')])
  })

  test.each([['../../objects/x'], ['x'.repeat(43).replace('x', '/')], ['']])(
    'named %o leads nowhere',
    async (upload) => {
      const came = await importUpload(await projectWithLines(api()), upload)
      expect(came.json.errors[0]?.pointer).toBe('/upload')
    },
  )
})
