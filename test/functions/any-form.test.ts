import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isRefusal } from '../../shared/domain/refusal.ts'
import { formOf } from '../../shared/pages/form.ts'
import { tried } from '../arbitraries.ts'
import { spoilt } from '../spoilt.ts'

// Whatever comes in place of a page's form: its fields, a refusal in words, or none of ours.

const posted = (
  type: string,
  body: Buffer,
): Pick<APIGatewayProxyEventV2, 'headers' | 'body' | 'isBase64Encoded'> => ({
  headers: { 'content-type': type },
  body: body.toString('base64'),
  isBase64Encoded: true,
})

const urlencoded = 'application/x-www-form-urlencoded'
const multipart = 'multipart/form-data; boundary=----b'
const field = (name: string, more: string, value: string): string =>
  `------b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`
const file = '; filename="rejects.txt"\r\nContent-Type: text/plain'
const samples: readonly [string, string][] = [
  [urlencoded, 'choice=reject&reason=Too+low%21&comment%2F03-3000%2FS%2F=See&part_1=325000.00'],
  [multipart, `${field('choice', '', 'rejects')}${field('rejects', file, '"*","24-1007"')}------b--\r\n`],
]

test.each(samples)('a spoilt form of %s is read, refused, or none', async (type, sample) => {
  const pieces = [
    '&',
    '=',
    '%',
    '%zz',
    '%00',
    '+',
    '------b',
    '--',
    '\r\n\r\n',
    'name="',
    'filename="',
    '__proto__',
  ]
  const ofType = fc.oneof(
    { weight: 5, arbitrary: fc.constant(type) },
    { weight: 1, arbitrary: spoilt(Buffer.from(type), pieces).map((text) => text.toString('latin1')) },
  )
  await fc.assert(
    fc.asyncProperty(ofType, spoilt(Buffer.from(sample), pieces), async (of, body) => {
      const form = await formOf(posted(of, body))
      if (form === undefined || isRefusal(form)) return
      expect([...form.fields.values()].every((value) => typeof value === 'string')).toBe(true)
    }),
    tried(200, 20_000),
  )
})

test('a form without a file is small, also where a file may come', async () => {
  const form = await formOf(posted(urlencoded, Buffer.from('a&'.repeat(60_000))), 4_000_000)
  expect(form).toMatchObject({ code: 'TOO_LARGE', sentence: 'What was sent is larger than 100 kB.' })
})
