import { type ExportPart } from '../../shared/domain/export.ts'
import { ExportId } from '../../shared/domain/export-id.ts'
import type { ProjectKey } from '../../shared/domain/ids.ts'
import { isRefusal } from '../../shared/domain/refusal.ts'
import { partNumbered, storedExport, type StoredExport } from '../../shared/exporting/under-way.ts'
import type { Ask } from '../../shared/http/route.ts'
import { notFound, segment } from '../../shared/http/request.ts'
import { assertServes } from './connector-serves.ts'
import type { ApiDependencies } from './dependencies.ts'

/** The export that the path names, within the caller's own company; it need not exist. */
export function exportNamed({ event, caller }: Ask): { readonly key: ProjectKey; readonly export: number } {
  const { project, number } = segment(event, 'export', ExportId)
  return { key: { company: caller.company, project }, export: number }
}

/** The export that the path names, with its parts; NOT_FOUND, or NOT_ALLOWED to a connector of another Sage company. */
export async function exportAsked(
  { store, companies }: Pick<ApiDependencies, 'store' | 'companies'>,
  ask: Ask,
): Promise<StoredExport & { readonly key: ProjectKey }> {
  const { key, export: number } = exportNamed(ask)
  const found = await storedExport(store, key, number)
  if (isRefusal(found)) throw notFound('export')
  if (!ask.caller.person)
    assertServes(ask.caller, await companies.sageCompany(key.company, found.open.sage_company))
  return { key, ...found }
}

/** A part by its number; NOT_FOUND. */
export function partAsked(parts: readonly ExportPart[], number: number): ExportPart {
  const part = partNumbered(parts, number)
  if (!part) throw notFound('part')
  return part
}
