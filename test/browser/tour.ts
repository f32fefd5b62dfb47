import type { Page } from 'playwright-core'
import { sageFolder } from '../../local/local-company.ts'
import { until } from '../../local/sample.ts'

// The tour of the README as hands do it: desk, mailbox, review page, Sage, and back to the desk.

/** Opens a page again and again until a text stands on it. */
export async function openUntil(page: Page, url: string, text: string): Promise<void> {
  await until(`"${text}" at ${url}`, async () => {
    await page.goto(url)
    return (await page.getByText(text).count()) > 0 ? true : undefined
  })
}

/** Opens the newest mail with these words in its subject, from the desk's mailbox. */
export async function openMail(page: Page, url: string, subject: string): Promise<void> {
  await openUntil(page, `${url}/desk/mailbox`, subject)
  await page.getByRole('link', { name: subject }).first().click()
}

/** Follows the link that stands in the mail's text, and not in its HTML frame. */
export async function followMail(page: Page): Promise<void> {
  await page.locator('pre a').first().click()
}

/** Accepts, and ticks every box that appears. */
export async function accept(page: Page): Promise<void> {
  await page.getByRole('radio', { name: 'Accept' }).check()
  for (const tick of await page.getByRole('checkbox').all()) await tick.check()
  await page.getByRole('button', { name: 'Record the decision' }).click()
}

/** The same by the keyboard alone, as whoever cannot point does it; answers how many keys it took. */
export async function acceptByKeyboard(page: Page): Promise<number> {
  const focused = page.locator(':focus')
  // From the message that came back, where the browser goes by itself.
  await page.locator('#fault').focus()
  for (let keys = 1; keys < 60; keys += 1) {
    await page.keyboard.press('Tab')
    const type = (await focused.count()) > 0 ? await focused.first().getAttribute('type') : null
    if (type === 'radio') {
      if ((await focused.getAttribute('value')) === 'reject') await page.keyboard.press('ArrowUp')
    } else if (type === 'checkbox') await page.keyboard.press('Space')
    else if (type === 'submit') {
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')])
      return keys
    }
  }
  throw new Error('The keyboard did not come to the button')
}

const sageAt = (url: string, place: string): string => `${url}/sage/companies/${sageFolder}/${place}`

/** Chooses the one file of a folder that is not imported yet, and imports it with the box as told. */
export async function importInSage(
  page: Page,
  url: string,
  { folder, tick }: { readonly folder: string; readonly tick: boolean },
): Promise<void> {
  await openUntil(page, sageAt(url, 'import'), `${folder}/`)
  await page
    .getByRole('radio', { name: `${folder}/` })
    .last()
    .check()
  if (tick) await page.getByRole('checkbox', { name: 'Import as an Approved Estimate Change' }).check()
  await page.getByRole('button', { name: 'Import' }).click()
}

/** Tasks > Post Entries, all of them. */
export async function postEntries(page: Page, url: string): Promise<void> {
  await page.goto(sageAt(url, 'entries'))
  await page.getByRole('button', { name: 'Post all entries' }).click()
}
