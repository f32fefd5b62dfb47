import { html } from 'hono/html'
import type { SageCompany } from '../company-folder.ts'
import { type Html, at, moment, page, table, textField } from './frame.ts'
import { companySummary } from './json.ts'

export async function companiesPage(companies: readonly SageCompany[]): Promise<string> {
  const columns = [
    { name: 'Company' },
    { name: 'Jobs', number: true },
    { name: 'New entries', number: true },
    { name: 'Posted entries', number: true },
  ] as const
  return await page({
    title: 'Companies',
    content: html`${
        companies.length === 0
          ? html`<p>There is no company yet.</p>`
          : table('Company data folders of this Sage', columns, companies.map(companyRow))
      }
      <section class="card">
        <h2>New company</h2>
        <form method="post" action="/sage/companies">
          ${textField('company', {
            label: 'Name of the company data folder',
            name: 'name',
            required: true,
            hint: 'It begins with open section masks, extras and categories in use, and empty standard lists.',
          })}
          <div class="actions"><button>Create company</button></div>
        </form>
      </section>`,
  })
}

function companyRow(company: SageCompany): Html {
  const { name, jobs, newEntries, postedEntries } = companySummary(company)
  return html`<tr>
    <th scope="row"><a href="${at(name)}">${name}</a></th>
    <td class="number">${String(jobs)}</td>
    <td class="number">${String(newEntries)}</td>
    <td class="number">${String(postedEntries)}</td>
  </tr>`
}

/** The company's first page: where things stand, and what can be done from here. */
export async function companyPage(company: SageCompany): Promise<string> {
  const { name, jobs, newEntries, postedEntries, asOf } = companySummary(company)
  const { settings, standardCostCodes, standardCategories } = company.tables()
  return await page({
    title: name,
    company: name,
    content: html`<div class="cards">
      <section class="card">
        <h2>Where things stand</h2>
        <dl class="facts">
          <dt>Jobs</dt>
          <dd><a href="${at(name, 'totals')}">${String(jobs)}</a></dd>
          <dt>New entries, not posted</dt>
          <dd><a href="${at(name, 'entries')}">${String(newEntries)}</a></dd>
          <dt>Posted entries</dt>
          <dd><a href="${at(name, 'transactions')}">${String(postedEntries)}</a></dd>
          <dt>Read views and reports are of</dt>
          <dd>${moment(asOf)}</dd>
        </dl>
      </section>
      <section class="card">
        <h2>Job Cost settings</h2>
        <dl class="facts">
          <dt>Sections: job, extra, cost code</dt>
          <dd>
            ${[settings.sections.job, settings.sections.extra, settings.sections.costCode]
              .map((mask) => mask ?? 'any')
              .join(', ')}
          </dd>
          <dt>Standard cost codes</dt>
          <dd><a href="${at(name, 'setup')}">${String(standardCostCodes.size)}</a></dd>
          <dt>Standard categories</dt>
          <dd>
            <a href="${at(name, 'setup')}">${String(standardCategories.size)}</a>${
              settings.categories ? '' : ', not in use'
            }
          </dd>
          <dt>Extras</dt>
          <dd>${settings.extras ? 'in use' : 'not in use'}</dd>
          <dt>Order of a date</dt>
          <dd>${settings.dateOrder}</dd>
        </dl>
      </section>
    </div>`,
  })
}
