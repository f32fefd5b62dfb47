import { gzipSync } from 'node:zlib'
import * as z from 'zod'
import { formatCents } from '../../../shared/domain/cents.ts'
import { ExportMessage, type ExportMode } from '../../../shared/domain/export.ts'
import type { JobTotals, MasterData } from '../../../shared/domain/sage-company.ts'
import { headersOf, whyRefused } from './token.ts'

const Problem = z.looseObject({
  type: z.string().optional(),
  detail: z.string().optional(),
  what_to_do: z.string().optional(),
  errors: z.array(z.looseObject({ line: z.number().optional(), sentence: z.string().optional() })).catch([]),
})

/** The problem document of an answer; undefined for whatever else a proxy on the way may have said. */
export function problemIn(text: string): z.infer<typeof Problem> | undefined {
  try {
    return Problem.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** The API said no; the agent does what the code asks. */
export class ApiRefused extends Error {
  readonly status: number
  readonly code: string
  readonly whatToDo: string | undefined
  /** What is wrong with single lines, in sentences. */
  readonly places: readonly string[]
  constructor(status: number, code: string, sentence: string, problem?: z.infer<typeof Problem>) {
    super(sentence)
    this.name = 'ApiRefused'
    this.status = status
    this.code = code
    this.whatToDo = problem?.what_to_do
    this.places = (problem?.errors ?? []).flatMap(({ line, sentence: said }) =>
      said === undefined ? [] : [line === undefined ? said : `Line ${String(line)}: ${said}`],
    )
  }
}

// It becomes a name in a folder: it may not lead out of it.
const FileName = z.string().regex(/^[^\\/]+$/)

const ClaimAnswer = z.looseObject({
  message: ExportMessage,
  file: z.union([
    z.object({ name: FileName, base64: z.string() }),
    z.object({ name: FileName, url: z.url() }),
  ]),
  /** Absent in the answer of an earlier release. */
  claim: z.int().optional(),
})

/** As far as the agent wants to know what became of an export. */
export const ExportSeen = z.looseObject({
  settled_as: z.string().nullable(),
  parts: z.array(
    z.looseObject({
      part: z.int(),
      file_sha256: z.string(),
      outcome: z.string(),
      exceptions: z.array(z.unknown()),
      posted: z.unknown(),
      withdrawn_from_folder: z.string().nullish(),
    }),
  ),
})
export type ExportSeen = z.infer<typeof ExportSeen>

/** A part that is this agent's to write. */
export interface Claimed {
  readonly mode: ExportMode
  readonly fileName: string
  readonly bytes: Uint8Array
  /** Which claim of its attempt it is: a failure is reported of one claim. */
  readonly claim: number | undefined
}

export interface Api {
  claim(exportId: string, of: { part: number; attempt: number }): Promise<Claimed>
  /** `withdrawn` where the file was moved there, out of the way. */
  receipt(
    exportId: string,
    of: { part: number; attempt: number; sha256: string; where: string; withdrawn?: true },
  ): Promise<void>
  /** `nothing_written` only where it is certain: the export may then be returned to its project. */
  failure(
    exportId: string,
    of: {
      part: number
      attempt: number
      messages: readonly string[]
      nothing_written: boolean
      claim: number | undefined
    },
  ): Promise<void>
  /** Hands in a reject file as Sage wrote it; under the same key again it is taken once. */
  rejects(exportId: string, of: { part: number; bytes: Uint8Array; key: string }): Promise<void>
  seen(exportId: string): Promise<ExportSeen>
  putMasterData(sageCompany: string, data: MasterData): Promise<void>
  putTotals(sageCompany: string, totals: JobTotals): Promise<void>
}

const longestCall = 30_000
const largestPlain = 4_000_000 // bytes; the API takes 4.4 MB, and the totals of a large job are more

/** A body as it is sent: a large one gzipped. */
const packed = (
  body: unknown,
): { readonly type: string; readonly body: string | Uint8Array<ArrayBuffer> } => {
  const json = JSON.stringify(body)
  return Buffer.byteLength(json) > largestPlain
    ? { type: 'application/gzip', body: gzipSync(json) }
    : { type: 'application/json', body: json }
}

/** A file too large for an answer comes by a presigned address. */
async function download(url: string): Promise<Uint8Array> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(longestCall) })
  if (!answer.ok)
    throw new ApiRefused(answer.status, String(answer.status), 'The file could not be downloaded.')
  return new Uint8Array(await answer.arrayBuffer())
}

/**
 * The product's API as the connector of a company sees it. The token is asked for at every call, so that it can be
 * renewed outside.
 */
export function createApi(options: { url: string; company: string; token: () => string }): Api {
  async function call(method: string, path: string, body?: unknown, key?: string): Promise<unknown> {
    const shown = { company: options.company, token: options.token() }
    const sent = body === undefined ? undefined : packed(body)
    const answer = await fetch(`${options.url}${path}`, {
      method,
      headers: {
        ...headersOf(shown),
        'x-client-time': new Date().toISOString(),
        ...(sent && { 'content-type': sent.type }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(sent && { body: sent.body }),
      signal: AbortSignal.timeout(longestCall),
    })
    const text = await answer.text()
    if (answer.ok) return text === '' ? undefined : JSON.parse(text)
    const problem = problemIn(text)
    const code = problem?.type?.split(':').at(-1) ?? String(answer.status)
    throw new ApiRefused(
      answer.status,
      code,
      whyRefused(answer.status, problem, shown) ??
        problem?.detail ??
        `${method} ${path}: ${String(answer.status)}`,
      problem,
    )
  }
  return {
    async claim(exportId, of) {
      const { message, file, claim } = ClaimAnswer.parse(await call('POST', `/exports/${exportId}/claim`, of))
      const [{ mode }] = message.parts
      const bytes = 'base64' in file ? Buffer.from(file.base64, 'base64') : await download(file.url)
      return { mode, fileName: file.name, bytes, claim }
    },
    async receipt(exportId, of) {
      await call('POST', `/exports/${exportId}/receipt`, of)
    },
    async failure(exportId, of) {
      await call('POST', `/exports/${exportId}/failure`, of)
    },
    async rejects(exportId, { part, bytes, key }) {
      const body = { part, reject_file_base64: Buffer.from(bytes).toString('base64') }
      await call('POST', `/exports/${encodeURIComponent(exportId)}/rejects`, body, key)
    },
    async seen(exportId) {
      return ExportSeen.parse(await call('GET', `/exports/${exportId}`))
    },
    async putMasterData(sageCompany, data) {
      await call('PUT', `/erp/master_data/${sageCompany}`, data)
    },
    async putTotals(sageCompany, totals) {
      const { job, as_of } = totals
      const decimals = totals.totals.map((row) => ({
        ...row,
        original: formatCents(row.original),
        changes: formatCents(row.changes),
      }))
      const path = `/erp/master_data/${sageCompany}/totals/${encodeURIComponent(job)}`
      await call('PUT', path, { as_of, totals: decimals })
    },
  }
}
