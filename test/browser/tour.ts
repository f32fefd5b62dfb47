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

/** Follows the mail's button; answers the tab that it opens. */
export async function followMail(page: Page): Promise<Page> {
  const [tab] = await Promise.all([
    page.waitForEvent('popup'),
    page.frameLocator('iframe').getByRole('link').first().click(),
  ])
  await tab.waitForLoadState()
  return tab
}

/** Accepts, and ticks every box that appears. */
export async function accept(page: Page): Promise<void> {
  await page.getByRole('radio', { name: 'Accept' }).check()
  for (const tick of await page.getByRole('checkbox').all()) await tick.check()
  await page.getByRole('button', { name: 'Record the decision' }).click()
}

/** What has the focus, in words, and whether it shows that it has. */
const whatHasFocus = `(() => {
  const at = document.activeElement
  const { outlineStyle, outlineWidth } = getComputedStyle(at)
  return {
    name: at.getAttribute('aria-label') || at.name || at.innerText || '',
    visible: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    top: at.getBoundingClientRect().top + scrollY,
  }
})()`

export interface Focus {
  /** Its label, a field's name, or what it says. */
  readonly name: string
  /** Whether a ring around it is to be seen. */
  readonly visible: boolean
  /** How far down the page it stands, in CSS pixels. */
  readonly top: number
}

/** Moves by the Tab key until something so called has the focus; answers all that had it on the way, the last included. */
export async function tabTo(page: Page, name: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<Focus[]> {
  const passed: Focus[] = []
  while (passed.length < 20) {
    await page.keyboard.press(key)
    const focus = await page.evaluate<Focus>(whatHasFocus)
    passed.push(focus)
    if (focus.name.startsWith(name)) return passed
  }
  throw new Error(`The keyboard did not come to ${name}: ${passed.map((each) => each.name).join(', ')}`)
}

/** Names in order; a date has several places in one field. */
export const placesOf = (passed: readonly Focus[]): string[] =>
  passed.map(({ name }) => name).filter((name, i, all) => name !== all[i - 1])

/** Presses a key on what has the focus and waits for the page that comes. */
export async function pressAndGo(page: Page, key: string): Promise<void> {
  await Promise.all([page.waitForNavigation(), page.keyboard.press(key)])
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
