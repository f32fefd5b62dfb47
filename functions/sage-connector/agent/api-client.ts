import * as z from 'zod'
import { ExportMode } from '../../../shared/domain/export.ts'
import type { JobTotals, MasterData } from '../../../shared/domain/sage-company.ts'

const Problem = z.looseObject({ type: z.string().optional(), detail: z.string().optional() })

/** The API said no; the agent does what the code asks. */
export class ApiRefused extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, sentence: string) {
    super(sentence)
    this.name = 'ApiRefused'
    this.status = status
    this.code = code
  }
}

const Claimed = z.looseObject({
  mode: ExportMode,
  file_name: z.string(),
  sha256: z.string(),
  folder: z.string(),
  content_base64: z.string(),
})
export type Claimed = z.infer<typeof Claimed>

export interface Api {
  claim(exportId: string, of: { part: number; attempt: number }): Promise<Claimed>
  receipt(
    exportId: string,
    of: { part: number; attempt: number; sha256: string; where: string },
  ): Promise<void>
  failure(exportId: string, of: { part: number; attempt: number; messages: readonly string[] }): Promise<void>
  putMasterData(sageCompany: string, data: MasterData): Promise<void>
  putTotals(sageCompany: string, totals: JobTotals): Promise<void>
}

const longestCall = 30_000

/** A report that is sent again is the same report. */
const keyFor = (what: string, exportId: string, of: { part: number; attempt: number }): string =>
  `${what}-${exportId}-${String(of.part)}-${String(of.attempt)}`

/** The product's API as the connector sees it. The token is asked for at every call, so that it can be renewed outside. */
export function createApi(options: { url: string; token: () => string }): Api {
  async function call(method: string, path: string, body: unknown, key?: string): Promise<unknown> {
    const answer = await fetch(`${options.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${options.token()}`,
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(longestCall),
    })
    const text = await answer.text()
    if (answer.ok) return text === '' ? undefined : JSON.parse(text)
    const problem = Problem.safeParse(text.startsWith('{') ? JSON.parse(text) : {}).data
    const code = problem?.type?.split(':').at(-1) ?? String(answer.status)
    throw new ApiRefused(
      answer.status,
      code,
      problem?.detail ?? `${method} ${path}: ${String(answer.status)}`,
    )
  }
  return {
    claim: async (exportId, of) =>
      Claimed.parse(await call('POST', `/exports/${exportId}/claim`, of, keyFor('claim', exportId, of))),
    async receipt(exportId, of) {
      await call('POST', `/exports/${exportId}/receipt`, of, keyFor('receipt', exportId, of))
    },
    async failure(exportId, of) {
      await call('POST', `/exports/${exportId}/failure`, of, keyFor('failure', exportId, of))
    },
    async putMasterData(sageCompany, data) {
      await call('PUT', `/erp/master_data/${sageCompany}`, data)
    },
    async putTotals(sageCompany, totals) {
      await call('PUT', `/erp/master_data/${sageCompany}/totals/${encodeURIComponent(totals.job)}`, totals)
    },
  }
}
