import type { Dependencies } from '../cycle/dependencies.ts'
import { entriesOf } from '../cycle/export-parts.ts'
import type { BudgetExport, ExportPart } from '../domain/export.ts'
import type { ProjectKey } from '../domain/ids.ts'
import { isRefusal, type Refusal, refusal } from '../domain/refusal.ts'
import { fromAnotherExport, matchRejects, readRejectFile } from '../sage/reject-file.ts'
import { Broken } from '../store/errors.ts'
import type { RejectedLine } from './reject-lines.ts'

/**
 * The lines of a part that a reject file names, as Sage wrote it. Refused: a file that cannot be read, of another
 * export, without a line, or with lines that the part did not send.
 */
export async function rejectedInFile(
  dependencies: Pick<Dependencies, 'companies' | 'objects'>,
  { key, open, part }: { readonly key: ProjectKey; readonly open: BudgetExport; readonly part: ExportPart },
  bytes: Uint8Array,
): Promise<RejectedLine[] | Refusal> {
  const sage = await dependencies.companies.sageCompany(key.company, open.sage_company)
  if (!sage)
    throw new Broken(
      'SageCompanyMissing',
      `${open.id}: ${open.sage_company} is not set up any more. Set it up again under the same id.`,
    )
  const file = readRejectFile(bytes, sage)
  if (isRefusal(file)) return file
  const other = fromAnotherExport(file, { job: open.job, export_id: open.id, part: part.part }, sage)
  if (other) return other
  if (file.lines.length === 0)
    return refusal(
      'INVALID_INPUT',
      'The reject file holds no line: Sage rejected nothing.',
      'Choose the reject file that you named in the import window, or name the lines.',
    )
  const matched = matchRejects(file.lines, await entriesOf(dependencies, key, part), sage)
  return isRefusal(matched) ? matched : matched.map(({ code }) => ({ code }))
}
