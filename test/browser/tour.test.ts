import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { job, sageFolder } from '../../local/local-company.ts'
import { launchChromium } from './chromium.ts'
import { axeFinds, scrollsSidewaysAt, twinOf, unreadableInDark } from './pages.ts'
import { type SampleStack, sendSampleBudget, startSampleStack } from './sample-stack.ts'
import { acceptByKeyboard, followMail, importInSage, openMail, openUntil, postEntries } from './tour.ts'

// One walk by hand through the whole cycle, in a browser without script, which looks at every page on its way.

interface Look {
  readonly axe: readonly string[]
  readonly dark: readonly string[]
  readonly sideways: readonly number[]
  readonly scripts: number
}

const pages = [
  'desk: budgets',
  'desk: mailbox',
  'desk: a mail',
  'desk: executions',
  'desk: an execution',
  'mail: budget ready for review',
  'mail: file ready for Sage',
  'review page',
  'review page with a fault',
  'review page with a reject',
  'ended page',
  'posting page',
  'posting page with a fault',
  'posting page, nothing due',
  'unknown link page',
  'Sage: companies',
  'Sage: import',
  'Sage: import report',
  'Sage: entries',
  'Sage: job totals',
] as const
type PageName = (typeof pages)[number]

let browser: Browser
let stack: SampleStack
let context: BrowserContext
let scripted: Page
const looks = new Map<PageName, Look>()
const requests: string[] = []
const notApplied: string[] = []
const ended = { execution: '', budgets: '', pressed: 0 }

const look = async (page: Page, name: PageName): Promise<void> => {
  const twin = await twinOf(page, scripted)
  looks.set(name, {
    sideways: await scrollsSidewaysAt(twin),
    axe: await axeFinds(twin),
    dark: await unreadableInDark(twin),
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
  await lookAtMail('mail: budget ready for review', 'Budget ready for review')
  await followMail(page)
  await look(page, 'review page')
  await page.getByRole('radio', { name: 'Accept' }).check()
  await page.getByRole('button', { name: 'Record the decision' }).click()
  await look(page, 'review page with a fault')
  await page.getByRole('radio', { name: 'Reject' }).check()
  await page.getByRole('button', { name: 'Record the decision' }).click()
  await page.getByRole('textbox', { name: 'Comment on' }).first().waitFor()
  await look(page, 'review page with a reject')
  ended.pressed = await acceptByKeyboard(page)
  await look(page, 'ended page')
}

async function importBothFiles(page: Page, url: string): Promise<void> {
  await openMail(page, url, 'File ready for Sage')
  await lookAtMail('mail: file ready for Sage', 'File ready for Sage')
  await followMail(page)
  await look(page, 'posting page')
  const postingUrl = page.url()
  await page.getByRole('radio', { name: 'The import was given up' }).check()
  await page.getByText('Some lines ended otherwise').click()
  await page.getByLabel('Lines that are in Sage').fill('03-3000.S')
  await page.getByRole('button', { name: 'Record it' }).click()
  await look(page, 'posting page with a fault')
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
  await openUntil(page, `${url}/desk/executions`, 'Ended')
  await page.goto(postingUrl)
  await look(page, 'posting page, nothing due')
}

async function lookAtTheEnd(page: Page, url: string): Promise<void> {
  await openUntil(page, `${url}/desk/executions`, 'Ended')
  await look(page, 'desk: executions')
  await page.getByRole('link', { name: 'clinic, cycle 1' }).click()
  ended.execution = await page.locator('h2').first().innerText()
  await look(page, 'desk: an execution')
  await page.goto(`${url}/desk`)
  ended.budgets = await page.locator('section strong').first().innerText()
  await page.goto(`${url}/review/${'a'.repeat(43)}`)
  await look(page, 'unknown link page')
}

beforeAll(async () => {
  ;[stack, browser] = await Promise.all([startSampleStack(), launchChromium()])
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
}, 300_000)

afterAll(async () => {
  await browser.close()
  await stack.stop()
})

test('by hand, from the mail to both posted files, the execution ends with outcome synced', () => {
  expect(ended.execution).toBe('Ended: synced')
})

test('at the end the desk says that the budget is posted in Sage', () => {
  expect(ended.budgets).toBe('Posted in Sage (checked in Sage)')
})

test.each(pages)('axe finds no fault of WCAG A or AA on: %s', (name) => {
  expect(looks.get(name)?.axe).toEqual([])
})

test.each(pages)('every text can be read in dark, on a phone and on a wide screen, on: %s', (name) => {
  expect(looks.get(name)?.dark).toEqual([])
})

test('the keyboard alone, in a few presses from the message, accepts a budget', () => {
  expect(ended.pressed).toBeLessThanOrEqual(20)
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
