import { beforeAll, expect, test } from 'vitest'
import { apiAs, ProblemAnswer } from '../../../local/api-client.ts'
import { people, sageCompany } from '../../../local/local-company.ts'
import { until } from '../../../local/sample.ts'
import type { LocalStack } from '../../../local/stack.ts'
import { choose, linkIn, openPage } from '../../../local/story/approver.ts'
import {
  acceptedByMail,
  booksOf,
  filesIn,
  mailsAbout,
  readExport,
  sentProject,
  type SmallProject,
  standsAt,
} from './small-project.ts'
import { sharedStack } from './shared-stack.ts'

// A second Sage company without an agent: nobody reads it back, and its poster takes the file from the page.

const dropCompany = 'nw-drop'
const garage: SmallProject = {
  id: 'garage',
  job: '24-1010',
  sage: dropCompany,
  lines: { '03-3000.S': '1250000.00', '06-1000.L': '-300.25' },
}

let stack: LocalStack
let link = ''
let mailText = ''
let pageText = ''
let download: Response
let bytes: Uint8Array
let shownAs = ''

beforeAll(async () => {
  stack = await sharedStack([garage.job])
  await setUpDropCompany()
  await sentProject(stack, garage)
  await acceptedByMail(stack, garage.id)
  const mail = await until('the mail that the file is ready', () =>
    mailsAbout(stack, garage.id, 'File ready for Sage').find(({ to }) => to.includes(people.peter.email)),
  )
  mailText = mail.text ?? ''
  link = linkIn(mail.text)
  pageText = await (await fetch(link)).text()
  const [, file = ''] = /href="(\/posting\/[^"]+\/file\/1)"/.exec(pageText) ?? []
  download = await fetch(`${stack.runtime.url}${file}`)
  bytes = new Uint8Array(await download.arrayBuffer())
  await choose(await openPage(link), { choice: 'posted' })
  shownAs = (await standsAt(stack, garage.id, 'synced')).shown_as
})

/** Set up by the company's admin, who also carries Sage's lists over: there is no agent that would. */
async function setUpDropCompany(): Promise<void> {
  const ada = apiAs(stack.runtime, people.ada)
  const settings = {
    name: 'Northwind Parking',
    folder: 'PARKING',
    connector: 'file_drop',
    posters: [people.peter.id],
    time_zone: 'America/Los_Angeles',
    entry_date_window: { before: 30, after: 30 },
  }
  // Until no reading of Sage comes between: the company's revision counts these too.
  await until('the set-up to be taken', async () => {
    try {
      return await ada.send('PUT', `/company/sage/${dropCompany}`, settings, { matching: '/company/sage' })
    } catch (error) {
      if (error instanceof ProblemAnswer && error.status === 412) return undefined
      throw error
    }
  })
  const lists = await ada.get(`/erp/master_data/${sageCompany}`)
  await ada.send('PUT', `/erp/master_data/${dropCompany}`, lists)
}

test('the poster is mailed which box, and a link to the page with the file', () => {
  expect(mailText).toMatch(/^.*leave the box .*EMPTY/im)
  expect(link).toContain(`${stack.runtime.url}/posting/`)
})

test('the page says which box, how many lines and the total', () => {
  expect(pageText).toMatch(/leave the box .*EMPTY/i)
  expect(pageText).toContain('1,249,699.75')
})

test('the file comes under its name', () => {
  expect(download.status).toBe(200)
  expect(download.headers.get('content-disposition')).toBe(
    'attachment; filename="24-1010_garage-e1_part1_ORIGINAL.jce"',
  )
})

test('Sage takes the downloaded file to the cent', () => {
  const report = booksOf(stack).importEstimates({
    bytes,
    fileName: '24-1010_garage-e1_part1_ORIGINAL.jce',
    asApprovedEstimateChange: false,
  })
  expect(report).toMatchObject({ outcome: 'imported', rejectedLines: [], acceptedTotal: 124_969_975 })
})

test('the agent of the other Sage company writes nothing of it', () => {
  expect(filesIn(stack, 'original', garage.id)).toEqual([])
})

test('what the poster declares settles the budget, and is told apart from what was checked', async () => {
  expect(shownAs).toBe('Posted in Sage (confirmed by Peter Price)')
  const [part] = (await readExport(stack, 'garage-e1')).parts
  expect(part?.posted).toMatchObject({ how: 'declared', by: people.peter.id })
})

test('the page of a settled export takes no other word', async () => {
  const settled = await (await fetch(link)).text()
  expect(settled).toContain('This export is settled')
  expect(settled).not.toContain('<form')
  expect(settled).not.toContain('Download')
})
