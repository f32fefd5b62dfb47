import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBudget } from '../../local/sample.ts'
import { launchChromium } from './chromium.ts'
import { type SampleStack, sendSampleBudget, startSampleStack } from './sample-stack.ts'
import { accept, openMail } from './tour.ts'

// What mail scanners do to a link before its reader does: open it, follow what it shows, press what can be pressed.

let browser: Browser
let stack: SampleStack
let page: Page

beforeAll(async () => {
  ;[stack, browser] = await Promise.all([startSampleStack(), launchChromium()])
  await sendSampleBudget(stack)
  page = await browser.newPage()
  page.setDefaultTimeout(20_000)
}, 300_000)

afterAll(async () => {
  await browser.close()
  await stack.stop()
})

/** The address behind the first link of the newest mail with these words in its subject. */
async function addressInMail(subject: string): Promise<string> {
  await openMail(page, stack.url, subject)
  return (await page.locator('pre a').first().getAttribute('href')) ?? ''
}

/** Opens a page and does all that can be done there without choosing anything; answers how much that was. */
async function scan(url: string): Promise<number> {
  await fetch(url, { method: 'HEAD' })
  await page.goto(url)
  const links = await page.evaluate<string[]>('[...document.links].map((link) => link.href)')
  for (const link of links) await fetch(link)
  const forms = await page.evaluate<number>('document.forms.length')
  for (let form = 0; form < forms; form += 1) {
    await page.goto(url)
    // submit() passes by what a browser would ask to be filled in first.
    await Promise.all([page.waitForNavigation(), page.evaluate(`document.forms[${String(form)}].submit()`)])
  }
  await page.goto(url)
  const buttons = await page.getByRole('button').count()
  for (let button = 0; button < buttons; button += 1) {
    await page.goto(url)
    await page.getByRole('button').nth(button).click()
  }
  return links.length + forms + buttons
}

async function scanTwice(url: string): Promise<number> {
  await scan(url)
  return await scan(url)
}

test('a scanner that opens, follows, submits and presses everything on the review page decides nothing', async () => {
  const tried = await scanTwice(await addressInMail('Budget ready for review'))
  expect({ somethingTried: tried > 2, stands: (await readBudget(stack.paula)).erp_state }).toEqual({
    somethingTried: true,
    stands: 'sent',
  })
})

test('a scanner on the posting page says nothing in the poster’s name', async () => {
  await page.goto(await addressInMail('Budget ready for review'))
  await accept(page)
  const tried = await scanTwice(await addressInMail('File ready for Sage'))
  expect({ somethingTried: tried > 2, stands: (await readBudget(stack.paula)).erp_state }).toEqual({
    somethingTried: true,
    stands: 'exported',
  })
})
