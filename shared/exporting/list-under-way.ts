import * as z from 'zod'
import type { BudgetHead, LastCommand, Project } from '../domain/budget-head.ts'
import { exportId } from '../domain/export-id.ts'
import { type BudgetExport, type ExportPart, isDelivered } from '../domain/export.ts'
import type { CompanyId } from '../domain/ids.ts'
import { type CommandView, commandsOf } from '../domain/lifecycle.ts'
import type { Role } from '../domain/person.ts'
import type { BudgetStore } from '../store/budget-store.ts'

/** Where exports wait for somebody, the most urgent first. */
export const underWay = ['mismatch', 'export_failed', 'partly_posted', 'exported', 'exporting'] as const

type State = (typeof underWay)[number]

/** Where a list of all states goes on: in which of them, and behind what. */
export const PlaceUnderWay = z.strictObject({ state: z.enum(underWay), after: z.string().optional() })
type Place = z.infer<typeof PlaceUnderWay>

/** An export under way, or one that failed before any file was made. */
export interface UnderWay {
  readonly head: BudgetHead
  readonly project: Project | undefined
  /** The number it has, or will have. */
  readonly id: string
  readonly open: BudgetExport | undefined
  readonly parts: readonly ExportPart[]
  /** The file that is due. */
  readonly due: ExportPart | undefined
  /** Why no file was made. */
  readonly refused: LastCommand | undefined
}

export async function underWayOf(store: BudgetStore, head: BudgetHead): Promise<UnderWay> {
  const number = head.open_export
  const [project, open, parts, last] = await Promise.all([
    store.project(head),
    number === undefined ? undefined : store.export(head, number),
    number === undefined ? [] : store.parts(head, number),
    number === undefined ? store.lastCommand(head) : undefined,
  ])
  return {
    head,
    project,
    id: exportId(head.project, number ?? head.export + 1),
    open,
    parts,
    due: parts.find(({ part }) => part === open?.current_part),
    refused: last?.outcome === 'refused' ? last : undefined,
  }
}

interface Wanted {
  /** Without one, all of them. */
  readonly state?: State | undefined
  readonly limit: number
  readonly from?: Place | undefined
}

/** Exports of the wanted states, one state after the other, until `limit` of them are found; `next` says where to go on. */
export async function listUnderWay(
  store: BudgetStore,
  company: CompanyId,
  wanted: Wanted,
): Promise<{ readonly exports: readonly UnderWay[]; readonly next: Place | undefined }> {
  const { heads, next } = await headsOf(store, company, wanted)
  return { exports: await Promise.all(heads.map(async (head) => await underWayOf(store, head))), next }
}

async function headsOf(
  store: BudgetStore,
  company: CompanyId,
  { state, limit, from }: Wanted,
): Promise<{ heads: BudgetHead[]; next: Place | undefined }> {
  const states: readonly State[] = state === undefined ? underWay : [state]
  let place = from?.state ?? states[0]
  let after = from?.after
  const heads: BudgetHead[] = []
  while (place !== undefined && heads.length < limit) {
    // oxlint-disable-next-line no-await-in-loop -- each page begins where the one before ended
    const page = await store.heads(company, {
      erp: place,
      limit: limit - heads.length,
      ...(after !== undefined && { cursor: after }),
    })
    heads.push(...page.heads)
    after = page.cursor
    if (after === undefined) place = states[states.indexOf(place) + 1]
  }
  const next = place && { state: place, ...(after !== undefined && { after }) }
  return { heads, next }
}

/** How far a file has come that is due. */
export type FileIs = 'queued' | 'taken' | 'delivered' | 'failed'

export function fileIs(part: ExportPart): FileIs {
  const { attempt, claim, failure } = part
  if (isDelivered(part)) return 'delivered'
  if (failure !== undefined && failure.attempt === attempt) return 'failed'
  return claim?.attempt === attempt ? 'taken' : 'queued'
}

const ways: ReadonlySet<string> = new Set([
  'declare_lost',
  'retry',
  'return',
  'confirm_posted',
  'report_stop',
  'reject_lines',
  'close',
])

/** What somebody of these roles may do now about the export under way, or why not. */
export const waysOut = (head: BudgetHead, roles: readonly Role[]): CommandView[] =>
  commandsOf(head, roles).filter(({ command }) => ways.has(command))
