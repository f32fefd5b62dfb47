import type { SageCompany } from '../company-folder.ts'
import type { ImportCommand } from '../import-command.ts'
import { SageRefusal } from '../refusals.ts'
import { type DeskOptions, type OfferedFile, keepRejects, readOffered, rejectName } from './desk-options.ts'
import {
  type Call,
  type DeskResponse,
  type Route,
  fileAnswer,
  formOf,
  htmlAnswer,
  importNumber,
  seeOther,
  textIn,
  ticked,
} from './exchange.ts'
import { at } from './frame.ts'
import { fromThisComputer, importPage, reportPage } from './import-pages.ts'

const here = '/sage/companies/:company'

export function importRoutes(options: DeskOptions): Route[] {
  const company = (call: Call): SageCompany => options.sage.company(call.part('company'))
  return [
    {
      method: 'GET',
      path: `${here}/import`,
      answer: async (call) => {
        const files = await options.importableFiles(company(call).name)
        return htmlAnswer(200, await importPage(company(call), files))
      },
    },
    {
      method: 'POST',
      path: `${here}/import`,
      answer: async (call) => {
        const form = await formOf(call.request)
        return await importInto(options, company(call), {
          ...(await fileIn(options, company(call).name, form)),
          asApprovedEstimateChange: ticked(form, 'asApprovedEstimateChange'),
          allowNewCostCodes: ticked(form, 'allowNewCostCodes'),
        })
      },
    },
    {
      method: 'GET',
      path: `${here}/imports/:number`,
      answer: async (call) => {
        const report = company(call).importReport(importNumber(call))
        return htmlAnswer(200, await reportPage(company(call), report, call.query))
      },
    },
    {
      method: 'POST',
      path: `${here}/imports/:number/again`,
      answer: async (call) => {
        const { fileName, asApprovedEstimateChange, allowNewCostCodes } = company(call).importReport(
          importNumber(call),
        )
        const bytes = company(call).importedBytes(importNumber(call))
        const again = { bytes, fileName, asApprovedEstimateChange, allowNewCostCodes, importAgain: true }
        return await importInto(options, company(call), again)
      },
    },
    {
      method: 'GET',
      path: `${here}/imports/:number/rejects`,
      answer: (call) => {
        const { fileName } = company(call).importReport(importNumber(call))
        return fileAnswer(rejectName(fileName), company(call).rejectBytes(importNumber(call)))
      },
    },
  ]
}

async function importInto(
  options: DeskOptions,
  company: SageCompany,
  command: ImportCommand,
): Promise<DeskResponse> {
  const report = company.importEstimates(command)
  await keepRejects(options, company, report)
  return seeOther(at(company.name, 'imports', report.number))
}

/** The file that was chosen from the folders or sent along; one that was sent needs no choice beside it. */
async function fileIn(options: DeskOptions, company: string, form: FormData): Promise<OfferedFile> {
  const chosen = textIn(form, 'path')
  const path = chosen === fromThisComputer ? '' : chosen
  const upload = form.get('upload')
  const sent = upload instanceof File && upload.name !== '' ? upload : null
  if (path !== '' && sent) throw new SageRefusal('FILE_UNKNOWN', 'two files were chosen: an import takes one')
  if (sent) return { fileName: sent.name, bytes: new Uint8Array(await sent.arrayBuffer()) }
  if (path === '')
    throw new SageRefusal('FILE_MISSING', 'No file was chosen. Choose the file to import, then press Import.')
  return await readOffered(options, company, path)
}
