import type { SageCompany } from '../company-folder.ts'
import { CompanySettings, FaultSwitches } from '../company-tables.ts'
import { SetUp } from '../set-up.ts'
import { type DeskOptions, changed } from './desk-options.ts'
import { type Call, type Route, formOf, htmlAnswer, textIn, ticked } from './exchange.ts'
import { faultsPage, renamedColumns } from './faults-page.ts'
import { at } from './frame.ts'
import { HandEntryBody, OwnerChangeOrderBody } from './json.ts'
import { setupPage } from './setup-page.ts'

const here = '/sage/companies/:company'

/** Setup and faults: forms that alter the company itself. */
export function setupRoutes(options: DeskOptions): Route[] {
  const company = (call: Call): SageCompany => options.sage.company(call.part('company'))
  const form = (
    path: string,
    goTo: string,
    carryOut: (company: SageCompany, form: FormData) => void,
  ): Route => ({
    method: 'POST',
    path: `${here}/${path}`,
    answer: async (call) => {
      carryOut(company(call), await formOf(call.request))
      return changed(options, company(call), at(company(call).name, goTo))
    },
  })
  return [
    {
      method: 'GET',
      path: `${here}/setup`,
      answer: async (call) => htmlAnswer(200, await setupPage(company(call))),
    },
    {
      method: 'GET',
      path: `${here}/faults`,
      answer: async (call) =>
        htmlAnswer(200, await faultsPage(company(call), company(call).now().toISOString().slice(0, 10))),
    },
    form('setup/jobs', 'setup', (of, sent) => of.setUp(SetUp.parse({ jobs: [jobIn(sent)] }))),
    form('setup/extras', 'setup', (of, sent) => of.setUp(SetUp.parse({ jobs: [extraIn(sent)] }))),
    form('setup/cost-codes', 'setup', (of, sent) =>
      of.setUp(SetUp.parse({ standardCostCodes: [costCodeIn(sent)] })),
    ),
    form('setup/categories', 'setup', (of, sent) =>
      of.setUp(SetUp.parse({ standardCategories: [categoryIn(sent)] })),
    ),
    form('setup/settings', 'setup', (of, sent) => of.changeSettings(settingsIn(of, sent))),
    form('faults', 'faults', (of, sent) => of.setFaults(faultsIn(sent))),
    form('faults/foreign-entry', 'faults', enterForeign),
    form('faults/owner-change-order', 'faults', enterChangeOrder),
  ]
}

const jobIn = (form: FormData) => ({
  job: textIn(form, 'job'),
  ...descriptionIn(form),
  closed: ticked(form, 'closed'),
  originalEstimateFinalized: ticked(form, 'originalEstimateFinalized'),
})

const extraIn = (form: FormData) => ({
  job: textIn(form, 'job'),
  extras: [{ extra: textIn(form, 'extra'), ...descriptionIn(form), closed: ticked(form, 'closed') }],
})

const costCodeIn = (form: FormData) => ({
  costCode: textIn(form, 'costCode'),
  ...descriptionIn(form),
  group: ticked(form, 'group'),
  closed: ticked(form, 'closed'),
})

const categoryIn = (form: FormData) => ({
  category: textIn(form, 'category'),
  ...descriptionIn(form),
  accumulateAs: textIn(form, 'accumulateAs'),
})

/** A blank description leaves the one that is there. */
const descriptionIn = (form: FormData) => {
  const description = textIn(form, 'description').trim()
  return description === '' ? {} : { description }
}

const settingsIn = (company: SageCompany, form: FormData): CompanySettings =>
  CompanySettings.parse({
    ...company.tables().settings,
    sections: { job: maskIn(form, 'job'), extra: maskIn(form, 'extra'), costCode: maskIn(form, 'costCode') },
    dateOrder: textIn(form, 'dateOrder'),
    onNonStandardCategory: textIn(form, 'onNonStandardCategory'),
    jobLineOnExistingJob: textIn(form, 'jobLineOnExistingJob'),
    categories: ticked(form, 'categories'),
    extras: ticked(form, 'extras'),
    allowNewCostCodes: ticked(form, 'allowNewCostCodes'),
  })

const maskIn = (form: FormData, name: string): string | null => textIn(form, name).trim() || null

const faultsIn = (form: FormData): FaultSwitches => {
  const crashAfter = textIn(form, 'crashAfterRecords').trim()
  return FaultSwitches.parse({
    noLicenceSeat: ticked(form, 'noLicenceSeat'),
    crashAfterRecords: crashAfter === '' ? null : Number(crashAfter),
    replicaLagSeconds: Number(textIn(form, 'replicaLagSeconds')),
    renamedFields: ticked(form, 'renamedFields') ? renamedColumns : {},
  })
}

const keyIn = (form: FormData) => ({
  extra: textIn(form, 'extra').trim(),
  costCode: textIn(form, 'costCode'),
  category: textIn(form, 'category'),
  amount: textIn(form, 'amount').trim(),
})

function enterForeign(company: SageCompany, form: FormData): void {
  const { post, ...hand } = HandEntryBody.parse({
    ...keyIn(form),
    job: textIn(form, 'job'),
    date: textIn(form, 'date'),
    kind: textIn(form, 'kind'),
    post: ticked(form, 'post'),
  })
  if (post) company.handEntry(hand)
  else company.enter(hand)
}

function enterChangeOrder(company: SageCompany, form: FormData): void {
  const { extra, costCode, category, amount } = keyIn(form)
  company.ownerChangeOrder(
    OwnerChangeOrderBody.parse({
      job: textIn(form, 'job'),
      number: textIn(form, 'number'),
      date: textIn(form, 'date'),
      lines: [{ extra, costCode, category, amount }],
    }),
  )
}
