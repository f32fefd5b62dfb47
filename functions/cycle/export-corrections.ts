import { keyOf } from '../../shared/domain/budget-code.ts'
import { cents } from '../../shared/domain/cents.ts'
import type { ExportPart, PartEntries } from '../../shared/domain/export.ts'
import { newInSage } from '../../shared/domain/new-in-sage.ts'
import type { MasterData, SageCompany } from '../../shared/domain/sage-company.ts'
import { carryOut, earlier, type Standing } from '../../shared/cycle/carry-out.ts'
import { Broken } from '../../shared/store/errors.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { entriesOf, makePart, newToSage, type PartToMake } from '../../shared/cycle/export-parts.ts'
import { ledgerPosition } from '../../shared/cycle/coming-export.ts'
import { type OpenExport, openExport } from '../../shared/cycle/open-export.ts'
import { queueDue } from '../../shared/cycle/queue-due.ts'
import { receiptDue } from '../../shared/cycle/reminders.ts'

/** A correction part: only the keys that Sage rejected, in the same mode, with the same amounts and baseline. */
export async function exportCorrections(dependencies: Dependencies, input: unknown) {
  const output = await carryOut(dependencies, input, async ({ key, head, at, day300 }) => {
    const { companies } = dependencies
    const { open, parts, part } = await openExport(dependencies, key, head)
    const [sage, master, entries] = await Promise.all([
      companies.sageCompany(key.company, open.sage_company),
      companies.masterData(key.company, open.sage_company),
      entriesOf(dependencies, key, part),
    ])
    if (!sage)
      throw new Broken('SageCompanyMissing', `${open.id}: ${open.sage_company} is not set up any more.`)
    const rejected = rejectedOf(part)
    const wanted = {
      mode: part.mode,
      entries: entries.filter(({ code }) => rejected.has(keyOf(code))),
    }
    const announced = await announcedAgain(dependencies, { key, head, open, parts }, wanted, {
      sage,
      master: master?.data,
    })
    const number = open.parts + 1
    const attempt = open.attempt + 1
    const record = { ...open, parts: number, current_part: number, attempt }
    const made = await makePart(dependencies, {
      key,
      export: record,
      part: number,
      kind: 'correction',
      corrects: part.part,
      entries: wanted,
      sage,
      master: master?.data,
      ...announced,
    })
    const { baseline, ahead } = part
    return {
      commit: {
        head: { ...head, erp: 'exporting', erp_since: at },
        history: [
          {
            event: 'corrections_prepared',
            by: 'system',
            detail: { export: open.number, corrects: part.part, part: number, entries: made.entries },
          },
        ],
        export: record,
        parts: [{ ...made, attempt, ...(baseline && { baseline }), ...(ahead && { ahead }) }],
      },
      output: { outcome: 'exporting', until: earlier(receiptDue(at), day300) },
    }
  })
  return await queueDue(dependencies, input, output)
}

const rejectedOf = ({ exceptions }: ExportPart): ReadonlySet<string> =>
  new Set(exceptions.filter(({ outcome }) => outcome === 'rejected').map(({ code }) => keyOf(code)))

/**
 * The job, and the extras, that the file must announce again: those that Sage's lists still do not know, and of which
 * Sage took no entry of this export, so that it may have rejected their records with the lines.
 */
async function announcedAgain(
  dependencies: Dependencies,
  { key, head, open, parts }: Pick<OpenExport, 'open' | 'parts'> & Pick<Standing, 'key' | 'head'>,
  wanted: PartEntries,
  { sage, master }: { readonly sage: SageCompany; readonly master: MasterData | undefined },
): Promise<Pick<PartToMake, 'createJob' | 'newExtras'>> {
  if (!master) return { newExtras: new Map() }
  const sent = parts.filter(({ attempt }) => attempt !== undefined)
  const [position, project, ...entries] = await Promise.all([
    ledgerPosition(dependencies, key, head),
    dependencies.store.project(key),
    ...sent.map(async (part) => {
      const rejected = rejectedOf(part)
      return (await entriesOf(dependencies, key, part)).filter(({ code }) => !rejected.has(keyOf(code)))
    }),
  ])
  const taken = entries.flat().map(({ code, cents: original }) => ({ code, original, changes: cents(0) }))
  const unknown = newInSage({
    sage,
    master,
    job: open.job,
    position: [...position, ...taken],
    parts: [wanted],
  })
  const { job, extras } = newToSage(project, unknown.extras[0])
  return { newExtras: extras, ...(open.create_job && unknown.job && { createJob: job }) }
}

export const handler = onLambda(exportCorrections)
