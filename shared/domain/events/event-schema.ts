import * as z from 'zod'

/** What one kind of event tells: its description, and the members of its detail. */
export const event = <Shape extends z.ZodRawShape>(description: string, members: Shape) =>
  z.object(members).describe(description)

/** A count, or the number of a version, a send, an export, a part. */
export const number = z.int()

/** Members by name; null where there was nothing yet, or is nothing any more. */
export const sides = z.record(z.string(), z.unknown()).nullable()

/** Lines that were altered: how many, the hashes of all lines before and after, and the first of them. */
export const linesAltered = {
  lines: number.describe('How many lines were altered'),
  from: z.string().describe('SHA-256 of all lines before'),
  to: z.string().describe('SHA-256 of all lines after'),
  first: z
    .array(z.object({ budget_code: z.string(), old_value: sides, new_value: sides }))
    .describe('At most 50 of the altered lines, with the fields that differ; amounts are decimal strings'),
}

/** How many lines an import or a restore adds, changes, leaves as they are, removes, and keeps though it lacks them. */
export const counts = z.object({
  add: number,
  change: number,
  unchanged: number,
  remove: number,
  keep: number,
})

/** An export, 0 where none was made; one of its files; and its attempts to reach Sage, counted. */
export const ofExport = { export: number }
export const ofPart = { ...ofExport, part: number }
export const ofAttempt = { ...ofPart, attempt: number }

/** The sends of a budget, counted; a step of their approval; and the version that was sent. */
export const ofSend = { send: number }
export const ofStep = { ...ofSend, step: number }
export const ofApproval = { version: number, ...ofStep }
