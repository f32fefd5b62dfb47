import { BudgetHead } from '../domain/budget-head.ts'
import { cents } from '../domain/cents.ts'
import type { Instant, ProjectKey, Sha256 } from '../domain/ids.ts'
import type { NextHead } from './budget-store.ts'
import { projectOfPk, projectPk, projectSk, type RowKey, statePk } from './keys.ts'
import { readBody, type Row } from './row-body.ts'
import { byState } from './table.ts'

export const headKey = (key: ProjectKey): RowKey => ({ pk: projectPk(key), sk: projectSk.head })

/** Beginning of the index key of every head in an ERP state. */
export const stateBegins = (erp: string): string => `${erp}#`

/**
 * The head as a row under 1 KB, so that every command pays for one unit and not for two: what the keys say
 * (company, project, ERP state and since when) is not said again, and a hash takes its 32 bytes.
 */
export function headRow(head: BudgetHead): Row {
  const { company, project, erp, erp_since, history_hash, manifest, ledger, ...rest } = head
  return {
    ...headKey({ company, project }),
    ...rest,
    history_hash: Buffer.from(history_hash, 'hex'),
    manifest: Buffer.from(manifest, 'hex'),
    ...(ledger !== undefined && { ledger: Buffer.from(ledger, 'hex') }),
    [byState.pk]: statePk(company),
    [byState.sk]: `${stateBegins(erp)}${erp_since}`,
  }
}

export function readHead(row: Row): BudgetHead {
  const [erp, erp_since] = String(row[byState.sk]).split('#')
  const { history_hash, manifest, ledger, ...rest } = row
  return readBody(BudgetHead, {
    ...rest,
    ...projectOfPk(row.pk),
    erp,
    erp_since,
    history_hash: hexOf(history_hash),
    manifest: hexOf(manifest),
    ...(ledger !== undefined && { ledger: hexOf(ledger) }),
  })
}

const hexOf = (bytes: unknown): unknown =>
  bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : bytes

/** The head of a project that has just been set up: unlocked, no lines, never sent. */
export const newHead = (key: ProjectKey, emptyManifest: Sha256, now: Instant): NextHead => ({
  company: key.company,
  project: key.project,
  revision: 1,
  edit: 'unlocked',
  erp: 'not_sent',
  erp_since: now,
  manifest: emptyManifest,
  lines: 0,
  original: cents(0),
  changes: cents(0),
  last_change: 0,
  cycle: 0,
  run: 0,
  signal: 0,
  version: 0,
  send: 0,
  sent_version: 0,
  settled_version: 0,
  export: 0,
})
