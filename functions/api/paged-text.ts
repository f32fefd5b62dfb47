import * as z from 'zod'
import type { Answer } from '../../shared/http/answer.ts'
import { cursorOf } from '../../shared/http/page.ts'

/** One record of a file, and where the file goes on after it. */
export interface FileRecord {
  readonly text: string
  readonly place: unknown
}

// An answer of Lambda holds at most 6 MB, in which every quote of the text takes two bytes.
const mostBytes = 3_000_000

/** `?limit=&cursor=` of a file: a page holds what one answer can, or fewer records where a limit is given. */
export const fileQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100_000).default(100_000),
  cursor: z.string().min(1).max(1000).optional(),
})

/**
 * A file, or the page of it that one answer holds: the header `x-next-cursor` names the next page where there is one.
 * Pages put one after another are the file: only the first page has what stands before the records.
 */
export async function pagedText(
  records: Iterable<FileRecord> | AsyncIterable<FileRecord>,
  file: {
    readonly type: string
    readonly name: string
    readonly limit: number
    /** What stands before the first record. */
    readonly before: string
  },
): Promise<Answer> {
  const texts = [file.before]
  let bytes = 0
  let count = 0
  let last: FileRecord | undefined
  let next: string | undefined
  for await (const record of records) {
    bytes += Buffer.byteLength(record.text)
    if (last && (bytes > mostBytes || count >= file.limit)) {
      next = cursorOf(last.place)
      break
    }
    texts.push(record.text)
    count += 1
    last = record
  }
  return {
    status: 200,
    type: file.type,
    text: texts.join(''),
    headers: {
      'content-disposition': `attachment; filename="${file.name}"`,
      ...(next !== undefined && { 'x-next-cursor': next }),
    },
  }
}
