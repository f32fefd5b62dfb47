import { expect, test } from 'vitest'
import { pagedText } from '../../../functions/api/paged-text.ts'
import { placeOf } from '../../../shared/http/page.ts'
import * as z from 'zod'

const file = { type: 'text/csv', name: 'x.csv', limit: 100_000, before: 'Heading\r\n' }
const records = (count: number, text: string) =>
  Array.from({ length: count }, (_, place) => ({ text, place }))

test('a file that fits one answer is one page', async () => {
  const page = await pagedText(records(3, 'x\r\n'), file)
  expect([page.text, page.headers?.['x-next-cursor']]).toEqual(['Heading\r\nx\r\nx\r\nx\r\n', undefined])
})

test('a file that is larger than an answer ends a page before it is, and says where the next begins', async () => {
  const page = await pagedText(records(10, 'x'.repeat(400_000)), file)
  expect(page.text).toHaveLength(9 + 7 * 400_000)
  expect(placeOf(page.headers?.['x-next-cursor'] ?? '', z.int())).toBe(6)
})

test('what counts is bytes, not letters', async () => {
  const page = await pagedText(records(10, '钢'.repeat(400_000)), file)
  expect(page.text).toHaveLength(9 + 2 * 400_000)
})

test('a record that is larger than a page is a page by itself', async () => {
  const page = await pagedText(records(2, 'x'.repeat(4_000_000)), file)
  expect([page.text?.length, placeOf(page.headers?.['x-next-cursor'] ?? '', z.int())]).toEqual([4_000_009, 0])
})

test('a file of no records is what stands before them', async () => {
  expect((await pagedText([], file)).text).toBe('Heading\r\n')
})
