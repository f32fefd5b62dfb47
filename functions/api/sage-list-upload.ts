import * as z from 'zod'
import { CodeKey, codeOfKey, keyOf, showCode } from '../../shared/domain/budget-code.ts'
import { sum } from '../../shared/domain/cents.ts'
import { type CompanyId, Instant, type SageCompanyId, Sha256 } from '../../shared/domain/ids.ts'
import {
  type ChangedRow,
  type ListChanges,
  listChanges,
  readAt,
  withList,
} from '../../shared/domain/master-data-lists.ts'
import { refusal, Refused } from '../../shared/domain/refusal.ts'
import {
  type JobTotals,
  type MasterData,
  MasterList,
  type SageTotal,
} from '../../shared/domain/sage-company.ts'
import { type Answer, ok } from '../../shared/http/answer.ts'
import { faulty, fileBody, segment } from '../../shared/http/request.ts'
import { type Ask, fileRoute, type Route } from '../../shared/http/route.ts'
import {
  categoriesFile,
  costCodesFile,
  extrasFile,
  jobsFile,
  type SageFile,
  totalsFile,
} from '../../shared/sage/master-data-files.ts'
import { canonicalJson, sha256 } from '../../shared/store/content-hash.ts'
import { inSageShown } from './as-shown.ts'
import type { SageDependencies } from './dependencies.ts'
import { assertNotLater, Job, sageAsked, totalShown } from './master-data.ts'

// For a Sage company without an agent: people upload Sage's lists and totals as files. Without `preview` an upload shows
// what it would do and stores nothing; with what that answered it is stored, if it still comes to the same.

export const listTypes = [
  'text/csv',
  'application/vnd.ms-excel',
  'application/octet-stream',
  'application/csv',
  'text/plain',
] as const

const UploadQuery = z.strictObject({
  /** When the list was read in Sage. */
  as_of: Instant,
  preview: Sha256.optional(),
})
type UploadQuery = z.infer<typeof UploadQuery>

const namesShown = 10

/** What tells the rows of a list apart, and how it is written for people, where two may be written alike. */
interface Named<Row> {
  readonly nameOf: (row: Row) => string
  readonly inWords?: (name: string) => string
}

function changesShown(changes: ListChanges, inWords: (name: string) => string = String) {
  const shown = (names: readonly string[]) => ({
    count: names.length,
    first: names.slice(0, namesShown).map(inWords),
  })
  const altered = (rows: readonly ChangedRow[]) => ({
    ...shown(rows.map(({ name }) => name)),
    values: rows.slice(0, namesShown).map((row) => ({ ...row, name: inWords(row.name) })),
  })
  return {
    added: shown(changes.added),
    changed: altered(changes.changed),
    closed: altered(changes.closed),
    removed: shown(changes.removed),
  }
}

/**
 * The hash of what stands (`before`, its hash) and what will stand; refuses an upload whose preview saw something else, but for one whose
 * outcome stands already: an upload that is sent again.
 */
function previewOf(before: Sha256 | undefined, willStand: unknown, { preview }: UploadQuery): Sha256 {
  const after = sha256(canonicalJson(willStand))
  const hash = sha256(`${before ?? ''} ${after}`)
  if (preview === undefined || preview === hash || before === after) return hash
  throw new Refused(
    refusal(
      'CHANGED_MEANWHILE',
      'This is not what the preview showed: the file, its time, or what was stored before is another.',
      'Send the file without `preview`, look at what it would do, and upload it with the hash that is answered.',
    ),
  )
}

const older = () =>
  faulty(
    '/as_of',
    'OLDER',
    'What is stored was read in Sage later than this; an older reading replaces nothing.',
  )

/** The rows of a file that can be read whole. */
function rowsOf<Row>(file: SageFile<Row>, { event }: Ask): readonly Row[] {
  const { read, unreadable } = file.read(fileBody(event, listTypes))
  if (read && unreadable.length === 0) return read
  throw new Refused(
    refusal(
      'INVALID_INPUT',
      'The file cannot be read as this list of Sage.',
      'Correct what `errors` names, or export the list once more as CSV with its headings in the first row.',
      { places: unreadable.map((sentence) => ({ code: 'UNREADABLE', sentence })) },
    ),
  )
}

/** What a file makes of what is known. */
interface Comes {
  readonly rows: number
  readonly data: MasterData
  readonly changes: ReturnType<typeof changesShown>
}

type ReadList = (ask: Ask, before: MasterData | undefined, as_of: Instant) => Comes

const listOf =
  <List extends MasterList, Row extends MasterData[List][number]>(
    list: List,
    file: SageFile<Row>,
    { nameOf, inWords }: Named<Row>,
    of: (data: Pick<MasterData, List>) => readonly Row[],
  ): ReadList =>
  (ask, before, as_of) => {
    const rows = [...rowsOf(file, ask)]
    assertOnce(rows.map(nameOf), inWords)
    const changes = changesShown(listChanges(before ? of(before) : [], rows, nameOf), inWords)
    return { rows: rows.length, data: withList(before, list, { [list]: rows }, as_of), changes }
  }

const lists: Readonly<Record<MasterList, ReadList>> = {
  jobs: listOf('jobs', jobsFile, { nameOf: ({ job }) => job }, ({ jobs }) => jobs),
  cost_codes: listOf(
    'cost_codes',
    costCodesFile,
    { nameOf: ({ cost_code }) => cost_code },
    ({ cost_codes }) => cost_codes,
  ),
  categories: listOf(
    'categories',
    categoriesFile,
    { nameOf: ({ category }) => category },
    ({ categories }) => categories,
  ),
  extras: listOf(
    'extras',
    extrasFile,
    { nameOf: ({ job, extra }) => `${job}\t${extra}`, inWords: (name) => name.replace('\t', ' ') },
    ({ extras }) => extras,
  ),
}

