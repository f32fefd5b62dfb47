import type { Dependencies } from '../../shared/cycle/dependencies.ts'
import { entriesOf } from '../../shared/cycle/export-parts.ts'
import type { BudgetExport, ExportPart } from '../../shared/domain/export.ts'
import type { PersonId, ProjectKey } from '../../shared/domain/ids.ts'
import { orRefuse, type Refusal, refusal } from '../../shared/domain/refusal.ts'
import { acknowledge } from '../../shared/exporting/acknowledge.ts'
import { closeExport } from '../../shared/exporting/close-export.ts'
import { confirmPosted } from '../../shared/exporting/confirm-posted.ts'
import { rejectLines } from '../../shared/exporting/reject-lines.ts'
import { fromAnotherExport, matchRejects, readRejectFile } from '../../shared/sage/reject-file.ts'

export interface Reported {
  readonly key: ProjectKey
  readonly person: PersonId
  readonly export: BudgetExport
  readonly part: ExportPart
}

/** Records what a poster says happened to a part in Sage. Throws `Refused` with what the report contradicts. */
export async function report(
  dependencies: Dependencies,
  about: Reported,
  form: URLSearchParams,
): Promise<void> {
  const { key, person, export: of, part } = about
  const who = { by: person }
  const here = { key, export: of.number, part: part.part }
  const reason = form.get('reason') ?? ''
  const choices = form.getAll('choice')
  const [choice = ''] = choices.length === 1 ? choices : []
  switch (choice) {
    case 'posted':
      await confirmPosted(dependencies, who, { ...here, how: 'declared' })
      return
    case 'acknowledge':
      await acknowledge(dependencies, who, { ...here, note: reason })
      return
    case 'close': {
      const outcome = form.get('outcome') === 'taken' ? 'taken' : 'withdrawn'
      await closeExport(dependencies, who, {
        key,
        export: of.number,
        reason,
        others: { outcome },
        entries: [],
      })
      return
    }
    case 'rejects': {
      const lines = orRefuse(await rejectedLines(dependencies, about, form.get('reject_file') ?? ''))
      await rejectLines(dependencies, who, { ...here, lines })
      return
    }
    default:
      orRefuse(refusal('INVALID_INPUT', 'No one choice was made.', 'Choose what happened, then record it.'))
  }
}

async function rejectedLines(
  dependencies: Dependencies,
  { key, export: of, part }: Reported,
  text: string,
): Promise<Parameters<typeof rejectLines>[2]['lines'] | Refusal> {
  const sage = await dependencies.companies.sageCompany(key.company, of.sage_company)
  const file = orRefuse(
    readRejectFile(Buffer.from(text, 'latin1'), { comment_character: sage?.comment_character ?? ';' }),
  )
  const about = { job: of.job, export_id: of.id, part: part.part }
  const other = fromAnotherExport(file, about)
  if (other) return other
  if (file.lines.length === 0)
    return refusal('INVALID_INPUT', 'The reject file holds no line.', 'Paste what the reject file contains.')
  const matched = orRefuse(matchRejects(file.lines, await entriesOf(dependencies, key, part)))
  return matched.map(({ code }) => ({ code }))
}
