import type { Page } from 'playwright-core'

// What a gateway in front of a mailbox does to the addresses of a mail before its reader sees it: it asks for them,
// opens them in a browser that runs scripts, follows, presses and sends what it finds, and posts to them itself.
// It fills nothing in and picks nothing.

/** The addresses of a mail, as they stand in its text and in its HTML. */
export function addressesIn({ text, html }: { readonly text: string; readonly html: string }): string[] {
  const found = [...`${text} ${html}`.matchAll(/https?:\/\/[^\s"<>]+/g)].map(([address]) => address)
  return [...new Set(found)]
}

export async function scanTwice(page: Page, address: string): Promise<void> {
  for (const _ of ['first', 'second']) {
    await fetch(address, { method: 'HEAD' })
    await fetch(address)
    await page.goto(address)
    const forms = await page.evaluate<string[][]>(fieldsOfForms)
    await followEveryLink(page, address)
    await pressEveryButton(page, address)
    await sendEveryForm(page, address, forms.length)
    await postByItself(address, forms.flat())
  }
}

/** What each form sends by itself, and what it sends by each of its buttons that has a name. */
const fieldsOfForms = `[...document.forms].map((form) =>
  [undefined, ...form.querySelectorAll('button[name]')].map((button) =>
    new URLSearchParams([...new FormData(form, button)].filter(([, value]) => typeof value === 'string')).toString()))`

async function followEveryLink(page: Page, address: string): Promise<void> {
  const links = await page.evaluate<string[]>('[...document.links].map((link) => link.href)')
  for (const link of links)
    await page.goto(link).catch((error: unknown) => {
      // A file is taken instead of shown.
      if (!String(error).includes('Download is starting')) throw error
    })
  await backTo(page, address)
}

const backTo = async (page: Page, address: string): Promise<void> => {
  if (page.url().split('#')[0] !== address) await page.goto(address)
}

const buttons = `[...document.querySelectorAll('button, input[type=submit], input[type=button], summary')]`

async function pressEveryButton(page: Page, address: string): Promise<void> {
  const count = await page.evaluate<number>(`${buttons}.length`)
  for (let i = 0; i < count; i += 1) {
    const button = `${buttons}[${String(i)}]`
    const sends = await page.evaluate<boolean>(
      `Boolean(${button}.form && (${button}.formNoValidate || ${button}.form.checkValidity()))`,
    )
    await Promise.all([sends && page.waitForNavigation(), page.evaluate(`${button}.click()`)])
    if (sends) await page.goto(address)
  }
}

/** Sends each form as it stands, past what a browser would ask to be filled in first, and once more as it comes back. */
async function sendEveryForm(page: Page, address: string, forms: number): Promise<void> {
  for (let i = 0; i < forms; i += 1) {
    if (i > 0) await page.goto(address)
    for (const _ of ['as it was shown', 'as it came back'])
      if (i < (await page.evaluate<number>('document.forms.length')))
        await Promise.all([page.waitForNavigation(), page.evaluate(`document.forms[${String(i)}].submit()`)])
  }
}

/** Without a browser: nothing, an empty form, and the fields of every form; from the page itself and from elsewhere. */
async function postByItself(address: string, forms: readonly string[]): Promise<void> {
  const origins: Record<string, string>[] = [
    { origin: new URL(address).origin, 'sec-fetch-site': 'same-origin' },
    { origin: 'https://scanner.example', 'sec-fetch-site': 'cross-site' },
  ]
  for (const headers of origins) {
    await fetch(address, { method: 'POST', headers })
    for (const body of ['', ...forms])
      await fetch(address, { method: 'POST', headers, body: new URLSearchParams(body) })
  }
}
