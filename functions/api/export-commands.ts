import * as z from 'zod'
import { ExportMode } from '../../shared/domain/export.ts'
import { Instant, PersonId } from '../../shared/domain/ids.ts'
import { mayDo } from '../../shared/domain/roles.ts'
import { orRefuse, refusal, Refused } from '../../shared/domain/refusal.ts'
import { acknowledge } from '../../shared/exporting/acknowledge.ts'
import { closeExport, type EntryEnd } from '../../shared/exporting/close-export.ts'
import { confirmPosted } from '../../shared/exporting/confirm-posted.ts'
import { declareLost } from '../../shared/exporting/declare-lost.ts'
import { longestRejectReason, type RejectedLine, rejectLines } from '../../shared/exporting/reject-lines.ts'
import { rejectedInFile } from '../../shared/exporting/rejected-in-file.ts'
import { reportStop } from '../../shared/exporting/report-stop.ts'
import { retryExport } from '../../shared/exporting/retry-export.ts'
import { returnExport } from '../../shared/exporting/return-export.ts'
import { accepted, type Answer } from '../../shared/http/answer.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import { faulty, largestFile } from '../../shared/http/request.ts'
import type { ApiDependencies } from './dependencies.ts'
import { exportAsked, exportNamed, partAsked } from './export-asked.ts'
import { CodeParts, codeOf, commander } from './input.ts'

const part = z.int().min(1)
const text = z.string().max(4000)

type Handle<Body> = (dependencies: ApiDependencies, ask: Ask, body: Body) => Promise<Answer>

const retry = async (dependencies: ApiDependencies, ask: Ask): Promise<Answer> =>
  accepted(await retryExport(dependencies, commander(ask), exportNamed(ask)))

const Returned = z.strictObject({ reason: text })

const giveBack: Handle<z.infer<typeof Returned>> = async (dependencies, ask, { reason }) =>
  accepted(await returnExport(dependencies, commander(ask), { ...exportNamed(ask), reason }))

const ReturnedFor = z.strictObject({ reason: text, requested_by: PersonId })

/** An operator records that an approver, who cannot do it himself now, wants the export back. */
const giveBackFor: Handle<z.infer<typeof ReturnedFor>> = async (dependencies, ask, body) => {
  const asked = exportNamed(ask)
  const person = await dependencies.companies.person(asked.key.company, body.requested_by)
  if (!person || mayDo(person, 'return'))
    throw faulty(
      '/requested_by',
      'NOT_ELIGIBLE',
      'Only an accounting approver may want an export back; name one.',
    )
  return accepted(await returnExport(dependencies, commander(ask), { ...asked, ...body }))
}

const Lost = z.strictObject({ reason: text })

const lost: Handle<z.infer<typeof Lost>> = async (dependencies, ask, { reason }) =>
  accepted(await declareLost(dependencies, commander(ask), { ...exportNamed(ask), reason }))

const Posted = z.strictObject({ part })

const posted: Handle<z.infer<typeof Posted>> = async (dependencies, ask, body) => {
  const wanted = { ...exportNamed(ask), ...body, how: 'declared' as const }
  return accepted(await confirmPosted(dependencies, commander(ask), wanted))
}

const Stopped = z.strictObject({ part, message: text })

const stopped: Handle<z.infer<typeof Stopped>> = async (dependencies, ask, body) => {
  const wanted = { ...exportNamed(ask), ...body }
  return accepted(await reportStop(dependencies, commander(ask), wanted))
}

/** Lines by their codes, or the reject file as Sage wrote it. */
const Rejects = z.union([
  z.strictObject({
    part,
    lines: z
      .array(z.strictObject({ ...CodeParts.shape, reason: z.string().max(longestRejectReason).optional() }))
      .min(1)
      .max(10_000),
  }),
  z.strictObject({
    part,
    reject_file_base64: z.base64(),
    /** For all of its lines: Sage writes none into it. */
    reason: z.string().max(longestRejectReason).optional(),
  }),
])

