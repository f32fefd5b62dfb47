import * as z from 'zod'
import type { BudgetHead } from '../../shared/domain/budget-head.ts'
import type { ProjectKey, Sha256 } from '../../shared/domain/ids.ts'
import type { Totals } from '../../shared/domain/line-item.ts'
import { notFound } from '../../shared/http/request.ts'
import type { BudgetStore } from '../../shared/store/budget-store.ts'
import { totalsShown } from './as-shown.ts'
import { PathNumber } from './input.ts'

/** A version by its number, or the working copy. */
export const Side = z.union([z.literal('current'), PathNumber])
export type Side = z.infer<typeof Side>

/** One set of lines that can be compared. */
export interface ComparedLines extends Totals {
  /** Undefined for the working copy. */
  readonly version: number | undefined
  readonly manifest: Sha256
}

export async function sideOf(
  store: BudgetStore,
  key: ProjectKey,
  head: BudgetHead,
  side: Side,
): Promise<ComparedLines> {
  if (side === 'current') {
    const { manifest, lines, original, changes } = head
    return { version: undefined, manifest, lines, original, changes }
  }
  const version = await store.version(key, side)
  if (!version) throw notFound('version')
  const { hash: manifest, lines, original, changes } = version
  return { version: side, manifest, lines, original, changes }
}

export const sideShown = ({ version, manifest, ...totals }: ComparedLines) => ({
  version: version ?? 'current',
  hash: manifest,
  ...totalsShown(totals),
})
