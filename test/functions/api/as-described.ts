import type * as z from 'zod'
import { operations } from '../../../functions/api/description/operations.ts'
import { Problem } from '../../../functions/api/description/words.ts'

const described = Object.entries(operations).map(([key, operation]) => {
  const [method = '', path = ''] = key.split(' ')
  return { method, form: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`), operation }
})

const operationAt = (method: string, path: string) =>
  described.find((each) => each.method === method && each.form.test(path))?.operation

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly json: unknown
}

function schemaOf(method: string, path: string, { status }: Answered): z.ZodType | undefined {
  if (status >= 400) return status === 500 ? undefined : Problem
  const operation = operationAt(method, path)
  if (!operation) throw new Error(`${method} ${path} answered, and is not described`)
  return typeof operation.answers === 'string' ? undefined : operation.answers
}

/** Every answer that any test gets is one that the description of the API tells. */
export function assertAsDescribed(method: string, path: string, came: Answered): void {
  if (!String(came.headers['content-type']).includes('json')) return
  const read = schemaOf(method, path, came)?.safeParse(came.json)
  if (read && !read.success)
    throw new Error(`${method} ${path} answers otherwise than it is described:\n${read.error.message}`)
}
