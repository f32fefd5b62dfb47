import * as z from 'zod'
import { exportMessage } from '../../shared/cycle/export-parts.ts'
import type { ExportPart } from '../../shared/domain/export.ts'
import { Sha256 } from '../../shared/domain/ids.ts'
import { refusal, Refused } from '../../shared/domain/refusal.ts'
import { claimPart } from '../../shared/exporting/claim-part.ts'
import { accepted, type Answer, ok } from '../../shared/http/answer.ts'
import { type Ask, type Route, route } from '../../shared/http/route.ts'
import type { SageEvent } from '../../shared/sage/sage-event.ts'
import type { SageDependencies } from './dependencies.ts'
import { largestAnswer } from './file-answer.ts'
import { CodeParts, codeOf } from './input.ts'
import { exportAsked, partAsked } from './export-asked.ts'

// What agents send. They name a part and an attempt of an export; that is the identity of a report, so a repeat
// needs no key of its own.

const about = { part: z.int().min(1), attempt: z.int().min(1) }
const Claim = z.strictObject(about)
const Receipt = z.strictObject({
  ...about,
  sha256: Sha256,
  where: z.string().min(1).max(500),
  /** That `where` is out of the way: nobody is to import the file any more. */
  withdrawn: z.boolean().default(false),
})
const Failure = z.strictObject({
  ...about,
  messages: z.array(z.string().min(1).max(1000)).min(1).max(100),
  /** What was wrong with single lines, where the connector knows. */
  lines: z
    .array(z.strictObject({ ...CodeParts.shape, message: z.string().min(1).max(500) }))
    .max(200)
    .optional(),
  /** Say so only where nothing stands that somebody could import: the export may then be returned. */
  nothing_written: z.boolean().default(false),
  /** The number of the claim that this is said of; left out: the first. */
  claim: z.int().min(1).optional(),
})

async function fileOf({ objects, fileUrl }: SageDependencies, part: ExportPart) {
  const bytes = await objects.getFile(part.file_key, part.file_sha256)
  return bytes.byteLength > largestAnswer
    ? { name: part.file_name, url: await fileUrl(part.file_key, part.file_name) }
    : { name: part.file_name, base64: Buffer.from(bytes).toString('base64') }
}

/** No claim, no file: an agent writes only what it was given here. */
async function claim(
  dependencies: SageDependencies,
  ask: Ask,
  { part: number, attempt }: z.infer<typeof Claim>,
): Promise<Answer> {
  const { caller, request } = ask
  const { key, open: asked } = await exportAsked(dependencies, ask)
  const where = { key, export: asked.number }
  const who = { by: caller.actor, request }
  const { open, part } = await claimPart(dependencies, who, {
    ...where,
    part: number,
    attempt,
    agent: agentOf(ask),
  })
  return ok({
    message: exportMessage(key, open, part),
    file: await fileOf(dependencies, part),
    claim: part.claim?.number ?? 1,
  })
}

// The report's `by` is kept with the part: as long as a sign-in subject may be, cut where it is longer.
const agentOf = ({ caller }: Ask): string => caller.subject.slice(0, 100)

/** Refuses a report of an export or part that is not there before it reaches the queue. */
async function reported(dependencies: SageDependencies, ask: Ask, number: number) {
  const { key, open, parts } = await exportAsked(dependencies, ask)
  return { key, open, part: partAsked(parts, number) }
}

async function tell({ report }: SageDependencies, event: SageEvent): Promise<Answer> {
  await report(event)
  return accepted({ reported: event.kind })
}

async function receipt(
  dependencies: SageDependencies,
  ask: Ask,
  { withdrawn, ...body }: z.infer<typeof Receipt>,
): Promise<Answer> {
  const { key, open, part } = await reported(dependencies, ask, body.part)
  if (part.file_sha256 !== body.sha256) throw otherContent(part)
  return await tell(dependencies, {
    v: 1,
    kind: withdrawn ? 'withdrawn' : 'receipt',
    ...key,
    export: open.number,
    ...body,
    by: agentOf(ask),
  })
}

const otherContent = ({ part }: ExportPart): Refused =>
  new Refused(
    refusal(
      'OTHER_EXPORT',
      `What was written is not file ${String(part)} of this export: its content is another.`,
      'Take the file out of the folder, report a failure, and have an operator look at the agent.',
    ),
  )

async function failure(
  dependencies: SageDependencies,
  ask: Ask,
  body: z.infer<typeof Failure>,
): Promise<Answer> {
  const { key, open } = await reported(dependencies, ask, body.part)
  const { lines, ...said } = body
  return await tell(dependencies, {
    v: 1,
    kind: 'failure',
    ...key,
    export: open.number,
    ...said,
    ...(lines && { lines: lines.map(({ message, ...code }) => ({ code: codeOf(code), message })) }),
  })
}

export const connectorReportRoutes = (dependencies: SageDependencies): Route[] => [
  route({
    method: 'POST',
    path: '/exports/{export}/claim',
    operation: 'claim_export',
    body: Claim,
    handle: async (ask, { body }) => await claim(dependencies, ask, body),
  }),
  route({
    method: 'POST',
    path: '/exports/{export}/receipt',
    operation: 'report_receipt',
    body: Receipt,
    handle: async (ask, { body }) => await receipt(dependencies, ask, body),
  }),
  route({
    method: 'POST',
    path: '/exports/{export}/failure',
    operation: 'report_failure',
    body: Failure,
    handle: async (ask, { body }) => await failure(dependencies, ask, body),
  }),
]
