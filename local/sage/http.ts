import * as z from 'zod'
import { apiRoutes } from './desk/api.ts'
import type { DeskOptions } from './desk/desk-options.ts'
import {
  type DeskRequest,
  type DeskResponse,
  type Route,
  UnreadableBody,
  findRoute,
  htmlAnswer,
  problemAnswer,
} from './desk/exchange.ts'
import { refusedPage } from './desk/frame.ts'
import { pageRoutes } from './desk/page-routes.ts'
import { type RefusalCode, SageCrashed, SageRefusal } from './refusals.ts'

export type { DeskOptions, ImportableFile } from './desk/desk-options.ts'
export type { DeskRequest, DeskResponse } from './desk/exchange.ts'

const statusOf: Record<RefusalCode, number> = {
  COMPANY_NAME: 422,
  COMPANY_EXISTS: 409,
  COMPANY_UNKNOWN: 404,
  NO_LICENCE_SEAT: 503,
  OPTION_NEEDS_CATEGORIES: 422,
  FILE_UNKNOWN: 404,
  FILE_MISSING: 422,
  IMPORT_UNKNOWN: 404,
  ENTRY_UNKNOWN: 404,
  NOTHING_TO_POST: 409,
  TRANSACTION_UNKNOWN: 404,
  JOB_UNKNOWN: 404,
  KEY_REFUSED: 422,
  AMOUNT_RANGE: 422,
  DATE: 422,
  SET_UP: 422,
  NO_REPORTS_FOLDER: 409,
}

export interface SageDesk {
  /** Answers everything under `/sage`; never throws for what a request holds. */
  readonly handle: (request: DeskRequest) => Promise<DeskResponse>
}

/** The desk page of the simulator and the same as JSON; a server hands it the requests under `/sage`. */
export function sageDesk(options: DeskOptions): SageDesk {
  const routes = [...apiRoutes(options), ...pageRoutes(options)]
  return { handle: async (request) => await answer(routes, request) }
}

interface Refused {
  readonly status: number
  readonly code: string
  readonly detail: string
}

async function answer(routes: readonly Route[], request: DeskRequest): Promise<DeskResponse> {
  const isApi = request.path.startsWith('/sage/api')
  const refuse = async ({ status, code, detail }: Refused): Promise<DeskResponse> =>
    isApi ? problemAnswer(status, code, detail) : htmlAnswer(status, await refusedPage(detail, request.path))
  if (isForeign(request))
    return await refuse({
      status: 403,
      code: 'FOREIGN_PAGE',
      detail: 'another site may not send changes here',
    })
  try {
    const route = findRoute(routes, request)
    if (!route)
      return await refuse({ status: 404, code: 'NOT_FOUND', detail: 'there is nothing at this address' })
    return await route.answer()
  } catch (error) {
    const refused = refusedBy(error)
    if (!refused) throw error
    return await refuse(refused)
  }
}

/** A page of another site in the same browser could otherwise press our buttons. */
const isForeign = ({ method, headers }: DeskRequest): boolean => {
  const site = headers?.['sec-fetch-site']
  return method !== 'GET' && site !== undefined && site !== 'same-origin' && site !== 'none'
}

function refusedBy(error: unknown): Refused | null {
  if (error instanceof SageRefusal)
    return { status: statusOf[error.code], code: error.code, detail: error.message }
  if (error instanceof SageCrashed) return { status: 500, code: 'SAGE_CRASHED', detail: error.message }
  if (error instanceof z.ZodError) return { status: 422, code: 'INVALID', detail: z.prettifyError(error) }
  if (error instanceof UnreadableBody) return { status: 400, code: 'UNREADABLE', detail: error.message }
  return null
}
