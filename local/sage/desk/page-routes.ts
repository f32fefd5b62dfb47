import { SageRefusal } from '../refusals.ts'
import { keyOf } from '../company-tables.ts'
import { companiesPage, companyPage } from './companies-page.ts'
import { type DeskOptions, changed } from './desk-options.ts'
import { entriesPage, entryPage, transactionPage, transactionsPage } from './entry-pages.ts'
import {
  type Call,
  type Route,
  formOf,
  htmlAnswer,
  entryNumber,
  postedPlace,
  seeOther,
  textIn,
} from './exchange.ts'
import { at } from './frame.ts'
import { importRoutes } from './import-routes.ts'
import { EntryEditBody, PostBody } from './json.ts'
import { setupRoutes } from './setup-routes.ts'
import { deskStyle } from './style.ts'
import { jobPage, jobsPage } from './totals-page.ts'

const here = '/sage/companies/:company'

/** The pages a person at the Sage workstation uses; all of them work without script. */
export function pageRoutes(options: DeskOptions): Route[] {
  return [
    ...companyRoutes(options),
    ...importRoutes(options),
    ...entryRoutes(options),
    ...transactionRoutes(options),
    ...totalsRoutes(options),
    ...setupRoutes(options),
  ]
}

function companyRoutes({ sage }: DeskOptions): Route[] {
  const list = async () =>
    htmlAnswer(200, await companiesPage(sage.companies().map((name) => sage.company(name))))
  return [
    { method: 'GET', path: '/sage', answer: list },
    { method: 'GET', path: '/sage/companies', answer: list },
    {
      method: 'POST',
      path: '/sage/companies',
      answer: async ({ request }) => {
        const { name } = sage.createCompany(textIn(await formOf(request), 'name').trim())
        return seeOther(at(name))
      },
    },
    {
      method: 'GET',
      path: here,
      answer: async (call) => htmlAnswer(200, await companyPage(sage.company(call.part('company')))),
    },
    {
      method: 'GET',
      path: '/sage/style.css',
      answer: () => ({
        status: 200,
        headers: { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'no-cache' },
        body: deskStyle,
      }),
    },
  ]
}

function entryRoutes(options: DeskOptions): Route[] {
  const company = (call: Call) => options.sage.company(call.part('company'))
  return [
    {
      method: 'GET',
      path: `${here}/entries`,
      answer: async (call) => htmlAnswer(200, await entriesPage(company(call), call.query)),
    },
    {
      method: 'GET',
      path: `${here}/entries/:entry`,
      answer: async (call) => {
        const entry = company(call).newEntry(entryNumber(call))
        return htmlAnswer(200, await entryPage(company(call), entry))
      },
    },
    {
      method: 'POST',
      path: `${here}/entries/:entry`,
      answer: async (call) => {
        company(call).editEntry(entryNumber(call), await editIn(call))
        return seeOther(at(company(call).name, 'entries'))
      },
    },
    {
      method: 'POST',
      path: `${here}/entries/:entry/delete`,
      answer: (call) => {
        const { entry } = company(call).deleteEntry(entryNumber(call))
        return seeOther(`${at(company(call).name, 'entries')}?deleted=${String(entry)}`)
      },
    },
    {
      method: 'POST',
      path: `${here}/post`,
      answer: async (call) => {
        const form = await formOf(call.request)
        const ids = form.getAll('entry').map(Number)
        const all = textIn(form, 'which') === 'all'
        const { run } = company(call).postEntries(PostBody.parse(all ? { all } : { ids }))
        return changed(options, company(call), `${at(company(call).name, 'transactions')}?run=${String(run)}`)
      },
    },
  ]
}

/** Kind, date and amount as both edit forms send them. */
async function editIn({ request }: Call) {
  const form = await formOf(request)
  const [kind, date, amount] = ['kind', 'date', 'amount'].map((name) => textIn(form, name).trim())
  return EntryEditBody.parse({ kind, date, amount })
}

function transactionRoutes(options: DeskOptions): Route[] {
  const company = (call: Call) => options.sage.company(call.part('company'))
  return [
    {
      method: 'GET',
      path: `${here}/transactions`,
      answer: async (call) => htmlAnswer(200, await transactionsPage(company(call), call.query)),
    },
    {
      method: 'GET',
      path: `${here}/transactions/:run/:sequence`,
      answer: async (call) => {
        const posted = company(call).postedEntry(postedPlace(call))
        return htmlAnswer(200, await transactionPage(company(call), posted))
      },
    },
    {
      method: 'POST',
      path: `${here}/transactions/:run/:sequence`,
      answer: async (call) => {
        const { run } = company(call).editPosted(postedPlace(call), await editIn(call))
        return changed(options, company(call), `${at(company(call).name, 'transactions')}?run=${String(run)}`)
      },
    },
  ]
}

function totalsRoutes({ sage }: DeskOptions): Route[] {
  return [
    {
      method: 'GET',
      path: `${here}/totals`,
      answer: async (call) => htmlAnswer(200, await jobsPage(sage.company(call.part('company')))),
    },
    {
      method: 'GET',
      path: `${here}/totals/:job`,
      answer: async (call) => {
        const company = sage.company(call.part('company'))
        const job = company.tables().jobs.get(keyOf(call.part('job')))
        if (!job) throw new SageRefusal('JOB_UNKNOWN', `there is no job ${call.part('job')}`)
        return htmlAnswer(200, await jobPage(company, job, call.query))
      },
    },
  ]
}
