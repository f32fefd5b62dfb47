import { readFileSync } from 'node:fs'
import type { BrowserContext, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { job, sageFolder } from '../../local/local-company.ts'
import { cents } from '../../local/sage/amounts.ts'
import { command, readBudget, until } from '../../local/sample.ts'
import { axeFinds, lowTargetsOnPhone, scrollsSidewaysAt, twinOf } from './pages.ts'
import { type SampleStack, sendSampleBudget } from './sample-stack.ts'
import { endSharedBrowser, sharedBrowser } from './shared-browser.ts'
import {
  type Focus,
  followMail,
  importInSage,
  openMail,
  openUntil,
  placesOf,
  postEntries,
  pressAndGo,
  tabTo,
} from './tour.ts'

// One walk by hand through the whole cycle, in a browser without script, which looks at every page on its way.

interface Look {
  readonly axe: readonly string[]
  readonly sideways: readonly number[]
  readonly low: readonly string[]
  readonly scripts: number
}

const pages = [
  'desk: budgets',
  'desk: mailbox',
  'desk: a mail',
  'desk: a mail as plain text',
  'desk: executions',
  'desk: an execution',
  'mail: budget ready for review',
  'mail: file ready for Sage',
  'review page',
  'review page with a fault',
  'review page with a reject',
  'review page, rejected before',
  'ended page: rejected',
  'ended page: accepted',
  'posting page',
  'posting page with a fault',
  'posting page, Sage shows something else',
  'posting page, nothing due',
  'unknown link page',
  'board: sign-in on this machine',
  'board: somebody has to look',
  'board: a job',
  'board: not for this person',
  'Sage: companies',
  'Sage: import',
  'Sage: import report',
  'Sage: entries',
  'Sage: job totals',
] as const
type PageName = (typeof pages)[number]

let stack: SampleStack
let context: BrowserContext
let scripted: Page
const looks = new Map<PageName, Look>()
const requests: string[] = []
const notApplied: string[] = []
const ended = { execution: '', budgets: '' }
const board = { file: '', heading: '' }
/** What had the focus, in order, while the keyboard alone rejected and accepted. */
const keyboard: { rejecting: readonly Focus[]; accepting: readonly Focus[] } = {
  rejecting: [],
  accepting: [],
}

const look = async (page: Page, name: PageName): Promise<void> => {
  const twin = await twinOf(page, scripted)
  looks.set(name, {
    sideways: await scrollsSidewaysAt(twin),
    low: await lowTargetsOnPhone(twin),
    axe: await axeFinds(twin),
    scripts: await page.locator('script').count(),
  })
}

/** The HTML body of the newest mail with these words in its subject, as a page of its own. */
async function lookAtMail(name: PageName, subject: string): Promise<void> {
  const mail = stack.runtime.readMailbox().find((each) => each.subject.startsWith(subject))
  const page = await context.newPage()
  await page.setContent(mail?.html ?? '')
  await look(page, name)
  await page.close()
}

async function decide(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/desk`)
  await look(page, 'desk: budgets')
  await openUntil(page, `${url}/desk/mailbox`, 'Budget ready for review')
  await look(page, 'desk: mailbox')
  await openMail(page, url, 'Budget ready for review')
  await look(page, 'desk: a mail')
  await page.getByRole('link', { name: 'Plain text' }).click()
  await look(page, 'desk: a mail as plain text')
  await page.getByRole('link', { name: 'As it looks' }).click()
  await lookAtMail('mail: budget ready for review', 'Budget ready for review')
  await rejectWithFaults(await followMail(page))
  await until('the reject to be carried out', async () =>
    (await readBudget(stack.paula)).erp_state === 'rejected' ? true : undefined,
  )
  await command(stack.paula, 'lock')
  await command(stack.paula, 'send')
  await until('the second mail', () =>
    stack.runtime.readMailbox().filter(({ subject }) => subject.startsWith('Budget ready')).length === 2
      ? true
      : undefined,
  )
  await openMail(page, url, 'Budget ready for review')
  const again = await followMail(page)
  await look(again, 'review page, rejected before')
  keyboard.accepting = await acceptByKeyboard(again)
  await look(again, 'ended page: accepted')
}

async function rejectWithFaults(page: Page): Promise<void> {
  await look(page, 'review page')
  await page.getByRole('radio', { name: 'Accept' }).check()
  await page.getByRole('button', { name: 'Record the decision' }).click()
  await look(page, 'review page with a fault')
  await page.getByRole('radio', { name: 'Reject' }).check()
  await page.getByRole('button', { name: 'Record the decision' }).click()
  await page.getByRole('textbox', { name: 'Comment on' }).first().waitFor()
  await look(page, 'review page with a reject')
  keyboard.rejecting = await rejectByKeyboard(page)
  await look(page, 'ended page: rejected')
}

/** From the message that came back, where the browser goes by itself: a reason, a comment to a line, and back to the button. */
async function rejectByKeyboard(page: Page): Promise<readonly Focus[]> {
  await page.locator('#fault').focus()
  const toReason = await tabTo(page, 'reason')
  await page.keyboard.type('The crane stands twice.')
  const toLink = await tabTo(page, 'below')
  await page.keyboard.press('Enter')
  const toComment = await tabTo(page, 'Comment on')
  await page.keyboard.type('Take it out here.')
  const back = await tabTo(page, 'Record the decision', 'Shift+Tab')
  await pressAndGo(page, 'Enter')
  return [...toReason, ...toLink, ...toComment, ...back]
}

/** From the top of the page. */
async function acceptByKeyboard(page: Page): Promise<readonly Focus[]> {
  const toChoice = await tabTo(page, 'choice')
  await page.keyboard.press('Space')
  const toTick = await tabTo(page, 'tick')
  await page.keyboard.press('Space')
  const toButton = await tabTo(page, 'Record the decision')
  await pressAndGo(page, 'Enter')
  return [...toChoice, ...toTick, ...toButton]
}

/** Cents that somebody books in Sage beside what was sent. */
function enterByHand(amount: number): void {
  const books = stack.sage.company(sageFolder)
  books.handEntry({
    job,
    costCode: '03-3000',
    category: 'L',
    kind: 'approved_estimate_change',
    date: '2026-01-05',
    amount: cents(amount),
  })
  books.writeReports(stack.folders.reports)
}

/** As one who may not see it, and then as a poster, from the desk to the posting page. */
async function lookAtBoard(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/desk`)
  await page.getByRole('link', { name: 'Board' }).click()
  await look(page, 'board: sign-in on this machine')
  await page.getByRole('button', { name: 'Paula Park' }).click()
  await look(page, 'board: not for this person')
  await page.getByRole('link', { name: 'Sign out' }).click()
  await page.getByRole('link', { name: 'Sign in again' }).click()
  await page.getByRole('button', { name: 'Peter Price' }).click()
  await look(page, 'board: somebody has to look')
  await page.getByRole('link', { name: 'Riverside Clinic' }).click()
  await look(page, 'board: a job')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'The report as a file' }).click(),
  ])
  board.file = readFileSync(await file.path(), 'utf8')
  await page.getByRole('button', { name: 'Open the posting page' }).click()
  board.heading = await page.locator('h1').innerText()
}

