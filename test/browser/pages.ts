import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

const phone = 390
/** Widths of a phone and of a desk's screen, in CSS pixels. */
const widths = [phone, 1280] as const
const high = 900

/** The four ways in which a page is looked at; the first is what a page is left in for what is looked at once. */
const ways = (['light', 'dark'] as const).flatMap((scheme) => widths.map((width) => ({ scheme, width })))

const setTo = async (page: Page, { scheme, width }: (typeof ways)[number]): Promise<void> => {
  await page.emulateMedia({ colorScheme: scheme })
  await page.setViewportSize({ width, height: high })
}

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

// axe is on the page since the first way was looked at; its builder would bring it there each time.
const again = `axe.run({ exclude: ['iframe'] }, { runOnly: ['wcag2a', 'wcag2aa'], resultTypes: ['violations'] })
  .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`

/** What axe finds against WCAG 2 A and AA, at both widths, light and dark. It keeps the first rows of each table only. */
export async function axeFinds(page: Page): Promise<string[]> {
  await page.evaluate(withFewRows)
  const found: string[] = []
  for (const [i, way] of ways.entries()) {
    await setTo(page, way)
    const here = i === 0 ? await firstFinds(page) : await page.evaluate<string[]>(again)
    found.push(...here.map((each) => `${way.scheme}, ${String(way.width)}: ${each}`))
  }
  await page.emulateMedia({ colorScheme: 'light' })
  return found
}

async function firstFinds(page: Page): Promise<string[]> {
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

/** Widths at which the page itself, not a table in it, scrolls sideways. */
export async function scrollsSidewaysAt(page: Page): Promise<number[]> {
  const found: number[] = []
  for (const width of widths) {
    await page.setViewportSize({ width, height: high })
    const needed = await page.evaluate<number>('document.documentElement.scrollWidth')
    if (needed > width) found.push(width)
  }
  return found
}

// A field's label is pressed with it. A link in a sentence is as high as its line.
const lowTargets = `[...document.querySelectorAll('button, .button, label.pick, .tick, summary, nav a, select, textarea, input:not([type=hidden], [type=radio], [type=checkbox])')]
  .filter((target) => target.getClientRects().length > 0 && target.getBoundingClientRect().height < 44)
  .map((target) => target.outerHTML.slice(0, 120))`

/** What can be pressed on a phone and is lower than a finger is wide, 44 CSS pixels (Apple; WCAG 2.5.5). */
export async function lowTargetsOnPhone(page: Page): Promise<string[]> {
  await page.setViewportSize({ width: phone, height: high })
  return await page.evaluate<string[]>(lowTargets)
}
