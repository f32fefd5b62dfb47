import { CompanyId } from '../../../shared/domain/ids.ts'
import { sha256 } from '../../../shared/store/content-hash.ts'
import type { Objects } from '../../../shared/store/objects.ts'
import { type Case, nameOr } from './contract.ts'

const acme = CompanyId.parse('acme')
const other = CompanyId.parse('other')
const bytes = Buffer.from('C,comment\r\n')
const others = Buffer.from('C,other\r\n')

const text = async (objects: Objects, key: string, of: Uint8Array): Promise<string> =>
  Buffer.from(await objects.getFile(key, sha256(of))).toString()

export const objectCases: readonly Case<Objects>[] = [
  {
    name: 'JSON comes out as it went in',
    ask: async (objects) => await objects.getJson(acme, await objects.putJson(acme, { b: [1, null, 'ü'] })),
    answer: { b: [1, null, 'ü'] },
  },
  {
    name: 'members that are undefined are left out',
    ask: async (objects) =>
      Object.keys(
        (await objects.getJson(acme, await objects.putJson(acme, { a: 1, b: undefined }))) as object,
      ),
    answer: ['a'],
  },
  {
    name: 'JSON is named by the hash of its canonical bytes, whatever the order of its members',
    ask: async (objects) => [
      await objects.putJson(acme, { a: 1, b: 2 }),
      await objects.putJson(acme, { b: 2, a: 1 }),
    ],
    answer: [sha256('{"a":1,"b":2}'), sha256('{"a":1,"b":2}')],
  },
  {
    name: 'JSON of another company is not there',
    ask: async (objects) => await nameOr(objects.getJson(other, await objects.putJson(acme, { mine: 1 }))),
    answer: 'Broken.Altered',
  },
  {
    name: 'JSON that was never put is not there',
    ask: async (objects) => await nameOr(objects.getJson(acme, sha256('never'))),
    answer: 'Broken.Altered',
  },
  {
    name: 'a file comes out as it went in',
    ask: async (objects) => {
      await objects.putFile('c/acme/one', bytes)
      return await text(objects, 'c/acme/one', bytes)
    },
    answer: bytes.toString(),
  },
  {
    name: 'a file that was never put is not there',
    ask: async (objects) => await nameOr(objects.getFile('c/acme/never', sha256(bytes))),
    answer: 'Broken.Altered',
  },
  {
    name: 'a file of another hash is refused',
    ask: async (objects) => {
      await objects.putFile('c/acme/two', bytes)
      return await nameOr(objects.getFile('c/acme/two', sha256(others)))
    },
    answer: 'Broken.Altered',
  },
  {
    name: 'equal bytes may be put again, other bytes may not, and the first stay',
    ask: async (objects) => {
      await objects.putFile('c/acme/three', bytes)
      await objects.putFile('c/acme/three', bytes)
      const refused = await nameOr(objects.putFile('c/acme/three', others))
      return [refused, await text(objects, 'c/acme/three', bytes)]
    },
    answer: ['Broken.OtherFile', bytes.toString()],
  },
  {
    name: 'a file is what it was when it was put, whatever becomes of the bytes that were given or got',
    ask: async (objects) => {
      const given = Buffer.from(bytes)
      await objects.putFile('c/acme/four', given)
      given.fill(0)
      const got = await objects.getFile('c/acme/four', sha256(bytes))
      got.fill(0)
      return await text(objects, 'c/acme/four', bytes)
    },
    answer: bytes.toString(),
  },
]
