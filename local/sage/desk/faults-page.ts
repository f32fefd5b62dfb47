import { html } from 'hono/html'
import type { SageCompany } from '../company-folder.ts'
import { EntryKind } from '../company-tables.ts'
import { type Html, at, kindWords, page, selectField, textField, tickField } from './frame.ts'

/** What the faults form renames when it is ticked: the trap of a driver without StandardMode. */
export const renamedColumns = { Extra: 'Sub_Job', Cost_Code: 'Phase', Category: 'Cost_Type' } as const

/** Switches that make Sage misbehave, and movement that no file of ours makes. */
export async function faultsPage(company: SageCompany, today: string): Promise<string> {
  return await page({
    title: 'Faults',
    company: company.name,
    item: 'faults',
    content: html`<div class="cards">
      ${switches(company)} ${foreignEntry(company.name, today)} ${ownerChangeOrder(company.name, today)}
      <section class="card">
        <h2>An edit after posting</h2>
        <p>
          Open one of the <a href="${at(company.name, 'transactions')}">posted entries</a> and alter its
          amount or its kind.
        </p>
      </section>
    </div>`,
  })
}

function switches(company: SageCompany): Html {
  const { faults } = company.tables()
  return html`<form class="card" method="post" action="${at(company.name, 'faults')}">
    <h2>Switches</h2>
    ${tickField('faults', {
      label: 'No licence seat is free: importing and posting are refused',
      name: 'noLicenceSeat',
      checked: faults.noLicenceSeat,
    })}
    ${textField('faults', {
      label: 'The next import dies after this many records',
      name: 'crashAfterRecords',
      type: 'number',
      value: faults.crashAfterRecords === null ? '' : String(faults.crashAfterRecords),
      hint: 'Blank: it does not. What was written by then stays; goes off once.',
    })}
    ${textField('faults', {
      label: 'Read views and reports are late by seconds',
      name: 'replicaLagSeconds',
      type: 'number',
      value: String(faults.replicaLagSeconds),
      hint: 'One hour is 3600.',
    })}
    ${tickField('faults', {
      label: 'The company renamed its fields: Extra, Cost_Code and Category have other names in reports',
      name: 'renamedFields',
      checked: Object.keys(faults.renamedFields).length > 0,
    })}
    <div class="actions"><button>Set</button></div>
  </form>`
}

const keyFields = (form: string, today: string): Html =>
  html`<div class="fields">
    ${textField(form, { label: 'Job', name: 'job', required: true })}
    ${textField(form, { label: 'Extra', name: 'extra' })}
    ${textField(form, { label: 'Cost Code', name: 'costCode', required: true })}
    ${textField(form, { label: 'Category', name: 'category' })}
    ${textField(form, { label: 'Date', name: 'date', type: 'date', value: today, required: true })}
    ${textField(form, { label: 'Amount', name: 'amount', required: true })}
  </div>`

const foreignEntry = (company: string, today: string): Html =>
  html`<form class="card" method="post" action="${at(company, 'faults', 'foreign-entry')}">
    <h2>A foreign entry on a key</h2>
    ${keyFields('foreign', today)}
    ${selectField('foreign', {
      label: 'Kind',
      name: 'kind',
      choices: EntryKind.options.map((kind) => ({ value: kind, words: kindWords[kind] })),
    })}
    ${tickField('foreign', { label: 'Post it at once', name: 'post', checked: true })}
    <div class="actions"><button>Enter by hand</button></div>
  </form>`

const ownerChangeOrder = (company: string, today: string): Html =>
  html`<form class="card" method="post" action="${at(company, 'faults', 'owner-change-order')}">
    <h2>An owner change order</h2>
    ${textField('order', { label: 'Change order number', name: 'number', hint: 'Five characters.', required: true })}
    ${keyFields('order', today)}
    <div class="actions"><button>Enter and post</button></div>
  </form>`
