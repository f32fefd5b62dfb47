import { createHash } from 'node:crypto'
import * as z from 'zod'

/**
 * A task token names its execution and the event that scheduled the attempt, filled up with chance to a length like
 * AWS's and closed by a checksum, so that one that was cut or altered on its way is told from one that is used up.
 * It always holds `+`, `/` and `=`, which a careless URL or form would spoil.
 */
export function createTaskToken(executionArn: string, eventId: number, random: () => number): string {
  const content = Buffer.from(JSON.stringify({ executionArn, eventId }), 'utf8')
  const numbers = Math.max(Math.ceil((shortest - content.length) / 8), 8)
  const noise = Buffer.from(Float64Array.from({ length: numbers }, random).buffer)
  const body = Buffer.concat([marks, content, Buffer.from([0]), noise])
  const excess = (body.length + checksumBytes) % 3
  const token = Buffer.concat([body, Buffer.alloc((4 - excess) % 3)]) // one byte over a multiple of three: `==`
  return Buffer.concat([token, checksum(token)]).toString('base64')
}

const shortest = 440 // bytes of content and chance; with the rest over 600 characters of base64
const marks = Buffer.from([0xfb, 0xff, 0xbf]) // base64 `+/+/`
const checksumBytes = 32

const checksum = (body: Uint8Array): Buffer => createHash('sha256').update(body).digest()

const contentSchema = z.strictObject({ executionArn: z.string(), eventId: z.int() })

/** The ARN of the execution that a token was made for, or undefined when no engine made it. */
export function executionOfToken(token: string): string | undefined {
  const bytes = Buffer.from(token, 'base64')
  if (bytes.toString('base64') !== token || bytes.length <= marks.length + checksumBytes) return undefined
  const body = bytes.subarray(0, -checksumBytes)
  if (!checksum(body).equals(bytes.subarray(-checksumBytes))) return undefined
  const content = body.subarray(marks.length, body.indexOf(0)).toString('utf8')
  return contentSchema.parse(JSON.parse(content)).executionArn
}
