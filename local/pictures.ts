import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../test/browser/chromium.ts'
import { type SampleStack, sendSampleBudget, startSampleStack } from '../test/browser/sample-stack.ts'
import { accept, followMail, importInSage, openMail, openUntil, postEntries } from '../test/browser/tour.ts'
import { job, sageFolder } from './local-company.ts'

// `npm run pictures`: walks the tour in a browser and writes the pictures of the documentation.

const folder = join(import.meta.dirname, '../docs/pictures')
const desktop = { width: 1280, height: 760 }
const phone = { width: 390, height: 844 }
/** For a page that says little. */
const low = { width: 1280, height: 260 }

/** Above the fold only: what a reader sees first, and a small file. */
async function picture(page: Page, name: string, size = desktop, inDark = false): Promise<void> {
  await page.emulateMedia({ colorScheme: inDark ? 'dark' : 'light' })
  await page.setViewportSize(size)
  await page.evaluate('scrollTo(0, 0)')
  const file = `${name}${inDark ? '-dark' : ''}.png`
  await page.screenshot({ path: join(folder, file), type: 'png' })
  console.log(`docs/pictures/${file}`)
}

async function lightAndDark(page: Page, name: string, size = desktop): Promise<void> {
  await picture(page, name, size)
  await picture(page, name, size, true)
}

async function walk(page: Page, { url }: SampleStack): Promise<void> {
  await page.goto(`${url}/desk`)
  await picture(page, '1-desk')
  await openMail(page, url, 'Budget ready for review')
  await picture(page, '2-mail')
  const review = await followMail(page)
  await lightAndDark(review, '3-review-page')
  await lightAndDark(review, '4-review-page-on-a-phone', phone)
  await accept(review)
  await picture(review, '5-ended-page', low)
  await openMail(page, url, 'File ready for Sage')
  await picture(await followMail(page), '6-posting-page')
  await page.goto(`${url}/desk/mailbox`)
  await picture(page, '2-mailbox', phone)
  await page.goto(`${url}/board`)
  await page.getByRole('button', { name: 'Peter Price' }).click()
  await picture(page, '9-board')
  await openUntil(page, `${url}/sage/companies/${sageFolder}/import`, '1-ORIGINAL/')
  await importInSage(page, url, { folder: '1-ORIGINAL', tick: false })
  await postEntries(page, url)
  await importInSage(page, url, { folder: '2-CHANGE-tick-the-box', tick: true })
  await postEntries(page, url)
  await page.goto(`${url}/sage/companies/${sageFolder}/totals/${job}`)
  await picture(page, '7-sage-totals')
  await openUntil(page, `${url}/desk/executions`, 'Ended')
  await page.getByRole('link', { name: 'cycle 1' }).click()
  await picture(page, '8-execution')
}

const stack = await startSampleStack()
let browser: Browser | undefined
try {
  mkdirSync(folder, { recursive: true })
  await sendSampleBudget(stack)
  browser = await launchChromium()
  const page = await browser.newPage({ viewport: desktop })
  page.setDefaultTimeout(20_000)
  await walk(page, stack)
} finally {
  await browser?.close()
  await stack.stop()
}
// Threads of stopped workers may hold the process for a moment; everything is written.
process.exit()
