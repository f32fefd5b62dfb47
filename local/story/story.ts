import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ApiClient, apiAs } from '../api-client.ts'
import { people, sageFolder } from '../local-company.ts'
import {
  command,
  correctChange,
  createProject,
  decideChange,
  importBudget,
  makeChange,
  masterDataRead,
  readBudget,
  registerPeople,
  setUpSage,
  type Transfer,
  until,
  zoneValves,
} from '../sample.ts'
import type { LocalStack } from '../stack.ts'
import { choose, linkIn, mailsSoFar, mailTo, openPage } from './approver.ts'
import { differencesInSage, type Moment } from './figures.ts'
import type { Teller } from './teller.ts'

// Money for the rock that was found on site: first out of a trade that is bought out, then where it is to be had.
const rockFromPainting: Transfer = {
  title: 'Rock excavation on site',
  lines: [
    ['', '09-9000', 'S', '-14900.00'],
    ['SITE', '31-2000', 'S', '14900.00'],
  ],
}
const rockFromEarthwork: Transfer = {
  title: 'Rock excavation on site',
  lines: [
    ['', '03-3000', 'S', '-2500.00'],
    ['', '31-2000', 'S', '-12400.00'],
    ['SITE', '31-2000', 'S', '14900.00'],
  ],
}

/** Both cycles of the sample budget. Answers the number of figures that differ in Sage: 0 when every cent is right. */
export async function tellStory(stack: LocalStack, tell: Teller): Promise<number> {
  const paula = apiAs(stack.runtime, people.paula)
  await setUp(stack, tell)
  const first = await firstCycle(stack, tell, paula)
  return first === 0 ? await update(stack, tell, paula) : first
}

async function setUp(stack: LocalStack, tell: Teller): Promise<void> {
  tell.chapter('A contractor signs up')
  await tell.while(
    'Registering the people of Northwind Builders',
    () => registerPeople(stack),
    (n) => `${String(n)} people`,
  )
  await tell.while(`Setting up Sage: data folder ${sageFolder}, cost codes, categories, jobs`, () =>
    setUpSage(stack),
  )
  await tell.while('The agent reads the lists out of Sage', () => masterDataRead(stack))
  await tell.while('Creating project Riverside Clinic, linked to job 24-1007', () => createProject(stack))
  await tell.while(
    'Paula Park, project manager, imports the budget file',
    () => importBudget(stack),
    (lines) => `${String(lines)} lines`,
  )
}

async function firstCycle(stack: LocalStack, tell: Teller, paula: ApiClient): Promise<number> {
  tell.chapter('The first export')
  await tell.while('Paula locks the budget', () => command(paula, 'lock'))
  const number = await makeChange(paula, zoneValves)
  await decideChange(paula, number, 'approve')
  tell.say(`She makes and approves budget change ${String(number)}: ${zoneValves.title}, 18,250.40.`)
  await sendAndDecide(stack, tell, paula, 'accept')
  await importAndPost(stack, tell, '1-ORIGINAL', false)
  await importAndPost(stack, tell, '2-CHANGE-tick-the-box', true)
  await synced(tell, paula)
  return compare(stack, tell, 'the first export')
}

async function update(stack: LocalStack, tell: Teller, paula: ApiClient): Promise<number> {
  tell.chapter('An update, rejected at first')
  const number = await makeChange(paula, rockFromPainting)
  await decideChange(paula, number, 'approve')
  tell.say(
    `Rock was found. Paula approves budget change ${String(number)}, which takes 14,900.00 from painting.`,
  )
  await sendAndDecide(stack, tell, paula, 'reject')
  await decideChange(paula, number, 'reopen')
  await correctChange(paula, number, rockFromEarthwork)
  tell.say('Paula reopens the change and takes the money from earthwork and concrete instead.')
  await tell.while('She locks the budget again', () => command(paula, 'lock'))
  await decideChange(paula, number, 'approve')
  tell.say('She approves the corrected change.')
  await sendAndDecide(stack, tell, paula, 'accept')
  await importAndPost(stack, tell, '2-CHANGE-tick-the-box', true)
  await synced(tell, paula)
  return compare(stack, tell, 'the update')
}

/** Sends the budget; Anna Ames reads the mail, opens its link and decides on the page. */
async function sendAndDecide(
  stack: LocalStack,
  tell: Teller,
  paula: ApiClient,
  choice: 'accept' | 'reject',
): Promise<void> {
  const { runtime } = stack
  const seen = mailsSoFar(runtime)
  await tell.while('Paula sends the budget to accounting', () => command(paula, 'send'))
  const mail = await tell.while(
    'Anna Ames, accounting, gets a mail',
    () => mailTo(runtime, 'anna', 'Budget ready for review', seen),
    ({ subject }) => `"${subject}"`,
  )
  const page = await openPage(linkIn(mail.text))
  tell.say('She opens the link, which decides nothing, and reads the figures.')
  if (choice === 'accept') {
    await tell.while(
      'She accepts',
      () => choose(page, { choice }, page.ticks),
      (title) => `the page says: ${title}`,
    )
    return
  }
  const reason = 'Painting is bought out. Take it from earthwork and concrete.'
  await tell.while(
    'She rejects',
    () => choose(page, { choice, reason }),
    (title) => `the page says: ${title}`,
  )
  await tell.while(
    'Paula gets the reason by mail, and the budget is hers again',
    () => mailTo(runtime, 'paula', 'Budget rejected', seen),
    () => `"${reason}"`,
  )
  await until('the budget to be unlocked', async () =>
    (await readBudget(paula)).edit_state === 'unlocked' ? true : undefined,
  )
}

/** Peter Price imports the file that is due, with the box as the mail says, and posts the entries. */
async function importAndPost(stack: LocalStack, tell: Teller, folder: string, tick: boolean): Promise<void> {
  const { sage, folders } = stack
  const books = sage.company(sageFolder)
  const imported = new Set(books.tables().importedFiles.map(({ fileName }) => fileName))
  const name = await tell.while(
    'The agent claims the file and writes it into the drop folder',
    () =>
      until(`a file in ${folder}`, () =>
        namesIn(join(folders.drop, folder)).find((each) => each.endsWith('.jce') && !imported.has(each)),
      ),
    (file) => `${folder}/${file}`,
  )
  const report = books.importEstimates({
    fileName: name,
    bytes: new Uint8Array(readFileSync(join(folders.drop, folder, name))),
    asApprovedEstimateChange: tick,
  })
  tell.say(
    `Peter Price imports it in Sage, box ${tick ? 'ticked' : 'empty'}: ${String(report.acceptedLines.length)} entries, none posted yet.`,
  )
  books.postEntries({ all: true })
  books.writeReports(folders.reports)
  tell.say('He runs Post Entries, and Sage prints its totals.')
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

async function synced(tell: Teller, paula: ApiClient): Promise<void> {
  await tell.while(
    'The agent reads the totals back',
    () =>
      until('the budget to be synced', async () => {
        const budget = await readBudget(paula)
        return budget.erp_state === 'synced' ? budget : undefined
      }),
    ({ shown_as }) => `the budget stands at "${shown_as}"`,
  )
}

/** Compares what Sage shows with what it should, key by key. */
function compare({ sage }: LocalStack, tell: Teller, moment: Moment): number {
  const { keys, differing } = differencesInSage(sage, moment)
  if (differing.length === 0)
    tell.say(`Sage and the expectation agree to the cent on all ${String(keys)} keys, original and changes.`)
  for (const line of differing) tell.say(`DIFFERS: ${line}`)
  return differing.length
}
