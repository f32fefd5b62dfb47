import type { CompanyId } from '../../shared/domain/ids.ts'
import type { Answer } from '../../shared/http/answer.ts'
import { sha256 } from '../../shared/store/content-hash.ts'
import type { ApiDependencies } from './dependencies.ts'

/** Lambda answers with at most 6 MB, base64 included; a larger file has an address of its own. */
export const largestAnswer = 4_000_000

/** A file that is made for one answer. */
export interface MadeFile {
  readonly name: string
  readonly type: string
  readonly bytes: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

/** The answer that sends the client to a short-lived address. */
export const elsewhere = (location: string, headers: MadeFile['headers'] = {}): Answer => ({
  status: 303,
  body: {},
  headers: { ...headers, location },
})

/** The file itself, or where it is for a minute, among what is removed after a day (infra: data stack). */
export async function fileAnswer(
  { objects, fileUrl }: Pick<ApiDependencies, 'objects' | 'fileUrl'>,
  company: CompanyId,
  { name, type, bytes, headers }: MadeFile,
): Promise<Answer> {
  if (bytes.byteLength <= largestAnswer)
    return {
      status: 200,
      type,
      bytes,
      headers: { ...headers, 'content-disposition': `attachment; filename="${name}"` },
    }
  const key = `passing/c/${company}/downloads/${sha256(bytes)}`
  await objects.putFile(key, bytes)
  return elsewhere(await fileUrl(key, name), headers)
}
