import type { SageCompany } from '../../../local/sage/company-folder.ts'
import type { EstimateImportReport } from '../../../local/sage/estimate-import-report.ts'
import { openSage } from '../../../local/sage/open-sage.ts'
import type { SageDependencies } from '../../../functions/api/dependencies.ts'
import { importFromSageRoutes } from '../../../functions/api/import-from-sage.ts'
import type { Api } from '../../../functions/sage-connector/agent/api-client.ts'
import { createReadBack } from '../../../functions/sage-connector/agent/read-back.ts'
import { csvReports } from '../../../functions/sage-connector/agent/sage-reports.ts'
import { takeSageEvent } from '../../../functions/sage-events/index.ts'
import type { Project } from '../../../shared/domain/budget-head.ts'
import { budgetCode, showCode } from '../../../shared/domain/budget-code.ts'
import { orRefuse } from '../../../shared/domain/refusal.ts'
import type { LineItem } from '../../../shared/domain/line-item.ts'
import type { ApiEvent } from '../../../shared/http/request.ts'
import { rejectLines } from '../../../shared/exporting/reject-lines.ts'
import { rejectedInFile } from '../../../shared/exporting/rejected-in-file.ts'
import {
  accept,
  clinic,
  clinicLines,
  command,
  edit,
  exporting,
  head,
  key,
  manager,
  poster,
  receipt,
  sageId,
  sageSettings,
} from '../../statemachines/cycle/clinic.ts'
import { type CycleMachine, cycleMachine } from '../../statemachines/cycle/machine.ts'
import type { Tables } from '../../store/memory-database.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

export const job = '24-1007'

/** The whole cycle of the product, and a Sage that it knows only by the files it hands out and the reports it reads. */
export interface ClinicAndSage {
  readonly machine: CycleMachine
  readonly sage: SageCompany
  /**
   * Prints Sage's reports a second later, carries them over as the agent does, and lets happen what follows. Answers in
   * sentences what could not be read.
   */
  readBack(): Promise<readonly string[]>
}

interface SetUp {
  readonly lines?: readonly LineItem[]
  /** Without it Sage knows neither the job nor its extra. */
  readonly jobInSage?: boolean
  readonly project?: Partial<Project>
  readonly costCodes?: Readonly<Record<string, string>>
  /** Whether an import may create what Sage does not know; it must where Sage does not know the job. */
  readonly mayCreate?: boolean
}

const concreteAndEarth = {
  '03-3000': 'Cast-in-place concrete',
  '09-9000': 'Painting',
  '31-2000': 'Earthwork',
}

export async function clinicAndSage(
  database: Tables,
  {
    lines = clinicLines,
    jobInSage = true,
    project,
    costCodes = concreteAndEarth,
    mayCreate = !jobInSage,
  }: SetUp = {},
): Promise<ClinicAndSage> {
  const machine = await cycleMachine(database)
  const clock = () => new Date(machine.time.now())
  const sage = openSage(temporaryFolder('sage'), { clock }).createCompany('NORTHWIND')
  sage.setUp({
    standardCostCodes: Object.entries(costCodes).map(([costCode, description]) => ({
      costCode,
      description,
    })),
    standardCategories: ['L', 'M', 'S'].map((category) => ({ category, description: category })),
    jobs: jobInSage
      ? [{ job, description: 'Riverside Clinic', extras: [{ extra: 'SITE', description: 'Site package' }] }]
      : [],
  })
  const reports = temporaryFolder('reports')
  const agent = createReadBack(insideOf(machine), csvReports(reports), sageId)
  const readBack = async (): Promise<readonly string[]> => {
    await machine.pass(1_000)
    sage.writeReports(reports)
    const { unreadable } = await agent.once()
    await machine.settle()
    return unreadable
  }
  await clinic(machine, lines, { read: false, ...(project !== undefined && { project }) })
  if (mayCreate) await sageSettings(machine, { jobs_may_be_created: true, extras_may_be_created: true })
  await readBack()
  return { machine, sage, readBack }
}

/** What the API does with an agent's readings, without the API: stores them, and has them compared. */
function insideOf(machine: CycleMachine): Pick<Api, 'putMasterData' | 'putTotals'> {
  return {
    async putMasterData(_, data) {
      await machine.companies.putMasterData(key.company, sageId, data, 'connector')
    },
    async putTotals(_, totals) {
      await machine.companies.putJobTotals(key.company, sageId, totals)
      const about = { company: key.company, sage_company: sageId, job: totals.job, as_of: totals.as_of }
      await takeSageEvent(machine, { v: 1, kind: 'totals', ...about })
    },
  }
}

