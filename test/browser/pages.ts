import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** Widths of a phone and of a desk's screen, in CSS pixels. */
const widths = [390, 1280] as const

/**
 * The same page, style included, in a browser that runs script: axe waits for ever where script is switched off.
 */
export async function twinOf(page: Page, scripted: Page): Promise<Page> {
  const html = await page.content()
  await scripted.setContent(html.replace('<head>', `<head><base href="${page.url()}">`), {
    waitUntil: 'load',
  })
  return scripted
}

// Rows of a table are alike, and axe takes seconds over each hundred of them.
const withFewRows =
  'for (const body of document.querySelectorAll("tbody")) for (const row of [...body.rows].slice(12)) row.remove()'

/** What axe finds against WCAG 2 A and AA: rule and place. It keeps the first rows of each table only. */
export async function axeFinds(page: Page): Promise<string[]> {
  await page.evaluate(withFewRows)
  // The frame of a mail runs nothing, axe included; the mail's own page is looked at apart.
  const { violations } = await new AxeBuilder({ page })
    // What passes is not told: finding its selectors takes most of the time.
    .options({ resultTypes: ['violations'] })
    .withTags(['wcag2a', 'wcag2aa'])
    .exclude('iframe')
    // No frame is looked into, so no page of its own is needed to bring their findings together.
    .setLegacyMode(true)
    .analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

// axe is on the page since `axeFinds`.
const contrast = `axe.run({ exclude: ['iframe'] }, { runOnly: ['color-contrast'], resultTypes: ['violations'] })
  .then(({ violations }) => violations.flatMap(({ nodes }) => nodes.map(({ html, failureSummary }) => html + ' ' + failureSummary)))`

/** What cannot be read in dark, at both widths, on a page that axe has looked at; nothing else depends on the colours. */
export async function unreadableInDark(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'dark' })
  const found: string[] = []
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    const here = await page.evaluate<string[]>(contrast)
    found.push(...here.map((each) => `${String(width)}: ${each}`))
  }
  await page.emulateMedia({ colorScheme: 'light' })
  return found
}

/** Widths at which the page itself, not a table in it, scrolls sideways. */
export async function scrollsSidewaysAt(page: Page): Promise<number[]> {
  const found: number[] = []
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    const needed = await page.evaluate<number>('document.documentElement.scrollWidth')
    if (needed > width) found.push(width)
  }
  return found
}