async function importBothFiles(page: Page, url: string): Promise<void> {
  await openMail(page, url, 'File ready for Sage')
  await lookAtMail('mail: file ready for Sage', 'File ready for Sage')
  const posting = await followMail(page)
  await look(posting, 'posting page')
  const postingUrl = posting.url()
  await posting.close()
  await page.goto(postingUrl)
  await page.getByRole('radio', { name: 'The import was given up' }).check()
  await page.getByText('Some lines ended otherwise').click()
  await page.getByLabel('Lines that are in Sage, as they were sent').fill('03-3000.S')
  await page.getByRole('button', { name: 'Record it' }).click()
  await look(page, 'posting page with a fault')
  enterByHand(125_000)
  await openUntil(page, postingUrl, 'What Sage shows')
  await look(page, 'posting page, Sage shows something else')
  await lookAtBoard(page, url)
  enterByHand(-125_000)
  await page.goto(`${url}/sage/companies`)
  await look(page, 'Sage: companies')
  await openUntil(page, `${url}/sage/companies/${sageFolder}/import`, '1-ORIGINAL/')
  await look(page, 'Sage: import')
  await importInSage(page, url, { folder: '1-ORIGINAL', tick: false })
  await look(page, 'Sage: import report')
  await page.goto(`${url}/sage/companies/${sageFolder}/entries`)
  await look(page, 'Sage: entries')
  await postEntries(page, url)
  await importInSage(page, url, { folder: '2-CHANGE-tick-the-box', tick: true })
  await postEntries(page, url)
  await page.goto(`${url}/sage/companies/${sageFolder}/totals/${job}`)
  await look(page, 'Sage: job totals')
  await openUntil(page, `${url}/desk`, 'Posted in Sage (checked in Sage)')
  await page.goto(postingUrl)
  await look(page, 'posting page, nothing due')
}

