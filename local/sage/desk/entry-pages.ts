import { html } from 'hono/html'
import { asDecimal, asMoney, sumOf } from '../amounts.ts'
import type { SageCompany } from '../company-folder.ts'
import { type CurrentTransaction, EntryKind, type NewEntry } from '../company-tables.ts'
import {
  type Choice,
  type Html,
  at,
  kindMark,
  kindWords,
  money,
  page,
  pager,
  selectField,
  sliceOf,
  stackedTable,
  textField,
} from './frame.ts'

const keyColumns = [
  { name: 'Job' },
  { name: 'Extra' },
  { name: 'Cost Code' },
  { name: 'Category' },
  { name: 'Kind' },
  { name: 'Date' },
  { name: 'Amount', number: true },
] as const

const keyCells = (row: NewEntry | CurrentTransaction): Html =>
  html`<td class="code" data-label="Job">${row.job}</td>
    <td class="code" data-label="Extra">${row.extra}</td>
    <td class="code" data-label="Cost Code">${row.costCode}</td>
    <td class="code" data-label="Category">${row.category}</td>
    <td data-label="Kind">${kindMark(row.kind)}</td>
    <td class="code" data-label="Date">${row.date}</td>
    ${money(row.amount, 'Amount')}`

/** The new-transaction file, with Tasks > Post Entries for all of it or for what is ticked. */
export async function entriesPage(company: SageCompany, query: URLSearchParams): Promise<string> {
  const entries = company.newEntries()
  const deleted = /^\d+$/.exec(query.get('deleted') ?? '')?.[0]
  return await page({
    title: 'Post Entries',
    company: company.name,
    item: 'entries',
    content: html`${
      deleted === undefined
        ? ''
        : html`<div class="note" role="status"><p>Entry ${deleted} was deleted.</p></div>`
    }
    ${entries.length === 0 ? html`<p>There are no new entries.</p>` : entriesForm(company, entries, query)}`,
  })
}

function entriesForm(company: SageCompany, entries: readonly NewEntry[], query: URLSearchParams): Html {
  const slice = sliceOf(entries, query)
  const columns = [{ name: 'Post' }, { name: 'Entry' }, ...keyColumns, { name: 'Change' }]
  const caption = `New entries, not posted: ${String(entries.length)}, together ${asMoney(sumOf(entries.map(({ amount }) => amount)))}`
  return html`<form method="post" action="${at(company.name, 'post')}">
    ${stackedTable(
      caption,
      columns,
      slice.rows.map((entry) => entryRow(company.name, entry)),
    )}
    ${pager(slice, query)}
    <div class="actions">
      <button name="which" value="all">Post all entries</button>
      <button class="quiet" name="which" value="ticked">Post the ticked entries</button>
    </div>
  </form>`
}

const entryRow = (company: string, entry: NewEntry): Html =>
  html`<tr>
    <td data-label="Post">
      <input
        type="checkbox"
        name="entry"
        value="${String(entry.entry)}"
        aria-label="Post entry ${String(entry.entry)}"
      />
    </td>
    <th scope="row" data-label="Entry">${String(entry.entry)}</th>
    ${keyCells(entry)}
    <td>
      <a href="${at(company, 'entries', entry.entry)}"
        >Edit or delete<span class="unseen"> entry ${String(entry.entry)}</span></a
      >
    </td>
  </tr>`

const kindChoices: readonly Choice[] = EntryKind.options.map((kind) => ({
  value: kind,
  words: kindWords[kind],
}))

const editFields = (form: string, row: NewEntry | CurrentTransaction): Html =>
  html`<div class="fields">
    ${selectField(form, { label: 'Kind', name: 'kind', choices: kindChoices, value: row.kind })}
    ${textField(form, { label: 'Date', name: 'date', type: 'date', value: row.date, required: true })}
    ${textField(form, { label: 'Amount', name: 'amount', value: asDecimal(row.amount), required: true })}
  </div>`

export async function entryPage(company: SageCompany, entry: NewEntry): Promise<string> {
  const number = String(entry.entry)
  return await page({
    title: `New entry ${number}`,
    company: company.name,
    item: 'entries',
    content: html`${stackedTable('The entry', keyColumns, [
        html`<tr>
          ${keyCells(entry)}
        </tr>`,
      ])}
      <div class="cards">
        <form class="card" method="post" action="${at(company.name, 'entries', entry.entry)}">
          <h2>Edit</h2>
          ${editFields('edit', entry)}
          <div class="actions"><button>Save</button></div>
        </form>
        <form class="card" method="post" action="${at(company.name, 'entries', entry.entry, 'delete')}">
          <h2>Delete</h2>
          <p>The entry is gone and never reaches a total.</p>
          <div class="actions"><button class="stop">Delete entry ${number}</button></div>
        </form>
      </div>`,
  })
}

/** The current transaction file, newest run first, or one run of it. */
export async function transactionsPage(company: SageCompany, query: URLSearchParams): Promise<string> {
  const run = query.get('run')
  const all = company.tables().currentTransactions
  const rows = run === null ? all.toReversed() : all.filter((row) => String(row.run) === run)
  const slice = sliceOf(rows, query)
  const columns = [{ name: 'Run' }, { name: 'Sequence' }, ...keyColumns, { name: 'By' }, { name: 'Change' }]
  const caption = `${run === null ? 'Posted entries' : `Run ${run}`}: ${String(rows.length)}, together ${asMoney(sumOf(rows.map(({ amount }) => amount)))}`
  return await page({
    title: 'Posted entries',
    company: company.name,
    item: 'transactions',
    content:
      rows.length === 0
        ? html`<p>Nothing is posted.</p>`
        : html`${stackedTable(
            caption,
            columns,
            slice.rows.map((row) => transactionRow(company.name, row)),
          )}
          ${pager(slice, query)}`,
  })
}

const transactionRow = (company: string, row: CurrentTransaction): Html =>
  html`<tr>
    <th scope="row" data-label="Run">${String(row.run)}</th>
    <td data-label="Sequence">${String(row.sequence)}</td>
    ${keyCells(row)}
    <td data-label="By">${row.operator}</td>
    <td>
      <a href="${at(company, 'transactions', row.run, row.sequence)}"
        >Edit<span class="unseen"> run ${String(row.run)}, sequence ${String(row.sequence)}</span></a
      >
    </td>
  </tr>`

export async function transactionPage(company: SageCompany, row: CurrentTransaction): Promise<string> {
  return await page({
    title: `Posted entry, run ${String(row.run)}, sequence ${String(row.sequence)}`,
    company: company.name,
    item: 'transactions',
    content: html`<div class="note warn">
        <p>The entry is posted. Totals follow what you change here, and no outside program is told.</p>
      </div>
      <form class="card" method="post" action="${at(company.name, 'transactions', row.run, row.sequence)}">
        ${editFields('posted', row)}
        <div class="actions"><button>Save</button></div>
      </form>`,
  })
}
