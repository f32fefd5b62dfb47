import { html } from 'hono/html'
import { sumOf } from '../amounts.ts'
import type { SageCompany } from '../company-folder.ts'
import type { Category, Job } from '../company-tables.ts'
import { type Html, at, closedMark, money, page, pager, sliceOf, stackedTable } from './frame.ts'

const amountColumns = [
  { name: 'Original estimate', number: true },
  { name: 'Approved changes', number: true },
  { name: 'Total estimate', number: true },
] as const

const amountCells = (original: number, approved: number): Html =>
  html`${money(original, 'Original estimate')}${money(approved, 'Approved changes')}${money(original + approved, 'Total estimate')}`

/** Jobs with their totals. */
export async function jobsPage(company: SageCompany): Promise<string> {
  const jobs = [...company.tables().jobs.values()]
  const columns = [{ name: 'Job' }, { name: 'Description' }, { name: 'Status' }, ...amountColumns]
  return await page({
    title: 'Job totals',
    company: company.name,
    item: 'totals',
    content:
      jobs.length === 0
        ? html`<p>There is no job yet.</p>`
        : stackedTable(
            'Jobs, extras included; what is posted',
            columns,
            jobs.map((job) => jobRow(company.name, job)),
          ),
  })
}

const jobRow = (company: string, job: Job): Html =>
  html`<tr>
    <th scope="row" class="code" data-label="Job">
      <a href="${at(company, 'totals', job.job)}">${job.job}</a>
    </th>
    <td data-label="Description">${job.description}</td>
    <td data-label="Status">${closedMark(job.closed)}</td>
    ${amountCells(job.original + job.extrasOriginal, job.approved + job.extrasApproved)}
  </tr>`

/** One job: every category with original, approved changes and total. */
export async function jobPage(company: SageCompany, job: Job, query: URLSearchParams): Promise<string> {
  const rows = [...company.tables().categories.values()].filter((row) => row.job === job.job)
  const slice = sliceOf(rows, query)
  const columns = [
    { name: 'Extra' },
    { name: 'Cost Code' },
    { name: 'Category' },
    { name: 'Accumulates as' },
    ...amountColumns,
  ]
  return await page({
    title: `Job ${job.job}`,
    company: company.name,
    item: 'totals',
    content: html`<dl class="facts card">
        <dt>Description</dt>
        <dd>${job.description}</dd>
        <dt>Status</dt>
        <dd>${closedMark(job.closed)}</dd>
        <dt>Original estimate</dt>
        <dd>${job.originalEstimateFinalized ? 'Finalized' : 'Not finalized'}</dd>
      </dl>
      ${
        rows.length === 0
          ? html`<p>The job has no categories yet.</p>`
          : html`${stackedTable(`Totals per category of job ${job.job}`, columns, slice.rows.map(categoryRow), footOf(rows))}
            ${pager(slice, query)}`
      }
      <p><a href="${at(company.name, 'totals')}">All jobs</a></p>`,
  })
}

const categoryRow = (row: Category): Html =>
  html`<tr>
    <td class="code" data-label="Extra">${row.extra}</td>
    <th scope="row" class="code" data-label="Cost Code">${row.costCode}</th>
    <td class="code" data-label="Category">${row.category}</td>
    <td data-label="Accumulates as">${row.accumulateAs}</td>
    ${amountCells(row.original, row.approved)}
  </tr>`

const footOf = (rows: readonly Category[]): Html =>
  html`<tr>
    <th scope="row" colspan="4">All categories</th>
    ${amountCells(sumOf(rows.map(({ original }) => original)), sumOf(rows.map(({ approved }) => approved)))}
  </tr>`