async function lookAtTheEnd(page: Page, url: string): Promise<void> {
  await openUntil(page, `${url}/desk/executions`, 'synced')
  await look(page, 'desk: executions')
  await page.getByRole('link', { name: 'clinic, cycle 2' }).click()
  ended.execution = await page.locator('h2').first().innerText()
  await look(page, 'desk: an execution')
  await page.goto(`${url}/desk`)
  ended.budgets = await page.locator('section strong').first().innerText()
  await page.goto(`${url}/review/${'a'.repeat(43)}`)
  await look(page, 'unknown link page')
}

beforeAll(async () => {
  const { browser, ...shared } = await sharedBrowser()
  ;({ stack } = shared)
  const { url } = stack
  await sendSampleBudget(stack)
  context = await browser.newContext({ javaScriptEnabled: false })
  context.setDefaultTimeout(20_000)
  context.on('request', (request) => requests.push(request.url()))
  context.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) notApplied.push(message.text())
  })
  scripted = await (await browser.newContext()).newPage()
  const page = await context.newPage()
  await decide(page, url)
  await importBothFiles(page, url)
  await lookAtTheEnd(page, url)
}, 600_000)

endSharedBrowser()

test('by hand, from the mail to both posted files, the execution ends with outcome synced', () => {
  expect(ended.execution).toBe('Ended: synced')
})

test('at the end the desk says that the budget is posted in Sage', () => {
  expect(ended.budgets).toBe('Posted in Sage (checked in Sage)')
})

test('from the board a poster comes to the posting page', () => {
  expect(board.heading).toBe('Riverside Clinic: post in Sage')
})

test('the report of a job comes as a file that a spreadsheet reads', () => {
  const rows = board.file.trim().split('\r\n')
  expect([rows.length, rows.at(-1)]).toEqual([
    152,
    expect.stringMatching(/^Total,,,0.00,0.00,7682402.26,0.00,/),
  ])
})

test.each(pages)(
  'axe finds no fault of WCAG A or AA, on a phone and on a wide screen, light and dark, on: %s',
  (name) => {
    expect(looks.get(name)?.axe).toEqual([])
  },
)

test.each(pages)('on a phone, whatever is pressed is 44 pixels high on: %s', (name) => {
  expect(looks.get(name)?.low).toEqual([])
})

test('the keyboard alone rejects with a reason and a comment, and sees at each step where it is', () => {
  expect({
    passed: placesOf(keyboard.rejecting),
    unseen: keyboard.rejecting.filter(({ visible }) => !visible),
  }).toEqual({
    passed: ['choice', 'reason', 'below', 'Lines', 'Comment on 01-1000.E', 'Lines', 'Record the decision'],
    unseen: [],
  })
})

test('the keyboard alone accepts, from the top of the page down, and passes nothing by', () => {
  expect({
    passed: placesOf(keyboard.accepting),
    unseen: keyboard.accepting.filter(({ visible }) => !visible),
    upwards: keyboard.accepting.filter(({ top }, i, all) => top < (all[i - 1]?.top ?? 0)),
  }).toEqual({
    passed: [
      'Your decision',
      'All 150 lines',
      'What accounting will import',
      'choice',
      'entry_date',
      'tick',
      'Record the decision',
    ],
    unseen: [],
    upwards: [],
  })
})

test.each(pages)('neither a phone nor a wide screen has to scroll sideways on: %s', (name) => {
  expect(looks.get(name)?.sideways).toEqual([])
})

test.each(pages)('no script is on: %s', (name) => {
  expect(looks.get(name)?.scripts).toBe(0)
})

test('a browser asks nobody but the stack itself for anything', () => {
  const outside = requests.filter((each) => !each.startsWith(`${stack.url}/`) && !each.startsWith('about:'))
  expect(outside).toEqual([])
})

test('the content security policy lets the pages’ own style through', () => {
  expect(notApplied).toEqual([])
})

test('a mailed page forbids scripts, frames and every outside resource', async () => {
  const { headers } = await fetch(`${stack.url}/review/${'a'.repeat(43)}`)
  expect(headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
  )
})

// After the walk, on the same stack and in the same browser.
describe('mailed pages', async () => void (await import('./mailed-pages.ts')))
