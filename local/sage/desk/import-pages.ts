import { html } from 'hono/html'
import { asMoney } from '../amounts.ts'
import type { SageCompany } from '../company-folder.ts'
import type { StoredReport } from '../estimate-import-report.ts'
import type { Complaint } from '../record-tokenizer.ts'
import type { ImportableFile } from './desk-options.ts'
import { type Html, at, moment, money, page, pager, sliceOf, table, tickField } from './frame.ts'

/** Tools > Import Estimates: which file, and the two boxes. */
export async function importPage(company: SageCompany, files: readonly ImportableFile[]): Promise<string> {
  return await page({
    title: 'Import Estimates',
    company: company.name,
    item: 'import',
    content: html`<form
      class="card"
      method="post"
      action="${at(company.name, 'import')}"
      enctype="multipart/form-data"
    >
      ${fileChoice(files)}
      <div class="field">
        <label for="upload">File from this computer</label>
        <input type="file" id="upload" name="upload" ${files.length === 0 ? html`required` : ''} />
      </div>
      <div class="box">
        ${tickField('import', {
          label: 'Import as an Approved Estimate Change',
          name: 'asApprovedEstimateChange',
        })}
      </div>
      ${tickField('import', {
        label: 'Allow creation of Cost Codes not on standard Cost Code list',
        name: 'allowNewCostCodes',
        checked: company.tables().settings.allowNewCostCodes,
      })}
      <div class="actions"><button>Import</button></div>
      <p class="hint">
        Importing makes new entries. No total moves before they are posted with Tasks &gt; Post Entries.
      </p>
    </form>`,
  })
}

/** The choice of a file that is sent along; every path has a slash. */
export const fromThisComputer = 'from-this-computer'

const fileChoice = (files: readonly ImportableFile[]): Html =>
  files.length === 0
    ? html`<p>There is no file in the folders.</p>`
    : html`<fieldset>
        <legend>File to import</legend>
        ${files.map(
          ({ name, path }, index) =>
            html`<div class="tick">
              <input type="radio" id="file-${String(index)}" name="path" value="${path}" required />
              <label for="file-${String(index)}">${name}<span class="hint"> ${path}</span></label>
            </div>`,
        )}
        <div class="tick">
          <input type="radio" id="file-upload" name="path" value="${fromThisComputer}" required />
          <label for="file-upload">The file from this computer that is chosen below</label>
        </div>
      </fieldset>`

/** The Estimate Import Report of one import. */
export async function reportPage(
  company: SageCompany,
  report: StoredReport,
  query: URLSearchParams,
): Promise<string> {
  return await page({
    title: 'Estimate Import Report',
    company: company.name,
    item: 'import',
    content: html`${outcomeNotes[report.outcome](company.name, report)}
      <section class="card">
        <dl class="facts">
          <dt>Import</dt>
          <dd>${String(report.number)}, ${moment(report.at)}</dd>
          <dt>File</dt>
          <dd>${report.fileName}</dd>
          <dt>Import as an Approved Estimate Change</dt>
          <dd>${report.asApprovedEstimateChange ? 'ticked' : 'empty'}</dd>
          <dt>New entries</dt>
          <dd>${String(report.acceptedLines.length)}, together ${asMoney(report.acceptedTotal)}</dd>
          <dt>Records rejected</dt>
          <dd>${String(report.rejectedLines.length)}</dd>
        </dl>
      </section>
      ${complaints('Why the file was not taken', report.complaints)}
      ${complaints('Records rejected', report.rejectedLines)}
      ${
        report.hasRejectFile
          ? html`<p class="actions">
              <a class="button" href="${at(company.name, 'imports', report.number, 'rejects')}"
                >Reject file</a
              >
            </p>`
          : ''
      }
      ${created(report)} ${accepted(report, query)}
      <p><a href="${at(company.name, 'import')}">Import another file</a></p>`,
  })
}

const outcomeNotes: Record<StoredReport['outcome'], (company: string, report: StoredReport) => Html> = {
  imported: (company) =>
    html`<div class="note">
      <p>
        The file was read to its end. Nothing is posted yet:
        <a href="${at(company, 'entries')}">new entries</a>.
      </p>
    </div>`,
  stopped: (_company, report) =>
    html`<div class="note stop" role="alert">
      <p>
        The import was stopped by a category that is not standard.
        ${
          report.acceptedLines.length === 0
            ? 'No entry of the file was kept.'
            : 'The lines before it were kept: look at the new entries before you import anything again.'
        }
      </p>
    </div>`,
  refused: () =>
    html`<div class="note stop" role="alert">
      <p>The file cannot be read as an import file. Nothing was imported.</p>
    </div>`,
  'already imported': (company, report) =>
    html`<div class="note warn" role="alert">
      <p>
        This file was already imported on ${moment(report.importedBefore ?? '')}. Nothing was imported now.
      </p>
      <form method="post" action="${at(company, 'imports', report.number, 'again')}">
        <div class="actions"><button class="stop">Import it again, and make its entries twice</button></div>
      </form>
    </div>`,
}

const complaints = (caption: string, rows: readonly Complaint[]): Html =>
  rows.length === 0
    ? html``
    : table(
        caption,
        [{ name: 'Line', number: true }, { name: 'Field', number: true }, { name: 'Reason' }],
        rows.map(
          ({ line, field, reason }) =>
            html`<tr>
              <td class="number">${String(line)}</td>
              <td class="number">${field === null ? '' : String(field)}</td>
              <td>${reason}</td>
            </tr>`,
        ),
      )

const created = (report: StoredReport): Html =>
  report.created.length === 0
    ? html``
    : html`<section class="card">
        <h2>Set up by this import</h2>
        <ul>
          ${report.created.map((what) => html`<li>${what}</li>`)}
        </ul>
      </section>`

function accepted(report: StoredReport, query: URLSearchParams): Html {
  if (report.acceptedLines.length === 0) return html``
  const slice = sliceOf(report.acceptedLines, query)
  const columns = [
    { name: 'Line', number: true },
    { name: 'Job' },
    { name: 'Extra' },
    { name: 'Cost Code' },
    { name: 'Category' },
    { name: 'Amount', number: true },
  ] as const
  const rows = slice.rows.map(
    (line) =>
      html`<tr>
        <td class="number">${String(line.line)}</td>
        <td class="code">${line.job}</td>
        <td class="code">${line.extra}</td>
        <td class="code">${line.costCode}</td>
        <td class="code">${line.category}</td>
        ${money(line.amount)}
      </tr>`,
  )
  return html`${table('Lines accepted', columns, rows)} ${pager(slice, query)}`
}