/** Sends what stands, has it accepted, and its first file delivered. */
export async function send({ machine }: ClinicAndSage): Promise<void> {
  if ((await head(machine)).edit === 'unlocked') await command(machine, 'lock')
  await command(machine, 'send')
  await accept(machine)
  await receipt(machine)
}

/** The lines become these, and are sent. */
export async function sendAs(both: ClinicAndSage, lines: readonly LineItem[]): Promise<void> {
  if ((await head(both.machine)).edit === 'locked') await command(both.machine, 'unlock')
  await edit(both.machine, lines)
  await send(both)
}

/** Records of the file that is due, after the comment line. */
export async function records({ machine }: ClinicAndSage): Promise<string[]> {
  const { part } = await exporting(machine)
  const bytes = await machine.objects.getFile(part.file_key, part.file_sha256)
  return Buffer.from(bytes).toString('latin1').split('\r\n').slice(1, -1)
}

/** The lists from Sage, as the product knows them, go on naming a category that Sage does not have. */
export async function listsStillName({ machine }: ClinicAndSage, category: string): Promise<void> {
  const { companies, clock } = machine
  const { data } = (await companies.masterData(key.company, sageId))!
  const categories = [...data.categories, { category, description: category, accumulate_as: 'Other' }]
  await companies.putMasterData(key.company, sageId, { ...data, categories, as_of: clock.now() }, 'connector')
}

interface AtTheDesk {
  /** Chooses the tick box otherwise than the file asks for. */
  readonly wrongBox?: boolean
  /** Answers Sage's warning that the file was imported before with going on. */
  readonly again?: boolean
}

/** Tools > Import Estimates of the file that is due. */
export async function importFile(
  { machine, sage }: ClinicAndSage,
  { wrongBox = false, again = false }: AtTheDesk = {},
): Promise<EstimateImportReport> {
  const { part } = await exporting(machine)
  const bytes = await machine.objects.getFile(part.file_key, part.file_sha256)
  const asApprovedEstimateChange = (part.mode === 'approved_estimate_change') !== wrongBox
  return sage.importEstimates({
    bytes,
    fileName: part.file_name,
    asApprovedEstimateChange,
    importAgain: again,
  })
}

/** The same, everything posted and read back. */
export async function importAndPost(both: ClinicAndSage, how?: AtTheDesk): Promise<void> {
  await importFile(both, how)
  both.sage.postEntries({ all: true })
  await both.readBack()
}

/** The budget becomes what Sage has of the job, by the API's own route. */
export async function importFromSage(machine: CycleMachine): Promise<void> {
  const [imports] = importFromSageRoutes(machine as unknown as SageDependencies)
  const { revision } = await head(machine)
  const event = {
    headers: { 'if-match': `"${String(revision)}"`, 'idempotency-key': 'import-1' },
    pathParameters: { project: key.project },
    requestContext: { http: { method: 'POST', path: '/' } },
  } as unknown as ApiEvent
  const caller = { company: key.company, subject: 'sub-paula', claimed: [], actor: manager, first: false }
  await imports!.handle({ event, caller, request: 'request-1' })
}

/** Hands the reject file of an import in, as Sage wrote it, and has the correction delivered. */
export async function handIn({ machine }: ClinicAndSage, report: EstimateImportReport): Promise<void> {
  const { open, part } = await exporting(machine)
  const lines = orRefuse(await rejectedInFile(machine, { key, open, part }, report.rejectFile!))
  await rejectLines(machine, { by: poster }, { key, export: open.number, part: part.part, lines })
  await machine.settle()
  await receipt(machine)
}

/** Per key Sage's original estimate and approved changes in cents; keys without either left out. */
export const inSageNow = ({
  sage,
}: ClinicAndSage): Record<string, readonly [original: number, changes: number]> =>
  Object.fromEntries(
    [...sage.tables().categories.values()]
      .filter(({ original, approved }) => original !== 0 || approved !== 0)
      .map(({ extra, costCode, category, original, approved }) => [
        showCode(budgetCode(extra, costCode, category)),
        [original, approved],
      ]),
  )

/** What was last observed of any file of the newest export. */
export async function observed({ machine }: ClinicAndSage) {
  const parts = await machine.store.parts(key, (await head(machine)).export)
  return parts.findLast(({ observation }) => observation)?.observation
}
