import { type BudgetCode, budgetCode, compareKeys, keyOf, showCode } from '../domain/budget-code.ts'
import { type Cents, formatCents, parseCents } from '../domain/cents.ts'
import type { ExportEntry, ExportMode } from '../domain/export.ts'
import { type FaultyPlace, type Refusal, refusal } from '../domain/refusal.ts'
import { writtenCode } from '../domain/sage-codes.ts'
import type { SageCompany } from '../domain/sage-company.ts'
import { isBroken, readRecords, type SageRecord } from './import-records.ts'

/** A line that Sage did not take. The mode is known where the file still carries our comment line. */
export interface RejectedLine {
  readonly code: BudgetCode
  readonly cents: Cents
  readonly mode?: ExportMode
  /** Line of the file, from 1. */
  readonly line: number
}

export interface RejectFile {
  readonly lines: readonly RejectedLine[]
  /** Jobs of its job records. */
  readonly jobs: readonly string[]
  /** Export and part of our comment line, where the file still carries it. */
  readonly sent?: { readonly export_id: string; readonly part: number }
}

const largestFile = 8 * 1024 * 1024 // 50,000 lines are under 5 MiB
const mostPlaces = 100 // a file of another kind breaks every line; the list stays readable

/**
 * Reads the reject file of Job Cost's estimate import: the grammar of the file that was imported, the comment line may
 * be missing, and a person's editor may have changed the line ends. No lines: Sage rejected nothing.
 * Refused with TOO_LARGE (8 MiB) or FILE_NOT_READABLE with places.
 */
export function readRejectFile(
  bytes: Uint8Array,
  sage: Pick<SageCompany, 'comment_character'>,
): RejectFile | Refusal {
  if (bytes.length > largestFile)
    return refusal(
      'TOO_LARGE',
      'The file is larger than any reject file of ours can be.',
      'Choose the reject file that you named in the import window.',
    )
  const places: FaultyPlace[] = []
  const lines: RejectedLine[] = []
  const jobs = new Set<string>()
  let sent: OurComment | undefined
  for (const read of readRecords(bytes, sage.comment_character)) {
    if (isBroken(read)) places.push(placeOf(read.line, read.sentence))
    else if (read.kind === 'comment') sent ??= ourComment(read.text)
    else if (read.type === '*') jobs.add((read.fields[1] ?? '').trim())
    else if (read.type === 'C') {
      const line = rejectedLine(read)
      if ('cents' in line) lines.push(line)
      else places.push(line)
    } else if (read.type !== 'E')
      places.push(placeOf(read.line, `${read.type} is not a record of an estimate file.`))
    if (places.length === mostPlaces) break
  }
  if (places.length > 0)
    return refusal(
      'FILE_NOT_READABLE',
      'This is not a reject file of the estimate import, or it was changed.',
      'Choose the reject file that you named in the import window, as Sage wrote it.',
      { places },
    )
  if (sent === undefined) return { lines, jobs: [...jobs] }
  const { mode, export_id, part } = sent
  return {
    lines: lines.map((line) => ({ ...line, mode })),
    jobs: [...jobs],
    sent: { export_id, part },
  }
}

const placeOf = (line: number, sentence: string): FaultyPlace => ({
  line,
  code: 'FILE_NOT_READABLE',
  sentence,
})

/** Fields of the category record: cost code 2, category 4, amount 8, extra 13. */
function rejectedLine({ line, fields }: SageRecord): RejectedLine | FaultyPlace {
  const code = budgetCode(fields[12] ?? '', fields[1] ?? '', fields[3] ?? '')
  if (code.cost_code === '') return placeOf(line, 'The line names no cost code.')
  const cents = parseCents((fields[7] ?? '').trim())
  if (cents === undefined) return placeOf(line, `The amount of ${showCode(code)} cannot be read.`)
  return { code, cents, line }
}

interface OurComment {
  readonly export_id: string
  readonly part: number
  readonly mode: ExportMode
}

