import * as z from 'zod'
import { budgetCode } from '../../shared/domain/budget-code.ts'
import { ProjectId, type ProjectKey } from '../../shared/domain/ids.ts'
import { readAmount } from '../../shared/domain/number-text.ts'
import type { Who } from '../../shared/exporting/record.ts'
import { keyRequired } from '../../shared/http/idempotency.ts'
import type { Ask } from '../../shared/http/route.ts'
import { segment } from '../../shared/http/request.ts'

/** A decimal amount such as `-1250.50`, as cents. */
export const Amount = z.string().transform((text, context) => {
  const read = readAmount(text)
  if (typeof read === 'number') return read
  context.addIssue({ code: 'custom', message: read.sentence, params: { code: read.code } })
  return z.NEVER
})

// Longer than any code can be; what is too long for Sage is a finding, with its own sentence.
const codePart = z.string().max(100)

const codeParts = {
  sub_job: codePart.optional(),
  cost_code: codePart,
  cost_type: codePart,
}

/** The parts of a budget code as members of an object. */
export const CodeParts = z.strictObject(codeParts)
type CodeParts = z.infer<typeof CodeParts>

export const codeOf = ({ sub_job = '', cost_code, cost_type }: CodeParts) =>
  budgetCode(sub_job, cost_code, cost_type)

/** A positive whole number of a path, such as that of a change or a version, of at most as many digits as its key has. */
export const PathNumber = z
  .string()
  .regex(/^[1-9]\d{0,4}$/)
  .transform(Number)

/** The number of a row of a history, in a path. */
export const PathSequence = z
  .string()
  .regex(/^[1-9]\d{0,8}$/)
  .transform(Number)

/** The same in a cursor, which anybody can write; 0: before the first. */
export const Sequence = z.int().min(0).max(999_999_998)

/** The project that the path names, within the caller's own company. */
export const projectKey = ({ event, caller }: Ask): ProjectKey => ({
  company: caller.company,
  project: segment(event, 'project', ProjectId),
})

/** Who commands, with the idempotency key that a command must carry. */
export const commander = ({ event, caller, request }: Ask): Who => ({
  by: caller.actor,
  request,
  idempotency: keyRequired(event, caller),
})
