import { html } from 'hono/html'
import type { SageCompany } from '../company-folder.ts'
import {
  type CompanySettings,
  accumulations,
  existingJobManners,
  nonStandardCategoryManners,
} from '../company-tables.ts'
import { dateOrders } from '../calendar-date.ts'
import {
  type Choice,
  type Html,
  at,
  closedMark,
  page,
  selectField,
  table,
  textField,
  tickField,
} from './frame.ts'

/** Setup: jobs, extras, the standard lists and the settings. */
export async function setupPage(company: SageCompany): Promise<string> {
  return await page({
    title: 'Setup',
    company: company.name,
    item: 'setup',
    content: html`${lists(company)}
      <h2>Add, or alter under the same code</h2>
      <div class="cards">
        ${jobForm(company.name)}${extraForm(company.name)}${costCodeForm(company.name)}${categoryForm(company.name)}${settingsForm(company.name, company.tables().settings)}
      </div>`,
  })
}

function lists(company: SageCompany): Html {
  const { jobs, extras, standardCostCodes, standardCategories } = company.tables()
  return html`${listed(
    'Jobs',
    ['Job', 'Description', 'Status', 'Original estimate'],
    [...jobs.values()],
    (row) => [
      row.job,
      row.description,
      closedMark(row.closed),
      row.originalEstimateFinalized ? 'Finalized' : 'Open',
    ],
  )}
  ${listed('Extras', ['Job', 'Extra', 'Description', 'Status'], [...extras.values()], (row) => [
    row.job,
    row.extra,
    row.description,
    closedMark(row.closed),
  ])}
  ${listed(
    'Standard Cost Codes',
    ['Cost Code', 'Description', 'Group', 'Status'],
    [...standardCostCodes.values()],
    (row) => [row.costCode, row.description, row.group ? 'Group' : '', closedMark(row.closed)],
  )}
  ${listed(
    'Standard Categories',
    ['Category', 'Description', 'Accumulates as'],
    [...standardCategories.values()],
    (row) => [row.category, row.description, row.accumulateAs],
  )}`
}

const listedAtMost = 500 // longer lists are read through the JSON side

function listed<Row>(
  caption: string,
  names: readonly string[],
  rows: readonly Row[],
  cells: (row: Row) => readonly (string | Html)[],
): Html {
  if (rows.length === 0) return html`<p>${caption}: none yet.</p>`
  const shown = rows.slice(0, listedAtMost)
  const title = `${caption}: ${String(rows.length)}${shown.length < rows.length ? `, the first ${String(listedAtMost)}` : ''}`
  const columns = names.map((name) => ({ name }))
  return table(
    title,
    columns,
    shown.map((row) => {
      const [code = '', ...others] = cells(row)
      return html`<tr>
        <th scope="row" class="code">${code}</th>
        ${others.map((cell) => html`<td>${cell}</td>`)}
      </tr>`
    }),
  )
}

const form = (company: string, segment: string, title: string, fields: Html): Html =>
  html`<form class="card" method="post" action="${at(company, 'setup', segment)}">
    <h2>${title}</h2>
    ${fields}
    <div class="actions"><button>Save</button></div>
  </form>`

const description = (name: string): Html =>
  textField(name, { label: 'Description', name: 'description', hint: 'At most 30 characters.' })

const jobForm = (company: string): Html =>
  form(
    company,
    'jobs',
    'Job',
    html`${textField('job', { label: 'Job', name: 'job', required: true })} ${description('job')}
    ${tickField('job', { label: 'Closed', name: 'closed' })}
    ${tickField('job', { label: 'Original estimate finalized', name: 'originalEstimateFinalized' })}`,
  )

const extraForm = (company: string): Html =>
  form(
    company,
    'extras',
    'Extra',
    html`${textField('extra', { label: 'Job', name: 'job', required: true })}
    ${textField('extra', { label: 'Extra', name: 'extra', required: true })} ${description('extra')}
    ${tickField('extra', { label: 'Closed', name: 'closed' })}`,
  )

const costCodeForm = (company: string): Html =>
  form(
    company,
    'cost-codes',
    'Standard Cost Code',
    html`${textField('cost-code', { label: 'Cost Code', name: 'costCode', required: true })}
    ${description('cost-code')} ${tickField('cost-code', { label: 'Group cost code', name: 'group' })}
    ${tickField('cost-code', { label: 'Closed', name: 'closed' })}`,
  )

const categoryForm = (company: string): Html =>
  form(
    company,
    'categories',
    'Standard Category',
    html`${textField('category', { label: 'Category', name: 'category', required: true })}
    ${description('category')}
    ${selectField('category', {
      label: 'Accumulates as',
      name: 'accumulateAs',
      choices: sameWords(accumulations),
    })}`,
  )

const sameWords = (values: readonly string[]): Choice[] => values.map((value) => ({ value, words: value }))

const settingsForm = (company: string, settings: CompanySettings): Html =>
  form(
    company,
    'settings',
    'Job Cost settings',
    html`${mask('Job', 'job', settings.sections.job)} ${mask('Extra', 'extra', settings.sections.extra)}
    ${mask('Cost Code', 'costCode', settings.sections.costCode)}
    ${selectField('settings', {
      label: 'Order of a date',
      name: 'dateOrder',
      choices: sameWords(dateOrders),
      value: settings.dateOrder,
    })}
    ${selectField('settings', {
      label: 'A category that is not standard stops the import, and',
      name: 'onNonStandardCategory',
      choices: nonStandardCategoryManners.map((manner) => ({
        value: manner,
        words: manner === 'nothing kept' ? 'nothing is kept' : 'the lines before it are kept',
      })),
      value: settings.onNonStandardCategory,
    })}
    ${selectField('settings', {
      label: 'The description in a job record of a job that is there',
      name: 'jobLineOnExistingJob',
      choices: existingJobManners.map((manner) => ({
        value: manner,
        words: manner === 'ignored' ? 'is ignored' : 'overwrites the job',
      })),
      value: settings.jobLineOnExistingJob,
    })}
    ${tickField('settings', { label: 'Categories in use', name: 'categories', checked: settings.categories })}
    ${tickField('settings', { label: 'Extras in use', name: 'extras', checked: settings.extras })}
    ${tickField('settings', {
      label: 'The import window begins with creation of cost codes allowed',
      name: 'allowNewCostCodes',
      checked: settings.allowNewCostCodes,
    })}`,
  )

const mask = (words: string, name: string, value: string | null): Html =>
  textField('settings', {
    label: `${words} sections`,
    name,
    value: value ?? '',
    hint: 'Such as ##-####: # a digit, X up to that many characters. Blank: any.',
  })
