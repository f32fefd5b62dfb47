import type { SageCompany } from '../company-folder.ts'
import { CompanySettings, FaultSwitches } from '../company-tables.ts'
import { isViewName } from '../read-views.ts'
import { SageRefusal } from '../refusals.ts'
import { SetUp } from '../set-up.ts'
import { type DeskOptions, keepRejects, printReports, readOffered, rejectName } from './desk-options.ts'
import {
  type Call,
  type DeskResponse,
  type Route,
  bodyOf,
  fileAnswer,
  jsonAnswer,
  entryNumber,
  importNumber,
  postedPlace,
  problemAnswer,
} from './exchange.ts'
import * as json from './json.ts'

const here = '/sage/api/companies/:company'

/** What each route of one company needs: the company, the rest of the call, and the desk's options. */
interface Desk {
  readonly options: DeskOptions
  readonly company: (call: Call) => SageCompany
}

/** The simulator as JSON, for scripts; README.md lists the routes. */
export function apiRoutes(options: DeskOptions): Route[] {
  const desk = { options, company: (call: Call) => options.sage.company(call.part('company')) }
  return [...companyRoutes(desk), ...importRoutes(desk), ...entryRoutes(desk), ...readingRoutes(desk)]
}

function companyRoutes({ options, company }: Desk): Route[] {
  const { sage } = options
  return [
    {
      method: 'GET',
      path: '/sage/api/companies',
      answer: () => jsonAnswer(sage.companies().map((name) => json.companySummary(sage.company(name)))),
    },
    {
      method: 'POST',
      path: '/sage/api/companies',
      answer: (call) => {
        const { name, settings, lists } = bodyOf(call, json.NewCompany)
        const created = sage.createCompany(name, settings)
        created.setUp(lists ?? {})
        return printed(options, created, json.companyJson(created), 201)
      },
    },
    { method: 'GET', path: here, answer: (call) => jsonAnswer(json.companyJson(company(call))) },
    {
      method: 'POST',
      path: `${here}/set-up`,
      answer: (call) => {
        company(call).setUp(bodyOf(call, SetUp))
        return printed(options, company(call), json.companyJson(company(call)))
      },
    },
    {
      method: 'PATCH',
      path: `${here}/settings`,
      answer: (call) => {
        const merged = { ...company(call).tables().settings, ...bodyOf(call, json.Patch) }
        return jsonAnswer(company(call).changeSettings(CompanySettings.parse(merged)))
      },
    },
    {
      method: 'PATCH',
      path: `${here}/faults`,
      answer: (call) => {
        const merged = { ...company(call).tables().faults, ...bodyOf(call, json.Patch) }
        return jsonAnswer(company(call).setFaults(FaultSwitches.parse(merged)))
      },
    },
  ]
}

function importRoutes(desk: Desk): Route[] {
  const { options, company } = desk
  return [
    {
      method: 'GET',
      path: `${here}/files`,
      answer: async (call) => jsonAnswer(await options.importableFiles(company(call).name)),
    },
    { method: 'POST', path: `${here}/imports`, answer: (call) => importFile(desk, call) },
    {
      method: 'GET',
      path: `${here}/imports/:number`,
      answer: (call) => jsonAnswer(json.reportJson(company(call).importReport(importNumber(call)))),
    },
    {
      method: 'GET',
      path: `${here}/imports/:number/rejects`,
      answer: (call) => {
        const name = rejectName(company(call).importReport(importNumber(call)).fileName)
        return fileAnswer(name, company(call).rejectBytes(importNumber(call)))
      },
    },
  ]
}

async function importFile({ options, company }: Desk, call: Call): Promise<DeskResponse> {
  const into = company(call)
  const { asApprovedEstimateChange, allowNewCostCodes, importAgain, ...source } = bodyOf(
    call,
    json.ImportBody,
  )
  const file =
    'path' in source
      ? await readOffered(options, into.name, source.path)
      : { fileName: source.fileName, bytes: new Uint8Array(Buffer.from(source.content, 'base64')) }
  const report = into.importEstimates({ ...file, asApprovedEstimateChange, allowNewCostCodes, importAgain })
  const rejectsSavedAs = await keepRejects(options, into, report)
  return jsonAnswer({ ...json.importJson(report), rejectsSavedAs })
}

function entryRoutes({ options, company }: Desk): Route[] {
  return [
    {
      method: 'GET',
      path: `${here}/entries`,
      answer: (call) => jsonAnswer(company(call).newEntries().map(json.entryJson)),
    },
    {
      method: 'POST',
      path: `${here}/entries`,
      answer: (call) => {
        const { post, ...hand } = bodyOf(call, json.HandEntryBody)
        if (!post) return jsonAnswer({ entry: company(call).enter(hand) }, 201)
        return printed(options, company(call), json.postingJson(company(call).handEntry(hand)), 201)
      },
    },
    {
      method: 'PATCH',
      path: `${here}/entries/:entry`,
      answer: (call) =>
        jsonAnswer(
          json.entryJson(company(call).editEntry(entryNumber(call), bodyOf(call, json.EntryEditBody))),
        ),
    },
    {
      method: 'DELETE',
      path: `${here}/entries/:entry`,
      answer: (call) => jsonAnswer(json.entryJson(company(call).deleteEntry(entryNumber(call)))),
    },
    {
      method: 'POST',
      path: `${here}/post`,
      answer: (call) => {
        const posting = company(call).postEntries(bodyOf(call, json.PostBody))
        return printed(options, company(call), json.postingJson(posting))
      },
    },
    {
      method: 'POST',
      path: `${here}/owner-change-orders`,
      answer: (call) => {
        const posting = company(call).ownerChangeOrder(bodyOf(call, json.OwnerChangeOrderBody))
        return printed(options, company(call), json.postingJson(posting), 201)
      },
    },
    {
      method: 'GET',
      path: `${here}/transactions`,
      answer: (call) => jsonAnswer(company(call).tables().currentTransactions.map(json.transactionJson)),
    },
    {
      method: 'PATCH',
      path: `${here}/transactions/:run/:sequence`,
      answer: (call) => {
        const edited = company(call).editPosted(postedPlace(call), bodyOf(call, json.EntryEditBody))
        return printed(options, company(call), json.transactionJson(edited))
      },
    },
  ]
}

function readingRoutes({ options, company }: Desk): Route[] {
  return [
    {
      method: 'GET',
      path: `${here}/totals`,
      answer: (call) => jsonAnswer(json.totalsJson(company(call).tables(), call.query.get('job'))),
    },
    {
      method: 'GET',
      path: `${here}/views/:view`,
      answer: (call) => {
        const view = call.part('view')
        if (!isViewName(view)) return problemAnswer(404, 'VIEW_UNKNOWN', `there is no read view ${view}`)
        const names = call.query.get('names') === 'custom' ? 'custom' : 'standard'
        return jsonAnswer({ asOf: company(call).asOf(), rows: company(call).view(view, names) })
      },
    },
    {
      method: 'POST',
      path: `${here}/reports`,
      answer: (call) => {
        if (!options.reportsFolder)
          throw new SageRefusal('NO_REPORTS_FOLDER', 'this desk has no reports folder')
        const folder = options.reportsFolder(company(call).name)
        return jsonAnswer({ folder, asOf: company(call).writeReports(folder) })
      },
    },
  ]
}

/** The answer to a change: the reports are printed first, so that whoever reads them next sees it. */
function printed(options: DeskOptions, company: SageCompany, value: unknown, status = 200): DeskResponse {
  printReports(options, company)
  return jsonAnswer(value, status)
}
