import type { Dependencies } from '../../shared/cycle/dependencies.ts'
import { entriesOf } from '../../shared/cycle/export-parts.ts'
import type { BudgetExport, ExportPart } from '../../shared/domain/export.ts'
import type { ProjectKey } from '../../shared/domain/ids.ts'
import { isRefusal, orRefuse, type Refusal, refusal } from '../../shared/domain/refusal.ts'
import { acknowledge } from '../../shared/exporting/acknowledge.ts'
import { closeExport, type ExportToClose } from '../../shared/exporting/close-export.ts'
import { confirmPosted } from '../../shared/exporting/confirm-posted.ts'
import { longestRejectReason, type RejectedLine, rejectLines } from '../../shared/exporting/reject-lines.ts'
import { rejectedInFile } from '../../shared/exporting/rejected-in-file.ts'
import type { Who } from '../../shared/exporting/record.ts'
import { reportStop } from '../../shared/exporting/report-stop.ts'
import { choiceIn, type Form } from '../../shared/pages/form.ts'
import { sentOf } from '../../shared/sage/reject-file.ts'
import { endsOf, partsToEnd, placeField } from './ends.ts'
import { linesByCode, tooLong } from './lines-named.ts'

export interface Reported {
  readonly key: ProjectKey
  readonly export: BudgetExport
  readonly parts: readonly ExportPart[]
  /** The one now due. */
  readonly part: ExportPart
}

/** Records what a poster says happened to a part in Sage. Throws `Refused` with what the report contradicts. */
export async function report(
  dependencies: Dependencies,
  who: Who,
  about: Reported,
  { fields, files }: Form,
): Promise<void> {
  const { key, export: of, part } = about
  const here = { key, export: of.number, part: part.part }
  const reason = fields.get('reason') ?? ''
  switch (choiceIn(fields)) {
    case 'posted':
      await confirmPosted(dependencies, who, { ...here, how: 'declared' })
      return
    case 'stopped':
      await reportStop(dependencies, who, { ...here, message: fields.get('stop_message') ?? '' })
      return
    case 'acknowledge':
      // The mark of the page covers it: this is the movement that was shown.
      await acknowledge(dependencies, who, {
        ...here,
        note: reason,
        file_posted: postedIn(fields),
        observed_at: part.observation?.at,
      })
      return
    case 'wrong_box':
    case 'close': {
      const entries = await endsOfAll(dependencies, about, fields)
      await closeExport(dependencies, who, { key, export: of.number, reason, entries })
      return
    }
    case 'rejects': {
      const lines = orRefuse(await rejectedLines(dependencies, about, { fields, files }))
      await rejectLines(dependencies, who, { ...here, lines })
      return
    }
    default:
      orRefuse(refusal('INVALID_INPUT', 'No one choice was made.', 'Choose what happened, then record it.'))
  }
}

const yesOrNo: ReadonlyMap<string | null, boolean> = new Map([
  ['yes', true],
  ['no', false],
])

/** Undefined where it is not said. */
const postedIn = (fields: URLSearchParams): boolean | undefined => yesOrNo.get(fields.get('file_posted'))

/** Of every file that has open lines, one after the other. */
async function endsOfAll(
  dependencies: Dependencies,
  { key, parts, part: due }: Reported,
  fields: URLSearchParams,
): Promise<ExportToClose['entries']> {
  const ends: ExportToClose['entries'][number][] = []
  for (const part of partsToEnd(parts))
    // oxlint-disable-next-line no-await-in-loop -- one file's entries in memory at a time
    ends.push(...orRefuse(endsOf(part, await entriesOf(dependencies, key, part), said(part, due, fields))))
  return ends
}

/** What the form says of a file; *the wrong box* alone says where all of the file that is due stands. */
const said = ({ part }: ExportPart, due: ExportPart, fields: URLSearchParams): URLSearchParams =>
  choiceIn(fields) === 'wrong_box' && part === due.part
    ? new URLSearchParams([[placeField(part), 'other_box']])
    : fields

/** Lines by the reject file, by its content as it was pasted, or by their codes; each with its reason, or the one for all. */
async function rejectedLines(
  dependencies: Dependencies,
  about: Reported,
  { fields, files }: Form,
): Promise<RejectedLine[] | Refusal> {
  const [pasted, codes] = [fields.get('reject_text') ?? '', fields.get('reject_lines') ?? '']
  const chosen = files.get('reject_file')
  if ([chosen !== undefined, pasted.trim() !== '', codes.trim() !== ''].filter(Boolean).length > 1)
    return refusal(
      'INVALID_INPUT',
      'The lines were told in more than one way.',
      'Choose the reject file, paste its content, or name the lines.',
    )
  const reason = (fields.get('reject_reason') ?? '').trim()
  if (reason.length > longestRejectReason) return tooLong('the lines')
  const { key, part } = about
  const lines =
    codes.trim() === ''
      ? // Sage writes one byte a letter; a browser gives what was pasted as text.
        await linesOfFile(dependencies, about, chosen ?? Buffer.from(pasted, 'latin1'))
      : linesByCode(part, await entriesOf(dependencies, key, part), codes)
  if (isRefusal(lines) || reason === '') return lines
  return lines.map((line) => ({ reason, ...line }))
}

/**
 * The page speaks for the file that is due. A reject file that names every line of a correction is, as a rule, the one
 * that led to it, handed in again: its lines would travel twice. Only our comment line tells the two apart.
 */
async function linesOfFile(
  dependencies: Dependencies,
  { key, export: open, part }: Reported,
  bytes: Uint8Array,
): Promise<RejectedLine[] | Refusal> {
  const lines = await rejectedInFile(dependencies, { key, open, part }, bytes)
  const isPlain = isRefusal(lines) || part.corrects === undefined || lines.length < part.entries
  if (isPlain || sentOf(bytes)) return lines
  return refusal(
    'INVALID_INPUT',
    `This file names every line of file ${String(part.part)}, as the reject file of file ${String(part.corrects)} does.`,
    `If it is that file again, there is nothing to do: its lines travel in file ${String(part.part)}. If Sage rejected all of file ${String(part.part)} too, name the lines instead.`,
  )
}