function assertOnce(names: readonly string[], inWords: (name: string) => string = String): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) throw faulty('', 'GIVEN_TWICE', `${inWords(name)} stands in the file twice.`)
    seen.add(name)
  }
}

const isOlder = (as_of: Instant, before: Instant | undefined): boolean =>
  before !== undefined && Date.parse(as_of) < Date.parse(before)

async function uploadList(dependencies: SageDependencies, ask: Ask, query: UploadQuery): Promise<Answer> {
  const { companies } = dependencies
  const { company, sage } = await sageAsked(dependencies, ask)
  const list = segment(ask.event, 'list', MasterList)
  const { as_of } = query
  assertNotLater(as_of, dependencies)
  const standing = await companies.masterData(company, sage)
  const before = standing?.data
  const readBefore = before && readAt(before, list)
  if (isOlder(as_of, readBefore)) throw older()
  const { rows, data, changes } = lists[list](ask, before, as_of)
  const preview = previewOf(standing?.sha256, data, query)
  const stored =
    query.preview !== undefined &&
    (await companies.putMasterData(
      company,
      sage,
      data,
      ask.caller.actor,
      ask.request,
      standing?.sha256 ?? null,
    ))
  return ok({
    stored,
    preview,
    list,
    as_of,
    before_as_of: readBefore ?? null,
    rows,
    ...changes,
  })
}

const sumsShown = (totals: readonly SageTotal[]) =>
  inSageShown({
    original: sum(totals.map(({ original }) => original)),
    changes: sum(totals.map(({ changes }) => changes)),
  })

const namedTotals = {
  nameOf: ({ extra, cost_code, category }: Omit<SageTotal, 'original' | 'changes'>) =>
    keyOf({ sub_job: extra, cost_code, cost_type: category }),
  inWords: (name: string) => showCode(codeOfKey(CodeKey.parse(name))),
} satisfies Named<ReturnType<typeof totalShown>>

/** Rows name their job as Sage has it. Without one only Sage's list of jobs tells an empty job from a mistyped one. */
async function assertJobKnown(
  { companies }: SageDependencies,
  company: CompanyId,
  sage: SageCompanyId,
  job: string,
): Promise<void> {
  const data = (await companies.masterData(company, sage))?.data
  const read = data && readAt(data, 'jobs')
  if (read === undefined || data?.jobs.some((known) => known.job === job) === true) return
  throw faulty(
    '',
    'JOB_NOT_IN_SAGE',
    `The file has no row, and Sage’s list of jobs, read ${read}, holds no job ${job}; look at the number, or upload the list of jobs anew.`,
  )
}

/** Sage's posted totals of one job: stored and compared as an agent's reading is. */
async function uploadTotals(dependencies: SageDependencies, ask: Ask, query: UploadQuery): Promise<Answer> {
  const { companies } = dependencies
  const { company, sage } = await sageAsked(dependencies, ask)
  const job = segment(ask.event, 'job', Job)
  const { as_of } = query
  assertNotLater(as_of, dependencies)
  const rows = rowsOf(totalsFile, ask)
  const other = rows.find((row) => row.job !== job)
  if (other)
    throw faulty('', 'OTHER_JOB', `The file holds totals of job ${other.job}; send those of ${job} alone.`)
  if (rows.length === 0) await assertJobKnown(dependencies, company, sage, job)
  const before = await companies.jobTotals(company, sage, job)
  if (isOlder(as_of, before?.as_of)) throw older()
  const totals: JobTotals = { job, as_of, totals: rows.map(({ total }) => total) }
  assertOnce(totals.totals.map(namedTotals.nameOf), namedTotals.inWords)
  const preview = previewOf(
    before && sha256(canonicalJson({ ...before, uploaded_by: undefined })),
    totals,
    query,
  )
  const { actor } = ask.caller
  const stored =
    query.preview !== undefined &&
    (await companies.uploadJobTotals(
      company,
      sage,
      { ...totals, uploaded_by: actor },
      before,
      actor,
      ask.request,
    ))
  if (stored) await dependencies.report({ v: 1, kind: 'totals', company, sage_company: sage, job })
  return ok({
    stored,
    preview,
    job,
    as_of,
    before_as_of: before?.as_of ?? null,
    rows: rows.length,
    ...changesShown(
      listChanges((before?.totals ?? []).map(totalShown), totals.totals.map(totalShown), namedTotals.nameOf),
      namedTotals.inWords,
    ),
    before: sumsShown(before?.totals ?? []),
    after: sumsShown(totals.totals),
  })
}

export const sageListUploadRoutes = (dependencies: SageDependencies): Route[] => [
  fileRoute({
    method: 'POST',
    path: '/erp/master_data/{sage}/lists/{list}',
    operation: 'save_master_data',
    query: UploadQuery,
    handle: async (ask, { query }) => await uploadList(dependencies, ask, query),
  }),
  fileRoute({
    method: 'POST',
    path: '/erp/master_data/{sage}/totals/{job}',
    operation: 'upload_totals',
    query: UploadQuery,
    handle: async (ask, { query }) => await uploadTotals(dependencies, ask, query),
  }),
]
