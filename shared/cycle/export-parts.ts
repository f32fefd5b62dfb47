import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Project } from '../domain/budget-head.ts'
import { formatCents } from '../domain/cents.ts'
import { increasesOf, totalOf } from '../domain/entries.ts'
import {
  type BudgetExport,
  ExportEntry,
  type ExportMessage,
  type ExportPart,
  type PartEntries,
} from '../domain/export.ts'
import { type ProjectKey, Sha256 } from '../domain/ids.ts'
import type { MasterData, SageCompany } from '../domain/sage-company.ts'
import { type NewJob, writeEstimateFile } from '../sage/estimate-file.ts'
import type { Dependencies } from './dependencies.ts'

const StoredEntries = z.array(ExportEntry)

/** The entries of a part, as stored when it was made. */
export const entriesOf = async (
  { objects }: Pick<Dependencies, 'objects'>,
  key: ProjectKey,
  part: Pick<ExportPart, 'entries_sha256'>,
): Promise<readonly ExportEntry[]> =>
  StoredEntries.parse(await objects.getJson(key.company, part.entries_sha256))

export interface PartToMake {
  readonly key: ProjectKey
  readonly export: BudgetExport
  readonly part: number
  readonly kind: ExportPart['kind']
  readonly corrects?: number
  readonly entries: PartEntries
  readonly sage: SageCompany
  readonly master: MasterData | undefined
  /** When Sage is to create the job. */
  readonly createJob?: NewJob
  /** Extras that Sage does not know yet: each is announced in the part that first uses it. */
  readonly newExtras: ReadonlyMap<string, string>
}

/**
 * Renders a part's file and stores file and entries. Everything is derived from what was accepted,
 * so that making it again gives the same names and the same bytes.
 */
export async function makePart(
  { objects }: Pick<Dependencies, 'objects'>,
  wanted: PartToMake,
): Promise<ExportPart> {
  const { key, export: of, part, kind, corrects, entries, sage, master, createJob, newExtras } = wanted
  const { fileName, bytes } = writeEstimateFile({
    sage,
    job: of.job,
    exportId: of.id,
    part,
    kind,
    version: of.version,
    mode: entries.mode,
    entryDate: of.entry_date,
    entries: entries.entries,
    descriptions: new Map(master?.cost_codes.map(({ cost_code, description }) => [cost_code, description])),
    newExtras,
    createJob,
  })
  const file_sha256 = Sha256.parse(createHash('sha256').update(bytes).digest('hex'))
  // By its hash too: a step that breaks before it records the export leaves its file, and the number to a later export.
  const file_key = `c/${key.company}/sage/${sage.id}/${file_sha256}/${fileName}`
  const [entries_sha256] = await Promise.all([
    objects.putJson(key.company, entries.entries),
    objects.putFile(file_key, bytes),
  ])
  return {
    export: of.number,
    part,
    kind,
    corrects,
    mode: entries.mode,
    entries: entries.entries.length,
    total: totalOf(entries.entries),
    increases: increasesOf(entries.entries),
    entries_sha256,
    file_name: fileName,
    file_key,
    file_sha256,
    outcome: 'open',
    exceptions: [],
  }
}

/** How a project's job and extras are told to a Sage that does not know them yet. */
export const newToSage = (project: Project | undefined, extras: readonly string[] = []) => {
  const described = new Map(project?.sub_jobs?.map(({ sub_job, description }) => [sub_job, description]))
  return {
    job: { description: project?.name ?? '', address: project?.address },
    extras: new Map(extras.map((extra) => [extra, described.get(extra) ?? extra])),
  }
}

/** What is said of the part now due, on the queue and as the answer to a claim. */
export const exportMessage = (
  { company, project }: ProjectKey,
  { id, attempt, request }: BudgetExport,
  part: ExportPart,
): ExportMessage => ({
  v: 1,
  company,
  project,
  exportId: id,
  attempt,
  request,
  parts: [
    {
      part: part.part,
      mode: part.mode,
      key: part.file_key,
      sha256: part.file_sha256,
      entries: part.entries,
      total: formatCents(part.total),
    },
  ],
})

/**
 * The message for the part now due, with the queue's group (one job of one company) and the id by which the
 * queue, which all companies share, drops a repeat.
 */
export function queueMessage(
  key: ProjectKey,
  of: BudgetExport,
  part: ExportPart,
): { readonly message: string; readonly group: string; readonly deduplication: string } {
  const job = JSON.stringify([key.company, of.sage_company, of.job])
  return {
    message: JSON.stringify(exportMessage(key, of, part)),
    group: createHash('sha256').update(job).digest('hex').slice(0, 32),
    deduplication: `${key.company}-${of.id}-${String(of.attempt)}`,
  }
}

/** The first part that was never queued and still carries entries; undefined when none remains. */
export const partThatRemains = (parts: readonly ExportPart[]): ExportPart | undefined =>
  parts.find((part) => part.attempt === undefined && part.outcome === 'open')
