import { canonicalJson, sha256 } from '../../../shared/store/content-hash.ts'
import { Altered, Broken } from '../../../shared/store/errors.ts'
import type { Objects } from '../../../shared/store/objects.ts'

export interface MemoryObjects extends Objects {
  readonly json: Map<string, string>
  readonly files: Map<string, Uint8Array>
}

/** The bucket as a map, for tests whose subject is not the bucket; its contract: test/model/contracts. */
export function memoryObjects(before?: Pick<MemoryObjects, 'json' | 'files'>): MemoryObjects {
  const json = new Map(before?.json)
  const files = new Map(before?.files)
  return {
    json,
    files,
    async putJson(company, value) {
      const text = canonicalJson(value)
      const hash = sha256(text)
      json.set(`${company}/${hash}`, text)
      return await Promise.resolve(hash)
    },
    async getJson(company, hash) {
      const text = json.get(`${company}/${hash}`)
      if (text === undefined) throw new Altered(`There is no object ${hash}`)
      return await Promise.resolve(JSON.parse(text) as unknown)
    },
    async putFile(key, bytes) {
      const there = files.get(key)
      if (there && sha256(there) !== sha256(bytes))
        throw new Broken('OtherFile', `The file ${key} is there already, with other bytes`)
      files.set(key, Uint8Array.from(bytes))
      await Promise.resolve()
    },
    async getFile(key, hash) {
      const bytes = files.get(key)
      if (!bytes || sha256(bytes) !== hash) throw new Altered(`There is no file ${key} with this content`)
      return await Promise.resolve(Uint8Array.from(bytes))
    },
  }
}