const writtenByUs = /^ ?EXPORT (\S+) PART (\d{1,6}) .*?- (ORIGINAL ESTIMATE|APPROVED ESTIMATE CHANGE) - /

function ourComment(text: string): OurComment | undefined {
  const [, export_id, part, mode] = writtenByUs.exec(text) ?? []
  if (export_id === undefined) return undefined
  return {
    export_id,
    part: Number(part),
    mode: mode === 'ORIGINAL ESTIMATE' ? 'original_estimate' : 'approved_estimate_change',
  }
}

const linesOf = (bytes: Uint8Array): string[] =>
  new TextDecoder('windows-1252')
    .decode(bytes)
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .split(/\r?\n/)

/** Export and part of our comment line in a file that was not read yet, whatever character begins comments there. */
export function sentOf(bytes: Uint8Array): RejectFile['sent'] {
  for (const line of linesOf(bytes)) {
    const ours = /^[!#$%&;]/.test(line) ? ourComment(line.slice(1)) : undefined
    if (ours) return { export_id: ours.export_id, part: ours.part }
  }
  return undefined
}

/** Whether a file holds comments and job records at most: Sage rejected nothing. */
export const rejectsNothing = (bytes: Uint8Array): boolean =>
  linesOf(bytes).every((line) => /^\s*$|^[!#$%&;]|^\s*"?\*"?\s*,/.test(line))

/**
 * OTHER_EXPORT where a reject file names another job, export or part than the one it is handed in for.
 * A file without comment and job record names nothing; then only its lines can tell.
 */
export function fromAnotherExport(
  { jobs, sent }: RejectFile,
  of: { readonly job: string; readonly export_id: string; readonly part: number },
  sage: WrittenFor,
): Refusal | undefined {
  const otherJob = jobs.find((job) => job !== writtenCode(of.job, sage))
  const other =
    sent !== undefined && (sent.export_id !== of.export_id || sent.part !== of.part)
      ? `export ${sent.export_id}, file ${String(sent.part)}`
      : otherJob !== undefined
        ? `job ${otherJob}`
        : undefined
  if (other === undefined) return undefined
  return refusal(
    'OTHER_EXPORT',
    `This reject file belongs to ${other}.`,
    `Choose the reject file of job ${of.job}, export ${of.export_id}, file ${String(of.part)}.`,
  )
}

type WrittenFor = Pick<SageCompany, 'code_separators'>

const codeWritten = (code: BudgetCode, sage: WrittenFor): BudgetCode => ({
  ...code,
  cost_code: writtenCode(code.cost_code, sage),
})

/**
 * Finds the entries of a part that a reject file names, by key and amount, sorted by key. They are what the correction
 * part carries again. A line that was not sent like this is never guessed at: LINE_NOT_SENT with its places.
 */
export function matchRejects(
  rejected: readonly RejectedLine[],
  entries: readonly ExportEntry[],
  sage: WrittenFor,
): ExportEntry[] | Refusal {
  const sent = new Map(entries.map((entry) => [keyOf(codeWritten(entry.code, sage)), entry]))
  const matched: ExportEntry[] = []
  const places: FaultyPlace[] = []
  for (const { code, cents, line } of rejected) {
    const key = keyOf(code)
    const entry = sent.get(key)
    if (entry?.cents === cents) {
      matched.push(entry)
      sent.delete(key) // a second line of this key was not sent
    } else {
      const sentence = `${showCode(code)} with ${formatCents(cents)} was not sent in this part, or stands here twice.`
      places.push({ line, code: 'LINE_NOT_SENT', sentence })
    }
  }
  if (places.length > 0)
    return refusal(
      'LINE_NOT_SENT',
      'The file names lines that were not sent in this part with this amount.',
      'Choose the reject file of this import, as Sage wrote it, without correcting amounts or codes.',
      { places: places.slice(0, mostPlaces) },
    )
  return matched.toSorted((a, b) => compareKeys(keyOf(a.code), keyOf(b.code)))
}