const rejects: Handle<z.infer<typeof Rejects>> = async (dependencies, ask, body) => {
  const asked = await exportAsked(dependencies, ask)
  const lines =
    'lines' in body
      ? body.lines.map(({ reason, ...code }, index): RejectedLine => ({
          code: codeOf(code),
          place: { pointer: `/lines/${String(index)}` },
          ...(reason !== undefined && { reason }),
        }))
      : orRefuse(
          await rejectedInFile(
            dependencies,
            { key: asked.key, open: asked.open, part: partAsked(asked.parts, body.part) },
            Buffer.from(body.reject_file_base64, 'base64'),
          ),
        ).map((line) => ({
          ...line,
          ...(body.reason !== undefined && { reason: body.reason }),
        }))
  const wanted = { key: asked.key, export: asked.open.number, part: body.part, lines }
  return accepted(await rejectLines(dependencies, commander(ask), wanted))
}

const End = {
  outcome: z.enum(['taken', 'rejected', 'withdrawn']),
  /** The mode in which Sage took it, where the wrong box was chosen. */
  mode: ExportMode.optional(),
}

const Closed = z.strictObject({
  reason: text,
  others: z.strictObject(End).optional(),
  entries: z
    .array(z.strictObject({ part, ...CodeParts.shape, ...End }))
    .max(10_000)
    .default([]),
})

const endOf = ({ outcome, mode }: z.infer<z.ZodObject<typeof End>>): EntryEnd => {
  if (mode !== undefined && outcome !== 'taken')
    throw new Refused(
      refusal(
        'INVALID_INPUT',
        `A mode says how Sage took an entry; this one was ${outcome}.`,
        'Leave the mode out, or say taken.',
      ),
    )
  return { outcome, ...(mode !== undefined && { mode }) }
}

const close: Handle<z.infer<typeof Closed>> = async (dependencies, ask, { reason, others, entries }) => {
  const named = entries.map(({ part: of, outcome, mode, ...code }) => ({
    part: of,
    code: codeOf(code),
    ...endOf({ outcome, mode }),
  }))
  const wanted = { ...exportNamed(ask), reason, entries: named, ...(others && { others: endOf(others) }) }
  return accepted(await closeExport(dependencies, commander(ask), wanted))
}

const Acknowledged = z
  .strictObject({
    part,
    note: text,
    /** Whether what the file sent was posted when Sage was read. */
    file_posted: z.boolean().optional(),
    /** `at` of the observation that was looked at. */
    observed_at: Instant.optional(),
  })
  .refine(({ file_posted, observed_at }) => file_posted === undefined || observed_at !== undefined, {
    path: ['observed_at'],
    error: 'Say with `file_posted` which observation it is about: its `at`, as the export shows it.',
  })

const acknowledged: Handle<z.infer<typeof Acknowledged>> = async (dependencies, ask, body) => {
  const wanted = { ...exportNamed(ask), ...body }
  return accepted(await acknowledge(dependencies, commander(ask), wanted))
}

const command = (name: string) => ({ method: 'POST' as const, path: `/exports/{export}/${name}` })

export const exportCommandRoutes = (dependencies: ApiDependencies): Route[] => [
  route({
    ...command('retry'),
    operation: 'retry',
    handle: async (ask) => await retry(dependencies, ask),
  }),
  route({
    ...command('return'),
    operation: 'return',
    body: Returned,
    handle: async (ask, { body }) => await giveBack(dependencies, ask, body),
  }),
  route({
    method: 'POST',
    path: '/ops/exports/{export}/return',
    operation: 'repair',
    body: ReturnedFor,
    handle: async (ask, { body }) => await giveBackFor(dependencies, ask, body),
  }),
  route({
    ...command('lost'),
    operation: 'declare_lost',
    body: Lost,
    handle: async (ask, { body }) => await lost(dependencies, ask, body),
  }),
  route({
    ...command('posted'),
    operation: 'confirm_posted',
    body: Posted,
    handle: async (ask, { body }) => await posted(dependencies, ask, body),
  }),
  route({
    ...command('import_stopped'),
    operation: 'report_stop',
    body: Stopped,
    handle: async (ask, { body }) => await stopped(dependencies, ask, body),
  }),
  route({
    ...command('rejects'),
    operation: 'reject_lines',
    body: Rejects,
    largest: largestFile,
    handle: async (ask, { body }) => await rejects(dependencies, ask, body),
  }),
  route({
    ...command('close'),
    operation: 'close',
    body: Closed,
    handle: async (ask, { body }) => await close(dependencies, ask, body),
  }),
  route({
    ...command('acknowledge'),
    operation: 'acknowledge',
    body: Acknowledged,
    handle: async (ask, { body }) => await acknowledged(dependencies, ask, body),
  }),
]
