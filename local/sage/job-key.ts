import { noCents } from './amounts.ts'
import {
  type CompanyTables,
  type EntryKind,
  type Extra,
  type Job,
  type Key,
  keyOf,
} from './company-tables.ts'

/** May an entry of this kind be made on this key? */
export type KeyAnswer =
  | { readonly answer: 'fits'; readonly createsCostCode: boolean }
  | { readonly answer: 'refused'; readonly field: keyof Key; readonly reason: string }

/** Null where the category is a Standard Category. An import is stopped by what this finds (I2), not only the line. */
export function categoryRefusal(
  { settings, standardCategories }: CompanyTables,
  category: string,
): string | null {
  if (!settings.categories || standardCategories.has(keyOf(category))) return null
  return `Category "${category}" is not a Standard Category`
}

/** Looks without changing anything. Refusals are those of sage-connector.md 3: I2, I4, I5, I15, I16. */
export function askKey(
  tables: CompanyTables,
  key: Key,
  kind: EntryKind,
  allowNewCostCodes: boolean,
): KeyAnswer {
  const categoryReason = categoryRefusal(tables, key.category)
  if (categoryReason !== null) return { answer: 'refused', field: 'category', reason: categoryReason }
  const reason = jobRefusal(tables, key.job, kind)
  if (reason !== null) return { answer: 'refused', field: 'job', reason }
  const extraReason = extraRefusal(tables, key)
  if (extraReason !== null) return { answer: 'refused', field: 'extra', reason: extraReason }
  return askCostCode(tables, key, allowNewCostCodes)
}

function jobRefusal(tables: CompanyTables, code: string, kind: EntryKind): string | null {
  const job = tables.jobs.get(keyOf(code))
  if (!job) return `Job "${code}" is not set up`
  if (job.closed) return `Job "${code}" is closed`
  if (kind === 'original_estimate' && job.originalEstimateFinalized)
    return `the original estimate of job "${code}" is finalized`
  return null
}

function extraRefusal(tables: CompanyTables, key: Key): string | null {
  if (key.extra === '') return null
  const extra = tables.extras.get(keyOf(key.job, key.extra))
  if (!extra) return `Extra "${key.extra}" is neither on job "${key.job}" nor announced by an E record`
  return extra.closed ? `Extra "${key.extra}" is closed` : null
}

function askCostCode(tables: CompanyTables, key: Key, allowNewCostCodes: boolean): KeyAnswer {
  const refuse = (reason: string): KeyAnswer => ({
    answer: 'refused',
    field: 'costCode',
    reason: `Cost Code "${key.costCode}" ${reason}`,
  })
  const onJob = tables.costCodes.get(keyOf(key.job, key.extra, key.costCode))
  const standard = tables.standardCostCodes.get(keyOf(key.costCode))
  const found = onJob ?? standard
  if (!found) {
    if (!allowNewCostCodes) return refuse('is not on the standard Cost Code list')
    return { answer: 'fits', createsCostCode: true }
  }
  if (found.group || standard?.group === true) return refuse('is a group cost code')
  if (found.closed) return refuse('is closed')
  return { answer: 'fits', createsCostCode: !onJob }
}

export function addJob(tables: CompanyTables, code: string, described: Partial<Job>): Job {
  const job = {
    description: '',
    address: '',
    city: '',
    state: '',
    zip: '',
    closed: false,
    originalEstimateFinalized: false,
    ...described,
    job: code,
    original: noCents,
    approved: noCents,
    extrasOriginal: noCents,
    extrasApproved: noCents,
  }
  tables.jobs.set(keyOf(code), job)
  return job
}

export function addExtra(tables: CompanyTables, job: string, code: string, description = ''): Extra {
  const extra = { job, extra: code, description, closed: false, original: noCents, approved: noCents }
  tables.extras.set(keyOf(job, code), extra)
  return extra
}

/**
 * Sets up on the fly what a key that fits still lacks: the cost code from the standard list (I4) or, where that was
 * allowed, under the description given (I5), and the category from the Standard Categories.
 */
export function setUpKey(tables: CompanyTables, key: Key, description: string): void {
  const costCode = keyOf(key.job, key.extra, key.costCode)
  if (!tables.costCodes.has(costCode)) {
    const standard = tables.standardCostCodes.get(keyOf(key.costCode))
    tables.costCodes.set(costCode, {
      job: key.job,
      extra: key.extra,
      costCode: key.costCode,
      description: standard?.description ?? description,
      group: false,
      closed: false,
      original: noCents,
      approved: noCents,
    })
  }
  const category = keyOf(key.job, key.extra, key.costCode, key.category)
  if (tables.categories.has(category)) return
  const standard = tables.standardCategories.get(keyOf(key.category))
  tables.categories.set(category, {
    ...pickKey(key),
    description: standard?.description ?? '',
    accumulateAs: standard?.accumulateAs ?? null,
    original: noCents,
    approved: noCents,
    originalUnits: noCents,
    approvedUnits: noCents,
  })
}

const pickKey = ({ job, extra, costCode, category }: Key): Key => ({ job, extra, costCode, category })
